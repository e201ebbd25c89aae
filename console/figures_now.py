"""Where reports stand now, as whoever looks may know it.

Whoever sits at the desk has every report in the queue, and the same numbers there. All others see sums alone, in tens
and without any that is so small that it could point to a person: beside the figures of a year an exact one would tell
it, such as how many of those that are open a unit has accepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from console.figure_sheets import SUM
from console.hop_times import quantile
from reports.disclosure import Table, left_out
from reports.states import ReportState
from reports.values import Urgency

ALL, YES, NO = "all", "yes", "no"
_TEN = 10
Rows = Mapping[str, Mapping[str, int | None]]


@dataclass(frozen=True, kw_only=True)
class HopNow:
    """How many took a hop within the last hour, and the milliseconds that half and nearly all of them stayed within;
    None of any where they are too few to say."""

    number: int | None
    half: int | None
    most: int | None


def standing(numbers: Mapping[ReportState, Mapping[Urgency, int]], smallest: int, *, by_urgency: bool) -> Rows:
    """Reports by state, and their sum under SUM: all of them under ALL and, by_urgency, those of each urgency.

    Exact where smallest is 1, else in tens, as in `helped`.
    """
    measures = tuple(Urgency) if by_urgency else ()
    rows = {
        state.value: {**{one.value: by.get(one, 0) for one in measures}, ALL: sum(by.values())}
        for state, by in numbers.items()
    }
    return _with_sum(rows, smallest)


def helped(counts: Mapping[str, tuple[int, int]], smallest: int) -> Rows:
    """By outcome and in all, how many reporters said that it helped and that it did not; empty where none did."""
    rows = {outcome: {YES: yes, NO: no} for outcome, (yes, no) in counts.items()}
    return _with_sum(rows, smallest) if rows else {}


def hops(times: Mapping[str, list[int]], smallest: int) -> Mapping[str, HopNow]:
    """The hops that anything took within the last hour."""
    return {
        hop: HopNow(number=len(taken), half=quantile(taken, 0.5), most=quantile(taken, 0.95))
        if len(taken) >= smallest
        else HopNow(number=None, half=None, most=None)
        for hop, taken in times.items()
    }


def _with_sum(rows: Mapping[str, Mapping[str, int]], smallest: int) -> Rows:
    measures = next(iter(rows.values()))
    whole = {**rows, SUM: {measure: sum(row[measure] for row in rows.values()) for measure in measures}}
    hidden = left_out(Table(numbers=whole, sums={SUM: tuple(rows)}, within=()), smallest)
    nearest = 1 if smallest == 1 else _TEN
    return {
        name: {
            measure: None if (name, measure) in hidden else _rounded(number, nearest) for measure, number in row.items()
        }
        for name, row in whole.items()
    }


def _rounded(number: int, nearest: int) -> int:
    return (number + nearest // 2) // nearest * nearest
