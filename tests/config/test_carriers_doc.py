"""docs/carriers.md says what is so: its carriers.toml loads, and Kannel was tried with the settings it asks for."""

from __future__ import annotations

import re
from pathlib import Path

from config.carriers import Aliyun, Gateway, Simulator, Tencent, read_carriers
from tests.journeys.kannel import CONFIGURATION

DOC = (Path(__file__).resolve().parents[2] / "docs" / "carriers.md").read_text(encoding="utf-8")


def block(after: str) -> str:
    """The first indented block behind these words."""
    found = re.search(r"```(?:toml)?\n(.*?)```", DOC[DOC.index(after) :], re.DOTALL)
    assert found is not None
    return found[1]


def test_the_carriers_of_the_page_load(tmp_path: Path) -> None:
    (tmp_path / "carriers.toml").write_text(block("## Setting up"), encoding="utf-8")
    assert [type(carrier) for carrier in read_carriers(tmp_path)] == [Gateway, Aliyun, Tencent, Simulator]


def test_kannel_was_tried_with_the_settings_of_the_page() -> None:
    wanted = re.findall(r"^([a-z-]+) = ([^ \n]+)", block("## Kannel"), re.MULTILINE)
    tried = dict(re.findall(r"^([a-z-]+) = (.+)$", CONFIGURATION, re.MULTILINE))
    same = {"http-request-retry", "max-messages", "send-sender", "catch-all", "store-type"}
    assert same <= {name for name, _ in wanted}
    for name, value in wanted:
        if name != "group":
            assert name in tried, name
        if name in same and name != "max-messages":
            assert tried[name] == value
    # The last group with max-messages is the service; the one before it is who may send.
    assert tried["max-messages"] == dict(wanted)["max-messages"] == "0"
