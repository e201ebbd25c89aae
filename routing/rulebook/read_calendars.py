"""Reading holidays.toml: calendars by name, and the days off and make-up working days of each year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate

from routing.rulebook.calendars import Calendar, Calendars, Holidays
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.shapes import Day, Strict, checked, rows, sentence
from routing.rulebook.source import Source

_SPAN = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_NAME = validate.Regexp(r"^[a-z][a-z_]{0,39}$", error="a name of small letters and underscores")
_SATURDAY = 5


class Span(fields.Field[tuple[int, int]]):
    """Hours of a day, as minutes since midnight."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[int, int]:
        found = _SPAN.fullmatch(value) if isinstance(value, str) else None
        opens, closes = (int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])) if found else (0, 0)
        if not 0 <= opens < closes <= 1440:
            raise ValidationError('hours of a day such as "09:00-17:00"')
        return opens, closes


class CalendarSchema(Strict):
    """One calendar of holidays.toml."""

    days = fields.String(required=True, validate=validate.OneOf(("every_day", "working_days")))
    hours = fields.List(Span(), required=True, validate=validate.Length(min=1, error="at least one span of hours"))
    zh = sentence()
    en = sentence()


class YearSchema(Strict):
    """A [[year]] of holidays.toml."""

    year = fields.Integer(required=True, strict=True, validate=validate.Range(min=2000, max=2100, error="a year"))
    complete = fields.Boolean(required=True, truthy={True}, falsy={False})
    source = sentence()
    rest = fields.List(Day(), required=True, validate=validate.Length(min=1, error="at least one day off"))
    work = fields.List(Day(), required=True)


class HolidaysSchema(Strict):
    """holidays.toml as a whole."""

    calendars = fields.Dict(keys=fields.String(validate=_NAME), values=fields.Nested(CalendarSchema), required=True)
    year = rows(YearSchema, required=True)


def load_holidays(config: Path) -> Holidays:
    """The days off of a rulebook's folder by themselves. Raises RulebookError."""
    return calendars_from(Source(config / "holidays.toml", config)).holidays


def calendars_from(source: Source) -> Calendars:
    """The calendars a file holds. Raises RulebookError for a wrong value, and days that contradict each other."""
    loaded = checked(HolidaysSchema(), source)
    faults = [*_hour_faults(source, loaded["calendars"]), *_year_faults(source, loaded["year"])]
    if faults:
        raise RulebookError(faults)
    years = loaded["year"]
    holidays = Holidays(
        rest=frozenset(day for year in years for day in year["rest"]),
        work=frozenset(day for year in years for day in year["work"]),
        complete=frozenset(year["year"] for year in years if year["complete"]),
    )
    by_name = {
        name: Calendar(hours=tuple(one["hours"]), holidays=holidays if one["days"] == "working_days" else None)
        for name, one in loaded["calendars"].items()
    }
    return Calendars(by_name, holidays)


def _hour_faults(source: Source, calendars: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for name, calendar in calendars.items():
        hours: Sequence[tuple[int, int]] = calendar["hours"]
        if any(before[1] > after[0] for before, after in zip(hours, hours[1:], strict=False)):
            yield source.fault(
                ["calendars", name, "hours"], wanted="hours in their order, none twice", came="hours that overlap"
            )


def _year_faults(source: Source, years: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    seen: set[int] = set()
    for number, year in enumerate(years):
        if year["year"] in seen:
            yield source.fault(["year", number, "year"], wanted="each year once", came=str(year["year"]))
        seen.add(year["year"])
        for kind in ("rest", "work"):
            days: Sequence[date] = year[kind]
            for day in days:
                if day.year != year["year"]:
                    yield source.fault(["year", number, kind], wanted=f"days of {year['year']}", came=str(day))
        for day in year["work"]:
            if day in year["rest"]:
                yield source.fault(["year", number, "work"], wanted="days that are not in rest", came=str(day))
            elif day.weekday() < _SATURDAY:
                wanted = "a Saturday or Sunday that is worked instead of a day off"
                yield source.fault(["year", number, "work"], wanted=wanted, came=f"{day}, a weekday")
