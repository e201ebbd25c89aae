"""Referrals: one packet to one unit, from waiting to done. Telling a unit is at-least-once and idempotent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, literal, select, true, update

from reports.audit import AuditEntry
from reports.database import Database, database_now
from reports.errors import StaleVersion
from reports.identity import new_id
from reports.sealing import ReportKey
from reports.states import FIRST_STEP, LIVE_REFERRALS, ReferralState, check_referral_change
from reports.store import REVOKED, Store
from reports.tables import escalations, referrals, reports
from reports.values import Urgency

PACKET_COLUMN = "referrals.sealed_packet"


@dataclass(frozen=True, kw_only=True)
class PendingReferral:
    """A packet to be sent, held with a lease. wrapped_key opens the report it tells about.

    way is the one being tried, '' before any is begun; attempts counts its tries, this one included. failure says why
    the last one did not succeed, ways_failed which ways were given up before. revision is above 0 where its unit has
    the packet and gets it again with what is new. exercise says that nothing of it may leave the house.
    """

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
    way: str = ""
    failure: str = ""
    ways_failed: str = ""
    revision: int = 0
    exercise: bool = False


def claim_pending(
    database: Database, batch: int, lease_seconds: float, attempts: int, grace_seconds: float = 0
) -> tuple[PendingReferral, ...]:
    """Takes up to `batch` packets that wait to be sent and have no way yet, the most urgent first; those of an exercise
    when no other waits."""
    token, now = new_id(), database_now()
    with database.write() as connection:
        ids = connection.execute(
            select(referrals.c.id)
            .where(
                referrals.c.state == ReferralState.PENDING.value,
                referrals.c.way.is_(None),
                referrals.c.lease_until < now,
                referrals.c.next_try_at < now,
                referrals.c.attempts < attempts,
                referrals.c.created_at <= now - int(grace_seconds * 1000),
            )
            .order_by(referrals.c.exercise, referrals.c.urgency_rank, referrals.c.created_at)
            .limit(batch)
            .with_for_update(skip_locked=True)
        ).scalars()
        taken = connection.execute(
            update(referrals)
            .where(referrals.c.id.in_(list(ids)))
            .values(lease_token=token, lease_until=now + int(lease_seconds * 1000), attempts=referrals.c.attempts + 1)
            .returning(referrals.c.id)
        ).scalars()
        return held_packets(connection, list(taken), token)


def held_packets(connection: Connection, ids: Sequence[str], token: str) -> tuple[PendingReferral, ...]:
    """The packets that were taken with this token, the most urgent first, and those of an exercise last."""
    if not ids:
        return ()
    rows = connection.execute(
        select(referrals, reports.c.reference, reports.c.wrapped_key)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.id.in_(ids))
        .order_by(referrals.c.exercise, referrals.c.urgency_rank, referrals.c.created_at)
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
            way=row.way or "",
            failure=row.failure or "",
            ways_failed=row.ways_failed,
            exercise=bool(row.exercise),
        )
        for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A packet that its unit has: the sealed bytes it got, the unit's receipt, and how long it has to accept, in
    minutes by the wall."""

    referral: PendingReferral
    sealed_packet: bytes
    unit_receipt: str
    way: str
    accept_in_minutes: float


def reached(referral_id: str, way: str, sealed_packet: bytes, accept_in_minutes: float) -> dict[str, Any]:
    """The columns of a packet that its unit has now, by this way. The unit's own clock begins."""
    due = database_now() + int(accept_in_minutes * 60_000)
    # A packet that a unit got over another's head follows that one's steps until it is accepted.
    follows = select(escalations.c.id).where(escalations.c.new_referral_id == referral_id).exists()
    return {
        "state": ReferralState.DELIVERED.value,
        "way": way,
        "delivered_at": database_now(),
        "due_at": due,
        "next_step": case((~follows, FIRST_STEP)),
        "next_step_at": case((~follows, due)),
        "sealed_packet": sealed_packet,
        "version": referrals.c.version + 1,
        "lease_token": None,
        "lease_until": 0,
    }


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
                **reached(referral.referral_id, delivery.way, delivery.sealed_packet, delivery.accept_in_minutes),
                unit_receipt=delivery.unit_receipt,
            )
        ).rowcount
        if written:
            detail = {"unit": referral.unit, "part": referral.part, "report": referral.report_id, "way": delivery.way}
            entries.append(AuditEntry("machine", "delivered", f"referral:{referral.referral_id}", detail))
    store.chain.append(connection, entries)
    return len(entries)


def pack_anew(connection: Connection, report_id: str) -> None:
    """Takes packets that somebody is packing just now, for the first time or for renewal, out of their hands: what goes
    in them has changed, and what was packed before cannot be written down any more. A renewal is still to be made.

    What went outside under the name of its first delivery may have arrived, and its unit leaves what comes again under
    that name: so it is followed by a renewal, which has another.
    """
    may_be_there = (
        (referrals.c.state == ReferralState.PENDING.value) & referrals.c.way.is_not(None) & (referrals.c.attempts > 0)
    )
    is_to_be_packed = (referrals.c.state == ReferralState.PENDING.value) | (referrals.c.to_renew == 1)
    connection.execute(
        update(referrals)
        .where(referrals.c.report_id == report_id, is_to_be_packed)
        .values(
            lease_token=None,
            lease_until=0,
            version=referrals.c.version + 1,
            to_renew=case((may_be_there, 1), else_=referrals.c.to_renew),
        )
    )


def bring_forward(connection: Connection, referral_id: str, due_at: int) -> None:
    """Lets the clock of a live packet run out at this moment (milliseconds), where that is sooner."""
    connection.execute(
        update(referrals)
        .where(
            referrals.c.id == referral_id,
            referrals.c.state.in_([state.value for state in LIVE_REFERRALS]),
            referrals.c.due_at > due_at,
        )
        # One that follows another's steps has none of its own.
        .values(due_at=due_at, next_step_at=case((referrals.c.next_step.is_not(None), due_at)))
    )


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
                referrals.c.way.is_(None),
                referrals.c.attempts >= attempts,
                referrals.c.lease_until < database_now(),
            )
        ).all()
    return tuple((row.id, row.report_id) for row in rows)


@dataclass(frozen=True, kw_only=True)
class ReferralStep:
    """What a unit did with its packet. version is the one it was read at; due_in_minutes is what its next hop has, in
    minutes by the wall."""

    referral_id: str
    before: ReferralState
    after: ReferralState
    version: int
    actor: str
    bounce_reason: str | None = None
    proposed_unit: str | None = None
    due_in_minutes: float | None = None


def step(store: Store, connection: Connection, change: ReferralStep) -> None:
    """Moves one referral on, with its audit line. Raises IllegalTransition and StaleVersion."""
    check_referral_change(change.before, change.after)
    ended = change.after in (ReferralState.DONE, ReferralState.BOUNCED, ReferralState.FAILED, ReferralState.REVOKED)
    columns: dict[str, Any] = {"state": change.after.value, "version": referrals.c.version + 1}
    if change.after is ReferralState.ACCEPTED:
        columns["accepted_at"] = database_now()
    if ended:
        columns["ended_at"] = database_now()
    columns |= _clock(change.due_in_minutes)
    if change.bounce_reason is not None:
        columns |= {"bounce_reason": change.bounce_reason, "proposed_unit": change.proposed_unit}
    moved = connection.execute(
        update(referrals)
        .where(
            referrals.c.id == change.referral_id,
            referrals.c.state == change.before.value,
            referrals.c.version == change.version,
            _accepted_before(change.after),
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


def _accepted_before(after: ReferralState) -> ColumnElement[bool]:
    """What must be true of a packet beside its state: one that was passed over is accepted once, and then done."""
    if after is ReferralState.ACCEPTED:
        return referrals.c.accepted_at.is_(None)
    return referrals.c.accepted_at.is_not(None) if after is ReferralState.DONE else true()


def _clock(minutes: float | None) -> dict[str, Any]:
    """The columns of a clock that runs out in so many minutes by the wall, or of none."""
    if minutes is None:
        return {"due_at": None, "next_step": None, "next_step_at": None}
    due = database_now() + int(minutes * 60_000)
    return {"due_at": due, "next_step": FIRST_STEP, "next_step_at": due}


def first_action(store: Store, connection: Connection, change: ReferralStep) -> None:
    """Notes that a unit has done something about the report; from now on the clock for its answer runs.

    A unit that was passed over for its silence has the case again. Raises IllegalTransition and StaleVersion.
    """
    if change.before is not ReferralState.ACCEPTED:
        check_referral_change(change.before, ReferralState.ACCEPTED)
    moved = connection.execute(
        update(referrals)
        .where(
            referrals.c.id == change.referral_id,
            referrals.c.state == change.before.value,
            referrals.c.version == change.version,
            referrals.c.accepted_at.is_not(None),
            referrals.c.first_action_at.is_(None),
        )
        .values(
            state=ReferralState.ACCEPTED.value,
            first_action_at=database_now(),
            version=referrals.c.version + 1,
            **_clock(change.due_in_minutes),
        )
    ).rowcount
    if moved == 0:
        raise StaleVersion("This referral was changed by somebody else meanwhile. Look at it again, then decide.")
    store.chain.append(connection, [AuditEntry(change.actor, "first_action", f"referral:{change.referral_id}", {})])


def take_over(store: Store, connection: Connection, referral_id: str, actor: str) -> int:
    """Calls back the packets of one case that other units hold because one of them was silent, or because the case was
    handed over from them: now this one answers.

    Returns how many.
    """
    made = connection.execute(
        select(escalations.c.referral_id).where(escalations.c.new_referral_id == referral_id)
    ).scalar()
    kept_by = connection.execute(select(referrals.c.instead_of).where(referrals.c.id == referral_id)).scalar()
    roots = [referral_id, *(one for one in (made, kept_by) if one)]
    others = select(escalations.c.new_referral_id).where(
        escalations.c.referral_id.in_(roots), escalations.c.new_referral_id.is_not(None)
    )
    revoked = connection.execute(
        update(referrals)
        .where(
            referrals.c.id.in_(roots) | referrals.c.id.in_(others),
            referrals.c.id != referral_id,
            referrals.c.state.in_([state.value for state in LIVE_REFERRALS]),
        )
        .values(**REVOKED)
        .returning(referrals.c.id, referrals.c.unit)
    ).all()
    store.chain.append(
        connection, [AuditEntry(actor, "revoked", f"referral:{row.id}", {"unit": row.unit}) for row in revoked]
    )
    return len(revoked)


def call_back(store: Store, connection: Connection, referral_id: str, version: int, actor: str) -> None:
    """Calls one packet back from its unit. Raises StaleVersion where it is over, or changed since it was read."""
    revoked = connection.execute(
        update(referrals)
        .where(
            referrals.c.id == referral_id,
            referrals.c.version == version,
            referrals.c.state.in_([state.value for state in LIVE_REFERRALS]),
        )
        .values(**REVOKED)
        .returning(referrals.c.unit)
    ).scalar()
    if revoked is None:
        raise StaleVersion("This packet was changed meanwhile. Look at it again, then decide.")
    entry = AuditEntry(actor, "revoked", f"referral:{referral_id}", {"unit": revoked})
    store.chain.append(connection, [entry])


def hand_over(connection: Connection, report_id: str, unit: str, kept_by: str) -> None:
    """Notes on a unit's new packet whose case it is to take: until it accepts, that packet's unit keeps it."""
    connection.execute(
        update(referrals)
        .where(
            referrals.c.report_id == report_id,
            referrals.c.unit == unit,
            referrals.c.state == ReferralState.PENDING.value,
            referrals.c.part == "lead",
        )
        .values(instead_of=kept_by)
    )


def open_packet(key: ReportKey, referral_id: str, sealed: bytes) -> bytes:
    """The packet as the unit got it, JSON in UTF-8."""
    return key.open(PACKET_COLUMN, referral_id, sealed)


def pending_count(database: Database) -> tuple[int, int]:
    """How many packets wait to be sent, and the age of the oldest in milliseconds. Those of exercises are left out."""
    with database.read() as connection:
        row = connection.execute(
            select(func.count(), func.coalesce(func.max(database_now() - referrals.c.created_at), literal(0))).where(
                referrals.c.state == ReferralState.PENDING.value, referrals.c.exercise == 0
            )
        ).one()
    return int(row[0]), int(row[1])
