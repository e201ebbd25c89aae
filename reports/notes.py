"""What an officer says to a reporter: sealed under the report's key for the desk, and to each of their live receipts.

Where an officer put two reports together, what is said to one reporter is never sealed to the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import database_now
from reports.errors import ReportError
from reports.keys import InnerKeys
from reports.merging import is_said_to_its_own
from reports.receipt_keys import seal_to_reporter
from reports.receipt_moving import NOTE_COLUMN
from reports.receipts import Presented
from reports.sealing import ReportKey
from reports.tables import note_copies, notes, officers, receipts, reports

LONGEST_NOTE = 500


class NobodyToTell(ReportError):
    """The report has no live receipt, so nobody could come and read what is said."""


@dataclass(frozen=True, kw_only=True)
class SealedNote:
    """One note as the desk finds it. Times in milliseconds; seen_at and answered_at are None until it was."""

    note_id: str
    officer: str
    said_at: int
    seen_at: int | None
    answered_at: int | None
    sealed_text: bytes

    def open(self, key: ReportKey) -> str:
        """What the officer said. Raises SealBroken."""
        return key.open(NOTE_COLUMN, self.note_id, self.sealed_text).decode()


@dataclass(frozen=True)
class Note:
    """One note as the reporter reads it. is_open is true while it waits for an answer."""

    note_id: str
    text: str
    is_open: bool


def say(connection: Connection, report_id: str, key: ReportKey, officer_id: str, text: str, *, note_id: str) -> bool:
    """Keeps a note under its id, with a copy for each live receipt of the report's own reporter.

    Returns False where it was kept before. Raises NobodyToTell.
    """
    held = connection.execute(
        select(receipts.c.id, receipts.c.public_key).where(receipts.c.report_id == report_id)
    ).all()
    if not held:
        raise NobodyToTell("The reporter of this report has no receipt and cannot come back to read what you ask.")
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    kept = connection.execute(
        dialect.insert(notes)
        .values(
            id=note_id,
            report_id=report_id,
            officer_id=officer_id,
            said_at=database_now(),
            sealed_text=key.seal(NOTE_COLUMN, note_id, text.encode()),
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(notes.c.id)
    ).scalar()
    if kept is None:
        return False
    for receipt in held:
        sealed = seal_to_reporter(receipt.public_key, note_id, text)
        connection.execute(insert(note_copies).values(note_id=note_id, receipt_id=receipt.id, sealed_copy=sealed))
    return True


def copy_for(connection: Connection, report_id: str, keys: InnerKeys, receipt_id: str, public_key: str) -> None:
    """Seals to a receipt what was said to its reporter before it was given; once. Raises KeyMissing and SealBroken."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    said = (
        select(notes.c.id, notes.c.sealed_text, reports.c.id.label("lies_in"), reports.c.wrapped_key)
        .join(reports, reports.c.id == notes.c.report_id)
        .where(is_said_to_its_own(report_id))
    )
    for note in connection.execute(said).all():
        key = keys.opening.open_report_key(note.lies_in, note.wrapped_key)
        sealed = seal_to_reporter(public_key, note.id, key.open(NOTE_COLUMN, note.id, note.sealed_text).decode())
        row = {"note_id": note.id, "receipt_id": receipt_id, "sealed_copy": sealed}
        connection.execute(dialect.insert(note_copies).values(row).on_conflict_do_nothing())


def notes_of(connection: Connection, report_id: str) -> tuple[SealedNote, ...]:
    """Everything officers said to the reporter, oldest first."""
    rows = connection.execute(
        select(notes, officers.c.name)
        .outerjoin(officers, officers.c.id == notes.c.officer_id)
        .where(notes.c.report_id == report_id)
        .order_by(notes.c.said_at, notes.c.id)
    )
    return tuple(
        SealedNote(
            note_id=row.id,
            officer=row.name or row.officer_id,
            said_at=row.said_at,
            seen_at=row.seen_at,
            answered_at=row.answered_at,
            sealed_text=row.sealed_text,
        )
        for row in rows
    )


def notes_for(connection: Connection, presented: Presented) -> tuple[Note, ...]:
    """What was said to whoever holds this receipt, oldest first."""
    rows = connection.execute(
        select(note_copies.c.note_id, note_copies.c.sealed_copy, notes.c.answered_at)
        .join(notes, notes.c.id == note_copies.c.note_id)
        .where(note_copies.c.receipt_id == presented.receipt_id)
        .order_by(notes.c.said_at, notes.c.id)
    )
    return tuple(
        Note(row.note_id, presented.unlocked.open(row.note_id, row.sealed_copy), row.answered_at is None)
        for row in rows
    )


def mark_seen(connection: Connection, presented: Presented) -> None:
    """Notes that the reporter has now read what was said to this receipt."""
    mine = select(note_copies.c.note_id).where(note_copies.c.receipt_id == presented.receipt_id)
    connection.execute(
        update(notes).where(notes.c.id.in_(mine), notes.c.seen_at.is_(None)).values(seen_at=database_now())
    )


def mark_answered(connection: Connection, presented: Presented) -> None:
    """Notes that the reporter has written after having read: whatever was open is answered."""
    mine = select(note_copies.c.note_id).where(note_copies.c.receipt_id == presented.receipt_id)
    connection.execute(
        update(notes)
        .where(notes.c.id.in_(mine), notes.c.seen_at.is_not(None), notes.c.answered_at.is_(None))
        .values(answered_at=database_now())
    )
