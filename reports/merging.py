"""Merges: which report an officer put to which, and every row that went along, so that it can be taken apart again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from reports.database import database_now, read_now
from reports.errors import StaleVersion
from reports.identity import new_id
from reports.moving import JOINED, Holder, Rows, move, rows_of
from reports.recusals import officers_kept_from
from reports.tables import (
    attachments,
    conversations,
    correspondents,
    merged_rows,
    merges,
    messages,
    notes,
    reports,
)


@dataclass(frozen=True, kw_only=True)
class Merge:
    """One merge that stands. finding is the number of the finding that was written by it; merged_at in milliseconds."""

    merge_id: str
    report_id: str
    into_id: str
    merged_at: int
    finding: int


def hold_both(connection: Connection, one: str, other: str) -> None:
    """Locks two reports, always in the same order, so that two officers never wait for each other."""
    for report_id in sorted((one, other)):
        connection.execute(select(reports.c.id).where(reports.c.id == report_id).with_for_update(key_share=True))


def are_alike_guarded(connection: Connection, one: str, other: str) -> bool:
    """Whether the same officers and the same area's units are kept from both, and both or neither are played."""
    return _guards(connection, one) == _guards(connection, other)


def _guards(connection: Connection, report_id: str) -> tuple[str, bool, frozenset[str]]:
    row = connection.execute(select(reports.c.recused, reports.c.exercise).where(reports.c.id == report_id)).one()
    return row.recused or "", row.exercise == 1, officers_kept_from(connection, report_id)


def put_together(connection: Connection, source: Holder, target: Holder, officer_id: str, finding: int) -> None:
    """Moves all that a report holds to another, and writes down what was moved. Raises SealBroken."""
    rows, merge_id = rows_of(connection, source.report_id), new_id()
    connection.execute(
        insert(merges).values(
            id=merge_id,
            report_id=source.report_id,
            into_id=target.report_id,
            officer_id=officer_id,
            merged_at=database_now(),
            finding=finding,
        )
    )
    _write_down(connection, [merge_id], rows)
    move(connection, rows, source, target)
    _go_on_waiting(connection, source.report_id, target.report_id)
    connection.execute(
        update(reports).where(reports.c.id == source.report_id).values(merged_into=target.report_id, to_read_at=None)
    )


def _go_on_waiting(connection: Connection, left: str, now_in: str) -> None:
    """Lets the machine read a report that words went to which it had yet to read in the one that they left: it looks
    for danger in them, and for the names of officers."""
    rows = connection.execute(select(reports.c.id, reports.c.to_read_at).where(reports.c.id.in_([left, now_in])))
    waits = {row.id: row.to_read_at for row in rows}
    if waits[left] is None:
        return
    now = read_now(connection)
    connection.execute(
        update(reports)
        .where(reports.c.id == now_in)
        # Never the moment that a reader may have taken it for.
        .values(to_read_at=now + 1 if waits[now_in] == now else now, attempts=0, rings=0, next_ring_at=0)
    )


def _write_down(connection: Connection, merge_ids: Sequence[str], rows: Rows) -> None:
    went = [
        {"merge_id": merge_id, "table_name": name, "row_id": row_id}
        for merge_id in merge_ids
        for name, ids in rows.items()
        for row_id in ids
    ]
    connection.execute(insert(merged_rows), went)


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """Whose a report is. own_id is the report that its reporter told first, among all that the machine joined to it;
    merge_ids are the merges by which officers put that one to others, and which stand."""

    own_id: str
    merge_ids: tuple[str, ...]


def belonging_of(connection: Connection, report_id: str) -> Belonging:
    """To whose report one belongs, wherever both lie by now."""
    along = select(merged_rows.c.merge_id).where(merged_rows.c.table_name == JOINED, merged_rows.c.row_id == report_id)
    put = connection.execute(
        select(merges.c.id, merges.c.report_id)
        .where(merges.c.ended_at.is_(None), or_(merges.c.report_id == report_id, merges.c.id.in_(along)))
        .order_by(merges.c.merged_at, merges.c.id)
    ).all()
    # The merge that took it first was one of its own report, or of itself.
    if put:
        return Belonging(own_id=put[0].report_id, merge_ids=tuple(row.id for row in put))
    lies_in = connection.execute(select(reports.c.merged_into).where(reports.c.id == report_id)).scalar()
    return Belonging(own_id=lies_in or report_id, merge_ids=())


def go_along(connection: Connection, belonging: Belonging, report_id: str) -> None:
    """Notes, before a report is joined to one that was put to others, that it goes back with that one."""
    if belonging.merge_ids:
        rows = rows_of(connection, report_id)
        _write_down(connection, belonging.merge_ids, {**rows, JOINED: (report_id, *rows[JOINED])})


def go_along_with(connection: Connection, attachment_id: str, message_id: str) -> None:
    """Notes that a message, made of one of a report's files, goes back with that file where a merge brought it."""
    of_it = (merged_rows.c.table_name == attachments.name) & (merged_rows.c.row_id == attachment_id)
    brought = connection.execute(
        select(merges.c.id)
        .join(merged_rows, merged_rows.c.merge_id == merges.c.id)
        .where(of_it, merges.c.ended_at.is_(None))
    )
    merge_ids = brought.scalars().all()
    if merge_ids:
        _write_down(connection, merge_ids, {messages.name: (message_id,)})


def merge_of(connection: Connection, report_id: str) -> Merge | None:
    """The merge by which a report was put to another; None where it was not, or by the machine."""
    row = connection.execute(select(merges).where(merges.c.report_id == report_id, merges.c.ended_at.is_(None))).first()
    if row is None:
        return None
    return Merge(
        merge_id=row.id,
        report_id=row.report_id,
        into_id=row.into_id,
        merged_at=row.merged_at,
        finding=row.finding,
    )


def ended_findings(connection: Connection, report_id: str) -> frozenset[int]:
    """The numbers of a report's findings that merges wrote which were taken apart since."""
    numbers = select(merges.c.finding).where(merges.c.into_id == report_id, merges.c.ended_at.is_not(None))
    return frozenset(connection.execute(numbers).scalars())


def merged_here(connection: Connection, report_id: str) -> tuple[str, ...]:
    """The references of the reports that officers put to this one, in the order they did."""
    rows = connection.execute(
        select(reports.c.reference)
        .join(merges, merges.c.report_id == reports.c.id)
        .where(merges.c.into_id == report_id, merges.c.ended_at.is_(None))
        .order_by(merges.c.merged_at, merges.c.id)
    )
    return tuple(rows.scalars())


def is_said_to_its_own(report_id: str) -> ColumnElement[bool]:
    """The condition under which a note is for a report's own reporter, and not for one whose report was put to it;
    wherever it lies while the report itself is put to another."""
    along = _notes_along(merges.c.report_id == report_id)
    return notes.c.id.not_in(_notes_along(merges.c.into_id == report_id)) & (
        ((notes.c.report_id == report_id) & notes.c.id.not_in(_notes_along())) | notes.c.id.in_(along)
    )


def _notes_along(*which: ColumnElement[bool]) -> Any:
    """The ids of the notes that went along with a report by a merge that stands."""
    return (
        select(merged_rows.c.row_id)
        .join(merges, merges.c.id == merged_rows.c.merge_id)
        .where(merged_rows.c.table_name == notes.name, merges.c.ended_at.is_(None), *which)
    )


def take_apart(connection: Connection, merge: Merge, source: Holder, target: Holder) -> None:
    """Moves back to a report (source) what it held before, as far as it still lies with the other (target).

    What others told since then stays with the other. Raises SealBroken, and StaleVersion where it was taken apart
    before.
    """
    ended = connection.execute(
        update(merges).where(merges.c.id == merge.merge_id, merges.c.ended_at.is_(None)).values(ended_at=database_now())
    ).rowcount
    if ended == 0:
        raise StaleVersion("Somebody else has taken these reports apart already.")
    move(connection, _moved(connection, merge.merge_id), target, source, back=True)
    _go_on_waiting(connection, target.report_id, source.report_id)
    connection.execute(update(reports).where(reports.c.id == source.report_id).values(merged_into=None))
    # Whoever writes on from the report's own number writes about that report again.
    number = select(conversations.c.number_index).where(conversations.c.id == source.conversation_id).scalar_subquery()
    connection.execute(
        update(correspondents)
        .where(correspondents.c.number_index == number, correspondents.c.report_id == target.report_id)
        .values(report_id=source.report_id)
    )


def _moved(connection: Connection, merge_id: str) -> Rows:
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(select(merged_rows).where(merged_rows.c.merge_id == merge_id)):
        found[row.table_name] = (*found.get(row.table_name, ()), row.row_id)
    return found
