"""Sending texts to reporters, each at most once: claim it for good, send it, write down what became of it."""

from __future__ import annotations

import logging

from reports.phone import line_of_ones_own
from reports.reading import open_report, sealed_messages
from reports.replies import (
    ClaimedReply,
    claim_reply,
    give_up_lost,
    record_refused,
    record_sent,
    record_unknown,
    replies_open,
)
from reports.values import Channel
from workers.carriers.carrier import CarrierRefused, CarrierUnknown
from workers.context import Context

log = logging.getLogger(__name__)


def send_replies(context: Context, most: int) -> int:
    """Sends up to `most` texts that wait. Returns how many it claimed.

    Where nothing may be sent from here nothing is claimed; what another process claimed and left is looked at anyhow.
    """
    if not replies_open(context.database):
        return 0
    give_up_lost(context.store, context.machine.lease_seconds)
    sent = 0
    while context.carrier is not None and sent < most:
        claimed = claim_reply(context.store, context.replies.limits, context.replies.hours)
        if claimed is None:
            break
        _send(context, claimed)
        sent += 1
    return sent


def _send(context: Context, claimed: ClaimedReply) -> None:
    try:
        number = _number(context, claimed)
        words = context.replies.sentence(claimed.code, claimed.language)
    except Exception as fault:
        # Nothing has left yet.
        record_refused(context.store, claimed, type(fault).__name__)
        return
    if not number:
        record_refused(context.store, claimed, "no_number")
        return
    try:
        sent = context.text(number, words, exercise=claimed.exercise)
    except CarrierRefused as fault:
        _note(claimed, fault.code)
        record_refused(context.store, claimed, fault.code)
    except CarrierUnknown as fault:
        _note(claimed, fault.code)
        record_unknown(context.store, claimed, fault.code, fault.source, fault.message_id)
    except Exception as fault:
        # Whatever went wrong in there, it may have gone wrong after the text had left.
        _note(claimed, type(fault).__name__)
        record_unknown(context.store, claimed, type(fault).__name__)
    else:
        record_sent(context.store, claimed, sent.source, sent.message_id)


def _number(context: Context, claimed: ClaimedReply) -> str:
    """The number that the text is for, opened for this moment alone; '' where no text of the report came from it.

    Whether it may be sent was asked of that number and of no other.
    """
    with context.database.read() as connection:
        sealed = sealed_messages(connection, [claimed.report_id])[claimed.report_id]
    _, contents = open_report(context.keys, claimed.report_id, claimed.wrapped_key, sealed)
    texts = [content for content, message in zip(contents, sealed, strict=True) if message.channel == Channel.SMS.value]
    numbers = [number for content in texts if (number := line_of_ones_own(content.sender))]
    return next(
        (
            number
            for number in numbers
            if context.number_index(number, exercise=claimed.exercise) == claimed.number_index
        ),
        "",
    )


def _note(claimed: ClaimedReply, code: str) -> None:
    log.warning("A text to a reporter was not surely sent.", extra={"reference": claimed.reference, "code": code})
