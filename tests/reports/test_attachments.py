"""Files that came with reports: kept with them, sealed, opened by officers, moved when reports are joined."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from reports.attachments import (
    PIECE_BYTES,
    Attachment,
    add_attachment,
    add_to_report,
    attachments_of,
    move_attachments,
    open_attachment,
    read_pieces,
)
from reports.audit import AuditChain
from reports.content import AwaitedAttachment, NewAttachment
from reports.database import Database
from reports.errors import SealBroken, UnknownAttachment
from reports.keeping import Keeper
from reports.keys import DoorKeys, InnerKeys
from reports.sealing import ReportKey
from reports.states import AttachmentState
from reports.tables import attachment_pieces, attachments, audit_entries, reports
from tests.reports.made import a_text, count, keep

PHOTO = NewAttachment(name="../../孩子 照片.jpg", claimed_type="image/jpeg", data=bytes(range(256)) * 3000)
NOTE = NewAttachment(name="canary-name.txt", claimed_type="text/plain", data=b"canary-bytes")


def key_of(database: Database, keys: InnerKeys, report_id: str) -> ReportKey:
    with database.read() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == report_id)).scalar_one()
    return keys.opening.open_report_key(report_id, wrapped)


def files_of(database: Database, report_id: str) -> tuple[Attachment, ...]:
    with database.read() as connection:
        return attachments_of(connection, report_id)


def bytes_of(database: Database, attachment: Attachment, key: ReportKey) -> bytes:
    with database.read() as connection:
        return b"".join(read_pieces(connection, attachment, key))


def test_files_are_kept_whole_with_their_report_and_under_its_key(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    receipt = Keeper(database, door_keys).keep(a_text(attachments=(PHOTO, NOTE)), urgent=False)
    first, second = files_of(database, receipt.report_id)
    key = key_of(database, inner_keys, receipt.report_id)
    assert bytes_of(database, first, key) == PHOTO.data
    assert bytes_of(database, second, key) == NOTE.data
    about = first.about(key)
    assert (about.name, about.claimed_type, about.size) == (PHOTO.name, "image/jpeg", len(PHOTO.data))
    assert about.sha256 == hashlib.sha256(PHOTO.data).hexdigest()
    assert count(database, attachment_pieces) == -(-len(PHOTO.data) // PIECE_BYTES) + 1
    with database.read() as connection:
        assert '"files":2' in connection.execute(select(audit_entries.c.detail)).scalar_one()


def test_nothing_of_a_file_lies_in_the_clear(database: Database, door_keys: DoorKeys) -> None:
    Keeper(database, door_keys).keep(a_text(attachments=(NOTE,)), urgent=False)
    with database.read() as connection:
        rows = [*connection.execute(select(attachments)), *connection.execute(select(attachment_pieces))]
    assert rows
    assert b"canary" not in b"".join(bytes(value) for row in rows for value in row if isinstance(value, bytes))
    assert "canary" not in "".join(str(value) for row in rows for value in row if not isinstance(value, bytes))


def test_where_nothing_can_be_kept_neither_report_nor_file_is(
    database: Database, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr("reports.attachments.write_pieces", broken)
    with pytest.raises(OSError, match="no room"):
        Keeper(database, door_keys).keep(a_text(attachments=(NOTE,)), urgent=False)
    assert (count(database), count(database, attachments)) == (0, 0)


def test_the_same_delivery_again_keeps_its_files_once(database: Database, door_keys: DoorKeys) -> None:
    keeper, new = Keeper(database, door_keys), a_text(attachments=(NOTE,))
    first, again = keeper.keep(new, urgent=False), keeper.keep(new, urgent=False)
    assert (again.reference, again.repeated) == (first.reference, True)
    assert count(database, attachments) == 1


def test_the_same_words_with_another_file_lose_neither(database: Database, door_keys: DoorKeys) -> None:
    keeper = Keeper(database, door_keys)
    keeper.keep(a_text(), urgent=False)
    keeper.keep(a_text(attachments=(NOTE,)), urgent=False)
    assert count(database, attachments) == 1


def test_a_file_that_still_lies_with_its_provider_is_noted_with_its_report(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    awaited = AwaitedAttachment(url="https://api.twilio.com/canary", source_id="MM1:0", claimed_type="image/png")
    receipt = Keeper(database, door_keys).keep(a_text(awaited=(awaited,)), urgent=False)
    (file,) = files_of(database, receipt.report_id)
    assert file.state is AttachmentState.AWAITED
    assert file.about(key_of(database, inner_keys, receipt.report_id)).url == awaited.url
    with database.write() as connection, pytest.raises(UnknownAttachment):
        open_attachment(connection, AuditChain(database.engine), "o1", receipt.report_id, file.attachment_id)


def test_a_worker_adds_a_recording_once(database: Database, door_keys: DoorKeys, inner_keys: InnerKeys) -> None:
    report_id, chain = keep(database, door_keys), AuditChain(database.engine)
    recording = NewAttachment(name="", claimed_type="audio/mpeg", data=b"ID3", kind="recording", source_id="RE1")
    with database.write() as connection:
        first = add_to_report(connection, chain, inner_keys, report_id, recording)
    with database.write() as connection:
        assert add_to_report(connection, chain, inner_keys, report_id, recording) is None
    (file,) = files_of(database, report_id)
    assert (file.attachment_id, file.kind, file.state) == (first, "recording", AttachmentState.KEPT)
    assert bytes_of(database, file, key_of(database, inner_keys, report_id)) == b"ID3"


def test_opening_a_file_is_written_down_in_the_same_transaction(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    receipt = Keeper(database, door_keys).keep(a_text(attachments=(NOTE,)), urgent=False)
    (file,) = files_of(database, receipt.report_id)
    chain = AuditChain(database.engine)
    with database.write() as connection:
        open_attachment(connection, chain, "officer-1", receipt.report_id, file.attachment_id)
    with database.read() as connection:
        last = connection.execute(select(audit_entries).order_by(audit_entries.c.number.desc())).first()
    assert last is not None
    assert (last.actor, last.action, last.object) == ("officer-1", "opened_original", f"report:{receipt.report_id}")
    assert file.attachment_id in last.detail


def test_a_file_opens_only_from_its_own_report(database: Database, door_keys: DoorKeys) -> None:
    receipt = Keeper(database, door_keys).keep(a_text("SM1", attachments=(NOTE,)), urgent=False)
    other = keep(database, door_keys, 2)
    (file,) = files_of(database, receipt.report_id)
    with database.write() as connection, pytest.raises(UnknownAttachment):
        open_attachment(connection, AuditChain(database.engine), "o1", other, file.attachment_id)


def test_joined_reports_have_their_files_in_one_place(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    keeper = Keeper(database, door_keys)
    first = keeper.keep(a_text("SM1", attachments=(PHOTO,)), urgent=False).report_id
    adding = keeper.keep(a_text("SM2", attachments=(NOTE,)), urgent=False).report_id
    keys = {report: key_of(database, inner_keys, report) for report in (first, adding)}
    (note,) = files_of(database, adding)
    with database.write() as connection:
        copy = replace(NOTE, name="", data=b"a copy")
        add_attachment(connection, keys[adding], adding, 0, copy, copy_of=note.attachment_id)
        before = connection.execute(select(attachment_pieces.c.sealed_bytes)).scalars().all()
    for expected in (2, 0):
        with database.write() as connection:
            assert move_attachments(connection, adding, keys[adding], first, keys[first]) == expected
    photo, note, copied = files_of(database, first)
    assert [bytes_of(database, one, keys[first]) for one in (photo, note, copied)] == [PHOTO.data, NOTE.data, b"a copy"]
    assert copied.copy_of == note.attachment_id
    assert files_of(database, adding) == ()
    with database.read() as connection:
        assert sorted(connection.execute(select(attachment_pieces.c.sealed_bytes)).scalars()) == sorted(before)


def test_the_same_file_of_a_provider_under_two_reports_is_kept_twice_when_they_are_joined(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    keeper, same = Keeper(database, door_keys), replace(NOTE, source_id="ME1")
    first = keeper.keep(a_text("SM1", attachments=(same,)), urgent=False).report_id
    adding = keeper.keep(a_text("SM2", attachments=(same,)), urgent=False).report_id
    with database.write() as connection:
        moved = move_attachments(
            connection,
            adding,
            key_of(database, inner_keys, adding),
            first,
            key_of(database, inner_keys, first),
        )
    assert moved == 1
    assert len(files_of(database, first)) == 2


@pytest.mark.parametrize("harm", ["a piece is cut off", "two pieces change places"])
def test_a_file_that_was_tampered_with_does_not_open(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys, harm: str
) -> None:
    receipt = Keeper(database, door_keys).keep(a_text(attachments=(PHOTO,)), urgent=False)
    (file,) = files_of(database, receipt.report_id)
    with database.write() as connection:
        if harm == "a piece is cut off":
            connection.execute(attachment_pieces.delete().where(attachment_pieces.c.number == 2))
        else:
            query = select(attachment_pieces.c.sealed_bytes).where(attachment_pieces.c.number == 1)
            other = connection.execute(query).scalar_one()
            connection.execute(
                update(attachment_pieces).where(attachment_pieces.c.number == 0).values(sealed_bytes=other)
            )
    with pytest.raises(SealBroken):
        bytes_of(database, file, key_of(database, inner_keys, receipt.report_id))
