"""Receipts and notes of a report that was joined to another: what is its reporter's stays its reporter's."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from reports.sealing import ReportKey
from reports.tables import notes, receipts

NOTE_COLUMN = "notes.sealed_text"


def move_receipts(
    connection: Connection, from_id: str, old: ReportKey, to_id: str, new: ReportKey, *, own_id: str
) -> None:
    """Makes the receipts of one report those of the one that its reporter told before (own_id), and seals what officers
    said to them under the key of the report in which that lies (to_id).

    The copies for the reporters stay: they are sealed to the receipts.
    """
    connection.execute(update(receipts).where(receipts.c.report_id == from_id).values(report_id=own_id))
    for note in connection.execute(select(notes.c.id, notes.c.sealed_text).where(notes.c.report_id == from_id)).all():
        text = old.open(NOTE_COLUMN, note.id, note.sealed_text)
        connection.execute(
            update(notes)
            .where(notes.c.id == note.id)
            .values(report_id=to_id, sealed_text=new.seal(NOTE_COLUMN, note.id, text))
        )
