"""The courier: carries packets to units that are told from outside. Each way as often as the directory says, then the
next one, and to an officer at the desk when none is left. It runs beside the sweep, in a thread of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import groupby

from reports.database import read_now
from reports.errors import StoreUnavailable
from reports.outgoing import BY_HAND, begin_way, claim_outgoing, give_back, outgoing_due, put_unit_off
from reports.referrals import Delivery, PendingReferral, record_deliveries
from routing.rulebook.ways import Retry, next_way
from workers.context import Context
from workers.deputies import tell_deputies
from workers.packing import Packed, Unpacked, pack, unpacked
from workers.renew import renew_outside
from workers.replying import send_replies
from workers.senders.sender import DeliveryFailed
from workers.stand_in import marked
from workers.stop import Stop
from workers.sweep import beat

CALLS_AT_ONCE = 6
_EACH_UNIT = 10
_BEAT_SECONDS = 10.0
log = logging.getLogger(__name__)


def run_courier(context: Context, stop: Stop) -> None:
    """Carries until told to stop. A database that is away is waited for, a pass that fails is told and tried again."""
    beaten = float("-inf")
    with ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="courier") as pool:
        while not stop.asked:
            carried = 0
            try:
                now = context.renewed()
                carried = carry_once(now, pool) + tell_deputies(now, CALLS_AT_ONCE)
                carried += renew_outside(now, CALLS_AT_ONCE) + send_replies(now, _EACH_UNIT)
                if time.monotonic() - beaten > _BEAT_SECONDS:
                    beat(context, "courier", {})
                    beaten = time.monotonic()
            except StoreUnavailable as fault:
                log.warning("The courier waits for the database.", extra={"code": str(fault)[:60]})
            except Exception as fault:
                log.error("A pass of the courier failed; it tries again.", extra={"code": type(fault).__name__})
            if not carried:
                stop.wait(context.machine.sweep_seconds)


def carry_once(context: Context, pool: Executor) -> int:
    """One pass: every unit that is due at once, its packets one after the other. Returns how many were taken."""
    if not outgoing_due(context.database):
        return 0
    batch = CALLS_AT_ONCE * _EACH_UNIT
    taken = claim_outgoing(context.database, batch, _EACH_UNIT, context.machine.lease_seconds)
    by_unit = sorted(taken, key=_unit_and_way)
    visits = [list(held) for _, held in groupby(by_unit, key=_unit_and_way)]
    # Begun together, waited for together: whatever went wrong with one visit is told after all of them.
    for visit in [pool.submit(_visit, context, held) for held in visits]:
        visit.result()
    return len(taken)


def _unit_and_way(referral: PendingReferral) -> tuple[str, str]:
    return referral.unit, referral.way


def _visit(context: Context, held: Sequence[PendingReferral]) -> None:
    """Tells one unit of several packets in one way, until it cannot be reached or the time is up."""
    started = time.monotonic()
    for number, referral in enumerate(held):
        # A call may take some seconds, and must be over before the lease is.
        if time.monotonic() - started > context.machine.lease_seconds / 5:
            with context.database.write() as connection:
                give_back(connection, held[number:])
            return
        # Read for each by itself: what an officer takes out while one is sent is in none of the next.
        with context.database.read() as connection:
            parts = unpacked(connection, [referral])
        if not _carry(context, referral, parts[referral.referral_id]):
            return


def _carry(context: Context, referral: PendingReferral, parts: Unpacked) -> bool:
    """Tries one packet. Returns whether the unit's next one may be tried."""
    unit = context.rulebook.units.recipient(referral.unit)
    retry = context.rulebook.units.terms.retries.get(referral.way)
    if referral.way not in unit.delivery:
        return _next(context, referral, "directory_changed")
    if retry is not None and referral.attempts > retry.tries:
        return _next(context, referral, referral.failure or "no_answer")
    try:
        packed = pack(context.keys, referral, parts, context.rulebook.made_to_do)
    except Exception as fault:
        # No way helps where the packet cannot be made: a person sees it at once.
        return _begin(context, referral, BY_HAND, type(fault).__name__)
    try:
        receipt = context.tell(referral.way, packed.packet, unit)
    except DeliveryFailed as fault:
        failure, is_final = fault.code, fault.is_final
    except Exception as fault:
        failure, is_final = type(fault).__name__, False
    else:
        return _record(context, referral, packed, parts, receipt)
    if is_final or retry is None or referral.attempts >= retry.tries:
        _next(context, referral, failure)
    if is_final or retry is None:
        return True
    _rest(context, referral, failure, retry)
    return False


def _record(context: Context, referral: PendingReferral, packed: Packed, parts: Unpacked, receipt: str) -> bool:
    with context.database.write() as connection:
        now = read_now(connection)
        delivery = Delivery(
            referral=referral,
            sealed_packet=packed.sealed,
            unit_receipt=receipt,
            way=referral.way,
            accept_in_minutes=context.rulebook.hop_wait(parts.decision, referral.urgency, "acceptance", now, now),
        )
        record_deliveries(context.store, connection, [delivery])
    return True


def _next(context: Context, referral: PendingReferral, failure: str) -> bool:
    way = next_way(context.rulebook.units.recipient(referral.unit).delivery, referral.way)
    return _begin(context, referral, way, failure)


def _begin(context: Context, referral: PendingReferral, way: str, failure: str) -> bool:
    log.warning(
        "A way to tell a unit was given up; the next one is tried.",
        extra=_about(referral, f"{referral.way}:{failure}"),
    )
    with context.database.write() as connection:
        begin_way(context.store, connection, [referral], way, failure)
    return True


def _rest(context: Context, referral: PendingReferral, failure: str, retry: Retry) -> None:
    log.warning(
        "A unit could not be reached; it will be tried again.",
        extra={**_about(referral, failure), "attempt": referral.attempts},
    )
    with context.database.write() as connection:
        put_unit_off(connection, referral, failure, retry.tries, retry.pause_seconds)


def _about(referral: PendingReferral, code: str) -> dict[str, str | int]:
    about = {"referral": referral.referral_id, "unit": referral.unit, "code": code}
    return {**about, **marked(exercise=referral.exercise)}
