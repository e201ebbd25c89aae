"""Claiming waiting work with a lease and a fencing token, on the database's clock.

Redis only rings; these rows are the queue. A claim that is not finished in time lapses, and whoever comes next takes
the report over; the token then keeps the late one from writing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, case, func, literal, select, update

from reports.database import Database, database_now
from reports.identity import new_id
from reports.states import ReportState
from reports.tables import reports
from reports.values import Channel, Urgency

# A report takes some 30 ms on one core: nobody waits longer than a blink for those that came in a flood.
_MARKED_AT_ONCE = 5


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One report held for a while, to be read for the first time or again. Times in milliseconds; attempts counts this
    one. to_read_at is what was to be read when it was taken; follows the report that its door says it adds to, or ''.
    """

    report_id: str
    reference: str
    conversation_id: str
    channel: Channel
    state: ReportState
    urgency: Urgency
    queue: str
    received_at: int
    to_read_at: int
    attempts: int
    wrapped_key: bytes
    follows: str = ""
    flags: tuple[str, ...] = ()
    token: str
    exercise: bool = False


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A report that nobody holds and that has waited to be read for age milliseconds."""

    report_id: str
    queue: str
    age: int


def claim_waiting(database: Database, queue: str, batch: int, lease_seconds: float, attempts: int) -> tuple[Claim, ...]:
    """Takes up to `batch` waiting reports of a queue, unmarked before marked, then oldest first, each `attempts` times;
    those of an exercise when no other waits.

    A report that was tried before is taken alone: if it is what ends the worker, it ends it without company. Marked
    ones are taken a few at a time and by themselves, so that whoever comes next without a mark need not wait for many.
    """
    token = new_id()
    with database.write() as connection:
        waiting = (
            select(reports.c.id, reports.c.attempts, reports.c.marked)
            .where(_is_waiting(), reports.c.queue == queue, reports.c.attempts < attempts)
            .order_by(reports.c.exercise, reports.c.marked, reports.c.to_read_at)
            .limit(batch)
            .with_for_update(skip_locked=True)
        )
        rows = connection.execute(waiting).all()
        if rows and rows[0].attempts:
            rows = rows[:1]
        elif rows:
            alike = [row for row in rows if row.marked == rows[0].marked]
            rows = alike[:_MARKED_AT_ONCE] if rows[0].marked else alike
        ids = [row.id for row in rows if row is rows[0] or not row.attempts]
        return _take(connection, ids, token, lease_seconds)


def _is_waiting() -> ColumnElement[bool]:
    now = database_now()
    return (reports.c.to_read_at <= now) & (reports.c.lease_until < now)


def _is_to_be_rung_for() -> ColumnElement[bool]:
    """Whether a report was put off until a moment, and nobody has rung for it since."""
    return reports.c.next_ring_at == reports.c.to_read_at


def _take(connection: Connection, ids: list[str], token: str, lease_seconds: float) -> tuple[Claim, ...]:
    if not ids:
        return ()
    taken = connection.execute(
        update(reports)
        .where(reports.c.id.in_(ids))
        .values(
            lease_token=token,
            lease_until=database_now() + int(lease_seconds * 1000),
            attempts=reports.c.attempts + 1,
        )
        .returning(
            reports.c.id,
            reports.c.reference,
            reports.c.conversation_id,
            reports.c.channel,
            reports.c.state,
            reports.c.urgency_rank,
            reports.c.queue,
            reports.c.received_at,
            reports.c.to_read_at,
            reports.c.attempts,
            reports.c.wrapped_key,
            reports.c.follows,
            reports.c.flags,
            reports.c.exercise,
        )
    ).all()
    claims = [
        Claim(
            report_id=row.id,
            reference=row.reference,
            conversation_id=row.conversation_id,
            channel=Channel(row.channel),
            state=ReportState(row.state),
            urgency=Urgency.from_rank(row.urgency_rank),
            queue=row.queue,
            received_at=row.received_at,
            to_read_at=row.to_read_at,
            attempts=row.attempts,
            wrapped_key=row.wrapped_key,
            follows=row.follows or "",
            flags=tuple(row.flags.split()),
            token=token,
            exercise=bool(row.exercise),
        )
        for row in taken
    ]
    return tuple(sorted(claims, key=lambda claim: claim.received_at))


def put_off_reading(database: Database, claims: Mapping[Claim, int]) -> None:
    """Gives reports back that more is expected of, each to be read at its moment (milliseconds), as if never taken.

    One that something joined meanwhile is left to be read at once.
    """
    if not claims:
        return
    with database.write() as connection:
        for claim, at in claims.items():
            connection.execute(
                update(reports)
                .where(reports.c.id == claim.report_id, reports.c.lease_token == claim.token)
                .values(
                    lease_until=0,
                    attempts=reports.c.attempts - 1,
                    to_read_at=case((reports.c.to_read_at == claim.to_read_at, at), else_=reports.c.to_read_at),
                    # Nobody rings at that moment, so the sweep does without any grace.
                    next_ring_at=case((reports.c.to_read_at == claim.to_read_at, at), else_=0),
                )
            )


def release(database: Database, claim: Claim, failure: str) -> None:
    """Gives a report back after a failure, with its code, so that the next attempt need not wait for the lease."""
    with database.write() as connection:
        connection.execute(
            update(reports)
            .where(reports.c.id == claim.report_id, reports.c.lease_token == claim.token)
            .values(lease_until=0, failure=failure)
        )


def left_behind(database: Database, grace_seconds: float, limit: int) -> tuple[Waiting, ...]:
    """Reports that wait longer than the grace and whose next ring is due: the urgent queue first, unmarked before
    marked, then by age."""
    now = database_now()
    with database.read() as connection:
        rows = connection.execute(
            select(reports.c.id, reports.c.queue, (now - reports.c.to_read_at).label("age"))
            .where(_is_waiting(), reports.c.next_ring_at < now)
            .where((reports.c.to_read_at < now - int(grace_seconds * 1000)) | _is_to_be_rung_for())
            # "urgent" comes after "normal" by the alphabet.
            .order_by(reports.c.queue.desc(), reports.c.exercise, reports.c.marked, reports.c.to_read_at)
            .limit(limit)
        ).all()
    return tuple(Waiting(report_id=row.id, queue=row.queue, age=row.age) for row in rows)


def untried_wait(database: Database, queue: str) -> bool:
    """Whether a report waits in a queue that nobody has taken yet."""
    with database.read() as connection:
        untried = select(reports.c.id).where(_is_waiting(), reports.c.queue == queue, reports.c.attempts == 0)
        return connection.execute(untried.limit(1)).first() is not None


def note_rings(database: Database, waiting: tuple[Waiting, ...], base_seconds: float, most_seconds: float) -> None:
    """Puts off these reports' next ring, twice as long each time up to the most: a backlog is not rung to death."""
    if not waiting:
        return
    wait = func.min if database.is_sqlite else func.least
    # The shift is bounded before it is taken: two to the power of a large count would overflow the column.
    shift = wait(reports.c.rings, 8)
    delay = wait(int(base_seconds * 1000) * literal(1).bitwise_lshift(shift), int(most_seconds * 1000))
    with database.write() as connection:
        connection.execute(
            update(reports)
            .where(reports.c.id.in_([report.report_id for report in waiting]))
            .values(rings=reports.c.rings + 1, next_ring_at=database_now() + delay)
        )


def given_up(database: Database, attempts: int, limit: int, lease_seconds: float) -> tuple[Claim, ...]:
    """Takes reports whose attempts are used up, so that they can be handed to a person."""
    token = new_id()
    with database.write() as connection:
        rows = connection.execute(
            select(reports.c.id).where(_is_waiting(), reports.c.attempts >= attempts)
            .order_by(reports.c.exercise, reports.c.to_read_at).limit(limit).with_for_update(skip_locked=True)
        ).all()  # fmt: skip
        return _take(connection, [row.id for row in rows], token, lease_seconds)


def waiting_now(database: Database) -> dict[str, tuple[int, int]]:
    """For each queue, how many reports wait to be read now and how long the oldest has, in milliseconds; exercises are
    left out."""
    with database.read() as connection:
        rows = connection.execute(
            select(reports.c.queue, func.count(), func.max(database_now() - reports.c.to_read_at))
            .where(reports.c.to_read_at <= database_now(), reports.c.exercise == 0)
            .group_by(reports.c.queue)
        ).all()
    return {"urgent": (0, 0), "normal": (0, 0)} | {row[0]: (row[1], row[2]) for row in rows}
