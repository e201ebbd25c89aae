"""Counting what comes from one source, so that a flood can be marked: in the store, for all processes alike.

A source is a keyed digest that holds the day, and a row is forgotten soon after its window: nothing here leads back to
a number or an address, or from one day to the next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, Executable, bindparam, cast, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from config.limits import Rate
from reports.database import Database, Prepared, database_now
from reports.tables import tallies

TOTAL = "total"


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What one source may send unmarked. most_in_flood is for while all sources together are over their limit."""

    source: str
    rate: Rate
    most_in_flood: int


class Tallies:
    """Counts inside the caller's transaction."""

    def __init__(self, engine: Engine, total: Rate) -> None:
        """Prepares the statements for the engine's dialect. total is the limit of all sources together."""
        self._total, self._is_sqlite = total, engine.dialect.name == "sqlite"
        self._add = Prepared(_add_statement(engine), engine)
        self._look = Prepared(_look_statement(), engine)

    def over(self, connection: Connection, allowances: Sequence[Allowance | None]) -> list[bool]:
        """Counts one report for each of these, and all of them together. Whether each goes beyond what it may.

        None is a source that nobody knows: it is counted with all, and never over a limit of its own.
        """
        if not allowances:
            return []
        steps = Counter(allowance.source for allowance in allowances if allowance is not None)
        rates = {allowance.source: allowance.rate for allowance in allowances if allowance is not None}
        # In one order, so that two transactions never wait for each other's rows; the row that all share comes last.
        sources = sorted(steps)
        added = [_step(source, rates[source], steps[source]) for source in sources]
        *numbers, together = self._numbers(connection, [*added, _step(TOTAL, self._total, len(allowances))])
        places = {source: number - steps[source] for source, number in zip(sources, numbers, strict=True)}
        return [_is_over(allowance, places, together > self._total.most) for allowance in allowances]

    def together(self, connection: Connection) -> int:
        """How many came in this window from all sources."""
        return self._number(connection, TOTAL, self._total)

    def would_be_over(self, connection: Connection, allowance: Allowance | None) -> bool:
        """Whether the next report of this source would go beyond what it may. Counts nothing."""
        in_flood = self.together(connection) >= self._total.most
        if allowance is None:
            return False
        number = self._number(connection, allowance.source, allowance.rate)
        return number >= (min(allowance.rate.most, allowance.most_in_flood) if in_flood else allowance.rate.most)

    def count(self, connection: Connection, source: str, rate: Rate) -> int:
        """Counts one more from a source. Returns how many came in this window by now."""
        return self._numbers(connection, [_step(source, rate, 1)])[0]

    def _numbers(self, connection: Connection, steps: Sequence[dict[str, Any]]) -> list[int]:
        """Counts each step, in one round trip where that costs something. Returns how many came of each source."""
        if self._is_sqlite:
            rows: list[Any] = [self._add.run(connection, step).fetchone() for step in steps]
        else:
            rows = self._add.rows_of_all(connection, steps)
        return [int(row[0]) for row in rows]

    def _number(self, connection: Connection, source: str, rate: Rate) -> int:
        row = self._look.run(connection, {"source": source, "window": rate.seconds * 1000}).fetchone()
        return int(row[0]) if row else 0


def came_lately(database: Database, total: Rate) -> int:
    """How many reports came in this window from all sources."""
    with database.read() as connection:
        return Tallies(database.engine, total).together(connection)


def forget_tallies(database: Database) -> None:
    """Deletes what was counted in windows that are over."""
    with database.read() as connection:
        over = connection.execute(select(tallies.c.source).where(tallies.c.ends_at < database_now()).limit(1)).first()
    if over is not None:
        with database.write() as connection:
            connection.execute(delete(tallies).where(tallies.c.ends_at < database_now()))


def _is_over(allowance: Allowance | None, places: dict[str, int], in_flood: bool) -> bool:
    if allowance is None:
        return False
    places[allowance.source] += 1
    most = min(allowance.rate.most, allowance.most_in_flood) if in_flood else allowance.rate.most
    return places[allowance.source] > most


def _step(source: str, rate: Rate, step: int) -> dict[str, Any]:
    return {"source": source, "window": rate.seconds * 1000, "step": step}


def _end_of_window() -> ColumnElement[int]:
    window = cast(bindparam("window"), BigInteger)
    return (database_now() // window + 1) * window


def _add_statement(engine: Engine) -> Executable:
    insert = sqlite.insert if engine.dialect.name == "sqlite" else postgresql.insert
    step = cast(bindparam("step"), BigInteger)
    row = {"source": bindparam("source"), "ends_at": _end_of_window(), "number": step}
    return (
        insert(tallies)
        .values(row)
        .on_conflict_do_update(
            index_elements=[tallies.c.source, tallies.c.ends_at], set_={"number": tallies.c.number + step}
        )
        .returning(tallies.c.number)
    )


def _look_statement() -> Executable:
    return select(tallies.c.number).where(
        tallies.c.source == bindparam("source"), tallies.c.ends_at == _end_of_window()
    )
