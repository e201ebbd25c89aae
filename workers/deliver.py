"""The job that tells units about the reports referred to them. Inboxes have their packet at once; whoever is told from
outside is left to the courier, so that no slow line holds up anybody's report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from itertools import groupby

from reports.database import read_now
from reports.outgoing import begin_way
from reports.referrals import Delivery, PendingReferral, claim_pending, put_off, record_deliveries
from routing.rulebook.ways import INBOX
from workers.context import Context
from workers.packing import Unpacked, pack, unpacked
from workers.senders.sender import DeliveryFailed
from workers.stand_in import marked

log = logging.getLogger(__name__)


def deliver_pending(context: Context, batch: int, grace_seconds: float = 0) -> int:
    """Tells up to `batch` units whose packet waits longer than the grace. Returns how many packets it claimed."""
    machine = context.machine
    pending = claim_pending(context.database, batch, machine.lease_seconds, machine.attempts, grace_seconds)
    if not pending:
        return 0
    ways = {one.referral_id: context.rulebook.units.recipient(one.unit).delivery[0] for one in pending}
    outside = sorted((one for one in pending if ways[one.referral_id] != INBOX), key=lambda one: ways[one.referral_id])
    _tell_inboxes(context, [one for one in pending if ways[one.referral_id] == INBOX])
    if outside:
        with context.database.write() as connection:
            for way, held in groupby(outside, key=lambda one: ways[one.referral_id]):
                begin_way(context.store, connection, list(held), way)
    return len(pending)


def _tell_inboxes(context: Context, pending: Sequence[PendingReferral]) -> None:
    if not pending:
        return
    with context.database.read() as connection:
        parts, now = unpacked(connection, pending), read_now(connection)
    told = [_tell(context, referral, parts[referral.referral_id], now) for referral in pending]
    deliveries = [delivery for delivery in told if delivery is not None]
    with context.database.write() as connection:
        record_deliveries(context.store, connection, deliveries)


def _tell(context: Context, referral: PendingReferral, parts: Unpacked, now: int) -> Delivery | None:
    # One packet that cannot be built or sent must not hold up the others, whatever went wrong.
    try:
        packed = pack(context.keys, referral, parts, context.rulebook.made_to_do)
        receipt = context.tell(INBOX, packed.packet, context.rulebook.units.recipient(referral.unit))
    except DeliveryFailed as fault:
        _fail(context, referral, fault.code)
        return None
    except Exception as fault:
        _fail(context, referral, type(fault).__name__)
        return None
    return Delivery(
        referral=referral,
        sealed_packet=packed.sealed,
        unit_receipt=receipt,
        way=INBOX,
        accept_in_minutes=context.rulebook.hop_wait(parts.decision, referral.urgency, "acceptance", now, now),
    )


def _fail(context: Context, referral: PendingReferral, failure: str) -> None:
    log.error(
        "Unit could not be told; it will be tried again, then handed to a person.",
        extra={
            "referral": referral.referral_id,
            "unit": referral.unit,
            "code": failure,
            "attempt": referral.attempts,
            **marked(exercise=referral.exercise),
        },
    )
    put_off(context.database, referral, failure, context.machine.ring_base_seconds)
