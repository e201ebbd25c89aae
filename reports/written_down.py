"""Words for what was only heard: an officer or a machine writes a recording down, and the report is read again.

Nothing here commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, insert, select, update

from reports.attachments import RECORDING, Attachment, attachment_of
from reports.audit import AuditEntry
from reports.content import Content
from reports.database import Database, database_now, read_now
from reports.errors import UnknownAttachment
from reports.identity import new_id
from reports.keeping import CONTENT_COLUMN, RAW_COLUMN
from reports.keys import InnerKeys
from reports.merging import go_along_with
from reports.moving import place_of_more
from reports.states import AttachmentState, ReportState
from reports.steps import MACHINE
from reports.store import Store
from reports.tables import attachments, messages, reports, transcripts
from reports.values import Channel

MACHINE_TRANSCRIPT = "machine_transcript"
_HERE = (AttachmentState.KEPT.value, AttachmentState.COPIED.value, AttachmentState.UNCOPIED.value)
_SOURCE = "written-down"
_MOST_MOVES = 3


@dataclass(frozen=True, kw_only=True)
class WrittenDown:
    """What somebody wrote down of a recording. actor is an officer's id, or "machine"; once is 32 hex digits that are
    the same however often the same writing is handed in."""

    attachment_id: str
    actor: str
    words: str
    once: str


@dataclass(frozen=True, kw_only=True)
class ToWriteDown:
    """A recording that a machine is to write down, held until its lease is over. attempts counts this one."""

    attachment: Attachment
    wrapped_key: bytes
    flags: tuple[str, ...]
    attempts: int


def add_words(store: Store, connection: Connection, keys: InnerKeys, written: WrittenDown) -> str:
    """Adds the words to the report as a message of its own, to be read at once; with the recording they go back, where
    an officer put its report to another. Returns the queue to ring for, '' where this writing was added before.

    Raises UnknownAttachment where there is no such recording.
    """
    report = _report_of(connection, written.attachment_id)
    key = keys.opening.open_report_key(report.id, report.wrapped_key)
    message_id, content = new_id(), Content(text=written.words).to_bytes()
    source_id, digest = f"{written.attachment_id}:{written.once}", keys.numbers.of("written-down", content)
    # An officer may hear more at a second listening, or go back and write more: whatever is new is kept, and once. The
    # report is locked: nobody else writes between this look and the insert.
    same = messages.c.source == _SOURCE, messages.c.source_id == source_id
    before = connection.execute(select(messages.c.digest).where(*same)).scalars().all()
    if digest in before:
        return ""
    connection.execute(
        insert(messages).values(
            id=message_id,
            conversation_id=report.conversation_id,
            report_id=report.id,
            channel=Channel.VOICE.value,
            source=_SOURCE,
            source_id=source_id,
            variant=digest if before else "",
            digest=digest,
            received_at=database_now(),
            added_at=place_of_more(connection, report.id),
            sealed_content=key.seal(CONTENT_COLUMN, message_id, content),
            sealed_raw=key.seal(RAW_COLUMN, message_id, b""),
        )
    )
    now = read_now(connection)
    go_along_with(connection, written.attachment_id, message_id)
    if written.actor == MACHINE:
        store.mark(connection, report.id, [MACHINE_TRANSCRIPT])
    connection.execute(
        update(reports)
        .where(reports.c.id == report.id)
        .values(
            # Never the moment that a reader may have taken it for: what is added after that is still to be read.
            to_read_at=now + 1 if report.to_read_at == now else now,
            attempts=case((reports.c.state == ReportState.RECEIVED.value, reports.c.attempts), else_=0),
            rings=0,
            next_ring_at=0,
            version=reports.c.version + 1,
        )
    )
    detail = {"attachment": written.attachment_id}
    store.chain.append(connection, [AuditEntry(written.actor, "written_down", f"report:{report.id}", detail)])
    return str(report.queue)


def _report_of(connection: Connection, attachment_id: str) -> Any:
    """The report that a recording lies in, locked. Until that is done it may still be moved to another."""
    lies_in = select(attachments.c.report_id).where(attachments.c.id == attachment_id, attachments.c.kind == RECORDING)
    for _ in range(_MOST_MOVES):
        row = connection.execute(
            select(reports).where(reports.c.id == lies_in.scalar_subquery()).with_for_update(key_share=True)
        ).first()
        if row is not None and connection.execute(lies_in).scalar() == row.id:
            return row
    raise UnknownAttachment("The report has no such recording.")


def tells_machine_words(connection: Connection, report_id: str) -> bool:
    """Whether a report tells what a machine wrote down of one of its recordings."""
    of_it = messages.c.source_id.like(attachments.c.id.concat(":%"))
    found = connection.execute(
        select(messages.c.id)
        .join(attachments, attachments.c.report_id == messages.c.report_id)
        .join(transcripts, transcripts.c.attachment_id == attachments.c.id)
        .where(messages.c.report_id == report_id, messages.c.source == _SOURCE, of_it)
        .where(transcripts.c.written_at.is_not(None))
        .limit(1)
    )
    return found.first() is not None


def note_recordings(database: Database) -> int:
    """Lists the recordings that are here now and that nobody has listed yet. Returns how many."""
    unlisted = select(attachments.c.id).where(
        attachments.c.kind == RECORDING,
        attachments.c.state.in_(_HERE),
        attachments.c.copy_of.is_(None),
        ~select(transcripts.c.attachment_id).where(transcripts.c.attachment_id == attachments.c.id).exists(),
    )
    with database.read() as connection:
        found = connection.execute(unlisted.limit(1)).first()
    if found is None:
        return 0
    with database.write() as connection:
        return connection.execute(insert(transcripts).from_select(["attachment_id"], unlisted)).rowcount


def claim_recording(database: Database, tries: int, lease_seconds: float) -> ToWriteDown | None:
    """Takes the recording that has waited longest to be written down; None where none waits."""
    now = database_now()
    waits = transcripts.c.written_at.is_(None) & (transcripts.c.attempts < tries) & (transcripts.c.lease_until < now)
    oldest = select(transcripts.c.attachment_id).where(waits).order_by(transcripts.c.lease_until).limit(1)
    with database.read() as connection:
        if connection.execute(oldest).first() is None:
            return None
    with database.write() as connection:
        held = connection.execute(
            update(transcripts)
            .where(transcripts.c.attachment_id.in_(oldest.with_for_update(skip_locked=True).scalar_subquery()), waits)
            .values(attempts=transcripts.c.attempts + 1, lease_until=now + int(lease_seconds * 1000))
            .returning(transcripts.c.attachment_id, transcripts.c.attempts)
        ).first()
        if held is None:
            return None
        row = connection.execute(select(attachments).where(attachments.c.id == held.attachment_id)).one()
        report = connection.execute(
            select(reports.c.wrapped_key, reports.c.flags).where(reports.c.id == row.report_id)
        ).one()
    return ToWriteDown(
        attachment=attachment_of(row),
        wrapped_key=report.wrapped_key,
        flags=tuple(report.flags.split()),
        attempts=held.attempts,
    )


def is_written_down(connection: Connection, attachment_id: str) -> None:
    """Notes that a machine has written a recording down, so that it is not done again."""
    connection.execute(
        update(transcripts)
        .where(transcripts.c.attachment_id == attachment_id)
        .values(written_at=database_now(), failure=None)
    )


def could_not_write_down(database: Database, attachment_id: str, failure: str) -> None:
    """Notes why a recording could not be written down. It is tried again when its lease is over."""
    with database.write() as connection:
        connection.execute(
            update(transcripts).where(transcripts.c.attachment_id == attachment_id).values(failure=failure)
        )
