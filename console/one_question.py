"""What the answer to one question would change: who answers for the report, and how soon they must."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.values import Decision, Labels, Urgency

# What a question settles: who answers for the report, how soon, or who else is told. words.toml has the sentence.
DECIDES = {
    "what_happened": "who",
    "where_is_it": "who",
    "which_place": "who",
    "where_exactly": "who",
    "who_refused": "who",
    "is_somebody_kept": "soon",
    "how_old": "also",
}


@dataclass(frozen=True)
class Change:
    """What a yes would change: the unit that would answer then, how urgent it would be, who would be told besides; ''
    and nothing where it stays as it is."""

    lead: str
    urgency: str
    told: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it is."""
        return not (self.lead or self.urgency or self.told)


def answered_yes(question: str, labels: Labels) -> Labels | None:
    """The labels as they were if the answer were yes; None where the answer is a place or a story, not a yes."""
    if question == "is_somebody_kept":
        return replace(labels, urgency=Urgency.IMMEDIATE)
    if question == "how_old":
        return replace(labels, persons=tuple(dict.fromkeys([*labels.persons, "child"])))
    if question == "who_refused":
        return replace(labels, matters=tuple(dict.fromkeys([*labels.matters, "official_complicity"])))
    return None


def change(now: Decision, then: Decision, before: Labels, after: Labels) -> Change:
    """How the decision after the answer differs from the one that stands."""
    told = {copy.unit for copy in now.copies} | {now.lead_unit}
    return Change(
        lead=then.lead_unit if then.lead_unit != now.lead_unit else "",
        urgency=after.urgency.value if after.urgency is not before.urgency else "",
        told=tuple(copy.unit for copy in then.copies if copy.unit not in told),
    )
