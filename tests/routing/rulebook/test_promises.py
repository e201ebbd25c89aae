"""What holds for every report, whatever it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from reports.values import Channel, Decision, Facts, Labels, Place, PlaceRole, UnitKind, Urgency
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import locate, one_level_up
from routing.rulebook.route import route

MATTERS = (
    "abduction", "missing_person", "buying", "infant_sale", "sexual_exploitation", "forced_labour", "child_labour",
    "forced_begging", "forced_criminality", "forced_marriage", "organ_removal", "illegal_broker", "official_complicity",
    "victim_relief", "unaccompanied_child", "reintegration", "cross_border", "enquiry", "out_of_scope", "spam",
)  # fmt: skip
CRIMES = frozenset(MATTERS[:13])
PERSONS = ("child", "woman", "man", "disabled", "foreign_national", "migrant_worker")
WISHES = ("unsafe_to_call", "text_only", "no_contact", "anonymous", "not_police", "interpreter")
CUES = (
    "job_broker", "marriage_broker", "adoption_broker", "health_need", "legal_help", "student_placement",
    "in_transport", "moving_across_border", "victim_abroad", "consulate", "found_adult", "complained_unit_township",
    "complained_unit_county", "complained_unit_city", "complained_unit_province",
)  # fmt: skip
# Standing and former divisions of each level, places abroad, and codes that nobody knows.
CODES = (
    "410422", "530924", "110108", "441900", "469002", "530000", "110000", "520100", "330227", "110103",
    "500105", "710000", "810000", "MM", "KH", "999999", "530000000", "", "??",
)  # fmt: skip


def _few(codes: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(codes), unique=True, max_size=most).map(tuple)


PLACES = st.lists(
    st.builds(Place, code=st.sampled_from(CODES), role=st.sampled_from(PlaceRole)), max_size=4, unique=True
).map(tuple)
LABELS = st.builds(
    Labels,
    matters=_few(MATTERS, 4).filter(bool),
    urgency=st.sampled_from(Urgency),
    persons=_few(PERSONS, 3),
    reporter=st.sampled_from(("victim", "family", "witness", "professional", "insider", "unknown")),
    places=PLACES,
    contact=_few(WISHES, 3),
    cues=_few(CUES, 4),
)
FACTS = st.builds(
    Facts,
    labels=LABELS,
    channel=st.sampled_from(Channel),
    received_at=st.datetimes(datetime(1990, 1, 1), datetime(2045, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0).isoformat() + "+08:00"
    ),
)


def told(decision: Decision) -> list[str]:
    return [decision.lead_unit, *(copy.unit for copy in decision.copies)]


@given(FACTS)
def test_every_report_has_one_live_unit_that_answers(rulebook: Rulebook, facts: Facts) -> None:
    decision = route(facts, rulebook)
    unit = rulebook.units.get(decision.lead_unit)
    assert unit is not None
    assert unit.live
    assert decision.why_zh
    assert decision.why_en


@given(FACTS)
def test_every_unit_told_exists_and_gets_one_packet(rulebook: Rulebook, facts: Facts) -> None:
    units = told(route(facts, rulebook))
    assert len(set(units)) == len(units)
    assert all(rulebook.units.get(unit) for unit in units)


@given(FACTS)
def test_a_crime_with_a_known_place_is_always_led_by_public_security(rulebook: Rulebook, facts: Facts) -> None:
    decision = route(facts, rulebook)
    if CRIMES.intersection(facts.labels.matters) and locate(facts.labels.places, rulebook.areas).lead:
        assert decision.lead_kind is UnitKind.PUBLIC_SECURITY


@given(FACTS)
def test_the_accused_and_whoever_stands_below_them_are_never_told(rulebook: Rulebook, facts: Facts) -> None:
    accusing = replace(facts.labels, matters=("official_complicity", *facts.labels.matters))
    decision = route(replace(facts, labels=accusing), rulebook)
    here = locate(accusing.places, rulebook.areas).lead
    # '' where only a larger area than the accused unit's is known.
    accused = one_level_up(here, accusing.cues, rulebook.areas)[0] if here else ""
    assert decision.recused == accused
    for unit in told(decision):
        found = rulebook.units.get(unit)
        assert found is not None
        assert not accused or accused not in rulebook.areas.ancestors(found.region)


@given(FACTS)
def test_no_packet_has_a_field_outside_its_list(rulebook: Rulebook, facts: Facts) -> None:
    decision = route(facts, rulebook)
    rows = [*rulebook.rules.copies.rows, *rulebook.rules.links.rows]
    rule = next(row for row in rulebook.rules.leads.rows if row.id == decision.rule)
    assert set(decision.lead_fields) <= set(rule.fields)
    for copy in decision.copies:
        lists = [set(row.fields) for row in rows if row.to is copy.kind]
        assert set(copy.fields) <= set().union(*lists)
        assert not {"reporter_name", "reporter_contact"}.intersection(copy.fields)


@given(FACTS)
def test_swapping_women_and_men_never_changes_the_lead(rulebook: Rulebook, facts: Facts) -> None:
    swapped = {"woman": "man", "man": "woman"}
    persons = tuple(swapped.get(person, person) for person in facts.labels.persons)
    here = route(facts, rulebook)
    there = route(replace(facts, labels=replace(facts.labels, persons=persons)), rulebook)
    assert (here.lead_unit, here.clocks) == (there.lead_unit, there.clocks)


@given(FACTS, st.sampled_from(MATTERS[:17]), st.sampled_from(("", *PERSONS)), st.sampled_from(("", *CUES)))
@settings(max_examples=200)
def test_adding_facts_never_gives_a_report_more_time(
    rulebook: Rulebook, facts: Facts, matter: str, person: str, cue: str
) -> None:
    more = replace(
        facts.labels,
        matters=(*facts.labels.matters, matter),
        persons=(*facts.labels.persons, *([person] if person else [])),
        cues=(*facts.labels.cues, *([cue] if cue else [])),
    )
    before, after = route(facts, rulebook), route(replace(facts, labels=more), rulebook)
    for hop, minutes in before.clocks.items():
        assert after.clocks[hop] <= minutes, hop


@given(FACTS)
def test_whatever_is_kept_back_is_written_down_with_a_time_to_look_again(rulebook: Rulebook, facts: Facts) -> None:
    for kept in route(facts, rulebook).withheld:
        assert kept.fields
        assert kept.why_zh
        assert kept.why_en
        assert kept.review_at > facts.received_at


@given(FACTS)
def test_own_papers_never_bring_border_defence(rulebook: Rulebook, facts: Facts) -> None:
    decision = route(facts, rulebook)
    if UnitKind.BORDER_DEFENCE in {copy.kind for copy in decision.copies}:
        assert "cross_border" in facts.labels.matters
        assert not {"victim_relief", "reintegration"}.intersection(facts.labels.matters)


@given(FACTS)
def test_the_same_facts_give_the_same_decision(rulebook: Rulebook, facts: Facts) -> None:
    assert route(facts, rulebook) == route(facts, rulebook)
