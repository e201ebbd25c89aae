"""Telling deputies: whoever is in charge that day at a silent unit gets a notice, and nothing of the report."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

from reports.deputies import DeputyNotice, claim_notices, put_notice_off, record_notice
from routing.rulebook.units import Unit
from routing.rulebook.ways import MAIL, SMS, Retry
from workers.context import Context
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed, Sender

# Where context.senders has the senders with the words for deputies.
DEPUTY_SENDERS = {SMS: "deputy_sms", MAIL: "deputy_mail"}
log = logging.getLogger(__name__)


def tell_deputies(context: Context, limit: int) -> int:
    """Sends up to `limit` notices that are due. Returns how many were taken."""
    notices = claim_notices(context.database, limit, context.machine.lease_seconds)
    for notice in notices:
        _tell(context, notice)
    return len(notices)


def has_deputy(unit: Unit) -> bool:
    """Whether the directory names somebody to tell when the unit is silent."""
    return bool(unit.deputy_sms or unit.deputy_mail)


def _tell(context: Context, notice: DeputyNotice) -> None:
    unit = context.rulebook.units.recipient(notice.unit)
    retries = context.rulebook.units.terms.retries
    failures = dict[str, str]()
    for way in _ways(context.senders, unit):
        try:
            context.tell(DEPUTY_SENDERS[way], _empty(notice), unit.as_deputy())
        except DeliveryFailed as fault:
            failures[way] = fault.code
            log.warning("A deputy could not be told.", extra={"unit": unit.id, "code": f"{way}:{fault.code}"})
            continue
        record_notice(context.store, notice, way)
        return
    _again_or_give_up(context, notice, failures, retries)


def _again_or_give_up(
    context: Context, notice: DeputyNotice, failures: Mapping[str, str], retries: Mapping[str, Retry]
) -> None:
    way, failure = next(iter(failures.items()), (SMS, "no_address"))
    if not failures or notice.tries >= retries[way].tries:
        record_notice(context.store, notice, way, failure)
        return
    put_notice_off(context.database, notice, retries[way].pause_seconds)


def _ways(senders: Mapping[str, Sender], unit: Unit) -> Iterator[str]:
    for way, address in ((SMS, unit.deputy_sms), (MAIL, unit.deputy_mail)):
        if address and DEPUTY_SENDERS[way] in senders:
            yield way


def _empty(notice: DeputyNotice) -> Packet:
    """What a sender knows the notice by: an id, and no field of any report."""
    return Packet(referral_id=notice.step_id, unit=notice.unit, part="", fields={}, exercise=notice.exercise)
