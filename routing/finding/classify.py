"""Where the layers meet: from scores and indicators to labels, and what makes them doubtful."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.values import Urgency
from routing.finding.heads import Scores
from routing.finding.indicators import STRONG, Hit
from routing.finding.taxonomy import Taxonomy

# Matters that stand alone, since nobody is to be helped.
ALONE = ("enquiry", "out_of_scope", "spam")
_CALM = ("enquiry", "spam")
_NOT_TOLD = "unknown"
# A child is not counted as a woman or man too, unless the text plainly speaks of another person.
_PLAINLY = 1.5
# Somebody in need of care, with no crime told, is in danger at once only where that is said a little more clearly.
_CARE_MARGIN = 0.5
# A text this short that has any word of danger is a cry for help before it is a question.
_CRY, _ANY = 24, 0.5
# A circumstance stands when an indicator says so plainly, or when the head that learned it does.
_ENOUGH = 1.0


@dataclass(frozen=True)
class Read:
    """The labels that the layers give together, and the doubts between the layers."""

    matters: tuple[str, ...]
    urgency: Urgency
    persons: tuple[str, ...]
    reporter: str
    contact: tuple[str, ...]
    cues: tuple[str, ...]
    doubts: tuple[str, ...]

    @property
    def is_harmless(self) -> bool:
        """Whether nothing is alleged that somebody has to answer."""
        return is_harmless(self.matters, self.urgency)


def is_harmless(matters: Sequence[str], urgency: Urgency) -> bool:
    """Whether labels allege nothing that somebody has to answer."""
    return matters[0] in ALONE and urgency is not Urgency.IMMEDIATE


def classify(scores: Scores, hits: Sequence[Hit], taxonomy: Taxonomy, length: int) -> Read:
    """The labels for the scores and hits of a text of so many characters.

    The urgency is the highest that any layer raises.
    """
    told = _told(hits)
    matters = _matters(scores["matters"], taxonomy)
    margin = _CARE_MARGIN if all(taxonomy.family(code) in ("relief", "circumstance") for code in matters) else 0.0
    enough = _ANY if matters[0] in ALONE and length <= _CRY else STRONG
    has_words = told["urgency"].get(Urgency.IMMEDIATE.value, 0.0) >= enough
    urgency, doubts = _urgency(scores["urgency"], has_words, matters, margin)
    reporter = max(scores["reporter"], key=lambda code: scores["reporter"][code])
    return Read(
        matters=matters,
        urgency=urgency,
        persons=() if is_harmless(matters, urgency) else _persons(scores["persons"], taxonomy),
        reporter=reporter if reporter in taxonomy.codes("reporter") else _NOT_TOLD,
        contact=tuple(code for code in taxonomy.codes("contact") if scores["contact"].get(code, -1) > 0),
        cues=_cues(scores["cues"], told["cues"], taxonomy),
        doubts=doubts,
    )


def _told(hits: Sequence[Hit]) -> dict[str, dict[str, float]]:
    told: dict[str, dict[str, float]] = {"urgency": {}, "cues": {}}
    for hit in hits:
        if hit.axis in told and not hit.is_denied:
            told[hit.axis][hit.code] = told[hit.axis].get(hit.code, 0.0) + hit.weight
    return told


def _matters(scores: Mapping[str, float], taxonomy: Taxonomy) -> tuple[str, ...]:
    """Matters that stand alone do so only where none that somebody must answer is likelier."""
    real = [code for code in taxonomy.codes("matters") if taxonomy.family(code) in ("crime", "relief")]
    alone = max(ALONE, key=lambda code: scores[code])
    likeliest = max(real, key=lambda code: scores[code])
    if scores[likeliest] < min(0.0, scores[alone]) or (scores[likeliest] < 0 < scores[alone]):
        return (alone,)
    if scores[alone] > max(0.0, scores[likeliest]):
        return (alone,)
    found = [code for code in real if scores[code] > 0] or [likeliest]
    return (*found, *(["cross_border"] if scores["cross_border"] > 0 else []))


def _urgency(
    scores: Mapping[str, float], has_words: bool, matters: tuple[str, ...], margin: float
) -> tuple[Urgency, tuple[str, ...]]:
    in_danger = scores[Urgency.IMMEDIATE.value] > margin or has_words
    if matters[0] in _CALM:
        # Neither a question nor noise is urgent; words of danger in one contradict it, and a person looks.
        return (Urgency.IMMEDIATE, ("conflicting_evidence",)) if in_danger else (Urgency.LOW, ())
    if in_danger:
        return Urgency.IMMEDIATE, ()
    if matters[0] in ALONE:
        calm = (Urgency.URGENT, Urgency.STANDARD, Urgency.LOW)
        likeliest = max(calm, key=lambda urgency: scores[urgency.value])
        return likeliest if likeliest is Urgency.URGENT else Urgency.LOW, ()
    # A crime or a need that somebody must answer is never put last.
    return max((Urgency.URGENT, Urgency.STANDARD), key=lambda urgency: scores[urgency.value]), ()


def _persons(scores: Mapping[str, float], taxonomy: Taxonomy) -> tuple[str, ...]:
    found = [code for code in taxonomy.codes("persons") if scores[code] > 0]
    if "child" in found:
        found = [code for code in found if code not in ("woman", "man") or scores[code] > _PLAINLY]
    return tuple(found)


def _cues(scores: Mapping[str, float], told: Mapping[str, float], taxonomy: Taxonomy) -> tuple[str, ...]:
    # A head knows its cue better than the words alone, which are among what it weighs.
    return tuple(
        code
        for code in taxonomy.codes("cues")
        if (scores[code] > 0 if code in scores else told.get(code, 0.0) >= _ENOUGH)
    )
