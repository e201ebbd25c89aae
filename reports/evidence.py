"""Evidence of who was told of a report, when, and what followed: times, units and hashes, signed, without content.

Not acting on a report is an offence where rescue is a duty (Criminal Law, Article 416), so the times must stand up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from reports.audit import entry_hash
from reports.database import Database, read_now
from reports.errors import RecordDamaged
from reports.records import decision_from_json
from reports.tables import audit_entries, audit_head, decisions, escalations, referrals, reports

KIND = "hotline-evidence-1"
_ENTRY = ("number", "at", "actor", "action", "object", "detail", "previous", "hash")
_PACKET_TIMES = ("created_at", "delivered_at", "accepted_at", "first_action_at", "ended_at", "due_at")


def export_evidence(connection: Connection, report_id: str, key: Ed25519PrivateKey) -> str:
    """The evidence about a report as JSON text, with the signature of the key that signs checkpoints.

    Times are ISO 8601 in UTC; audit entries are word for word as they are hashed. In the transaction that writes the
    export down, nobody else can write, and the head is that very entry.
    """
    evidence = _evidence(connection, report_id)
    signed = {
        "evidence": evidence,
        "public_key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(_bytes(evidence)).hex(),
    }
    return json.dumps(signed, ensure_ascii=False, indent=1)


def verify_evidence(database: Database, key: Ed25519PrivateKey, text: str) -> tuple[str, ...]:
    """A sentence for each way in which a file is not evidence that this hotline signed and its chain bears out."""
    try:
        file = json.loads(text)
        evidence, signature = file["evidence"], bytes.fromhex(file["signature"])
        entries, head = list(evidence["entries"]), dict(evidence["head"])
        key.public_key().verify(signature, _bytes(evidence))
        if evidence["kind"] != KIND:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return ("The file is not evidence that this hotline signed, or it was changed afterwards.",)
    with database.read() as connection:
        kept = _kept(connection, [*(entry["number"] for entry in entries), head["number"]])
    faults = [fault for entry in entries if (fault := _entry_fault(entry, kept))]
    if kept.get(head["number"]) != head["hash"]:
        faults.append(f"The chain no longer holds entry {head['number']} as it was the newest when this was exported.")
    return tuple(faults)


def _entry_fault(entry: Mapping[str, Any], kept: Mapping[int, str]) -> str:
    number = entry["number"]
    if entry_hash(entry) != entry["hash"]:
        return f"Entry {number} in the file does not have the hash that it names."
    if number not in kept:
        return f"Entry {number} stands in the file, but the chain no longer has it."
    return "" if kept[number] == entry["hash"] else f"Entry {number} in the chain is not the one in the file."


def _kept(connection: Connection, numbers: list[int]) -> dict[int, str]:
    query = select(audit_entries.c.number, audit_entries.c.hash).where(audit_entries.c.number.in_(numbers))
    return {row.number: row.hash for row in connection.execute(query)}


def _bytes(evidence: Mapping[str, Any]) -> bytes:
    """What is signed: the kind first, so that no other signature of this key can be taken for one of these."""
    return f"{KIND}\n{json.dumps(evidence, ensure_ascii=False, sort_keys=True, separators=(',', ':'))}".encode()


def _evidence(connection: Connection, report_id: str) -> dict[str, Any]:
    report = connection.execute(select(reports).where(reports.c.id == report_id)).one()
    decided = connection.execute(
        select(decisions).where(decisions.c.report_id == report_id).order_by(decisions.c.number)
    ).all()
    head = connection.execute(select(audit_head.c.number, audit_head.c.hash)).one()
    return {
        "kind": KIND,
        "exported_at": _time(read_now(connection)),
        "report": report_id,
        "reference": report.reference,
        "state": report.state,
        "received_at": _time(report.received_at),
        "routed_at": _time(report.routed_at),
        "closed_at": _time(report.closed_at),
        "decisions": [_decision(row) for row in decided],
        "packets": _packets(connection, report_id),
        "steps": _steps(connection, report_id),
        "entries": _entries(connection, report_id),
        "head": {"number": head.number, "hash": head.hash},
    }


def _decision(row: Any) -> dict[str, Any]:
    made = {"made_at": _time(row.made_at), "by": row.author, "rule": row.rule, "rulebook": row.rulebook}
    try:
        decision = decision_from_json(row.body)
    except RecordDamaged:
        # What the chain and the packets say stands up without it, and somebody may need it all the more.
        return made | {"damaged": True}
    return made | {
        "unit": decision.lead_unit,
        "measures": list(decision.measures),
        "minutes": decision.clocks,
    }


def _packets(connection: Connection, report_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(referrals).where(referrals.c.report_id == report_id).order_by(referrals.c.created_at, referrals.c.id)
    ).mappings()
    return [
        {
            "packet": row["id"],
            "unit": row["unit"],
            "part": row["part"],
            "state": row["state"],
            "bounce_reason": row["bounce_reason"],
            "proposed_unit": row["proposed_unit"],
            **{name: _time(row[name]) for name in _PACKET_TIMES},
            "hops": _hops(row),
        }
        for row in rows
    ]


def _hops(row: Any) -> list[dict[str, Any]]:
    """Each hop that the packet entered, with when it was over; None where it was not."""
    ended = row["ended_at"] if row["state"] == "DONE" else None
    acted = row["first_action_at"] or (row["accepted_at"] if ended else None)
    marks = {
        "delivery": (row["created_at"], row["delivered_at"]),
        "acceptance": (row["delivered_at"], row["accepted_at"]),
        "first_action": (row["accepted_at"], row["first_action_at"]),
        "feedback": (acted, ended),
    }
    return [
        {"hop": hop, "began_at": _time(began), "ended_at": _time(over)}
        for hop, (began, over) in marks.items()
        if began is not None
    ]


def _steps(connection: Connection, report_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(escalations)
        .where(escalations.c.report_id == report_id)
        .order_by(escalations.c.taken_at, escalations.c.id)
    )
    return [
        {
            "hop": row.hop,
            "step": row.step,
            "told": row.told,
            "packet": row.referral_id,
            "new_packet": row.new_referral_id,
            "ran_out_at": _time(row.ran_out_at),
            "taken_at": _time(row.taken_at),
        }
        for row in rows
    ]


def _entries(connection: Connection, report_id: str) -> list[dict[str, Any]]:
    packets = connection.execute(select(referrals.c.id).where(referrals.c.report_id == report_id)).scalars()
    objects = [f"report:{report_id}", *(f"referral:{packet}" for packet in packets)]
    rows = connection.execute(
        select(audit_entries).where(audit_entries.c.object.in_(objects)).order_by(audit_entries.c.number)
    ).mappings()
    return [{name: row[name] for name in _ENTRY} for row in rows]


def _time(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
