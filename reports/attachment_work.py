"""What workers do with files: fetching what is awaited, making copies of what is kept, deleting what lies outside.

Claims have a lease and a token, as those of reports: whoever is late writes nothing, and doing it twice has the effect
of once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, select, update

from reports.attachments import (
    Attachment,
    about_of,
    add_attachment,
    attachment_of,
    held_report,
    seal_about,
    write_pieces,
)
from reports.content import NewAttachment
from reports.database import Database, database_now
from reports.identity import new_id
from reports.keys import InnerKeys
from reports.sealing import ReportKey
from reports.states import AttachmentState, ReportState
from reports.step_columns import added_flag
from reports.tables import attachments, reports

LOST_FLAG = "file_lost"
# Where a report is over, and nobody looks for its files at a provider any more.
_OVER = (ReportState.CLOSED.value, ReportState.QUARANTINED.value)
# An address that no file of ours lies at: there is nothing to be deleted.
NOT_OURS = "not_allowed"
# A file that is said to lie outside in an exercise: nobody asks for it there, nor deletes it.
PLAYED = "exercise"


@dataclass(frozen=True, kw_only=True)
class AttachmentClaim:
    """One file held for a while. attempts counts this one; exercise says that it is nobody's and lies nowhere."""

    attachment: Attachment
    wrapped_key: bytes
    attempts: int
    token: str
    exercise: bool


def claim_attachment(database: Database, state: AttachmentState, lease_seconds: float) -> AttachmentClaim | None:
    """Takes the file that waits longest in a state; None where none is due."""
    return _claim(database, attachments.c.state == state.value, lease_seconds)


def claim_outside(database: Database, lease_seconds: float) -> AttachmentClaim | None:
    """Takes a file that still lies with its provider and need not any more; None where there is none.

    It is kept here; or it could not be fetched and its report is over: until then, what lies there is all there is.
    """
    here = attachments.c.state.not_in([AttachmentState.AWAITED.value, AttachmentState.LOST.value])
    over = select(reports.c.id).where(reports.c.id == attachments.c.report_id, reports.c.state.in_(_OVER))
    given_up = (attachments.c.state == AttachmentState.LOST.value) & over.exists()
    return _claim(database, (attachments.c.lies_outside == 1) & (here | given_up), lease_seconds)


def _claim(database: Database, wanted: ColumnElement[bool], lease_seconds: float) -> AttachmentClaim | None:
    due = wanted & (attachments.c.lease_until < database_now())
    with database.read() as connection:
        # Nearly always there is nothing to do, and looking must not take anybody's turn to write.
        if connection.execute(select(attachments.c.id).where(due).limit(1)).first() is None:
            return None
    token = new_id()
    with database.write() as connection:
        first = select(attachments.c.id).where(due).order_by(attachments.c.lease_until, attachments.c.kept_at).limit(1)
        taken = connection.execute(first.with_for_update(skip_locked=True)).scalar()
        if taken is None:
            return None
        row = connection.execute(
            update(attachments)
            .where(attachments.c.id == taken)
            .values(
                lease_token=token,
                lease_until=database_now() + int(lease_seconds * 1000),
                attempts=attachments.c.attempts + 1,
            )
            .returning(attachments)
        ).one()
        query = select(reports.c.wrapped_key, reports.c.exercise).where(reports.c.id == row.report_id)
        report = connection.execute(query).one()
    return AttachmentClaim(
        attachment=attachment_of(row),
        wrapped_key=bytes(report.wrapped_key),
        attempts=row.attempts,
        token=token,
        exercise=bool(report.exercise),
    )


def put_off(database: Database, claim: AttachmentClaim, failure: str, seconds: float) -> None:
    """Leaves a file until later, with the code of what went wrong."""
    with database.write() as connection:
        _finish(connection, claim, lease_until=database_now() + int(seconds * 1000), failure=failure, lease_token=None)


def keep_fetched(database: Database, keys: InnerKeys, claim: AttachmentClaim, fetched: NewAttachment) -> bool:
    """Keeps the bytes of an awaited file. Returns whether they were written: not where another worker has it by now.

    Raises KeyMissing and SealBroken.
    """
    with database.write() as connection:
        now = _locked(connection, keys, claim)
        if now is None:
            return False
        attachment, key = now
        known = attachment.about(key)
        about = replace(about_of(fetched), name=known.name or fetched.name, url=known.url)
        write_pieces(connection, attachment.own_key(key), attachment.attachment_id, fetched.data)
        return _finish(
            connection,
            claim,
            state=AttachmentState.KEPT.value,
            sealed_about=seal_about(key, attachment.attachment_id, about),
            lease_token=None,
            lease_until=0,
            attempts=0,
            failure=None,
        )


def keep_copies(
    database: Database, keys: InnerKeys, claim: AttachmentClaim, copies: Sequence[NewAttachment], failure: str
) -> bool:
    """Keeps the copies made of a file; with none, says why there is none. failure is '' where they show all of it.

    Returns whether they were written: not where another worker has the file by now. Raises KeyMissing and SealBroken.
    """
    with database.write() as connection:
        now = _locked(connection, keys, claim)
        if now is None:
            return False
        attachment, key = now
        for number, copy in enumerate(copies):
            add_attachment(connection, key, attachment.report_id, number, copy, copy_of=attachment.attachment_id)
        state = AttachmentState.COPIED if copies else AttachmentState.UNCOPIED
        return _finish(
            connection, claim, state=state.value, failure=failure or None, lease_token=None, lease_until=0, attempts=0
        )


def lose(database: Database, claim: AttachmentClaim, failure: str) -> None:
    """Gives up a file that cannot be fetched, and marks its report for the officer. Opens nothing."""
    values = {"lies_outside": 0} if failure in (NOT_OURS, PLAYED) else {}
    with database.write() as connection:
        state = AttachmentState.LOST.value
        if _finish(connection, claim, state=state, failure=failure, lease_token=None, lease_until=0, **values):
            _mark(connection, claim)


def put_off_marked(database: Database, claim: AttachmentClaim, failure: str, seconds: float) -> None:
    """Leaves a file until later, and marks its report for the officer: it is not here in time."""
    until = database_now() + int(seconds * 1000)
    with database.write() as connection:
        if _finish(connection, claim, lease_until=until, failure=failure, lease_token=None):
            _mark(connection, claim)


def give_up_copying(database: Database, claim: AttachmentClaim, failure: str) -> None:
    """Leaves a file without a copy for good. Opens nothing, so that it works where nothing opens."""
    with database.write() as connection:
        state = AttachmentState.UNCOPIED.value
        _finish(connection, claim, state=state, failure=failure, lease_token=None, lease_until=0, attempts=0)


def _mark(connection: Connection, claim: AttachmentClaim) -> None:
    lies_in = select(attachments.c.report_id).where(attachments.c.id == claim.attachment.attachment_id)
    connection.execute(
        update(reports).where(reports.c.id == lies_in.scalar_subquery()).values(flags=added_flag(LOST_FLAG))
    )


def note_deleted(database: Database, claim: AttachmentClaim) -> None:
    """Notes that a file lies with its provider no longer."""
    with database.write() as connection:
        _finish(connection, claim, lies_outside=0, lease_token=None, lease_until=0, attempts=0)


def _locked(connection: Connection, keys: InnerKeys, claim: AttachmentClaim) -> tuple[Attachment, ReportKey] | None:
    """The file as it is now, and the key of the report it belongs to now; None where it is held no longer."""
    report_id, wrapped = held_report(connection, claim.attachment.report_id)
    row = connection.execute(
        select(attachments)
        .where(attachments.c.id == claim.attachment.attachment_id, attachments.c.lease_token == claim.token)
        .with_for_update()
    ).first()
    if row is None or row.report_id != report_id:
        return None
    return attachment_of(row), keys.opening.open_report_key(report_id, wrapped)


def _finish(connection: Connection, claim: AttachmentClaim, **values: object) -> bool:
    held = (attachments.c.id == claim.attachment.attachment_id) & (attachments.c.lease_token == claim.token)
    return bool(connection.execute(update(attachments).where(held).values(**values)).rowcount)
