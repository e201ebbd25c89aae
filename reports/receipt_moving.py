"""Receipts and notes of a report that was joined to another go along with its messages."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from reports.sealing import ReportKey
from reports.tables import notes, receipts

NOTE_COLUMN = "notes.sealed_text"


def move_receipts(connection: Connection, from_id: str, old: ReportKey, to_id: str, new: ReportKey) -> None:
    """Makes the receipts of one report those of another, and seals what officers said to them under its key.

    The copies for the reporters stay: they are sealed to the receipts.
    """
    connection.execute(update(receipts).where(receipts.c.report_id == from_id).values(report_id=to_id))
    for note in connection.execute(select(notes.c.id, notes.c.sealed_text).where(notes.c.report_id == from_id)).all():
        text = old.open(NOTE_COLUMN, note.id, note.sealed_text)
        connection.execute(
            update(notes)
            .where(notes.c.id == note.id)
            .values(report_id=to_id, sealed_text=new.seal(NOTE_COLUMN, note.id, text))
        )
