"""Referrals: one packet to one unit, from waiting to done. Telling a unit is at-least-once and idempotent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, literal, select, update

from reports.audit import AuditEntry
from reports.database import Database, database_now
from reports.errors import StaleVersion
from reports.identity import new_id
from reports.sealing import ReportKey
from reports.states import ReferralState, check_referral_change
from reports.store import Store
from reports.tables import referrals, reports
from reports.values import Urgency

PACKET_COLUMN = "referrals.sealed_packet"


@dataclass(frozen=True, kw_only=True)
class PendingReferral:
    """A packet to be sent, held with a lease. wrapped_key opens the report it tells about."""

    referral_id: str
    report_id: str
    reference: str
    unit: str
    part: str
    urgency: Urgency
    fields: tuple[str, ...]
    attempts: int
    wrapped_key: bytes
    token: str


def claim_pending(
    database: Database, batch: int, lease_seconds: float, attempts: int, grace_seconds: float = 0
) -> tuple[PendingReferral, ...]:
    """Takes up to `batch` packets that wait to be sent, the most urgent first."""
    token, now = new_id(), database_now()
    with database.write() as connection:
        ids = connection.execute(
            select(referrals.c.id)
            .where(
                referrals.c.state == ReferralState.PENDING.value,
                referrals.c.lease_until < now,
                referrals.c.next_try_at < now,
                referrals.c.attempts < attempts,
                referrals.c.created_at <= now - int(grace_seconds * 1000),
            )
            .order_by(referrals.c.urgency_rank, referrals.c.created_at)
            .limit(batch)
            .with_for_update(skip_locked=True)
        ).scalars()
        taken = connection.execute(
            update(referrals)
            .where(referrals.c.id.in_(list(ids)))
            .values(lease_token=token, lease_until=now + int(lease_seconds * 1000), attempts=referrals.c.attempts + 1)
            .returning(referrals.c.id)
        ).scalars()
        return _pending(connection, list(taken), token)


def _pending(connection: Connection, ids: list[str], token: str) -> tuple[PendingReferral, ...]:
    if not ids:
        return ()
    rows = connection.execute(
        select(referrals, reports.c.reference, reports.c.wrapped_key)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.id.in_(ids))
        .order_by(referrals.c.urgency_rank, referrals.c.created_at)
    ).all()
    return tuple(
        PendingReferral(
            referral_id=row.id,
            report_id=row.report_id,
            reference=row.reference,
            unit=row.unit,
            part=row.part,
            urgency=Urgency.from_rank(row.urgency_rank),
            fields=tuple(row.fields.split()),
            attempts=row.attempts,
            wrapped_key=row.wrapped_key,
            token=token,
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A packet that its unit has: the sealed bytes it got, the unit's receipt, and the minutes it has to accept."""

    referral: PendingReferral
    sealed_packet: bytes
    unit_receipt: str
    accept_in_minutes: int


def record_deliveries(store: Store, connection: Connection, deliveries: Sequence[Delivery]) -> int:
    """Marks packets as delivered, unless another worker did or the referral was called back. Returns how many."""
    entries = []
    for delivery in deliveries:
        referral = delivery.referral
        written = connection.execute(
            update(referrals)
            .where(
                referrals.c.id == referral.referral_id,
                referrals.c.state == ReferralState.PENDING.value,
                referrals.c.lease_token == referral.token,
            )
            .values(
                state=ReferralState.DELIVERED.value,
                delivered_at=database_now(),
                due_at=database_now() + delivery.accept_in_minutes * 60_000,
                sealed_packet=delivery.sealed_packet,
                unit_receipt=delivery.unit_receipt,
                version=referrals.c.version + 1,
                lease_token=None,
                lease_until=0,
            )
        ).rowcount
        if written:
            detail = {"unit": referral.unit, "part": referral.part, "report": referral.report_id}
            entries.append(AuditEntry("machine", "delivered", f"referral:{referral.referral_id}", detail))
    store.chain.append(connection, entries)
    return len(entries)


def put_off(database: Database, referral: PendingReferral, failure: str, base_seconds: float) -> None:
    """Gives a packet back after a failed try, with its code; the next try waits twice as long as the last."""
    delay = int(base_seconds * 1000) * 2 ** min(referral.attempts, 8)
    with database.write() as connection:
        connection.execute(
            update(referrals)
            .where(referrals.c.id == referral.referral_id, referrals.c.lease_token == referral.token)
            .values(lease_until=0, next_try_at=database_now() + delay, failure=failure)
        )


def given_up_deliveries(database: Database, attempts: int) -> tuple[tuple[str, str], ...]:
    """Packets that nobody could be told: (referral id, report id)."""
    with database.read() as connection:
        rows = connection.execute(
            select(referrals.c.id, referrals.c.report_id).where(
                referrals.c.state == ReferralState.PENDING.value,
                referrals.c.attempts >= attempts,
                referrals.c.lease_until < database_now(),
            )
        ).all()
    return tuple((row.id, row.report_id) for row in rows)


@dataclass(frozen=True, kw_only=True)
class ReferralStep:
    """What a unit did with its packet. version is the one it was read at."""

    referral_id: str
    before: ReferralState
    after: ReferralState
    version: int
    actor: str
    bounce_reason: str | None = None
    proposed_unit: str | None = None
    due_in_minutes: int | None = None


def step(store: Store, connection: Connection, change: ReferralStep) -> None:
    """Moves one referral on, with its audit line. Raises IllegalTransition and StaleVersion."""
    check_referral_change(change.before, change.after)
    ended = change.after in (ReferralState.DONE, ReferralState.BOUNCED, ReferralState.FAILED, ReferralState.REVOKED)
    columns: dict[str, Any] = {"state": change.after.value, "version": referrals.c.version + 1}
    if change.after is ReferralState.ACCEPTED:
        columns["accepted_at"] = database_now()
    if ended:
        columns["ended_at"] = database_now()
    minutes = change.due_in_minutes
    columns["due_at"] = None if minutes is None else database_now() + minutes * 60_000
    if change.bounce_reason is not None:
        columns |= {"bounce_reason": change.bounce_reason, "proposed_unit": change.proposed_unit}
    moved = connection.execute(
        update(referrals)
        .where(
            referrals.c.id == change.referral_id,
            referrals.c.state == change.before.value,
            referrals.c.version == change.version,
        )
        .values(**columns)
    ).rowcount
    if moved == 0:
        raise StaleVersion("This referral was changed by somebody else meanwhile. Look at it again, then decide.")
    detail = {"from": change.before.value, "to": change.after.value, "reason": change.bounce_reason,
              "proposed": change.proposed_unit}  # fmt: skip
    store.chain.append(
        connection, [AuditEntry(change.actor, change.after.value.lower(), f"referral:{change.referral_id}", detail)]
    )


def open_packet(key: ReportKey, referral_id: str, sealed: bytes) -> bytes:
    """The packet as the unit got it, JSON in UTF-8."""
    return key.open(PACKET_COLUMN, referral_id, sealed)


def pending_count(database: Database) -> tuple[int, int]:
    """How many packets wait to be sent, and the age of the oldest in milliseconds."""
    with database.read() as connection:
        row = connection.execute(
            select(func.count(), func.coalesce(func.max(database_now() - referrals.c.created_at), literal(0))).where(
                referrals.c.state == ReferralState.PENDING.value
            )
        ).one()
    return int(row[0]), int(row[1])
