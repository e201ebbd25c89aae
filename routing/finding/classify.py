"""Where the indicators meet: from hits to labels, and how sure that is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reports.values import Urgency
from routing.finding.indicators import Hit
from routing.finding.taxonomy import Taxonomy

_ENOUGH = 1.0
_ALONE = ("enquiry", "out_of_scope", "spam")


@dataclass(frozen=True)
class Read:
    """The labels that the indicators give, and what makes them doubtful. strength is the matters' summed weight."""

    matters: tuple[str, ...]
    urgency: Urgency
    persons: tuple[str, ...]
    reporter: str
    contact: tuple[str, ...]
    cues: tuple[str, ...]
    doubts: tuple[str, ...]
    strength: float


def classify(hits: Sequence[Hit], taxonomy: Taxonomy, is_hypothetical: bool) -> Read:
    """The labels for these hits. Nothing found is said to be weak evidence, never to be harmless."""
    scores = _scores(hits)
    matters, doubts = _matters(scores["matters"], taxonomy, is_hypothetical)
    urgency = _urgency(scores["urgency"], matters, taxonomy)
    reporter = max(scores["reporter"], key=lambda code: scores["reporter"][code], default="unknown")
    persons = tuple(code for code in taxonomy.codes("persons") if scores["persons"].get(code, 0) >= _ENOUGH)
    if "child" in persons:
        # A child is not counted as a woman or man too; the word for one is often about somebody else in the text.
        persons = tuple(code for code in persons if code not in ("woman", "man"))
    if matters[0] in _ALONE and urgency is not Urgency.IMMEDIATE:
        persons = ()
    return Read(
        matters=matters,
        urgency=urgency,
        persons=persons,
        reporter=reporter,
        contact=tuple(code for code in taxonomy.codes("contact") if scores["contact"].get(code, 0) >= _ENOUGH),
        cues=tuple(code for code in taxonomy.codes("cues") if scores["cues"].get(code, 0) >= _ENOUGH),
        doubts=doubts,
        strength=sum(scores["matters"].get(code, 0) for code in matters),
    )


def _scores(hits: Sequence[Hit]) -> dict[str, dict[str, float]]:
    scores: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seen: set[tuple[str, str, int]] = set()
    for hit in hits:
        # Two phrases that share their words are one observation.
        if (hit.axis, hit.code, hit.start) not in seen:
            scores[hit.axis][hit.code] += hit.weight
            seen.add((hit.axis, hit.code, hit.start))
    return scores


def _matters(
    scores: dict[str, float], taxonomy: Taxonomy, is_hypothetical: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = [code for code in taxonomy.codes("matters") if scores.get(code, 0) >= _ENOUGH]
    real = [code for code in found if taxonomy.family(code) in ("crime", "relief")]
    alone = [code for code in found if code in _ALONE]
    doubts: list[str] = []
    if real:
        weak = sum(scores[code] for code in real) < 1.5
        beside = sum(scores.get(code, 0) for code in alone)
        if is_hypothetical or beside > sum(scores[code] for code in real):
            doubts.append("conflicting_evidence")
        if weak:
            doubts.append("weak_evidence")
        circumstance = ["cross_border"] if "cross_border" in found else []
        return (*real, *circumstance), tuple(doubts)
    if alone:
        best = max(alone, key=lambda code: scores[code])
        if scores.get(best, 0) < 1.5 or len(alone) > 1:
            doubts.append("weak_evidence")
        return (best,), tuple(doubts)
    return ("out_of_scope",), ("weak_evidence",)


def _urgency(scores: dict[str, float], matters: tuple[str, ...], taxonomy: Taxonomy) -> Urgency:
    for urgency in (Urgency.IMMEDIATE, Urgency.URGENT):
        if scores.get(urgency.value, 0) >= _ENOUGH:
            calm = matters[0] in ("enquiry", "spam")
            return Urgency.LOW if calm and urgency is Urgency.URGENT else urgency
    if matters[0] in _ALONE:
        return Urgency.LOW
    if scores.get(Urgency.STANDARD.value, 0) >= _ENOUGH:
        return Urgency.STANDARD
    # Nothing in the words says how soon: in doubt the higher.
    return Urgency.URGENT if any(taxonomy.family(matter) == "crime" for matter in matters) else Urgency.STANDARD
