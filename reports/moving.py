"""Moving what a report holds to another one and under its key, and moving exactly that back again.

Whatever is moved keeps its id, so that no delivery is ever kept twice. Receipts are not moved: each belongs to the
report whose reporter holds it, and leads to wherever that lies.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, null, select, update

from reports.attachments import move_attachments
from reports.database import database_now
from reports.keeping import CONTENT_COLUMN, RAW_COLUMN
from reports.made_to_do import PASSAGE_COLUMN
from reports.reading import sealed_messages
from reports.receipt_moving import NOTE_COLUMN
from reports.sealing import ReportKey
from reports.tables import attachments, made_to_do, messages, notes, replies, reports

# Table by table, what goes along with a report. Its findings, decisions, packets and reasons stay its own.
Rows = Mapping[str, tuple[str, ...]]
_MOVED: Mapping[str, Table] = {
    "messages": messages,
    "attachments": attachments,
    "notes": notes,
    "replies": replies,
    "made_to_do": made_to_do,
}
JOINED = "reports"


@dataclass(frozen=True)
class Holder:
    """A report that holds something, with its key and its conversation."""

    report_id: str
    key: ReportKey
    conversation_id: str


def rows_of(connection: Connection, report_id: str) -> Rows:
    """The ids of everything that a report holds and that would go along with it, by table."""
    found = {
        name: tuple(connection.execute(select(table.c.id).where(table.c.report_id == report_id)).scalars())
        for name, table in _MOVED.items()
    }
    joined = connection.execute(select(reports.c.id).where(reports.c.merged_into == report_id)).scalars()
    return {**found, JOINED: tuple(joined)}


def move(connection: Connection, rows: Rows, source: Holder, target: Holder, *, back: bool = False) -> None:
    """Moves these rows, as far as they still lie with the source, and seals them under the target's key.

    What is moved to another report comes behind its own words; what is moved back stands in its own order again.
    Raises SealBroken.
    """
    move_attachments(
        connection, source.report_id, source.key, target.report_id, target.key, only=_of(rows, "attachments")
    )
    _move_messages(connection, _of(rows, "messages"), source, target, back=back)
    _reseal(connection, notes, "sealed_text", NOTE_COLUMN, _of(rows, "notes"), source, target)
    _reseal(connection, made_to_do, "sealed_words", PASSAGE_COLUMN, _of(rows, "made_to_do"), source, target)
    texts = _theirs(replies, source, _of(rows, "replies"))
    connection.execute(update(replies).where(texts).values(report_id=target.report_id))
    # What was joined to it lies there too by now: nobody has to follow more than one step.
    joined = reports.c.id.in_(_of(rows, JOINED)) & (reports.c.merged_into == source.report_id)
    connection.execute(update(reports).where(joined).values(merged_into=target.report_id))


def place_of_more(connection: Connection, report_id: str) -> Any:
    """The `messages.added_at` of what is added to a report: now, behind whatever an officer put there; None where
    nothing was, and each message stands by when it came."""
    was_put_to = select(messages.c.id).where(messages.c.report_id == report_id, messages.c.added_at.is_not(None))
    return database_now() if connection.execute(was_put_to.limit(1)).first() is not None else None


def _of(rows: Rows, name: str) -> Sequence[str]:
    return rows.get(name, ())


def _theirs(table: Table, source: Holder, ids: Collection[str]) -> Any:
    return (table.c.report_id == source.report_id) & table.c.id.in_(ids)


def _move_messages(connection: Connection, ids: Collection[str], source: Holder, target: Holder, *, back: bool) -> None:
    came_as: Any = func.coalesce(messages.c.came_as, source.report_id)
    if back:
        came_as = func.nullif(messages.c.came_as, target.report_id)
    for message in sealed_messages(connection, [source.report_id])[source.report_id]:
        if message.message_id not in ids:
            continue
        plain, raw = message.open(source.key).to_bytes(), message.open_raw(source.key)
        connection.execute(
            update(messages)
            .where(messages.c.id == message.message_id)
            .values(
                report_id=target.report_id,
                conversation_id=target.conversation_id,
                came_as=came_as,
                added_at=null() if back else database_now(),
                sealed_content=target.key.seal(CONTENT_COLUMN, message.message_id, plain),
                sealed_raw=target.key.seal(RAW_COLUMN, message.message_id, raw),
            )
        )


def _reseal(
    connection: Connection, table: Table, column: str, name: str, ids: Collection[str], source: Holder, target: Holder
) -> None:
    for row in connection.execute(select(table.c.id, table.c[column]).where(_theirs(table, source, ids))).all():
        plain = source.key.open(name, row.id, row[1])
        connection.execute(
            update(table)
            .where(table.c.id == row.id)
            .values({"report_id": target.report_id, column: target.key.seal(name, row.id, plain)})
        )
