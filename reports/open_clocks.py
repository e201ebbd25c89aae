"""Every clock that runs, for whoever takes over the desk: what must happen next, by when, and with whom it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, literal, literal_column, select

from reports.database import read_now
from reports.officers import Officer
from reports.recusals import kept_from, shown_to, visible_to
from reports.states import ReferralState, hop_of
from reports.tables import referrals, reports
from reports.values import Urgency

# Word for word the conditions of the indexes: neither database takes an index for a value that it is only handed later.
_AT_DESK = (
    reports.c.state == literal_column("'IN_TRIAGE'"),
    reports.c.due_at.is_not(None),
    reports.c.exercise == 0,
)
# What is over has no clock; and a unit that is only told of a link is reminded, and asked for nothing.
_WITH_UNITS = (
    referrals.c.part != literal_column("'link'"),
    referrals.c.due_at.is_not(None),
    referrals.c.exercise == 0,
)
_RANKS = tuple(urgency.rank for urgency in Urgency)


@dataclass(frozen=True, kw_only=True)
class OpenClock:
    """One clock, without content. unit is '' where the desk itself must act; part is the unit's in the case, '' of the
    desk; left is in milliseconds, below zero where the clock ran out; since is when this hop began."""

    reference: str
    urgency: Urgency
    hop: str
    unit: str
    part: str
    matters: tuple[str, ...]
    region: str
    due_at: int
    left: int
    since: int


@dataclass(frozen=True, kw_only=True)
class ClockCount:
    """How many clocks run, and how many of them ran out."""

    running: int
    late: int


def open_clocks(connection: Connection, officer: Officer, most: int) -> tuple[OpenClock, ...]:
    """Up to `most` clocks of reports that an officer may see, the one that runs out first, or ran out, first.

    Those of the desk, and of packets whose unit is to answer for the report or to do its part. Exercises are left out.
    """
    now = literal(read_now(connection)).label("now")
    found = []
    for urgency in Urgency:
        # One urgency at a time keeps to the index.
        at_desk = select(reports, now).where(*_AT_DESK, reports.c.urgency_rank == urgency.rank, visible_to(officer))
        rows = connection.execute(at_desk.order_by(reports.c.due_at).limit(most))
        found += [_of_the_desk(row) for row in rows]
    with_units = (
        select(referrals, reports.c.reference, reports.c.matters, reports.c.lead_region, now)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(*_WITH_UNITS, visible_to(officer), shown_to(officer))
        .order_by(referrals.c.due_at)
        .limit(most)
    )
    found += [_of_a_unit(row) for row in connection.execute(with_units)]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.urgency.rank, one.reference))[:most])


def open_clock_count(connection: Connection, officer: Officer) -> ClockCount:
    """How many there are for an officer of the desk."""
    now = read_now(connection)
    kept = connection.execute(kept_from(officer)).scalars().all()
    of_desk = (reports.c.due_at, reports.c.id, (*_AT_DESK, reports.c.urgency_rank.in_(_RANKS)))
    of_units = (referrals.c.due_at, referrals.c.report_id, _WITH_UNITS)
    running = late = 0
    for due_at, report_id, conditions in (of_desk, of_units):
        query = select(func.count(), func.count(case((due_at < now, 1)))).where(*conditions)
        # All of them from the index alone, less the few that this officer is kept from.
        counted = [(1, query), *([(-1, query.where(report_id.in_(kept)))] if kept else [])]
        for sign, one in counted:
            all_of_them, ran_out = connection.execute(one).one()
            running, late = running + sign * all_of_them, late + sign * ran_out
    return ClockCount(running=running, late=late)


def _of_the_desk(row: Any) -> OpenClock:
    return _clock(row, hop="desk", unit="", part="", since=row.routed_at or row.received_at)


def _of_a_unit(row: Any) -> OpenClock:
    hop = hop_of(ReferralState(row.state), row.accepted_at is not None, row.first_action_at is not None)
    since = row.first_action_at or row.accepted_at or row.delivered_at or row.created_at
    return _clock(row, hop=hop, unit=row.unit, part=row.part, since=since)


def _clock(row: Any, *, hop: str, unit: str, part: str, since: int) -> OpenClock:
    return OpenClock(
        reference=row.reference,
        urgency=Urgency.from_rank(row.urgency_rank),
        hop=hop,
        unit=unit,
        part=part,
        matters=tuple((row.matters or "").split()),
        region=row.lead_region or "",
        due_at=row.due_at,
        left=row.due_at - row.now,
        since=since,
    )
