"""Every clock that runs, for whoever takes over the desk: what must happen next, by when, and with whom it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from reports.database import database_now
from reports.officers import Officer
from reports.recusals import shown_to, visible_to
from reports.states import LIVE_REFERRALS, ReferralState, ReportState, hop_of
from reports.tables import referrals, reports
from reports.values import Urgency

_LIVE = [state.value for state in LIVE_REFERRALS]


@dataclass(frozen=True, kw_only=True)
class OpenClock:
    """One clock, without content. unit is '' where the desk itself must act; left is in milliseconds, below zero where
    the clock ran out; since is when this hop began."""

    reference: str
    urgency: Urgency
    hop: str
    unit: str
    matters: tuple[str, ...]
    region: str
    due_at: int
    left: int
    since: int


def open_clocks(connection: Connection, officer: Officer, most: int) -> tuple[OpenClock, ...]:
    """Up to `most` clocks of reports that an officer may see, the one that runs out first, or ran out, first.

    Those of the desk, and of packets whose unit is to answer for the report. Exercises are left out.
    """
    now = database_now().label("now")
    at_desk = (
        select(reports, now)
        .where(reports.c.state == ReportState.IN_TRIAGE.value, reports.c.due_at.is_not(None))
        .where(reports.c.exercise == 0, visible_to(officer))
        .order_by(reports.c.due_at)
        .limit(most)
    )
    with_units = (
        select(referrals, reports.c.reference, reports.c.matters, reports.c.lead_region, now)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.state.in_(_LIVE), referrals.c.due_at.is_not(None), referrals.c.part == "lead")
        .where(referrals.c.exercise == 0, visible_to(officer), shown_to(officer))
        .order_by(referrals.c.due_at)
        .limit(most)
    )
    found = [
        *(_of_the_desk(row) for row in connection.execute(at_desk)),
        *(_of_a_unit(row) for row in connection.execute(with_units)),
    ]
    return tuple(sorted(found, key=lambda one: (one.due_at, one.urgency.rank, one.reference))[:most])


def open_clock_count(connection: Connection, officer: Officer) -> int:
    """How many there are."""
    desk = select(func.count()).where(
        reports.c.state == ReportState.IN_TRIAGE.value,
        reports.c.due_at.is_not(None),
        reports.c.exercise == 0,
        visible_to(officer),
    )
    units = (
        select(func.count())
        .select_from(referrals.join(reports, reports.c.id == referrals.c.report_id))
        .where(referrals.c.state.in_(_LIVE), referrals.c.due_at.is_not(None), referrals.c.part == "lead")
        .where(referrals.c.exercise == 0, visible_to(officer), shown_to(officer))
    )
    return int(connection.execute(desk).scalar_one()) + int(connection.execute(units).scalar_one())


def _of_the_desk(row: Any) -> OpenClock:
    return _clock(row, hop="desk", unit="", since=row.routed_at or row.received_at)


def _of_a_unit(row: Any) -> OpenClock:
    hop = hop_of(ReferralState(row.state), row.accepted_at is not None, row.first_action_at is not None)
    since = row.first_action_at or row.accepted_at or row.delivered_at or row.created_at
    return _clock(row, hop=hop, unit=row.unit, since=since)


def _clock(row: Any, *, hop: str, unit: str, since: int) -> OpenClock:
    return OpenClock(
        reference=row.reference,
        urgency=Urgency.from_rank(row.urgency_rank),
        hop=hop,
        unit=unit,
        matters=tuple((row.matters or "").split()),
        region=row.lead_region or "",
        due_at=row.due_at,
        left=row.due_at - row.now,
        since=since,
    )
