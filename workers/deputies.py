"""Telling deputies: whoever is in charge that day at a silent unit, or is on the roster of a silent desk, gets a
notice, and nothing of the report."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from reports.database import read_now
from reports.deputies import DeputyNotice, claim_notices, put_notice_off, record_notice
from reports.errors import KeyMissing, SealBroken
from reports.roster import Part, Reach, Shift, there_at
from reports.values import UnitKind
from routing.rulebook.units import Unit
from routing.rulebook.ways import MAIL, SMS, Retry
from workers.context import Context
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed, Sender
from workers.stand_in import marked

# Where context.senders has the senders with the words for deputies.
DEPUTY_SENDERS = {SMS: "deputy_sms", MAIL: "deputy_mail"}
# Whom a step about the desk's own silence tells: first whoever sits there, then whoever comes and whoever is in charge.
ROSTERED = {"reminder": (Part.ON_DUTY,), "deputy": (Part.ON_CALL, Part.DEPUTY)}
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
    failures = dict[str, str]()
    told = [way for unit in _whom(context, notice) if (way := _told_by(context, notice, unit, failures))]
    if told:
        record_notice(context.store, notice, told[0])
        return
    _again_or_give_up(context, notice, failures, context.rulebook.units.terms.retries)


def _told_by(context: Context, notice: DeputyNotice, unit: Unit, failures: dict[str, str]) -> str:
    """The way that somebody was told by, the first that works; '' with what went wrong in failures."""
    for way in _ways(context.senders, unit):
        try:
            context.tell(DEPUTY_SENDERS[way], _empty(notice), unit.as_deputy())
        except DeliveryFailed as fault:
            failures[way] = fault.code
            log.warning(
                "A deputy could not be told.",
                extra={"unit": unit.id, "code": f"{way}:{fault.code}", **marked(exercise=notice.exercise)},
            )
        else:
            return way
    return ""


def _whom(context: Context, notice: DeputyNotice) -> Sequence[Unit]:
    """The unit with its deputy's addresses; of the duty desk once for everybody whom the roster names just now, and the
    directory's deputy where it names nobody."""
    unit = context.rulebook.units.recipient(notice.unit)
    if unit.kind is not UnitKind.DUTY_DESK:
        return [unit]
    with context.database.read() as connection:
        there = there_at(connection, read_now(connection), ROSTERED[notice.step], notice.report_id)
    reached = [reach for one in there if (reach := _reach(context, one)) is not None]
    return [replace(unit, deputy_sms=one.sms, deputy_mail=one.mail) for one in reached] or [unit]


def _reach(context: Context, shift: Shift) -> Reach | None:
    """How somebody is told; None where that does not open: the others are told all the same."""
    try:
        return shift.reach(context.keys)
    except (KeyMissing, SealBroken) as fault:
        log.error("A line of the roster does not open.", extra={"code": type(fault).__name__})
        return None


def is_anybody_rostered(connection: Connection, step: str, now: int, report_id: str) -> bool:
    """Whether the roster of the duty desk names somebody who is told with this step about a report."""
    return bool(there_at(connection, now, ROSTERED.get(step, ()), report_id))


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
