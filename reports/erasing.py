"""Erasing: the key of a report is destroyed, and with it all that was sealed under it; a row without content stays.

Whoever has a backup can open what is in it until the backup has run out: erasing is complete only then.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, and_, case, delete, func, literal, or_, select, update

from config.retention import Retention
from reports.audit import AuditEntry
from reports.database import database_now, read_now
from reports.errors import IllegalTransition
from reports.states import ReportState
from reports.store import Store
from reports.tables import (
    attachment_pieces,
    attachments,
    audit_entries,
    conversations,
    correspondents,
    made_to_do,
    meanings,
    messages,
    note_copies,
    notes,
    receipts,
    referrals,
    remarks,
    replies,
    reports,
    traces,
    transcripts,
)

_DAY = 86_400_000
# What a report may be erased from: nobody works on it any more.
_OVER = (ReportState.CLOSED, ReportState.QUARANTINED)


class Ground(StrEnum):
    """Why a report is erased. Codes, since the audit chain holds nobody's words."""

    RETENTION = "retention"
    REQUEST = "request"
    ORDER = "order"
    MISTAKE = "mistake"


@dataclass(frozen=True, kw_only=True)
class Due:
    """A report whose time is over. ended_at in milliseconds."""

    report_id: str
    reference: str
    state: ReportState
    outcome: str | None
    ended_at: int


def due(connection: Connection, retention: Retention, limit: int) -> tuple[Due, ...]:
    """Reports whose content has been kept as long as it may be, those that ended first first.

    One that is held, or of which a file still lies with its provider, waits.
    """
    now = read_now(connection)
    # What is set aside has no end of its own: it counts from when somebody last did or looked at anything about it.
    touched = select(func.max(audit_entries.c.at)).where(audit_entries.c.object == literal("report:") + reports.c.id)
    is_aside = reports.c.state == ReportState.QUARANTINED.value
    ended = case((is_aside, touched.scalar_subquery()), else_=reports.c.closed_at)
    kept_for = case(
        (is_aside, _milliseconds(retention.quarantined)),
        *((reports.c.outcome == outcome, _milliseconds(days)) for outcome, days in retention.outcomes.items()),
        else_=_milliseconds(retention.closed),
    )
    rows = connection.execute(
        select(reports.c.id, reports.c.reference, reports.c.state, reports.c.outcome, ended.label("ended_at"))
        .where(_may_be_erased(now), ended + kept_for < now)
        .order_by(ended, reports.c.id)
        .limit(limit)
    )
    return tuple(
        Due(
            report_id=row.id,
            reference=row.reference,
            state=ReportState(row.state),
            outcome=row.outcome,
            ended_at=row.ended_at,
        )
        for row in rows
    )


def erase(store: Store, connection: Connection, report_id: str, actor: str, ground: Ground) -> bool:
    """Erases a report that is over, with all that was joined to it. False where it was erased before.

    Raises IllegalTransition for one that is open, held, or of which a file still lies with its provider.
    """
    row = connection.execute(select(reports).where(reports.c.id == report_id).with_for_update(key_share=True)).one()
    if row.erased_at is not None:
        return False
    may = select(reports.c.id).where(reports.c.id == report_id, _may_be_erased(read_now(connection)))
    if connection.execute(may).first() is None:
        raise IllegalTransition(_why_not(row, read_now(connection)))
    ids = _with_joined(connection, report_id)
    _destroy(connection, ids)
    detail = {"ground": ground.value, "reports": len(ids)}
    store.chain.append(connection, [AuditEntry(actor, "erased", f"report:{report_id}", detail)])
    return True


def hold(store: Store, connection: Connection, report_id: str, actor: str, until: int | None) -> None:
    """Keeps a report from being erased until a time (milliseconds), or no longer where it is None."""
    connection.execute(update(reports).where(reports.c.id == report_id).values(held_until=until))
    action = "hold_ended" if until is None else "held"
    store.chain.append(connection, [AuditEntry(actor, action, f"report:{report_id}", {"until": until})])


def _milliseconds(days: int) -> ColumnElement[int]:
    return literal(days * _DAY, BigInteger)


def _may_be_erased(now: int) -> ColumnElement[bool]:
    outside = select(attachments.c.id).where(attachments.c.report_id == reports.c.id, attachments.c.lies_outside == 1)
    return and_(
        reports.c.state.in_([state.value for state in _OVER]),
        reports.c.erased_at.is_(None),
        # Something was added to it that nobody has read yet.
        reports.c.to_read_at.is_(None),
        or_(reports.c.held_until.is_(None), reports.c.held_until < now),
        ~outside.exists(),
    )


def _why_not(row: Any, now: int) -> str:
    if row.state not in [state.value for state in _OVER]:
        return f"Report {row.reference} is {row.state}: only one that is closed or quarantined can be erased."
    if row.held_until is not None and row.held_until >= now:
        return f"Report {row.reference} is held. End the hold first: hotline erase {row.reference} --end-hold."
    if row.to_read_at is not None:
        return f"Something was added to report {row.reference} that is still to be read. Look at it first."
    return f"A file of report {row.reference} still lies with its provider, and would stay there. Try again later."


def _with_joined(connection: Connection, report_id: str) -> list[str]:
    """The report and all that was ever joined to it."""
    found, newest = [report_id], [report_id]
    while newest:
        joined = connection.execute(select(reports.c.id).where(reports.c.merged_into.in_(newest))).scalars()
        newest = [one for one in joined if one not in found]
        found += newest
    return found


def _destroy(connection: Connection, ids: list[str]) -> None:
    """First what opens the rest, then whatever is sealed, kept by a digest, or leads back to a person."""
    mine = reports.c.id.in_(ids)
    connection.execute(
        update(reports).where(mine).values(wrapped_key=b"", erased_at=database_now(), version=reports.c.version + 1)
    )
    files = select(attachments.c.id).where(attachments.c.report_id.in_(ids))
    said = select(notes.c.id).where(notes.c.report_id.in_(ids))
    given = select(receipts.c.id).where(receipts.c.report_id.in_(ids))
    for table, column, those in (
        (attachment_pieces, attachment_pieces.c.attachment_id, files),
        (transcripts, transcripts.c.attachment_id, files),
        (note_copies, note_copies.c.note_id, said),
        (note_copies, note_copies.c.receipt_id, given),
    ):
        connection.execute(delete(table).where(column.in_(those)))
    copies = attachments.c.copy_of.is_not(None)
    connection.execute(delete(attachments).where(attachments.c.report_id.in_(ids), copies))
    for table in (attachments, notes, receipts, made_to_do, remarks, replies, traces, meanings):
        connection.execute(delete(table).where(table.c.report_id.in_(ids)))
    # A number that wants to be left alone, or that is not safe, is never texted: that outlives every report.
    may_be_texted = correspondents.c.stopped_at.is_(None) & correspondents.c.unsafe_at.is_(None)
    connection.execute(delete(correspondents).where(correspondents.c.report_id.in_(ids), may_be_texted))
    # The rows stay, so that a delivery that comes once more is known; the digest could be tried with guessed words.
    connection.execute(
        update(messages).where(messages.c.report_id.in_(ids)).values(sealed_content=b"", sealed_raw=b"", digest="")
    )
    connection.execute(update(referrals).where(referrals.c.report_id.in_(ids)).values(sealed_packet=None))
    talks = select(reports.c.conversation_id).where(mine)
    connection.execute(update(conversations).where(conversations.c.id.in_(talks)).values(number_index=None))
