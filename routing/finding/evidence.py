"""The words that speak for each label: the indicators found, and for the rest the clause that moved the heads most.

Where the sentence model alone made a label likely, no clause speaks for it by its runs of characters: then the one that
speaks least against it is shown, so that an officer has a place to begin.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

from reports.values import Evidence, Labels, PlaceRole
from routing.finding.folding import Folded
from routing.finding.heads import AS_WRITTEN, Heads
from routing.finding.indicators import Hit
from routing.finding.ngrams import ngrams

# It begins and ends with something written. A point ends it where a space follows, not in a number or a name.
_CLAUSE = re.compile(r"[^\s.。!?;,，。！？；、၊။…](?:[^\n。!?;,，。！？；、၊။….]|\.(?!\s))*(?<!\s)")
_SHORTEST, _LONGEST, _MOST_CLAUSES = 4, 80, 60
_Span = tuple[str, str, int, int]
# Who tells, and that nothing is urgent, is said by the whole text.
_UNSHOWN = {("reporter", "unknown"), ("urgency", "low"), ("urgency", "standard")}


def evidence_of(
    hits: Sequence[Hit], labels: Labels, neutral: Folded, written: Folded, heads: Heads
) -> tuple[Evidence, ...]:
    """Every label's spans in the original, in the order of the text, and those of the ILO's indicators (axis ilo)."""
    wanted = [
        *(("matters", code) for code in labels.matters),
        ("urgency", labels.urgency.value),
        *(("persons", code) for code in labels.persons),
        ("reporter", labels.reporter),
        *(("contact", code) for code in labels.contact),
        *(("cues", code) for code in labels.cues),
    ]
    found = {(hit.axis, hit.code, hit.start, hit.end) for hit in hits if not hit.is_denied}
    found = {one for one in found if one[:2] in set(wanted)} | set(_apart(one for one in found if one[0] == "ilo"))
    shown = {one[:2] for one in found} | _UNSHOWN
    for axis, code in wanted:
        if (axis, code) not in shown and heads.knows(axis, code):
            span = _clause(written if axis in AS_WRITTEN else neutral, axis, code, heads)
            if span is not None:
                found.add((axis, code, *span))
    found |= {("places", place.role.value, place.start, place.end) for place in labels.places if place.end}
    if ("cues", "victim_abroad") in wanted:
        found |= {
            ("cues", "victim_abroad", place.start, place.end)
            for place in labels.places
            if place.end and place.role is PlaceRole.OCCURRENCE and place.code.isalpha()
        }
    ordered = sorted(found, key=lambda one: (one[2], one[3], one[0], one[1]))
    return tuple(Evidence(axis=axis, code=code, start=start, end=end) for axis, code, start, end in ordered)


def _apart(spans: Iterable[_Span]) -> Iterator[_Span]:
    """Spans of one label that overlap put together: "they beat" and "beat us" is one thing said."""
    last: _Span | None = None
    for one in sorted(spans):
        if last is not None and one[:2] == last[:2] and one[2] < last[3]:
            last = (*last[:3], max(last[3], one[3]))
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _clause(text: Folded, axis: str, code: str, heads: Heads) -> tuple[int, int] | None:
    """The clause whose runs of characters speak most for the label; None where there is no clause."""
    best, span = -math.inf, None
    for start, end in _clauses(text.text):
        buckets, weights = ngrams(text.text[start:end])
        spoken = float(heads.weight_of_runs(axis, code, buckets) @ weights) if len(buckets) else 0.0
        if spoken > best:
            best, span = spoken, text.span(start, end)
    return span


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    number = 0
    for match in _CLAUSE.finditer(text):
        start, end = match.span()
        # A text may be nothing but a few words.
        if end - start < min(_SHORTEST, len(text.strip())):
            continue
        for piece in range(start, end, _LONGEST):
            number += 1
            if number > _MOST_CLAUSES:
                return
            yield piece, min(end, piece + _LONGEST)
