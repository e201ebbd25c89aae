"""When a unit is there, as the directory writes it: `mon-fri 08:30-12:00`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from routing.rulebook.calendars import Holidays

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALWAYS = "always"
WANTED = '"always", or days and hours such as "mon-fri 08:30-12:00", an evening up to 24:00'
_DAY = "|".join(DAYS)
_SPAN = re.compile(rf"({_DAY})(?:-({_DAY}))? ([0-9]{{2}}):([0-9]{{2}})-([0-9]{{2}}):([0-9]{{2}})")
_DAY_MINUTES = 24 * 60
_WHOLE_WEEK, _WORKING_DAYS = frozenset(range(7)), frozenset(range(5))


@dataclass(frozen=True)
class Span:
    """Days of the week, from 0 for Monday, and minutes of the day: from `start`, up to but not at `end`."""

    days: tuple[int, ...]
    start: int
    end: int

    def holds_on(self, day: date, holidays: Holidays) -> bool:
        """Whether these hours are kept on a day. Whoever is there every day of the week is there on holidays too; a
        Saturday or Sunday that is worked instead of a day off has the hours of Monday to Friday."""
        if _WHOLE_WEEK.issubset(self.days):
            return True
        if day in holidays.work and _WORKING_DAYS.issubset(self.days):
            return True
        return day.weekday() in self.days and day not in holidays.rest


@dataclass(frozen=True)
class Hours:
    """When a unit is there, in China's time. Without spans nobody has said."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def read(cls, written: Sequence[str]) -> Hours:
        """The hours that are written. Raises ValueError for anything but `WANTED`."""
        return cls(tuple(_span(one) for one in written))

    def open_at(self, moment: datetime, holidays: Holidays) -> bool | None:
        """Whether somebody is there at a moment of China's time; None where nobody has said."""
        if not self.spans:
            return None
        day, minute = moment.date(), moment.hour * 60 + moment.minute
        return any(span.start <= minute < span.end and span.holds_on(day, holidays) for span in self.spans)


def _span(written: str) -> Span:
    if written == ALWAYS:
        return Span(tuple(range(7)), 0, _DAY_MINUTES)
    found = _SPAN.fullmatch(written)
    if found is None:
        raise ValueError(WANTED)
    first = DAYS.index(found[1])
    last = DAYS.index(found[2] or found[1])
    start, end = int(found[3]) * 60 + int(found[4]), int(found[5]) * 60 + int(found[6])
    if int(found[4]) > 59 or int(found[6]) > 59 or not start < end <= _DAY_MINUTES:
        raise ValueError(WANTED)
    # From Saturday to Monday is three days too.
    return Span(tuple(sorted((first + step) % 7 for step in range((last - first) % 7 + 1))), start, end)
