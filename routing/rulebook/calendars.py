"""When those who answer are at work, and when a clock that counts by it runs out. Times are milliseconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

_MINUTE = 60_000
_DAY = 1440 * _MINUTE
# China has one time and no summer time.
_CHINA = 8 * 60 * _MINUTE
_EPOCH = date(1970, 1, 1)
_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Holidays:
    """The days that differ from what their day of the week says: rest off, work worked. complete holds the years whose
    moved days are known."""

    rest: frozenset[date]
    work: frozenset[date]
    complete: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Whether offices work that day."""
        return day in self.work or (day.weekday() < _SATURDAY and day not in self.rest)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Opening hours. hours are spans of a day in minutes since midnight, in order and apart; holidays None counts every
    day."""

    hours: tuple[tuple[int, int], ...]
    holidays: Holidays | None

    def after(self, start: int, minutes: int) -> int:
        """The moment at which so many minutes of open time have passed since start."""
        left = minutes * _MINUTE
        for number in count((start + _CHINA) // _DAY):
            for opens, closes in self._spans(number):
                begins = max(opens, start)
                if begins < closes and left <= closes - begins:
                    return begins + left
                left -= max(0, closes - begins)
        raise AssertionError("A calendar that was read has hours on some day of every week.")

    def holds(self, other: Calendar) -> bool:
        """Whether it is open whenever the other is."""
        inside = all(any(a <= c and d <= b for a, b in self.hours) for c, d in other.hours)
        return inside and (self.holidays is None or self.holidays == other.holidays)

    def is_never_closed(self) -> bool:
        """Whether it counts round the clock."""
        return self.holidays is None and self.hours == ((0, 1440),)

    def _spans(self, number: int) -> list[tuple[int, int]]:
        """The opening hours of a day, counted from 1970."""
        if self.holidays is not None and not self.holidays.is_working(_EPOCH + timedelta(days=number)):
            return []
        midnight = number * _DAY - _CHINA
        return [(midnight + opens * _MINUTE, midnight + closes * _MINUTE) for opens, closes in self.hours]


@dataclass(frozen=True)
class Calendars:
    """The calendars of holidays.toml by name, and the days off they go by."""

    by_name: Mapping[str, Calendar]
    holidays: Holidays
