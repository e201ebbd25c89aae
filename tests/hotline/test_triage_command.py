"""`hotline triage`, as somebody at a terminal types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hotline.triage_command import triage

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    asked = [
        {
            "id": "then",
            "text": "2009年3月孩子在上海闸北区被抱走，后来被卖到襄樊市",
            "received_at": "2009-04-01T08:00:00+08:00",
        },
        {"id": "now", "text": "2009年3月孩子在上海闸北区被抱走，后来被卖到襄樊市"},
        {"id": "unmoved", "text": "平顶山叶县的砖窑扣身份证", "received_at": "2009-04-01T08:00:00+08:00"},
    ]
    said = CliRunner().invoke(triage, ["--config", str(CONFIG)], input="\n".join(map(json.dumps, asked)))
    assert said.exit_code == 0, said.output
    return {line["id"]: line for line in map(json.loads, said.stdout.splitlines())}


def places(answer: dict[str, Any]) -> dict[str, Any]:
    return {place["code"]: place.get("then") for place in answer["places"]}


def test_an_old_report_is_resolved_by_the_map_of_its_year_and_answered_by_the_units_of_today(
    answers: dict[str, Any],
) -> None:
    found = places(answers["then"])
    assert found["310106"] == {"code": "310108", "name": "闸北区"}
    assert found["420600"] == {"code": "420600", "name": "襄樊市"}
    assert answers["then"]["lead"] == answers["now"]["lead"]


def test_a_report_of_today_and_a_place_that_never_changed_say_nothing_of_then(answers: dict[str, Any]) -> None:
    assert set(places(answers["now"]).values()) == {None}
    assert places(answers["unmoved"]) == {"410422": None}
