"""An exercise over a running system: through the real doors, by the real workers, and in nobody's figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Town


def counted(town: Town) -> tuple[float, float]:
    """How many reports machines that watch are told of: those that were told, and those of exercises."""
    page = town.officer("administrator").get("/metrics").text
    return tuple(  # type: ignore[return-value]
        sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))
        for name in ("hotline_reports{", "hotline_exercise_reports{")
    )


def references(town: Town, *, exercise: bool) -> list[str]:
    return [str(one["reference"]) for one in town.reports() if one["exercise"] is exercise]


def test_a_played_report_goes_all_the_way_and_is_marked_on_it(town: Town, soon: Callable[..., Any]) -> None:
    (live, before), told = counted(town), references(town, exercise=False)
    played = town.command("simulate", "--exercise", "--count", "8", "--rate", "50", "--seed", "11")
    assert played.returncode == 0, played.stderr
    assert "8 of 8 kept" in played.stdout
    soon(lambda: all(one["state"] != "RECEIVED" for one in town.reports() if one["exercise"]))
    exercises = references(town, exercise=True)
    assert len(exercises) >= 8
    assert {reference[:3] for reference in exercises} == {"EX-"}
    assert references(town, exercise=False) == told
    assert counted(town)[0] == live
    assert counted(town)[1] >= before + 8
    assert re.search(r"\bEX-", town.officer("duty_officer").get("/queue").text) is None


def test_without_the_key_nothing_is_played(town: Town, tmp_path: Any) -> None:
    refused = town.command("simulate", "--exercise", "--count", "1")
    assert refused.returncode == 0
    key = town.system.state / "exercise-key"
    kept = key.read_text(encoding="utf-8")
    key.unlink()
    try:
        refused = town.command("simulate", "--exercise", "--count", "1")
    finally:
        key.write_text(kept, encoding="utf-8")
    assert refused.returncode != 0
    assert "HOTLINE_EXERCISE_KEY" in refused.stderr
