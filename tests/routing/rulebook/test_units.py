"""Which unit answers where."""

from __future__ import annotations

from pathlib import Path

from reports.values import UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook
from routing.rulebook.read_units import load_units
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


def _change(folder: Path, override: str) -> Rulebook:
    with (folder / "units.toml").open("a", encoding="utf-8") as file:
        file.write(override)
    return load_rulebook(folder)


def test_a_county_a_district_and_a_municipality_have_their_own_names(rulebook: Rulebook) -> None:
    names = {id: rulebook.units.name(f"public_security-{id}", "zh") for id in ("530924", "330212", "110000", "530000")}
    assert names == {
        "530924": "镇康县公安局",
        "330212": "宁波市公安局鄞州分局",
        "110000": "北京市公安局",
        "530000": "云南省公安厅",
    }
    assert rulebook.units.name("public_security-530924", "en") == "Zhenkang County Public Security Bureau"


def test_an_id_that_nobody_has_is_its_own_name(rulebook: Rulebook) -> None:
    assert rulebook.units.name("public_security-999999", "zh") == "public_security-999999"


def test_a_closed_unit_is_passed_over_for_the_next_one_up(folder: Path) -> None:
    book = _change(folder, '\n[[override]]\nunit = "public_security-410422"\nlive = false\n')
    found = book.units.find(UnitKind.PUBLIC_SECURITY, "410422")
    assert found is not None
    assert found.id == "public_security-410400"


def test_a_unit_whose_post_another_answers_leads_to_that_one(folder: Path) -> None:
    book = _change(folder, '\n[[override]]\nunit = "public_security-410422"\nanswered_by = "public_security-410423"\n')
    found = book.units.find(UnitKind.PUBLIC_SECURITY, "410422")
    assert found is not None
    assert found.id == "public_security-410423"


def test_a_unit_that_is_copied_anyway_gets_no_link_beside(folder: Path) -> None:
    book = _change(folder, '\n[[override]]\nunit = "public_security-410102"\nlive = false\n')
    asked = facts("abduction", "urgent", "occurrence 530924", "occurrence 410100", "origin 410102")
    told = [(copy.unit, copy.part) for copy in route(asked, book).copies if copy.kind is UnitKind.PUBLIC_SECURITY]
    assert told == [("public_security-410100", "copy")]


def test_there_are_no_units_outside_the_mainland(rulebook: Rulebook) -> None:
    assert rulebook.units.get("public_security-810000") is None


def test_the_directory_can_be_read_by_itself(folder: Path) -> None:
    assert load_units(folder).get("public_security-410422") is not None
