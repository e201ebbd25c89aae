"""The job that gives units what was told since they got their packet."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from reports.outgoing import BY_HAND
from reports.referrals import PendingReferral, put_off
from reports.renewing import UNIT_BEHIND, claim_renewals, give_up_renewal, record_renewals, renewals_due
from routing.rulebook.ways import INBOX, MAIL, SMS, WEBHOOK
from workers.context import Context
from workers.packing import Unpacked, pack, unpacked
from workers.senders.sender import DeliveryFailed
from workers.stand_in import marked

_OUTSIDE = (WEBHOOK, MAIL, SMS)
log = logging.getLogger(__name__)


def renew_inboxes(context: Context, batch: int) -> int:
    """Renews up to `batch` packets that lie in inboxes. Returns how many it took."""
    return _renew_all(context, [INBOX], batch)


def renew_outside(context: Context, batch: int) -> int:
    """Tells up to `batch` units from outside again, by the way that reached them. Returns how many it took.

    Whoever was told by an officer is left to one.
    """
    return _renew_all(context, [*_OUTSIDE, BY_HAND], batch)


def _renew_all(context: Context, ways: Sequence[str], batch: int) -> int:
    if not renewals_due(context.database, ways):
        return 0
    held = claim_renewals(context.database, ways, batch, context.machine.lease_seconds)
    for referral in held:
        # Read for each by itself: what an officer takes out while one is sent is in none of the next.
        with context.database.read() as connection:
            parts = unpacked(connection, [referral])
        _renew(context, referral, parts[referral.referral_id])
    return len(held)


def _renew(context: Context, referral: PendingReferral, parts: Unpacked) -> None:
    try:
        packed = pack(context.keys, referral, parts, context.rulebook.made_to_do)
        if referral.way in _OUTSIDE:
            context.tell(referral.way, packed.packet, context.rulebook.units.recipient(referral.unit))
    except Exception as fault:
        failure = fault.code if isinstance(fault, DeliveryFailed) else type(fault).__name__
        _fail(context, referral, failure)
        return
    with context.database.write() as connection:
        record_renewals(context.store, connection, [(referral, packed.sealed)])
        if referral.way == BY_HAND:
            context.store.mark(connection, referral.report_id, [UNIT_BEHIND])


def _fail(context: Context, referral: PendingReferral, failure: str) -> None:
    log.warning(
        "A unit could not be told what is new.",
        extra={
            "referral": referral.referral_id,
            "unit": referral.unit,
            "code": failure,
            "attempt": referral.attempts,
            **marked(exercise=referral.exercise),
        },
    )
    if referral.attempts < context.machine.attempts:
        put_off(context.database, referral, failure, context.machine.ring_base_seconds)
        return
    with context.database.write() as connection:
        give_up_renewal(context.store, connection, referral, failure)
