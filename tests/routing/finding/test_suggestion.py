"""A suggestion is one more witness: it can settle what is weak and doubt what seems harmless, and never overrides."""

from __future__ import annotations

from dataclasses import replace

from reports.values import Finding, Labels, Urgency
from routing.finding.suggestion import weigh_suggestion


def found(*matters: str, doubts: tuple[str, ...] = ()) -> Finding:
    labels = Labels(matters=matters, urgency=Urgency.STANDARD)
    return Finding(labels=labels, language="zh", confidence=0.5, needs_person=bool(doubts), doubts=doubts)


def test_two_who_agree_settle_what_was_weak() -> None:
    weighed = weigh_suggestion(found("forced_labour", doubts=("weak_evidence",)), ("forced_labour", "child_labour"))
    assert (weighed.doubts, weighed.needs_person) == ((), False)


def test_other_doubts_stay() -> None:
    weak = found("forced_labour", doubts=("weak_evidence", "place_ambiguous"))
    assert weigh_suggestion(weak, ("forced_labour",)).doubts == ("place_ambiguous",)


def test_a_suggestion_that_disagrees_changes_neither_matter_nor_doubt() -> None:
    for finding in (found("forced_labour"), found("forced_labour", doubts=("weak_evidence",))):
        assert weigh_suggestion(finding, ("missing_person",)) == finding


def test_what_seems_harmless_is_looked_at_where_somebody_thought_of_a_crime() -> None:
    for matter in ("enquiry", "out_of_scope", "spam"):
        weighed = weigh_suggestion(found(matter), ("abduction",))
        assert weighed == replace(found(matter), doubts=("conflicting_evidence",), needs_person=True)
