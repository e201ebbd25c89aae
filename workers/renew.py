"""The job that gives units what was told since they got their packet."""

from __future__ import annotations

import logging

from reports.referrals import PendingReferral, put_off
from reports.renewing import claim_renewals, give_up_renewal, record_renewals, renewals_due
from routing.rulebook.ways import INBOX
from workers.context import Context
from workers.packing import Unpacked, pack, unpacked
from workers.senders.sender import DeliveryFailed

log = logging.getLogger(__name__)


def renew_packets(context: Context, batch: int) -> int:
    """Renews up to `batch` packets. Returns how many it took.

    An inbox has the new packet at once. Whoever is told from outside is told again by the way that reached them.
    """
    if not renewals_due(context.database):
        return 0
    held = claim_renewals(context.database, batch, context.machine.lease_seconds)
    with context.database.read() as connection:
        parts = unpacked(connection, held)
    for referral in held:
        _renew(context, referral, parts[referral.referral_id])
    return len(held)


def _renew(context: Context, referral: PendingReferral, parts: Unpacked) -> None:
    try:
        packed = pack(context.keys, referral, parts, context.rulebook.made_to_do)
        if referral.way in context.senders and referral.way != INBOX:
            unit = context.rulebook.units.recipient(referral.unit)
            context.senders[referral.way].send(packed.packet, unit)
    except Exception as fault:
        failure = fault.code if isinstance(fault, DeliveryFailed) else type(fault).__name__
        _fail(context, referral, failure)
        return
    with context.database.write() as connection:
        record_renewals(context.store, connection, [(referral, packed.sealed)])


def _fail(context: Context, referral: PendingReferral, failure: str) -> None:
    log.warning(
        "A unit could not be told what is new.",
        extra={"referral": referral.referral_id, "unit": referral.unit, "code": failure, "attempt": referral.attempts},
    )
    if referral.attempts < context.machine.attempts:
        put_off(context.database, referral, failure, context.machine.ring_base_seconds)
        return
    with context.database.write() as connection:
        give_up_renewal(context.store, connection, referral, failure)
