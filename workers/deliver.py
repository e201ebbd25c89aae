"""The job that talks: tells units about the reports referred to them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select

from reports.reading import SealedMessage, open_report, sealed_messages
from reports.records import decision_from_json, finding_from_json
from reports.referrals import (
    PACKET_COLUMN,
    Delivery,
    PendingReferral,
    claim_pending,
    put_off,
    record_deliveries,
)
from reports.tables import decisions, findings, referrals, reports
from reports.values import Decision, Finding
from workers.context import Context
from workers.senders.packet import Packet, build_packet
from workers.senders.sender import DeliveryFailed
from workers.triage import CHINA_TIME

log = logging.getLogger(__name__)
_DEFAULT_ACCEPT_MINUTES = 60


def deliver_pending(context: Context, batch: int, grace_seconds: float = 0) -> int:
    """Tells up to `batch` units whose packet waits longer than the grace. Returns how many packets it claimed."""
    machine = context.machine
    pending = claim_pending(context.database, batch, machine.lease_seconds, machine.attempts, grace_seconds)
    if not pending:
        return 0
    background = _background(context, pending)
    with context.database.read() as connection:
        sealed = sealed_messages(connection, list({referral.report_id for referral in pending}))
    deliveries = []
    for referral in pending:
        delivery = _tell(context, referral, sealed[referral.report_id], background[referral.referral_id])
        if delivery is not None:
            deliveries.append(delivery)
    with context.database.write() as connection:
        record_deliveries(context.store, connection, deliveries)
    return len(pending)


def _background(context: Context, pending: Sequence[PendingReferral]) -> dict[str, tuple[Finding, Decision, int]]:
    with context.database.read() as connection:
        rows = connection.execute(
            select(referrals.c.id, findings.c.body, decisions.c.body.label("decided"), reports.c.received_at)
            .join(decisions, decisions.c.id == referrals.c.decision_id)
            .join(findings, findings.c.id == decisions.c.finding_id)
            .join(reports, reports.c.id == referrals.c.report_id)
            .where(referrals.c.id.in_([referral.referral_id for referral in pending]))
        ).all()
    return {row.id: (finding_from_json(row.body), decision_from_json(row.decided), row.received_at) for row in rows}


def _tell(
    context: Context,
    referral: PendingReferral,
    sealed: Sequence[SealedMessage],
    background: tuple[Finding, Decision, int],
) -> Delivery | None:
    finding, decision, received_at = background
    # One packet that cannot be built or sent must not hold up the others, whatever went wrong.
    try:
        key, contents = open_report(context.keys, referral.report_id, referral.wrapped_key, sealed)
        packet: Packet = build_packet(
            referral_id=referral.referral_id,
            unit=referral.unit,
            part=referral.part,
            allowed=referral.fields,
            reference=referral.reference,
            received_at=datetime.fromtimestamp(received_at / 1000, UTC).astimezone(CHINA_TIME).isoformat(),
            contents=contents,
            finding=finding,
            decision=decision,
        )
        unit_receipt = context.senders[context.rulebook.delivery_of(referral.unit)].send(packet, referral.unit)
    except DeliveryFailed as fault:
        _fail(context, referral, fault.code)
        return None
    except Exception as fault:
        _fail(context, referral, type(fault).__name__)
        return None
    return Delivery(
        referral=referral,
        sealed_packet=key.seal(PACKET_COLUMN, referral.referral_id, packet.to_bytes()),
        unit_receipt=unit_receipt,
        accept_in_minutes=decision.clocks.get("acceptance", _DEFAULT_ACCEPT_MINUTES),
    )


def _fail(context: Context, referral: PendingReferral, failure: str) -> None:
    log.error(
        "Unit could not be told; it will be tried again, then handed to a person.",
        extra={"referral": referral.referral_id, "unit": referral.unit, "code": failure, "attempt": referral.attempts},
    )
    put_off(context.database, referral, failure, context.machine.ring_base_seconds)
