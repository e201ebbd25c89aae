"""Packets on their way to units that are told from outside: which way each is tried by, how often, and by hand at last.

Nothing here knows what the ways are; the directory of units says which come in which order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from reports.audit import AuditEntry
from reports.database import Database, database_now
from reports.errors import StaleVersion, UnknownReferral
from reports.identity import new_id
from reports.officers import Officer
from reports.recusals import shown_to
from reports.referrals import PendingReferral, held_packets, reached
from reports.states import ReferralState
from reports.store import Store
from reports.tables import referrals

BY_HAND = "by_hand"
_PENDING = referrals.c.state == ReferralState.PENDING.value


def outgoing_due(database: Database) -> bool:
    """Whether any packet is to be tried now."""
    with database.read() as connection:
        return bool(connection.execute(select(_is_due().exists())).scalar_one())


def _is_due() -> Any:
    now = database_now()
    return select(referrals.c.id).where(
        _PENDING,
        referrals.c.way.is_not(None),
        referrals.c.way != BY_HAND,
        referrals.c.lease_until < now,
        referrals.c.next_try_at < now,
    )


def claim_outgoing(database: Database, batch: int, each_unit: int, lease_seconds: float) -> tuple[PendingReferral, ...]:
    """Takes up to `batch` packets that have a way and are due, the most urgent first, `each_unit` of one unit at most:
    a unit that does not answer leaves room for the others. Those of an exercise come last."""
    token, now = new_id(), database_now()
    order = (referrals.c.exercise, referrals.c.urgency_rank, referrals.c.created_at, referrals.c.id)
    place = func.row_number().over(partition_by=(referrals.c.unit, referrals.c.way), order_by=order)
    due = _is_due().add_columns(place.label("place")).subquery()
    first = select(due.c.id).where(due.c.place <= each_unit)
    with database.write() as connection:
        ids = connection.execute(
            select(referrals.c.id)
            .where(referrals.c.id.in_(first), _PENDING, referrals.c.lease_until < now)
            .order_by(*order)
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


def begin_way(
    store: Store, connection: Connection, held: Sequence[PendingReferral], way: str, failure: str | None = None
) -> int:
    """Lets packets that are held be tried another way; failure says why the way they had is given up, None for those
    that had none. Returns how many were still held."""
    entries, begun = [], 0
    for referral in held:
        failed = f"{referral.ways_failed} {referral.way}:{failure}".strip() if failure else referral.ways_failed
        moved = connection.execute(
            update(referrals)
            .where(referrals.c.id == referral.referral_id, _PENDING, referrals.c.lease_token == referral.token)
            .values(
                way=way,
                ways_failed=failed,
                attempts=0,
                failure=failure,
                next_try_at=0,
                lease_token=None,
                lease_until=0,
            )
        ).rowcount
        begun += moved
        if moved and (failure or way == BY_HAND):
            detail = {"unit": referral.unit, "way": referral.way, "why": failure, "next": way}
            entries.append(AuditEntry("machine", "way_given_up", f"referral:{referral.referral_id}", detail))
    store.chain.append(connection, entries)
    return begun


def put_unit_off(
    connection: Connection, referral: PendingReferral, failure: str, tries: int, pause_seconds: float
) -> int:
    """Lets every packet that waits for the same unit by the same way rest, since the unit could not be reached: the try
    counts for all of them, and who has none left need not wait for the next. What was told and what is played are told
    apart: neither rests for the other. Returns how many."""
    now = database_now()
    is_held = referrals.c.lease_token == referral.token
    # Those that are held were counted when they were taken.
    tried = referrals.c.attempts + case((is_held, 0), else_=1)
    return connection.execute(
        update(referrals)
        .where(
            _PENDING,
            referrals.c.unit == referral.unit,
            referrals.c.way == referral.way,
            referrals.c.exercise == int(referral.exercise),
            is_held | ((referrals.c.lease_until < now) & (referrals.c.next_try_at < now)),
        )
        .values(
            attempts=tried,
            failure=failure,
            next_try_at=case((tried >= tries, 0), else_=now + int(pause_seconds * 1000)),
            lease_token=None,
            lease_until=0,
        )
    ).rowcount


def give_back(connection: Connection, held: Sequence[PendingReferral]) -> None:
    """Gives packets back that were not tried."""
    for referral in held:
        connection.execute(
            update(referrals)
            .where(referrals.c.id == referral.referral_id, referrals.c.lease_token == referral.token)
            .values(attempts=referrals.c.attempts - 1, lease_token=None, lease_until=0)
        )


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A packet that its unit does not have yet, for an officer to read out. version is the one it was read at; left is
    what its clock has left in milliseconds, None where none runs."""

    referral: PendingReferral
    version: int
    left: int | None


def find_waiting(connection: Connection, referral_id: str, officer: Officer | None = None) -> Waiting:
    """The packet of this id, if it still waits and the officer may know of it. Raises UnknownReferral, as it does for
    one of an exercise: nobody rings a unit up to read it what was played."""
    row = connection.execute(
        select(referrals.c.version, referrals.c.due_at, database_now().label("now")).where(
            referrals.c.id == referral_id, _PENDING, shown_to(officer), referrals.c.exercise == 0
        )
    ).first()
    if row is None:
        raise UnknownReferral("There is no such packet that waits for its unit.")
    (referral,) = held_packets(connection, [referral_id], "")
    return Waiting(referral=referral, version=row.version, left=None if row.due_at is None else row.due_at - row.now)


def record_read_out(
    store: Store,
    connection: Connection,
    referral_id: str,
    version: int,
    actor: str,
    sealed_packet: bytes,
    accept_in_minutes: float,
) -> None:
    """Marks a packet that waits as told by an officer, with the audit line. From now on the unit's own clock runs.

    Raises StaleVersion where it no longer waits, or was changed since it was read at `version`.
    """
    told = connection.execute(
        update(referrals)
        .where(referrals.c.id == referral_id, _PENDING, referrals.c.version == version)
        .values(**reached(referral_id, BY_HAND, sealed_packet, accept_in_minutes))
        .returning(referrals.c.unit)
    ).scalar()
    if told is None:
        raise StaleVersion("This packet no longer waits: it was told in another way meanwhile, or called back.")
    detail = {"unit": told, "way": BY_HAND}
    store.chain.append(connection, [AuditEntry(actor, "read_out", f"referral:{referral_id}", detail)])
