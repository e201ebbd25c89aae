"""What officers corrected: the machine's first labels beside those that stand, axis by axis."""

from __future__ import annotations

from dataclasses import dataclass

from console.display import Display
from reports.report_view import Judged
from reports.values import Labels


@dataclass(frozen=True)
class Correction:
    """One axis on which two findings differ, as codes' names: what the first has alone, what the last has alone."""

    axis: str
    taken: tuple[str, ...]
    given: tuple[str, ...]


def corrections(findings: tuple[Judged, ...], display: Display) -> tuple[Correction, ...]:
    """The axes on which the finding that stands differs from the first one; nothing where there is only one."""
    if len(findings) < 2:
        return ()
    first, last = _named(findings[0].finding.labels, display), _named(findings[-1].finding.labels, display)
    return tuple(
        Correction(
            axis,
            tuple(name for name in first[axis] if name not in last[axis]),
            tuple(name for name in last[axis] if name not in first[axis]),
        )
        for axis in first
        if set(first[axis]) != set(last[axis])
    )


def _named(labels: Labels, display: Display) -> dict[str, tuple[str, ...]]:
    return {
        "urgency": (display.label(labels.urgency.value, "urgency"),),
        "matters": tuple(display.label(code, "matters") for code in labels.matters),
        "persons": tuple(display.label(code, "persons") for code in labels.persons),
        "reporter": (display.label(labels.reporter, "reporter"),),
        "places": tuple(
            f"{display.place(place.code)} ({display.label(place.role.value, 'places')})"
            for place in labels.places
            if place.code
        ),
        "contact": tuple(display.label(code, "contact") for code in labels.contact),
        "cues": tuple(display.label(code, "cues") for code in labels.cues),
    }
