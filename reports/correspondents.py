"""Correspondents: which report a telephone number writes about now. Only the keyed index of a number is known here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import database_now, read_now
from reports.tables import correspondents
from reports.whereabouts import where_it_lies

_DAY = 86_400_000


@dataclass(frozen=True)
class Wrote:
    """A report that came from a number. stops: what it says is that nothing more may be sent there."""

    report_id: str
    number_index: str
    stops: bool = False


def write_about(connection: Connection, wrote: Sequence[Wrote], days: float) -> Mapping[str, str]:
    """For each of these reports that adds to an earlier one of its number, the report it adds to. In the order given.

    A number writes about one report as long as no more than so many days lie between two messages. From here to the
    end of the transaction nobody else decides about these numbers, so that of two texts in two hands one is the first.
    """
    if not wrote:
        return {}
    now = read_now(connection)
    current = _held(connection, wrote, now)
    adds: dict[str, str] = {}
    for one in wrote:
        report_id, wrote_at = current[one.number_index]
        if report_id != one.report_id:
            lies_in = where_it_lies(connection, report_id) if now - wrote_at <= days * _DAY else None
            if lies_in is not None and lies_in != one.report_id:
                # The one it wrote about itself: wherever an officer put that, it stays this reporter's.
                adds[one.report_id] = report_id
        current[one.number_index] = (adds.get(one.report_id, one.report_id), now)
    now_about = [{"index": index, "about": report_id} for index, (report_id, _) in sorted(current.items())]
    same = update(correspondents).where(correspondents.c.number_index == bindparam("index"))
    connection.execute(same.values(report_id=bindparam("about"), wrote_at=now), now_about)
    for index in sorted({one.number_index for one in wrote if one.stops}):
        stop_texting(connection, current[index][0], index, unsafe=False)
    return adds


def _held(connection: Connection, wrote: Sequence[Wrote], now: int) -> dict[str, tuple[str, int]]:
    """The report of each number and when it last wrote, locked; a number that is new gets its first report here."""
    first = {one.number_index: one.report_id for one in reversed(wrote)}
    # Always in the same order, so that two transactions never wait for each other's rows.
    rows = [{"number_index": index, "report_id": first[index], "wrote_at": now} for index in sorted(first)]
    connection.execute(_insert(connection).on_conflict_do_nothing(), rows)
    query = select(correspondents).where(correspondents.c.number_index.in_(list(first)))
    held = connection.execute(query.order_by(correspondents.c.number_index).with_for_update())
    return {row.number_index: (row.report_id, row.wrote_at) for row in held}


def stop_texting(connection: Connection, report_id: str, number_index: str, *, unsafe: bool) -> bool:
    """Lets nothing be sent to a number from now on: because it is not safe, or because it asked for that.

    A number that never wrote is noted with the report that told of it. Returns whether that is new.
    """
    column = correspondents.c.unsafe_at if unsafe else correspondents.c.stopped_at
    since = {column.name: database_now()}
    # It last wrote long ago: when it does write, that begins a report of its own.
    new = _insert(connection).values(number_index=number_index, report_id=report_id, wrote_at=0, **since)
    noted = new.on_conflict_do_update(index_elements=["number_index"], set_=since, where=column.is_(None))
    return connection.execute(noted.returning(correspondents.c.number_index)).first() is not None


def lift_stop(connection: Connection, number_index: str) -> bool:
    """Lets texts be sent to a number again, whyever none were. Returns whether any were held back."""
    stood = or_(correspondents.c.stopped_at.is_not(None), correspondents.c.unsafe_at.is_not(None))
    lifted = (
        update(correspondents)
        .where(correspondents.c.number_index == number_index, stood)
        .values(stopped_at=None, unsafe_at=None)
    )
    return bool(connection.execute(lifted).rowcount)


def _insert(connection: Connection) -> Any:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return dialect.insert(correspondents)
