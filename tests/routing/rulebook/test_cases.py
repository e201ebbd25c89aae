"""The table of cases: what the rulebook makes of a report, row by row, for lawyers to read and correct.

cases.csv has one case a line. Facts: matters, urgency, persons, reporter, places (role, name, code; several with
`;`), contact, circumstances, the day it came. Decision: the lead's kind, its area's code and level, the kinds copied,
the areas whose police are told of a link, a line of the Plan that must be cited, and the fields kept back from the
lead.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from reports.values import Channel, Facts, Labels, Place, PlaceRole, Urgency
from routing.areas import NATION
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route

CASES = Path(__file__).parent / "cases.csv"


def _cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def facts_of(case: dict[str, str]) -> Facts:
    places = [place.split() for place in case["places"].split(";") if place.strip()]
    labels = Labels(
        matters=tuple(case["matters"].split()),
        urgency=Urgency(case["urgency"]),
        persons=tuple(case["persons"].split()),
        reporter=case["reporter"],
        places=tuple(Place(role=PlaceRole(place[0]), code=place[-1]) for place in places),
        contact=tuple(case["contact"].split()),
        cues=tuple(case["circumstances"].split()),
    )
    received = case["received"] or "2008-06-01"
    return Facts(labels=labels, channel=Channel.SMS, received_at=f"{received}T10:00:00+08:00")


def _level(region: str | None, rulebook: Rulebook) -> str:
    if region == NATION:
        return "nation"
    level = rulebook.areas.level(region or "")
    return level.value if level else ""


def test_the_table_has_at_least_250_cases_and_names_each_once() -> None:
    names = [case["case"] for case in _cases()]
    assert len(names) >= 250
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", _cases(), ids=lambda case: case["case"])
def test_a_case_goes_where_the_table_says(case: dict[str, str], rulebook: Rulebook) -> None:
    decision = route(facts_of(case), rulebook)
    kept_back = {field for kept in decision.withheld if kept.from_whom == decision.lead_unit for field in kept.fields}
    assert {
        "lead": decision.lead_kind.value,
        "area": decision.lead_region or "",
        "level": _level(decision.lead_region, rulebook),
        "copied": sorted({copy.kind.value for copy in decision.copies if copy.part == "copy"}),
        "linked": sorted(copy.region for copy in decision.copies if copy.part == "link"),
        "kept_back": sorted(kept_back),
    } == {
        "lead": case["lead"],
        "area": case["area"],
        "level": case["level"],
        "copied": sorted(case["copied"].split()),
        "linked": sorted(case["linked"].split()),
        "kept_back": sorted(case["kept_back"].split()),
    }
    assert not case["line"] or case["line"] in decision.measures
