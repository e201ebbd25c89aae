"""Working calendars: when a clock that counts by one runs out, over weekends, holidays and make-up working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.values import Urgency
from routing.rulebook.book import Rulebook
from routing.rulebook.calendars import Calendar
from routing.rulebook.errors import RulebookError
from routing.rulebook.load import load_rulebook

CHINA = timezone(timedelta(hours=8))
LEAST, MOST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000) for year in (2026, 2029))
MOMENTS = st.integers(LEAST, MOST)
MINUTES = st.integers(0, 20_000)


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=CHINA).timestamp() * 1000)


def shown(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, CHINA).strftime("%Y-%m-%d %H:%M")


# Urgency, when it begins, minutes, when they are over: China's time.
TABLE = """
immediate | 2026-02-16 23:58 |    5 | 2026-02-17 00:03 | New Year's Eve, in the middle of the night
immediate | 2026-10-01 03:00 | 1440 | 2026-10-02 03:00 | a day is a day
urgent    | 2026-11-25 10:00 |   60 | 2026-11-25 11:00 | within duty hours
urgent    | 2026-11-25 21:30 |   60 | 2026-11-26 08:30 | over the night
urgent    | 2026-11-26 04:00 |   15 | 2026-11-26 08:15 | at night
urgent    | 2026-11-28 10:00 |   60 | 2026-11-28 11:00 | a Saturday: duty hours are every day
urgent    | 2026-10-01 21:59 |    2 | 2026-10-02 08:01 | National Day too
standard  | 2026-11-25 10:00 |  240 | 2026-11-25 14:00 | within office hours
standard  | 2026-11-25 16:30 |   60 | 2026-11-26 09:30 | over the evening
standard  | 2026-11-27 16:30 |   60 | 2026-11-30 09:30 | over the weekend
standard  | 2026-11-27 18:00 |  480 | 2026-11-30 17:00 | after hours: a working day from Monday's opening to its close
standard  | 2026-11-28 12:00 |    1 | 2026-11-30 09:01 | a Saturday
standard  | 2026-09-30 16:30 |   60 | 2026-10-08 09:30 | over National Day week
standard  | 2026-10-09 16:30 |   60 | 2026-10-10 09:30 | Saturday 10 October is worked
standard  | 2026-10-10 16:30 |   60 | 2026-10-12 09:30 | Sunday 11 October is not
standard  | 2026-02-13 16:30 |   60 | 2026-02-14 09:30 | Saturday before the Spring Festival is worked
standard  | 2026-02-14 16:30 |   60 | 2026-02-24 09:30 | over the Spring Festival: nine days
standard  | 2026-02-27 16:59 |    2 | 2026-02-28 09:01 | Saturday after it is worked
standard  | 2026-01-04 09:00 |   60 | 2026-01-04 10:00 | Sunday after New Year is worked
standard  | 2026-12-31 16:30 |   60 | 2027-01-04 09:30 | into a year of which only the fixed days are known
standard  | 2027-02-04 16:30 |   60 | 2027-02-09 09:30 | the lunar New Year of 2027, as far as the law itself says
standard  | 2028-10-02 16:30 |   60 | 2028-10-03 09:30 | a year that nobody has filled in counts its weekdays
low       | 2026-11-25 09:00 |  960 | 2026-11-26 17:00 | two working days, to the minute
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("urgency", "begins", "minutes", "over", "why"), ROWS, ids=[row[-1] for row in ROWS])
def test_a_clock_runs_out_when_its_calendar_says(
    rulebook: Rulebook, urgency: str, begins: str, minutes: str, over: str, why: str
) -> None:
    due = rulebook.escalation.due_at(Urgency(urgency), "acceptance", moment(begins), int(minutes))
    assert shown(due) == over, why


def test_delivering_is_the_machines_work_and_counts_round_the_clock(rulebook: Rulebook) -> None:
    begins = moment("2026-11-28 03:00")
    assert rulebook.escalation.due_at(Urgency.LOW, "delivery", begins, 60) == begins + 60 * 60_000


@given(MOMENTS, MINUTES, st.sampled_from(list(Urgency)[1:]))
def test_a_more_urgent_report_never_waits_longer(
    rulebook: Rulebook, begins: int, minutes: int, calmer: Urgency
) -> None:
    escalation = rulebook.escalation
    due = {urgency: escalation.due_at(urgency, "acceptance", begins, minutes) for urgency in Urgency}
    assert due[Urgency.from_rank(calmer.rank - 1)] <= due[calmer]


@given(MOMENTS, MINUTES, MINUTES, st.sampled_from(list(Urgency)))
def test_time_is_counted_once_and_never_backwards(
    rulebook: Rulebook, begins: int, first: int, second: int, urgency: Urgency
) -> None:
    after = rulebook.escalation.calendars[urgency].after
    assert begins + first * 60_000 <= after(begins, first) <= after(begins, first + second)
    if first and second:
        assert after(after(begins, first), second) == after(begins, first + second)


@given(MOMENTS, MOMENTS, MINUTES)
def test_whoever_begins_earlier_is_due_no_later(rulebook: Rulebook, one: int, other: int, minutes: int) -> None:
    after = rulebook.escalation.calendars[Urgency.STANDARD].after
    assert after(min(one, other), minutes) <= after(max(one, other), minutes)


def test_the_days_of_2026_are_those_of_the_notice(rulebook: Rulebook) -> None:
    holidays = rulebook.holidays
    rest = sorted(day for day in holidays.rest if day.year == 2026)
    assert len(rest) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    worked = {str(day) for day in holidays.work if day.year == 2026}
    assert worked == {"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"}
    assert holidays.complete == {2026}
    # A moved day is worked another day: 13 days by law, and the weekends that they lie beside.
    taken = [day for day in rest if day.weekday() < 5]
    assert len(taken) - len(worked) == 13


def test_a_calendar_holds_another_only_if_it_is_never_closed_before_it(rulebook: Rulebook) -> None:
    holidays = rulebook.holidays
    day, office = Calendar(hours=((0, 1440),), holidays=None), Calendar(hours=((540, 1020),), holidays=holidays)
    long, split = (
        Calendar(hours=((480, 1320),), holidays=holidays),
        Calendar(hours=((540, 720), (780, 1020)), holidays=holidays),
    )
    assert day.holds(office)
    assert long.holds(split)
    assert office.holds(split)
    assert not split.holds(office)
    assert not office.holds(day)
    assert not Calendar(hours=((0, 1440),), holidays=holidays).holds(day)


def test_a_break_at_noon_stops_the_clock(rulebook: Rulebook) -> None:
    split = Calendar(hours=((540, 720), (780, 1020)), holidays=rulebook.holidays)
    assert shown(split.after(moment("2026-11-25 11:30"), 60)) == "2026-11-25 13:30"
    assert shown(split.after(moment("2026-11-25 11:30"), 30)) == "2026-11-25 12:00"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('hours = ["09:00-17:00"]', 'hours = ["17:00-09:00"]', 'hours of a day such as "09:00-17:00"'),
        ('hours = ["09:00-17:00"]', 'hours = ["09:00-12:00", "11:00-17:00"]', "hours in their order"),
        ('days = "working_days"', 'days = "sundays"', "every_day, working_days"),
        ("2026-10-10]", "2026-10-12]", "2026-10-12, a weekday"),
        ("2026-10-10]", "2026-10-04]", "days that are not in rest"),
        ("2026-10-10]", "2025-10-11]", "wanted days of 2026"),
        ("year = 2027", "year = 2026", "each year once"),
        ("    2027-05-01, 2027-05-02,", '    "2027-05-01", 2027-05-02,', "a date such as"),
        ("complete = false", 'complete = "no"', "true or false"),
    ],
)  # fmt: skip
def test_a_wrong_calendar_is_named_with_file_and_line(folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "holidays.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refusal:
        load_rulebook(folder)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("holidays.toml, line ")


def test_every_holiday_of_a_year_lies_in_it(rulebook: Rulebook) -> None:
    assert {day.year for day in rulebook.holidays.rest | rulebook.holidays.work} == {2026, 2027}
    assert date(2027, 2, 6) in rulebook.holidays.rest
