"""When the places of a report show that a border was crossed."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.values import Place, PlaceRole
from routing.finding.crossing import with_crossing
from routing.finding.taxonomy import Taxonomy

CONFIG = Path(__file__).parents[3] / "config"
HERE = Place(code="341222", role=PlaceRole.OCCURRENCE)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return Taxonomy.load(CONFIG)


def from_outside(code: str = "VN") -> Place:
    return Place(code=code, role=PlaceRole.ORIGIN)


def test_a_victim_outside_the_mainland_is_across_the_border(taxonomy: Taxonomy) -> None:
    for code in ("MM", "820000"):
        place = Place(code=code, role=PlaceRole.OCCURRENCE)
        assert "cross_border" in with_crossing(("sexual_exploitation",), (place,), taxonomy)


def test_a_foreigner_who_was_bought_was_brought(taxonomy: Taxonomy) -> None:
    assert "cross_border" in with_crossing(("buying",), (HERE, from_outside()), taxonomy)


def test_a_foreigner_who_works_here_did_not_cross_for_that(taxonomy: Taxonomy) -> None:
    assert with_crossing(("forced_labour",), (HERE, from_outside()), taxonomy) == ("forced_labour",)


def test_what_nobody_has_to_answer_crosses_nothing(taxonomy: Taxonomy) -> None:
    place = Place(code="KH", role=PlaceRole.DESTINATION)
    assert with_crossing(("enquiry",), (place,), taxonomy) == ("enquiry",)


def test_a_crossing_already_told_is_told_once(taxonomy: Taxonomy) -> None:
    assert with_crossing(("buying", "cross_border"), (HERE, from_outside()), taxonomy) == ("buying", "cross_border")
