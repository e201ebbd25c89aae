"""The one question whose answer would change most: who answers first, then how soon, then who is told."""

from __future__ import annotations

from collections.abc import Sequence

from reports.values import Place, PlaceRole, Urgency
from routing.finding.classify import Read
from routing.finding.heads import Scores

# Scores this near to the line could fall on either side.
_NEAR = 0.8


def question_for(read: Read, scores: Scores, doubts: Sequence[str], places: Sequence[Place]) -> str:
    """A code of the taxonomy's questions, or "" where no answer would change who is told or how soon."""
    if "no_text" in doubts or "unknown_language" in doubts:
        return "what_happened"
    matters, urgency = scores["matters"], scores["urgency"]
    if read.is_harmless:
        is_near = max(urgency[Urgency.IMMEDIATE.value], urgency[Urgency.URGENT.value]) > -_NEAR or doubts
        return "is_somebody_kept" if is_near else ""
    happened = [place for place in places if place.role is PlaceRole.OCCURRENCE and place.code[:1].isdigit()]
    if not happened:
        return "where_is_it"
    if any(place.candidates for place in happened):
        return "which_place"
    # Whoever got away may be looked for still. Of somebody who is in danger already a yes would change nothing.
    got_away = read.urgency is Urgency.URGENT and "victim_relief" in read.matters
    if read.urgency is not Urgency.IMMEDIATE and (got_away or abs(urgency[Urgency.IMMEDIATE.value]) < _NEAR):
        return "is_somebody_kept"
    if abs(matters["official_complicity"]) < _NEAR:
        return "who_refused"
    if abs(scores["persons"]["child"]) < _NEAR:
        return "how_old"
    if all(place.code.endswith("00") for place in happened):
        return "where_exactly"
    return ""
