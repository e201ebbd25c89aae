"""The files that came with reports: kept, listed, opened and moved. Nothing here commits.

Each file is sealed in pieces under a key of its own, and that key under the report's. So it is kept in the transaction
that keeps the report, is erased with the report's key, passes through a process piece by piece, and moves to another
report without being sealed anew. What the sender called it is sealed too, and never becomes part of a path.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from reports.audit import AuditChain, AuditEntry
from reports.content import AwaitedAttachment, NewAttachment
from reports.database import Database, database_now
from reports.errors import SealBroken, UnknownAttachment, UnknownReport
from reports.identity import new_id
from reports.keys import InnerKeys
from reports.sealing import ReportKey
from reports.states import AttachmentState
from reports.tables import attachment_pieces, attachments, reports
from reports.whereabouts import MOST_STEPS, where_it_lies

PIECE_BYTES = 256 * 1024
# What was said in a call: heard at the desk, and no file that somebody sent.
RECORDING = "recording"
_KEY_COLUMN, _ABOUT_COLUMN = "attachments.sealed_key", "attachments.sealed_about"
_PIECE_COLUMN = "attachment_pieces.sealed_bytes"


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a file: the sender's name and type for it, its size in bytes and the SHA-256 of its bytes.

    url is where it lies at its provider, '' once it lies there no longer; size is 0 and sha256 '' until it is here.
    """

    name: str
    claimed_type: str
    size: int
    sha256: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file as it lies in the store. copy_of is the file it is a copy of, None for what came from outside.

    failure is the code of why it has no copy or could not be fetched.
    """

    attachment_id: str
    report_id: str
    copy_of: str | None
    number: int
    kind: str
    state: AttachmentState
    kept_at: int
    failure: str | None
    sealed_key: bytes
    sealed_about: bytes

    def about(self, key: ReportKey) -> About:
        """What is known of it, by the key of its report. Raises SealBroken."""
        return About(**json.loads(key.open(_ABOUT_COLUMN, self.attachment_id, self.sealed_about)))

    def own_key(self, key: ReportKey) -> ReportKey:
        """The key of its pieces, by the key of its report. Raises SealBroken."""
        return ReportKey(key.open(_KEY_COLUMN, self.attachment_id, self.sealed_key))


def add_attachment(
    connection: Connection, key: ReportKey, report_id: str, number: int, new: NewAttachment, copy_of: str | None = None
) -> str:
    """Keeps a file under its report's key and returns its id. Pieces are sealed one at a time, as they are written."""
    state = AttachmentState.KEPT if copy_of is None else AttachmentState.COPY
    attachment_id, own_key = _add_row(connection, key, report_id, number, about_of(new), new, state, copy_of)
    write_pieces(connection, ReportKey(own_key), attachment_id, new.data)
    return attachment_id


def add_awaited(connection: Connection, key: ReportKey, report_id: str, number: int, awaited: AwaitedAttachment) -> str:
    """Notes a file that a worker is to fetch, and returns its id."""
    about = About(name="", claimed_type=awaited.claimed_type, size=0, sha256="", url=awaited.url)
    return _add_row(connection, key, report_id, number, about, awaited, AttachmentState.AWAITED, None)[0]


def add_to_report(
    connection: Connection, chain: AuditChain, keys: InnerKeys, report_id: str, new: NewAttachment
) -> str | None:
    """Adds a file to a report that is kept already, or to the one that it was joined to, for a worker.

    Returns its id; None where the file, by its source_id, was added before. Raises UnknownReport, KeyMissing and
    SealBroken.
    """
    report_id, wrapped = held_report(connection, report_id)
    if new.source_id and new.source_id in _source_ids(connection, report_id):
        return None
    key = keys.opening.open_report_key(report_id, wrapped)
    attachment_id = add_attachment(connection, key, report_id, 0, new)
    entry = AuditEntry("machine", "attachment_added", f"report:{report_id}", {"attachment": attachment_id})
    chain.append(connection, [entry])
    return attachment_id


def held_report(connection: Connection, report_id: str) -> tuple[str, bytes]:
    """The id and wrapped key of the report that a report's files belong to by now, locked for this transaction.

    Raises UnknownReport.
    """
    for _ in range(MOST_STEPS):
        lies_in = where_it_lies(connection, report_id)
        query = select(reports.c.id, reports.c.wrapped_key, reports.c.merged_into).where(reports.c.id == lies_in)
        row = connection.execute(query.with_for_update()).first()
        if row is not None and row.merged_into is None:
            return str(row.id), bytes(row.wrapped_key)
    raise UnknownReport(f"A file should be added to report {report_id}, but there is no such report.")


def attachments_of(connection: Connection, report_id: str) -> tuple[Attachment, ...]:
    """A report's files in the order they came, each followed by its copies."""
    rows = connection.execute(
        select(attachments)
        .where(attachments.c.report_id == report_id)
        .order_by(attachments.c.kept_at, attachments.c.number, attachments.c.id)
    ).all()
    found = [attachment_of(row) for row in rows]
    copies = sorted((one for one in found if one.copy_of is not None), key=lambda one: one.number)
    ordered: list[Attachment] = []
    for one in found:
        if one.copy_of is None:
            ordered += [one, *(copy for copy in copies if copy.copy_of == one.attachment_id)]
    return tuple(ordered)


def count_files(connection: Connection, report_ids: Sequence[str]) -> dict[str, int]:
    """How many files came with each report, those on their way too. Recordings of calls are none."""
    counted = connection.execute(
        select(attachments.c.report_id, func.count())
        .where(
            attachments.c.report_id.in_(report_ids), attachments.c.copy_of.is_(None), attachments.c.kind != RECORDING
        )
        .group_by(attachments.c.report_id)
    )
    return dict.fromkeys(report_ids, 0) | {row[0]: row[1] for row in counted}


def open_attachment(
    connection: Connection, chain: AuditChain, officer_id: str, report_id: str, attachment_id: str, packet: str = ""
) -> Attachment:
    """One file of a report, with the line in the audit chain that an officer opened it.

    packet is the id of the referral where it was opened in a unit's inbox. Its bytes may be read once this transaction
    is committed. Raises UnknownAttachment for a file of another report, and for one that is not here.
    """
    query = select(attachments).where(attachments.c.id == attachment_id, attachments.c.report_id == report_id)
    row = connection.execute(query).first()
    absent = (AttachmentState.AWAITED.value, AttachmentState.LOST.value)
    if row is None or row.state in absent:
        raise UnknownAttachment("The report has no such file.")
    found = attachment_of(row)
    action = "opened_copy" if found.state is AttachmentState.COPY else "opened_original"
    original = found.copy_of or found.attachment_id
    where = f"referral:{packet}" if packet else f"report:{report_id}"
    chain.append(connection, [AuditEntry(officer_id, action, where, {"attachment": original})])
    return found


def read_pieces(connection: Connection, attachment: Attachment, key: ReportKey) -> Iterator[bytes]:
    """The bytes of a file, piece by piece, by the key of its report.

    Raises SealBroken where a piece was changed or moved, and at the end where one is missing.
    """
    own_key = attachment.own_key(key)
    for number in range(_count(attachment.about(key).size)):
        yield _piece(connection, attachment, own_key, number)


def read_pieces_apart(database: Database, attachment: Attachment, key: ReportKey) -> Iterator[bytes]:
    """The same, each piece in a transaction of its own: for whoever passes them on as slowly as somebody takes them."""
    own_key = attachment.own_key(key)
    for number in range(_count(attachment.about(key).size)):
        with database.read() as connection:
            piece = _piece(connection, attachment, own_key, number)
        yield piece


def _count(size: int) -> int:
    return -(-size // PIECE_BYTES)


def _piece(connection: Connection, attachment: Attachment, own_key: ReportKey, number: int) -> bytes:
    sealed = connection.execute(
        select(attachment_pieces.c.sealed_bytes).where(
            attachment_pieces.c.attachment_id == attachment.attachment_id, attachment_pieces.c.number == number
        )
    ).scalar()
    if sealed is None:
        raise SealBroken(f"A piece of file {attachment.attachment_id} is missing.")
    return own_key.open(_PIECE_COLUMN, _piece_id(attachment.attachment_id, number), sealed)


def move_attachments(
    connection: Connection,
    from_report: str,
    from_key: ReportKey,
    to_report: str,
    to_key: ReportKey,
    *,
    only: Collection[str] | None = None,
) -> int:
    """Moves all files of a report, or `only` some, with their copies, to another one and under its key. Returns how
    many were moved.

    Their pieces stay as they are. Moving twice has the effect of once. Raises SealBroken.
    """
    query = select(attachments).where(attachments.c.report_id == from_report).with_for_update()
    if only is not None:
        # A copy that was made since goes with its file.
        query = query.where(attachments.c.id.in_(only) | attachments.c.copy_of.in_(only))
    rows = connection.execute(query).all()
    known = _source_ids(connection, to_report)
    for row in rows:
        moved = {
            "report_id": to_report,
            # The same file of the same provider under both reports: both are kept, and the name stays with the first.
            "source_id": None if row.source_id in known else row.source_id,
            "sealed_key": to_key.seal(_KEY_COLUMN, row.id, from_key.open(_KEY_COLUMN, row.id, row.sealed_key)),
            "sealed_about": to_key.seal(_ABOUT_COLUMN, row.id, from_key.open(_ABOUT_COLUMN, row.id, row.sealed_about)),
        }
        connection.execute(update(attachments).where(attachments.c.id == row.id).values(**moved))
    return len(rows)


def write_pieces(connection: Connection, own_key: ReportKey, attachment_id: str, data: bytes) -> None:
    """Seals and writes the bytes of a file under its own key, one piece at a time."""
    for number, start in enumerate(range(0, len(data), PIECE_BYTES)):
        piece = data[start : start + PIECE_BYTES]
        connection.execute(
            insert(attachment_pieces).values(
                attachment_id=attachment_id,
                number=number,
                sealed_bytes=own_key.seal(_PIECE_COLUMN, _piece_id(attachment_id, number), piece),
            )
        )


def seal_about(key: ReportKey, attachment_id: str, about: About) -> bytes:
    """What is known of a file, sealed under its report's key."""
    plain = json.dumps(asdict(about), ensure_ascii=False, separators=(",", ":")).encode()
    return key.seal(_ABOUT_COLUMN, attachment_id, plain)


def about_of(new: NewAttachment) -> About:
    """What is known of a file that is here."""
    digest = hashlib.sha256(new.data).hexdigest()
    return About(name=new.name, claimed_type=new.claimed_type, size=len(new.data), sha256=digest)


def attachment_of(row: Any) -> Attachment:
    """The value in a row of the table."""
    return Attachment(
        attachment_id=row.id,
        report_id=row.report_id,
        copy_of=row.copy_of,
        number=row.number,
        kind=row.kind,
        state=AttachmentState(row.state),
        kept_at=row.kept_at,
        failure=row.failure,
        sealed_key=row.sealed_key,
        sealed_about=row.sealed_about,
    )


def digest_of(new: Sequence[NewAttachment]) -> bytes:
    """Tells deliveries with other files apart: the SHA-256 of each, one after another; nothing where there are none."""
    return b"".join(hashlib.sha256(one.data).digest() for one in new)


def _source_ids(connection: Connection, report_id: str) -> set[str]:
    query = select(attachments.c.source_id).where(
        attachments.c.report_id == report_id, attachments.c.source_id.is_not(None)
    )
    return set(connection.execute(query).scalars())


def _add_row(
    connection: Connection,
    key: ReportKey,
    report_id: str,
    number: int,
    about: About,
    came: NewAttachment | AwaitedAttachment,
    state: AttachmentState,
    copy_of: str | None,
) -> tuple[str, bytes]:
    attachment_id, own_key = new_id(), os.urandom(32)
    connection.execute(
        insert(attachments).values(
            id=attachment_id,
            report_id=report_id,
            copy_of=copy_of,
            number=number,
            kind=came.kind,
            state=state.value,
            kept_at=database_now(),
            source_id=came.source_id or None,
            lies_outside=int(bool(about.url)),
            sealed_key=key.seal(_KEY_COLUMN, attachment_id, own_key),
            sealed_about=seal_about(key, attachment_id, about),
        )
    )
    return attachment_id, own_key


def _piece_id(attachment_id: str, number: int) -> str:
    return f"{attachment_id}:{number}"
