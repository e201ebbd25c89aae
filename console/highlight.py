"""A report's text with the words that a finding went by marked, each axis in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from console.display import Display, visible
from reports.values import Evidence

AXES = ("urgency", "matters", "places", "persons", "reporter", "contact", "cues")
_MOST_QUOTES, _LONGEST_QUOTE = 4, 24


def highlighted(
    text: str, evidence: Sequence[Evidence], display: Display, hidden: Sequence[tuple[int, int]] = ()
) -> Markup:
    """The text with its evidence marked. Words that speak for several labels carry a mark inside a mark.

    Escaped piece by piece. A span that does not lie in the text is left out. In the place of each hidden span, which
    are in order and apart, stands a word for it.
    """
    spans = _fitting(text, evidence)
    edges = (edge for span in hidden for edge in span)
    cuts = sorted({0, len(text), *(one.start for one in spans), *(one.end for one in spans), *edges})
    inside, starts = set(_within(cuts, hidden)), {start for start, _ in hidden}
    pieces = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        if start in inside:
            if start in starts:
                pieces.append(Markup('<span class="sealed">{}</span>').format(display.word("sealed_here")))
            continue
        piece: Markup = escape(visible(text[start:end]))
        here = [one for one in spans if one.start <= start and end <= one.end]
        for axis in reversed(AXES):
            labels = list(dict.fromkeys(display.label(one.code, axis) for one in here if one.axis == axis))
            if labels:
                piece = Markup('<mark class="axis-{}" title="{}">{}</mark>').format(axis, "; ".join(labels), piece)
        pieces.append(piece)
    return Markup("").join(pieces)


def apart_from(evidence: Sequence[Evidence], hidden: Sequence[tuple[int, int]]) -> tuple[Evidence, ...]:
    """The evidence that does not touch any of the hidden spans."""
    return tuple(one for one in evidence if not any(one.start < end and start < one.end for start, end in hidden))


def _within(cuts: Sequence[int], hidden: Sequence[tuple[int, int]]) -> Iterator[int]:
    return (cut for cut in cuts for start, end in hidden if start <= cut < end)


def axes_of(text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The axes that something in the text speaks for, in the order they are shown."""
    found = {one.axis for one in _fitting(text, evidence)}
    return tuple(axis for axis in AXES if axis in found)


def quotes(text: str, evidence: Sequence[Evidence]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The words that speak for each label, by axis and code: at most four of them, long ones cut short."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in sorted(evidence, key=lambda one: (one.start, one.end)):
        if not 0 <= one.start < one.end <= len(text):
            continue
        words = visible(text[one.start : one.end])
        words = words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]}…"
        said = found.setdefault((one.axis, one.code), [])
        if words not in said and len(said) < _MOST_QUOTES:
            said.append(words)
    return {label: tuple(said) for label, said in found.items()}


def _fitting(text: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    fitting = [one for one in evidence if one.axis in AXES and 0 <= one.start < one.end <= len(text)]
    return sorted(fitting, key=lambda one: (one.start, one.end))
