"""Where a report belongs, who settles a quarrel about it, and who must not hear of it."""

from __future__ import annotations

import pytest

from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import common_superior, locate, may_be_told
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


@pytest.mark.parametrize(
    ("regions", "superior"),
    [
        (("410422", "410423"), "410400"),  # two counties of one city: their city
        (("410422", "410102"), "410000"),  # two cities: the province
        (("410422", "410400"), "410000"),  # a county and its own city: the province, since the city is a party
        (("410422", "530924"), "000000"),  # two provinces: the nation
        (("410422", "410000"), "000000"),  # a county and its province: the nation
        (("110101", "110108"), "110000"),  # two districts of a municipality: the municipality
        (("110101", "110000"), "000000"),
        (("419001", "410422"), "410000"),  # a county right under its province
        (("410422",), "410400"),  # one that refused twice
        (("410000",), "000000"),
        (("410422", "410423", "411422"), "410000"),
        (("330227", "330204"), "330200"),  # former districts count as what became of them
        (("999999", "410422"), "000000"),
        ((), "000000"),
    ],
)
def test_a_second_bounce_goes_to_the_lowest_common_superior(
    rulebook: Rulebook, regions: tuple[str, ...], superior: str
) -> None:
    assert common_superior(regions, rulebook.areas) == superior


def test_the_order_of_the_parties_does_not_matter(rulebook: Rulebook) -> None:
    assert common_superior(("410422", "410102"), rulebook.areas) == common_superior(
        ("410102", "410422"), rulebook.areas
    )


@pytest.mark.parametrize(
    ("region", "told"),
    [("410400", True), ("410422", False), ("410423", True), ("000000", True), ("530000", True)],
)
def test_neither_the_accused_nor_those_below_may_be_told(rulebook: Rulebook, region: str, told: bool) -> None:
    assert may_be_told(region, "410422", rulebook.areas) is told


def test_an_accused_city_shuts_out_its_counties(rulebook: Rulebook) -> None:
    assert not may_be_told("410422", "410400", rulebook.areas)
    assert may_be_told("410000", "410400", rulebook.areas)


def test_a_decision_says_which_area_is_accused(rulebook: Rulebook) -> None:
    asked = facts("official_complicity", "standard", "occurrence 410422", cues="complained_unit_city")
    assert route(asked, rulebook).recused == "410400"
    assert route(facts("buying", "standard", "occurrence 410422"), rulebook).recused == ""


def test_police_of_every_other_place_get_a_link_without_the_story(rulebook: Rulebook) -> None:
    asked = facts("abduction", "urgent", "occurrence 440113", "origin 513429", "transit 520100", "destination 440300")
    links = {copy.unit: copy for copy in route(asked, rulebook).copies if copy.part == "link"}
    assert set(links) == {"public_security-513429", "public_security-520100", "public_security-440300"}
    for link in links.values():
        assert not {"text", "reporter", "contact_wishes", "reporter_name", "reporter_contact"}.intersection(link.fields)


def test_the_line_on_places_working_together_is_cited_only_where_there_is_another_place(rulebook: Rulebook) -> None:
    assert "4.2.3" not in route(facts("abduction", "urgent", "occurrence 440113"), rulebook).measures
    assert "4.2.3" in route(facts("abduction", "urgent", "occurrence 440113", "origin 440300"), rulebook).measures


def test_a_complaint_brings_no_links(rulebook: Rulebook) -> None:
    asked = facts("official_complicity abduction", "urgent", "occurrence 440113", "origin 513429")
    assert not route(asked, rulebook).copies


@pytest.mark.parametrize(
    ("matter", "persons"),
    [
        ("abduction", ""),
        ("missing_person", "child"),
        ("missing_person", "woman"),
        ("missing_person", "man"),
        ("forced_begging", "child"),
        ("unaccompanied_child", "child"),
        ("buying", ""),
        ("forced_marriage", ""),
    ],
)
def test_what_must_be_filed_at_once_is_acted_on_within_a_day(rulebook: Rulebook, matter: str, persons: str) -> None:
    clocks = route(facts(matter, "standard", "occurrence 410422", persons=persons), rulebook).clocks
    assert clocks["acceptance"] == 60
    assert clocks["first_action"] == 480


def test_what_is_not_among_the_triggers_has_the_time_of_its_urgency(rulebook: Rulebook) -> None:
    assert route(facts("illegal_broker", "standard", "occurrence 410422"), rulebook).clocks["first_action"] == 1440


def test_a_county_that_nobody_knows_lies_in_its_city(rulebook: Rulebook) -> None:
    assert locate(facts("buying", "standard", "occurrence 410499").labels.places, rulebook.areas).lead == "410400"


def test_a_town_lies_in_its_county(rulebook: Rulebook) -> None:
    assert locate(facts("buying", "standard", "occurrence 410422101").labels.places, rulebook.areas).lead == "410422"


def test_places_abroad_and_nonsense_codes_are_no_place_in_the_mainland(rulebook: Rulebook) -> None:
    for code in ("MM", "-", "12", "999999", "４１０４２２", "41042", "4104222", "x", "810000"):
        assert locate(facts("buying", "standard", f"occurrence {code}").labels.places, rulebook.areas).lead == ""
