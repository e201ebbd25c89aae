"""Renewing packets: a unit that has a case gets what was told since, in the same packet, and not a second one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update

from reports.audit import AuditEntry
from reports.database import Database, database_now
from reports.identity import new_id
from reports.referrals import PendingReferral, held_packets
from reports.states import LIVE_REFERRALS, ReferralState
from reports.step_rows import fields_by_unit
from reports.store import Store
from reports.tables import decisions, referrals
from reports.values import Decision, Urgency

_PENDING = ReferralState.PENDING.value
_LIVE = [state.value for state in LIVE_REFERRALS]
# An officer sees that a unit could not be told what is new.
UNIT_BEHIND = "unit_behind"


def renew(
    connection: Connection, report_id: str, units: Collection[str], urgency: Urgency, decision: Decision | None
) -> None:
    """Marks a report's live packets to these units for renewal, by its newest decision where one was made just now."""
    newest = select(decisions.c.id).where(decisions.c.report_id == report_id).order_by(decisions.c.number.desc())
    fields = fields_by_unit(decision) if decision else {}
    _take_back(connection, report_id, units)
    # A packet that nobody has packed yet will hold everything anyway.
    is_packed = (referrals.c.state != _PENDING) | (referrals.c.lease_until >= database_now())
    for unit in sorted(units):
        columns: dict[str, Any] = {
            "to_renew": case((is_packed, 1), else_=0),
            "urgency_rank": _lesser(connection, urgency.rank),
        }
        if unit in fields:
            columns |= {
                # What an officer added to what the unit may know stays with it.
                "fields": case((referrals.c.added_at.is_(None), " ".join(fields[unit][1])), else_=referrals.c.fields),
                "decision_id": newest.limit(1).scalar_subquery(),
            }
        # The tries of a packet on its way are not over; those of a renewal begin.
        columns |= {
            "attempts": case((referrals.c.state == _PENDING, referrals.c.attempts), else_=0),
            "next_try_at": case((referrals.c.state == _PENDING, referrals.c.next_try_at), else_=0),
        }
        connection.execute(
            update(referrals)
            .where(referrals.c.report_id == report_id, referrals.c.unit == unit, referrals.c.state.in_(_LIVE))
            .values(**columns)
        )


def _take_back(connection: Connection, report_id: str, units: Collection[str]) -> None:
    """Takes renewals on their way out of their hands: they were packed without what is new, and the next one, which has
    it, is another delivery."""
    connection.execute(
        update(referrals)
        .where(
            referrals.c.report_id == report_id,
            referrals.c.unit.in_(units),
            referrals.c.state.in_(_LIVE),
            referrals.c.state != _PENDING,
            referrals.c.to_renew == 1,
        )
        .values(lease_token=None, lease_until=0, version=referrals.c.version + 1)
    )


def _lesser(connection: Connection, rank: int) -> Any:
    lesser = func.min if connection.dialect.name == "sqlite" else func.least
    return lesser(referrals.c.urgency_rank, rank)


def renewals_due(database: Database, ways: Collection[str]) -> bool:
    """Whether a packet that came by one of these ways is to be renewed now: a look costs no turn at writing."""
    with database.read() as connection:
        return connection.execute(_due(ways).limit(1)).first() is not None


def claim_renewals(
    database: Database, ways: Collection[str], batch: int, lease_seconds: float
) -> tuple[PendingReferral, ...]:
    """Takes up to `batch` packets that their units have by one of these ways and that are to be renewed now."""
    token, now = new_id(), database_now()
    with database.write() as connection:
        ids = connection.execute(_due(ways).limit(batch).with_for_update(skip_locked=True)).scalars()
        taken = connection.execute(
            update(referrals)
            .where(referrals.c.id.in_(list(ids)))
            .values(lease_token=token, lease_until=now + int(lease_seconds * 1000), attempts=referrals.c.attempts + 1)
            .returning(referrals.c.id, referrals.c.version)
        ).all()
        # A packet's version changes whenever it is renewed, and stays over all tries.
        versions = {row.id: row.version for row in taken}
        held = held_packets(connection, list(versions), token)
    return tuple(replace(one, revision=versions[one.referral_id]) for one in held)


def _due(ways: Collection[str]) -> Select[tuple[str]]:
    now = database_now()
    return (
        select(referrals.c.id)
        .where(
            referrals.c.to_renew == 1,
            referrals.c.state.in_([state for state in _LIVE if state != _PENDING]),
            referrals.c.way.in_(ways),
            referrals.c.lease_until < now,
            referrals.c.next_try_at < now,
        )
        .order_by(referrals.c.exercise, referrals.c.urgency_rank, referrals.c.created_at)
    )


def record_renewals(store: Store, connection: Connection, renewed: Sequence[tuple[PendingReferral, bytes]]) -> int:
    """Puts each packet, sealed anew, in the place of the one its unit had, with its audit line. Returns how many.

    One that is held no more, or was called back meanwhile, is left as it is.
    """
    entries = []
    for referral, sealed in renewed:
        written = connection.execute(
            update(referrals)
            .where(
                referrals.c.id == referral.referral_id,
                referrals.c.lease_token == referral.token,
                referrals.c.state.in_(_LIVE),
            )
            .values(
                sealed_packet=sealed,
                renewed_at=database_now(),
                to_renew=0,
                attempts=0,
                version=referrals.c.version + 1,
                lease_token=None,
                lease_until=0,
            )
        ).rowcount
        if written:
            detail = {"unit": referral.unit, "report": referral.report_id, "way": referral.way}
            entries.append(AuditEntry("machine", "renewed", f"referral:{referral.referral_id}", detail))
    store.chain.append(connection, entries)
    return len(entries)


def give_up_renewal(store: Store, connection: Connection, referral: PendingReferral, failure: str) -> None:
    """Leaves it to an officer to tell a unit what is new, and marks the report for that."""
    given_up = connection.execute(
        update(referrals)
        .where(referrals.c.id == referral.referral_id, referrals.c.lease_token == referral.token)
        .values(to_renew=0, lease_token=None, lease_until=0, failure=failure)
    ).rowcount
    if not given_up:
        return
    store.mark(connection, referral.report_id, [UNIT_BEHIND])
    entry = AuditEntry("machine", "not_renewed", f"referral:{referral.referral_id}", {"unit": referral.unit})
    store.chain.append(connection, [entry])
