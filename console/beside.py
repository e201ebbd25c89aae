"""Two reports side by side: what both tell is the same, what differs, and what only one of them tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from console.display import Display
from reports.content import Content
from reports.phone import normal_number
from reports.reading import told, told_in_full
from reports.report_view import ReportView
from routing.finding.folding import fold
from routing.finding.traces import Trace, TraceKind, traces_of

_SHOWN_DIGITS = 4


class Verdict(StrEnum):
    """How one thing stands in two reports."""

    SAME = "same"
    DIFFERS = "differs"
    MISSING = "missing"


@dataclass(frozen=True)
class Compared:
    """One thing that reports tell, as each of two tells it; both is what they share."""

    about: str
    verdict: Verdict
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    both: frozenset[str]


@dataclass(frozen=True)
class Side:
    """A report with what it tells, opened."""

    report: ReportView
    contents: tuple[Content, ...]

    @property
    def text(self) -> str:
        """All that it tells, as one text."""
        return told(self.contents)


def compared(mine: Side, theirs: Side, display: Display) -> tuple[Compared, ...]:
    """Everything that at least one of two reports tells, what names most clearly first."""
    left, right = dict(_told(mine, display)), dict(_told(theirs, display))
    rows = [_compare(about, left[about], right[about]) for about in left if left[about] or right[about]]
    order = list(Verdict)
    return tuple(sorted(rows, key=lambda row: order.index(row.verdict)))


def words_alike(mine: Side, theirs: Side) -> int:
    """How alike the words of two reports are, in percent."""
    return int(fuzz.ratio(fold(mine.text).text, fold(theirs.text).text))


def _compare(about: str, mine: tuple[str, ...], theirs: tuple[str, ...]) -> Compared:
    both = frozenset(mine) & frozenset(theirs)
    verdict = Verdict.SAME if both else Verdict.DIFFERS if mine and theirs else Verdict.MISSING
    return Compared(about, verdict, mine, theirs, both)


def _told(side: Side, display: Display) -> Iterator[tuple[str, tuple[str, ...]]]:
    traces = [*traces_of(told_in_full(side.contents)), *_numbers(side.contents)]
    for kind in (TraceKind.NUMBER, TraceKind.PLATE, TraceKind.ACCOUNT, TraceKind.AGENCY):
        yield kind.value, _each(_shown(trace) for trace in traces if trace.kind is kind)
    labels = side.report.finding.labels if side.report.finding else None
    yield "places", _each(display.place(place.code) for place in labels.places if place.code) if labels else ()
    yield "matters", _each(display.label(code, "matters") for code in labels.matters) if labels else ()
    yield "persons", _each(display.label(code, "persons") for code in labels.persons) if labels else ()
    yield "reporter", (display.label(labels.reporter, "reporter"),) if labels else ()
    yield "urgency", (display.label(side.report.urgency.value, "urgency"),)
    live = [one for one in side.report.referrals if one.is_live]
    yield "units", _each(display.unit(one.unit) for one in live)


def _numbers(contents: Sequence[Content]) -> Iterator[Trace]:
    for content in contents:
        for text in (content.sender, content.contact):
            if number := normal_number(text):
                yield Trace(TraceKind.NUMBER, number)


def _shown(trace: Trace) -> str:
    """What is named, but of a number or an account only its end: who it belongs to is another step."""
    if trace.kind in (TraceKind.NUMBER, TraceKind.ACCOUNT):
        return f"…{trace.value[-_SHOWN_DIGITS:]}"
    return trace.value


def _each(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
