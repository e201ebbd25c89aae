"""How long content is kept: fewer days need no reason, more do."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.retention import Retention
from config.settings import PACKAGED_CONFIG, SettingsError

SHORT = "[closed]\ndays = 7\n[closed.outcomes]\nnoise = 1\n[quarantined]\ndays = 0\n"


def load(folder: Path, text: str) -> Retention:
    (folder / "retention.toml").write_text(text, encoding="utf-8")
    return Retention.load(folder)


def test_the_packaged_days() -> None:
    retention = Retention.load(PACKAGED_CONFIG)
    assert [retention.days_after(outcome) for outcome in ("solved", "noise", "no_crime", None)] == [90, 30, 30, 90]
    assert retention.quarantined == 30
    assert retention.reason == ""


def test_fewer_days_need_no_reason(tmp_path: Path) -> None:
    assert load(tmp_path, SHORT).days_after("noise") == 1


def test_more_days_need_a_reason(tmp_path: Path) -> None:
    long = SHORT.replace("days = 7", "days = 91")
    with pytest.raises(SettingsError, match=r"longer than usual \(closed.days\): say why"):
        load(tmp_path, long)
    assert load(tmp_path, f'reason = "A court asks for it."\n{long}').reason == "A court asks for it."


@pytest.mark.parametrize(
    "text", ["", "[closed]\n", SHORT.replace("7", "-1"), SHORT.replace("7", '"7"'), SHORT.replace("7", "true")]
)
def test_what_is_no_number_of_days_is_one_clear_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"whole days from 0 to 36500 for: .*closed.days"):
        load(tmp_path, text)


@pytest.mark.parametrize("text", ["[closed", "\ufeff["])
def test_a_table_that_cannot_be_read_is_one_clear_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="should be a readable TOML file"):
        load(tmp_path, text)
