"""Holding what officers made of reports against what the reader had found: its figures in use, and their drift."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from hotline.labelled import LabelledReport
from hotline.model_figures import Figure, Judged, figures
from hotline.model_judging import judged
from reports.judged_twice import JudgedTwice
from routing.rulebook.book import Rulebook

_CHINA_TIME = timezone(timedelta(hours=8))
# What a month is watched by.
WATCHED = ("immediate: recall", "urgency: exact", "matters: micro F1", "persons: micro F1", "lead: region right")
_AXES = ("matters", "persons", "contact", "with", "place")


@dataclass(frozen=True)
class Month:
    """The figures of one month's reports, by name; drifted names those that lie below where nearly all resampled sets
    of the months before lie."""

    name: str
    count: int
    values: tuple[Figure, ...]
    drifted: tuple[str, ...]


def desk_judged(pairs: Iterable[JudgedTwice], rulebook: Rulebook) -> list[tuple[str, Judged]]:
    """Each pair with its month ("2026-11", Chinese time), the officer's labels standing for the right ones."""
    return [(_month(pair.received_at), judged(_labelled(pair), pair.found, rulebook)) for pair in pairs]


def months(found: Sequence[tuple[str, Judged]], resampled: int) -> tuple[Month, ...]:
    """The months in order, each held against all before it."""
    listed = []
    for name in sorted({month for month, _ in found}):
        own = [one for month, one in found if month == name]
        before = [one for month, one in found if month < name]
        values = tuple(figure for figure in figures(own, 0) if figure.name in WATCHED)
        floors = {figure.name: figure.low for figure in figures(before, resampled)} if before else {}
        drifted = tuple(one.name for one in values if one.count and one.value < floors.get(one.name, 0.0))
        listed.append(Month(name, len(own), values, drifted))
    return tuple(listed)


def _month(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(_CHINA_TIME).strftime("%Y-%m")


def _labelled(pair: JudgedTwice) -> LabelledReport:
    return LabelledReport(
        id=pair.reference,
        file="desk",
        channel=pair.channel.value,
        text="",
        language=pair.found.language,
        matters=pair.labels.matters,
        urgency=pair.labels.urgency,
        persons=pair.labels.persons,
        reporter=pair.labels.reporter,
        places=pair.labels.places,
        contact=pair.labels.contact,
        routed_to=None,
        copied=None,
        optional={axis: frozenset() for axis in _AXES},
    )
