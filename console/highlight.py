"""A report's text with the words that a finding went by marked, each axis in its own way."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from console.display import Display, visible
from reports.values import Evidence

AXES = ("urgency", "matters", "places", "persons", "reporter", "contact", "cues")
_MOST_QUOTES, _LONGEST_QUOTE = 4, 24


def highlighted(text: str, evidence: Sequence[Evidence], display: Display) -> Markup:
    """The text with its evidence marked. Words that speak for several labels carry a mark inside a mark.

    Escaped piece by piece. A span that does not lie in the text is left out.
    """
    spans = _fitting(text, evidence)
    cuts = sorted({0, len(text), *(one.start for one in spans), *(one.end for one in spans)})
    pieces = []
    for start, end in zip(cuts, cuts[1:], strict=False):
        piece: Markup = escape(visible(text[start:end]))
        here = [one for one in spans if one.start <= start and end <= one.end]
        for axis in reversed(AXES):
            labels = list(dict.fromkeys(display.label(one.code, axis) for one in here if one.axis == axis))
            if labels:
                piece = Markup('<mark class="axis-{}" title="{}">{}</mark>').format(axis, "; ".join(labels), piece)
        pieces.append(piece)
    return Markup("").join(pieces)


def axes_of(text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """The axes that something in the text speaks for, in the order they are shown."""
    found = {one.axis for one in _fitting(text, evidence)}
    return tuple(axis for axis in AXES if axis in found)


def quotes(text: str, evidence: Sequence[Evidence]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The words that speak for each label, by axis and code: at most four of them, long ones cut short."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in _fitting(text, evidence):
        words = visible(text[one.start : one.end])
        words = words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE]}…"
        said = found.setdefault((one.axis, one.code), [])
        if words not in said and len(said) < _MOST_QUOTES:
            said.append(words)
    return {label: tuple(said) for label, said in found.items()}


def _fitting(text: str, evidence: Sequence[Evidence]) -> list[Evidence]:
    fitting = [one for one in evidence if one.axis in AXES and 0 <= one.start < one.end <= len(text)]
    return sorted(fitting, key=lambda one: (one.start, one.end))
