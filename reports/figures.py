"""The figures of a year, by breakdown, code and measure: what a report adds to them, and how they are kept and read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.facts import NOT_YET, Facts
from reports.tables import audit_head, figures, figures_head, report_facts

# What a report adds one to, where it is so of it.
RECEIVED, REPORTED, SOLVED, SAFE, REFUSED = "received", "reported", "solved", "safe", "refused"
UNANSWERED, REOPENED, JUDGED, CORRECTED = "unanswered", "reopened", "judged", "corrected"
MEASURES = (RECEIVED, REPORTED, SOLVED, SAFE, REFUSED, UNANSWERED, REOPENED, JUDGED, CORRECTED)
# Classes of times: "answered.3" is how many were accepted by a unit within the bounds of class 3.
ANSWERED, ENDED = "answered", "ended"
# Every report is in one row of each of these and of no other: their rows add up to the whole.
WHOLE = "whole"
PARTS = ("matter", "persons", "province", "language", "channel", "month")
# Rows of these overlap: a report is in none, one or several.
LINE, AXIS = "line", "axis"
HOP, UNIT = "hop", "unit."
LATE, NOT_YET_MEASURE = "late", "not_yet"
# How often the figures of each year changed, in one place beside all years.
CHANGES, _NO_YEAR = "changes", 0

Cell = tuple[int, str, str, str]


def cells(facts: Facts) -> Counter[Cell]:
    """What one report adds to the figures."""
    measures = _measures(facts)
    rows = [(WHOLE, ""), *zip(PARTS, _parts(facts), strict=True), *((LINE, line) for line in facts.lines)]
    found = Counter({(facts.year, *row, measure): 1 for row in rows for measure in measures})
    if facts.was_judged:
        found.update((facts.year, AXIS, axis, CORRECTED) for axis in facts.axes)
    for hop in facts.hops:
        took = NOT_YET_MEASURE if hop.took == NOT_YET else f"took.{hop.took}"
        for row in ((HOP, hop.hop), (f"{UNIT}{hop.hop}", hop.unit)):
            found[facts.year, *row, took] += 1
            found[facts.year, *row, LATE] += hop.late
    return +found


def _measures(facts: Facts) -> list[str]:
    # Solved is a case of its own even where nobody had taken it for a crime before; and what was joined to another
    # stays a report that was made, so that joining raises no share of those solved.
    is_reported = facts.is_crime or facts.end == SOLVED
    measures = {
        RECEIVED: True,
        REPORTED: is_reported,
        SOLVED: facts.end == SOLVED,
        SAFE: facts.end == SAFE,
        REFUSED: facts.end == REFUSED,
        UNANSWERED: facts.is_unanswered,
        REOPENED: facts.was_reopened,
        JUDGED: facts.was_judged,
        CORRECTED: facts.was_judged and bool(facts.axes),
        f"{ANSWERED}.{facts.answered}": facts.answered is not None,
        f"{ENDED}.{facts.closed}": facts.closed is not None,
    }
    return [measure for measure, is_so in measures.items() if is_so]


def _parts(facts: Facts) -> tuple[str, ...]:
    return (facts.matter, facts.persons, facts.province, facts.language, facts.channel, f"{facts.month:02d}")


@dataclass(frozen=True, kw_only=True)
class Head:
    """How far the figures have come. as_of is in milliseconds: nothing that happened later is in them. behind is how
    many lines of the audit chain are still to be counted."""

    as_of: int
    behind: int


def head_now(connection: Connection, scheme: str, now: int) -> Head:
    """How far the figures of this scheme have come by now."""
    newest = audit_head.c.number.label("newest")
    row = connection.execute(select(figures_head, newest).join(audit_head, audit_head.c.id == figures_head.c.id)).one()
    number = row.number if row.scheme == scheme else 0
    return Head(as_of=now if number == row.newest else row.counted_at, behind=row.newest - number)


def figures_of(
    connection: Connection, years: Sequence[int], breakdowns: Sequence[str]
) -> Mapping[tuple[str, str], Counter[str]]:
    """The figures of these years together, by breakdown and code, then by measure."""
    rows = connection.execute(
        select(figures.c.breakdown, figures.c.code, figures.c.measure, func.sum(figures.c.number))
        .where(figures.c.year.in_(years), figures.c.breakdown.in_(breakdowns))
        .group_by(figures.c.breakdown, figures.c.code, figures.c.measure)
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for breakdown, code, measure, number in rows:
        found.setdefault((breakdown, code), Counter())[measure] = int(number)
    return found


def years_counted(connection: Connection) -> tuple[int, ...]:
    """The years that there are figures of, oldest first."""
    rows = connection.execute(
        select(figures.c.year).where(
            figures.c.year.in_(list(changes_of(connection))),
            figures.c.breakdown == WHOLE,
            figures.c.code == "",
            figures.c.measure == RECEIVED,
            figures.c.number > 0,
        )
    )
    return tuple(sorted(rows.scalars()))


def change_of(year: int) -> Cell:
    """Where it is counted that the figures of a year changed."""
    return _NO_YEAR, CHANGES, str(year), CHANGES


def changes_of(connection: Connection) -> Mapping[int, int]:
    """How often the figures of each year changed: while that stands they are the same."""
    rows = connection.execute(
        select(figures.c.code, figures.c.number).where(figures.c.year == _NO_YEAR, figures.c.breakdown == CHANGES)
    )
    return {int(row.code): row.number for row in rows}


def begin_anew(connection: Connection, scheme: str) -> None:
    """Begins a new round. The facts of the last one are replaced as their reports are counted."""
    connection.execute(delete(figures))
    connection.execute(
        update(figures_head).values(scheme=scheme, round=figures_head.c.round + 1, number=0, counted_at=0)
    )


def add(connection: Connection, steps: Mapping[Cell, int], *, is_sqlite: bool) -> None:
    """Adds to the figures, or takes away."""
    rows = [
        {"year": year, "breakdown": breakdown, "code": code[:60], "measure": measure, "number": step}
        for (year, breakdown, code, measure), step in sorted(steps.items())
        if step
    ]
    if not rows:
        return
    added = (sqlite.insert if is_sqlite else postgresql.insert)(figures).values(
        {name: bindparam(name) for name in ("year", "breakdown", "code", "measure", "number")}
    )
    keys = [figures.c.year, figures.c.breakdown, figures.c.code, figures.c.measure]
    number = figures.c.number + added.excluded.number
    connection.execute(added.on_conflict_do_update(index_elements=keys, set_={"number": number}), rows)


def keep_facts(
    connection: Connection, round_number: int, known: set[str], new: Mapping[str, Facts], gone: set[str]
) -> None:
    """Writes the facts that were counted: known are reports that have a row, gone those that are counted no more."""
    rows = [{"id": one, "round": round_number, "body": facts.to_json()} for one, facts in new.items()]
    fresh = [row for row in rows if row["id"] not in known]
    changed = [row for row in rows if row["id"] in known]
    if fresh:
        values: dict[str, Any] = {name: bindparam(name) for name in ("round", "body")}
        values["report_id"] = bindparam("id")
        connection.execute(insert(report_facts).values(values), fresh)
    if changed:
        mine = update(report_facts).where(report_facts.c.report_id == bindparam("id"))
        connection.execute(mine.values(round=bindparam("round"), body=bindparam("body")), changed)
    if gone:
        connection.execute(delete(report_facts).where(report_facts.c.report_id.in_(gone)))
