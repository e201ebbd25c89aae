"""What a unit asks the duty desk about its packet, and what the desk answers: both sealed, both in the audit chain.

Neither changes anything about the packet: its clock runs on, so that no question is a way to gain time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from reports.audit import AuditEntry
from reports.sealing import ReportKey
from reports.store import REMARK_COLUMN, Store
from reports.tables import officers, remarks

ASKED, ANSWERED = "unit_asked", "unit_answered"
# An officer at the desk sees that a unit waits for an answer.
UNIT_ASKS = "unit_asks"


@dataclass(frozen=True, kw_only=True)
class Said:
    """One question or answer about a packet. said_at in milliseconds."""

    is_answer: bool
    officer: str
    said_at: int
    text: str


@dataclass(frozen=True, kw_only=True)
class About:
    """The packet that is asked about: its id, the report it tells of and that one's key, and its unit."""

    referral_id: str
    report_id: str
    key: ReportKey
    unit: str


def ask(store: Store, connection: Connection, about: About, officer_id: str, text: str) -> None:
    """Keeps a unit's question, and marks the report for the desk."""
    _say(store, connection, about, officer_id, ASKED, text)
    store.mark(connection, about.report_id, [UNIT_ASKS])
    entry = AuditEntry(officer_id, "unit_asked", f"referral:{about.referral_id}", {"unit": about.unit})
    store.chain.append(connection, [entry])


def answer(store: Store, connection: Connection, about: About, officer_id: str, text: str) -> None:
    """Keeps the desk's answer; once no unit waits for one, the mark is gone."""
    _say(store, connection, about, officer_id, ANSWERED, text)
    if not waiting_for_answer(connection, about.report_id):
        store.unmark(connection, about.report_id, UNIT_ASKS)
    entry = AuditEntry(officer_id, "unit_answered", f"referral:{about.referral_id}", {"unit": about.unit})
    store.chain.append(connection, [entry])


def _say(store: Store, connection: Connection, about: About, officer_id: str, verb: str, text: str) -> None:
    store.remark(connection, about.report_id, about.key, officer_id, verb, text, about.referral_id)


def waiting_for_answer(connection: Connection, report_id: str) -> frozenset[str]:
    """The packets of a report whose unit asked something and was not answered since."""
    said = connection.execute(
        select(remarks.c.referral_id, remarks.c.verb)
        .where(remarks.c.report_id == report_id, remarks.c.verb.in_([ASKED, ANSWERED]))
        .order_by(remarks.c.said_at, remarks.c.id)
    )
    last = {row.referral_id: row.verb for row in said}
    return frozenset(referral_id for referral_id, verb in last.items() if verb == ASKED)


def said_about(connection: Connection, referral_id: str, key: ReportKey) -> Sequence[Said]:
    """What was asked and answered about a packet, oldest first, opened."""
    rows = connection.execute(
        select(remarks, officers.c.name)
        .outerjoin(officers, officers.c.id == remarks.c.officer_id)
        .where(remarks.c.referral_id == referral_id, remarks.c.verb.in_([ASKED, ANSWERED]))
        .order_by(remarks.c.said_at, remarks.c.id)
    ).all()
    return [
        Said(
            is_answer=row.verb == ANSWERED,
            officer=row.name or row.officer_id,
            said_at=row.said_at,
            text=key.open(REMARK_COLUMN, row.id, row.sealed_text).decode(),
        )
        for row in rows
    ]
