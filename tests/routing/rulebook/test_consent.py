"""Whose consent a report goes by, and what is kept back."""

from __future__ import annotations

import pytest

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts


def _kept_from(unit: str, decision: Decision) -> set[str]:
    return {field for kept in decision.withheld if kept.from_whom == unit for field in kept.fields}


@pytest.mark.parametrize(
    ("urgency", "persons", "reporter", "track"),
    [
        ("immediate", "", "victim", "child_or_danger"),
        ("standard", "child", "victim", "child_or_danger"),
        ("standard", "woman", "victim", "own"),
        ("urgent", "", "victim", "own"),
        ("standard", "woman", "witness", "third_party"),
        ("standard", "", "unknown", "third_party"),
    ],
)
def test_each_report_goes_by_one_track(
    rulebook: Rulebook, urgency: str, persons: str, reporter: str, track: str
) -> None:
    asked = facts("forced_labour", urgency, "occurrence 410422", persons=persons, reporter=reporter)
    assert route(asked, rulebook).track == track


def test_a_victim_who_does_not_want_the_police_keeps_the_story_until_she_agrees(rulebook: Rulebook) -> None:
    asked = facts("buying", "urgent", "occurrence 410422", reporter="victim", contact="not_police", persons="woman")
    decision = route(asked, rulebook)
    assert decision.lead_unit == "public_security-410422"
    assert _kept_from(decision.lead_unit, decision) == {"text", "files", "reporter_name", "reporter_contact"}
    kept = next(one for one in decision.withheld if "text" in one.fields)
    assert kept.review_at == "2008-06-02T10:00:00+08:00"
    assert "征得同意" in kept.why_zh


def test_a_child_s_story_does_not_wait_and_that_is_said(rulebook: Rulebook) -> None:
    asked = facts(
        "sexual_exploitation", "urgent", "occurrence 410422", reporter="victim", contact="not_police", persons="child"
    )
    decision = route(asked, rulebook)
    assert "text" in decision.lead_fields
    assert _kept_from(decision.lead_unit, decision) == {"reporter_name", "reporter_contact"}
    assert "涉及未成年人，案情不等同意" in decision.why_zh


def test_a_neighbour_who_does_not_want_the_police_gives_the_story_but_not_the_name(rulebook: Rulebook) -> None:
    asked = facts("buying", "urgent", "occurrence 410422", reporter="witness", contact="not_police")
    decision = route(asked, rulebook)
    assert _kept_from(decision.lead_unit, decision) == {"reporter_name", "reporter_contact"}


def test_danger_now_goes_over_the_wish_and_says_so(rulebook: Rulebook) -> None:
    asked = facts("buying", "immediate", "occurrence 410422", reporter="victim", contact="not_police unsafe_to_call")
    decision = route(asked, rulebook)
    assert not decision.withheld
    assert "reporter_contact" in decision.lead_fields
    assert "contact_wishes" in decision.lead_fields
    assert "须遵守联系要求" in decision.why_zh


def test_what_a_victim_was_made_to_do_is_told_to_the_police_alone(rulebook: Rulebook) -> None:
    asked = facts(
        "forced_criminality cross_border victim_relief", "urgent", "occurrence 431200", reporter="victim", persons="man"
    )
    decision = route(asked, rulebook)
    assert "text" in decision.lead_fields
    assert all("text" not in copy.fields for copy in decision.copies)
    assert "text" in _kept_from("civil_affairs-431200", decision)


def test_whoever_crossed_without_papers_and_asks_for_help_is_not_told_to_border_defence(rulebook: Rulebook) -> None:
    for matters in ("victim_relief cross_border", "reintegration cross_border", "abduction victim_relief cross_border"):
        asked = facts(matters, "immediate", "occurrence 530924", "origin MM", cues="moving_across_border")
        assert "border_defence" not in {copy.kind.value for copy in route(asked, rulebook).copies}


def test_non_punishment_goes_with_every_packet_that_may_hold_it(rulebook: Rulebook) -> None:
    decision = route(facts("sexual_exploitation", "urgent", "occurrence 440113", persons="woman"), rulebook)
    assert "non_punishment" in decision.marks
    assert "non_punishment" in decision.lead_fields


def test_a_man_is_served_and_the_plan_s_own_scope_is_said_openly(rulebook: Rulebook) -> None:
    decision = route(facts("forced_labour", "urgent", "occurrence 410422", persons="man"), rulebook)
    assert decision.lead_unit == "public_security-410422"
    assert "outside_plan_scope" in decision.marks
    assert "《行动计划》只写明妇女儿童" in decision.why_zh
    assert "outside_plan_scope" not in route(facts("forced_labour", persons="man child"), rulebook).marks


def test_a_foreigner_is_served_the_same_and_that_is_said_openly(rulebook: Rulebook) -> None:
    asked = ("sexual_exploitation victim_relief", "urgent", "occurrence 440113")
    foreign = route(facts(*asked, persons="woman foreign_national"), rulebook)
    here = route(facts(*asked, persons="woman"), rulebook)
    assert "不问国籍和证件，同样受理" in foreign.why_zh
    assert "outside_plan_scope" not in foreign.marks
    assert (foreign.lead_unit, foreign.copies, foreign.clocks) == (here.lead_unit, here.copies, here.clocks)
    man = route(facts(*asked, persons="man foreign_national"), rulebook)
    assert "outside_plan_scope" in man.marks


def test_nobody_but_the_lead_is_told_who_reported(rulebook: Rulebook) -> None:
    asked = facts(
        "forced_labour child_labour victim_relief", "urgent", "occurrence 410422", "origin 530924", persons="child"
    )
    for copy in route(asked, rulebook).copies:
        assert not {"reporter_name", "reporter_contact"}.intersection(copy.fields)
