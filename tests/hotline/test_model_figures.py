"""Figures are counted as the guide leaves things open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hotline.labelled import LabelledReport
from hotline.model_figures import Judged, figures, is_settled, matters_right
from reports.values import Decision, Finding, Labels, UnitKind, Urgency

REPORT = LabelledReport(
    id="1", file="f", channel="sms", text="x", language="zh", matters=("buying",), urgency=Urgency.IMMEDIATE,
    persons=("woman",), reporter="witness", places=(), contact=(), routed_to=None, copied=None,
    optional={"matters": frozenset({"abduction"}), "persons": frozenset(), "contact": frozenset(), "with": frozenset(),
              "place": frozenset()},
    other_matters=(frozenset({"forced_marriage"}),),
    other_urgencies=("urgent",),
)  # fmt: skip


def decision(kind: UnitKind = UnitKind.PUBLIC_SECURITY, region: str = "410422") -> Decision:
    return Decision(
        lead_kind=kind, lead_region=region, lead_unit="u", lead_fields=(), copies=(), rule="r", measures=(),
        rulebook="", why_zh="", why_en="",
    )  # fmt: skip


def one(matters: tuple[str, ...] = ("buying",), urgency: Urgency = Urgency.IMMEDIATE) -> Judged:
    finding = Finding(
        labels=Labels(matters=matters, urgency=urgency, persons=("woman",), reporter="witness"),
        language="zh", confidence=1.0, needs_person=False,
    )  # fmt: skip
    return Judged(report=REPORT, finding=finding, decision=decision(), right=decision())


def value(judged: list[Judged], name: str) -> float:
    return next(figure.value for figure in figures(judged, 5) if figure.name == name)


def test_a_code_left_open_is_no_error_there_or_not() -> None:
    assert value([one(("buying", "abduction")), one()], "matters: micro F1") == 1


def test_another_right_set_is_right() -> None:
    assert matters_right(REPORT, ("forced_marriage",))[0] == {"forced_marriage"}
    assert value([one(("forced_marriage",))], "matters: micro F1") == 1


def test_a_matter_too_many_and_one_missing_both_count() -> None:
    assert value([one(("buying", "spam"))], "matters: micro F1") == pytest.approx(2 / 3)
    assert value([one(("spam",))], "matters: micro F1") == 0


def test_missing_an_immediate_report_is_seen_though_the_guide_leaves_it_open() -> None:
    calm = one(urgency=Urgency.URGENT)
    assert value([calm, one()], "immediate: recall") == 0.5
    assert value([calm], "urgency: exact") == 1


def test_a_lead_of_the_right_kind_in_the_wrong_region_is_half_right() -> None:
    wrong = replace(one(), decision=decision(region="110101"))
    assert value([wrong], "lead: kind right") == 1
    assert value([wrong], "lead: region right") == 0
    assert value([wrong], "right of those") == 0


def test_what_is_taken_for_harmless_is_not_settled_though_the_same_desk_answers() -> None:
    missed = one(("out_of_scope",), Urgency.LOW)
    assert not is_settled(missed)
    assert value([missed, one()], "right of those") == 1
    assert value([missed, one()], "taken for harmless without a person") == 0.5


def test_what_a_person_looks_at_anyway_is_not_lost() -> None:
    missed = one(("enquiry",), Urgency.LOW)
    looked_at = replace(missed, finding=replace(missed.finding, needs_person=True))
    assert value([looked_at], "taken for harmless") == 1
    assert value([looked_at], "taken for harmless without a person") == 0


def test_what_the_guide_lets_one_call_harmless_is_not_missed() -> None:
    open_to_both = replace(REPORT, other_matters=(frozenset({"out_of_scope"}),), other_urgencies=("low",))
    assert is_settled(replace(one(("out_of_scope",), Urgency.LOW), report=open_to_both))


def test_somebody_in_danger_who_is_put_behind_is_not_settled_unless_the_guide_leaves_it_open() -> None:
    assert is_settled(one(urgency=Urgency.URGENT))
    assert not is_settled(one(urgency=Urgency.STANDARD))
