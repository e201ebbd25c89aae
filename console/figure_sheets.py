"""The figures of a year as sheets of rows, with every number left out that could point to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from config.figures import Counting
from reports.disclosure import Key, Table, left_out
from reports.facts import Facts
from reports.figures import (
    ANSWERED,
    CORRECTED,
    ENDED,
    JUDGED,
    MEASURES,
    PARTS,
    RECEIVED,
    REFUSED,
    REOPENED,
    REPORTED,
    SAFE,
    SOLVED,
    UNANSWERED,
    WHOLE,
    cells,
    figures_of,
)
from reports.officers import Officer
from reports.recusals import kept_from
from reports.tables import report_facts

# The row of the sum; no code is empty and spaced.
SUM = " "
# The Plan is for women and children: what is told of men alone is outside of it, and counted all the same.
INSIDE, OUTSIDE, NOT_TOLD = "inside", "m", ""
TOGETHER = (("closed", (SOLVED, REFUSED)),)
WITHIN = (
    (RECEIVED, (REPORTED,)),
    (REPORTED, ("closed",)),
    (RECEIVED, ("closed", SAFE, UNANSWERED)),
    (RECEIVED, (REOPENED,)),
    (RECEIVED, (JUDGED,)),
    (JUDGED, (CORRECTED,)),
    # Of what was accepted and closed a row says how long half of it took, and with that how many it is at least.
    (RECEIVED, (ANSWERED, UNANSWERED)),
    (RECEIVED, (ENDED, UNANSWERED)),
    (ENDED, (SOLVED, SAFE)),
)
# What a row says no more of than how long half of it took.
TIMES = (ANSWERED, ENDED)
_PERSONS = (INSIDE, "w", "c", "wc", "wm", "mc", "wmc", OUTSIDE, NOT_TOLD)
By = Mapping[tuple[str, str], Counter[str]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: numbers by measure, None where one is left out. answered and ended are the minutes within which half of
    those were accepted by a unit and closed that were, 0 for longer than any class; None where they are too few to say,
    or where saying so would give a number away. inside names the row that this one is part of, '' where that is the
    sum."""

    code: str
    numbers: Mapping[str, int | None]
    answered: int | None
    ended: int | None
    inside: str = ""

    def share(self, part: str, whole: str) -> float | None:
        """One measure in per cent of another; None where either is left out or there is nothing."""
        some, of = self.numbers[part], self.numbers[whole]
        return None if some is None or not of else 100 * some / of

    def half(self, time: str) -> int | None:
        """The minutes of one of TIMES."""
        return self.answered if time == ANSWERED else self.ended


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A breakdown: its rows in order, and their sum."""

    breakdown: str
    rows: tuple[Row, ...]
    sum: Row

    def row(self, code: str) -> Row | None:
        """The row of a code, if there is one."""
        return next((row for row in self.rows if row.code == code), None)


def figures_seen(
    connection: Connection, officer: Officer, years: Sequence[int], breakdowns: Sequence[str]
) -> Mapping[tuple[str, str], Counter[str]]:
    """The figures of these years as this officer may know them: a report they are kept from is in none of them."""
    found = figures_of(connection, years, breakdowns)
    for key, by in figures_kept_from(connection, officer, years).items():
        if key in found:
            found[key].subtract(by)
    return found


def figures_kept_from(connection: Connection, officer: Officer, years: Sequence[int]) -> By:
    """What the figures of these years hold of reports that this officer is kept from."""
    bodies = connection.execute(
        select(report_facts.c.body).where(report_facts.c.report_id.in_(kept_from(officer)))
    ).scalars()
    found: dict[tuple[str, str], Counter[str]] = {}
    for body in bodies:
        for (year, breakdown, code, measure), number in cells(Facts.from_json(body)).items():
            if year in years:
                found.setdefault((breakdown, code), Counter())[measure] += number
    return found


def sheets(by: By, counting: Counting) -> Mapping[str, Sheet]:
    """The sheet of each of PARTS. They have one sum: where it leaves a number out, all of them do."""
    tables = {part: _table(part, by) for part in PARTS}
    hidden: dict[str, frozenset[Key]] = {}
    tops: frozenset[Key] = frozenset()
    while True:
        for part, table in tables.items():
            hidden[part] = left_out(table, counting.smallest, tops)
        more = frozenset(key for keys in hidden.values() for key in keys if key[0] == SUM)
        if more == tops:
            break
        tops = more
    return {part: _sheet(part, by, tables[part], hidden[part], counting) for part in PARTS}


def _table(part: str, by: By) -> Table:
    rows = {code: all_of(counter) for (breakdown, code), counter in by.items() if breakdown == part and +counter}
    sums: dict[str, tuple[str, ...]] = {SUM: tuple(rows)}
    if part == "persons":
        inside = tuple(code for code in rows if code not in (OUTSIDE, NOT_TOLD))
        rows[INSIDE] = {measure: sum(rows[code][measure] for code in inside) for measure in (*MEASURES, *TIMES)}
        sums = {INSIDE: inside, SUM: tuple(code for code in rows if code not in inside)}
    rows[SUM] = all_of(by.get((WHOLE, ""), Counter()))
    return Table(numbers=rows, sums=sums, within=WITHIN, together=TOGETHER, enough=TIMES)


def numbers_of(counter: Counter[str]) -> dict[str, int]:
    """The numbers of all measures that are no classes of times."""
    return {measure: counter[measure] for measure in MEASURES}


def all_of(counter: Counter[str]) -> dict[str, int]:
    """The same, and of TIMES how many each is of."""
    times = {time: sum(number for one, number in counter.items() if one.startswith(f"{time}.")) for time in TIMES}
    return {**numbers_of(counter), **times}


def _sheet(part: str, by: By, table: Table, hidden: frozenset[Key], counting: Counting) -> Sheet:
    parts_of = {code: whole for whole, codes in table.sums.items() if whole != SUM for code in codes}
    counters = {code: by.get((part, code), Counter()) for code in table.numbers}
    for whole, codes in table.sums.items():
        counters[whole] = sum((counters[code] for code in codes), Counter())
    rows = [
        _row(code, numbers, counters[code], hidden, counting, parts_of.get(code, ""))
        for code, numbers in table.numbers.items()
    ]
    return Sheet(
        breakdown=part,
        rows=tuple(_in_order(part, [row for row in rows if row.code != SUM])),
        sum=next(row for row in rows if row.code == SUM),
    )


def _in_order(part: str, rows: Sequence[Row]) -> list[Row]:
    """The months as they follow, persons from within the Plan to without, all others the most first."""
    if part == "persons":
        return sorted(rows, key=lambda row: _PERSONS.index(row.code))
    if part == "month":
        return sorted(rows, key=lambda row: row.code)
    # By what is shown alone: an order tells a number too. What nobody told or read comes last.
    return sorted(rows, key=lambda row: (row.code == "", -(row.numbers[RECEIVED] or 0), row.code))


def _row(
    code: str,
    numbers: Mapping[str, int],
    counter: Counter[str],
    hidden: frozenset[Key],
    counting: Counting,
    inside: str,
) -> Row:
    shown = {measure: None if (code, measure) in hidden else numbers[measure] for measure in MEASURES}
    halves = {time: None if (code, time) in hidden else half_within(counter, time, counting) for time in TIMES}
    return Row(code=code, numbers=shown, answered=halves[ANSWERED], ended=halves[ENDED], inside=inside)


def half_within(counter: Counter[str], measure: str, counting: Counting) -> int | None:
    """The minutes that half of these took at most: a bound of a class, 0 for longer than all, None for too few."""
    classes = [counter[f"{measure}.{number}"] for number in range(len(counting.fine) + 1)]
    if sum(classes) < counting.smallest:
        return None
    passed = 0
    for number, bound in zip(classes, counting.fine, strict=False):
        passed += number
        if 2 * passed >= sum(classes):
            return bound
    return 0
