"""Packing: opens a report and makes the packet that one unit may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from reports.attachments import count_files
from reports.keys import InnerKeys
from reports.made_to_do import SealedPassage, sealed_passages
from reports.reading import SealedMessage, open_report, sealed_messages, told_in_full
from reports.records import decision_from_json, finding_from_json
from reports.referrals import PACKET_COLUMN, PendingReferral
from reports.tables import decisions, findings, referrals, reports
from reports.values import Decision, Finding
from routing.rulebook.made_to_do import MadeToDo, staying
from routing.rulebook.tokens import CHINA_TIME
from workers.senders.packet import Packet, build_packet


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """What a packet is made from, still sealed. received_at is in milliseconds since 1970; files is how many came.

    The finding and the decision are read when they are asked for, and then raise RecordDamaged: one that was damaged
    must not hold up the packets beside it.
    """

    found: str
    decided: str
    received_at: int
    messages: Sequence[SealedMessage]
    passages: Sequence[SealedPassage]
    files: int

    @property
    def finding(self) -> Finding:
        """What the report was found to say."""
        return finding_from_json(self.found)

    @property
    def decision(self) -> Decision:
        """The decision that brought the packet about."""
        return decision_from_json(self.decided)


@dataclass(frozen=True)
class Packed:
    """A packet, and the same sealed under its report's key."""

    packet: Packet
    sealed: bytes


def unpacked(connection: Connection, held: Sequence[PendingReferral]) -> Mapping[str, Unpacked]:
    """What each of these packets is made from, by its id."""
    report_ids = list({referral.report_id for referral in held})
    messages, passages = sealed_messages(connection, report_ids), sealed_passages(connection, report_ids)
    files = count_files(connection, report_ids)
    rows = connection.execute(
        select(referrals.c.id, referrals.c.report_id, findings.c.body, decisions.c.body.label("decided"),
               reports.c.received_at)
        .join(decisions, decisions.c.id == referrals.c.decision_id)
        .join(findings, findings.c.id == decisions.c.finding_id)
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(referrals.c.id.in_([referral.referral_id for referral in held]))
    ).all()  # fmt: skip
    return {
        row.id: Unpacked(
            found=row.body,
            decided=row.decided,
            received_at=row.received_at,
            messages=messages[row.report_id],
            passages=passages[row.report_id],
            files=files[row.report_id],
        )
        for row in rows
    }


def pack(keys: InnerKeys, referral: PendingReferral, parts: Unpacked, rule: MadeToDo) -> Packed:
    """The packet of one referral, the same at every try. What a victim was made to do is not in it.

    Raises KeyMissing, SealBroken or RecordDamaged.
    """
    key, contents = open_report(keys, referral.report_id, referral.wrapped_key, parts.messages)
    finding, decision = parts.finding, parts.decision
    taken = [passage.open(key) for passage in parts.passages]
    packet = build_packet(
        referral_id=referral.referral_id,
        unit=referral.unit,
        part=referral.part,
        allowed=referral.fields,
        reference=referral.reference,
        received_at=datetime.fromtimestamp(parts.received_at / 1000, UTC).astimezone(CHINA_TIME).isoformat(),
        contents=contents,
        sealed=staying(rule, told_in_full(contents), finding.labels, decision.track, taken),
        files=parts.files,
        finding=finding,
        decision=decision,
        exercise=referral.exercise,
        revision=referral.revision,
    )
    return Packed(packet, key.seal(PACKET_COLUMN, referral.referral_id, packet.to_bytes()))
