"""What workers do with files: fetched where they lie, copied for the desk, deleted where they lay."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from config.files import Files
from config.settings import PACKAGED_CONFIG
from reports.attachment_work import claim_attachment, keep_copies
from reports.attachments import Attachment, attachments_of, move_attachments, read_pieces
from reports.content import AwaitedAttachment, NewAttachment
from reports.keeping import Keeper
from reports.sealing import ReportKey
from reports.states import AttachmentState
from reports.tables import attachments, reports
from tests.reports.made import a_text
from tests.workers import hostile_files
from tests.workers.made import Work
from tests.workers.unit_server import UnitServer, unit_server
from workers.fetching import Account, Fetcher
from workers.files import copy_one, delete_one, fetch_one

LIMITS = Files.load(PACKAGED_CONFIG).copies
PHOTO = hostile_files.photo()


@pytest.fixture
def provider() -> Iterator[UnitServer]:
    with unit_server(answer=PHOTO, headers={"Content-Type": "image/jpeg"}) as server:
        yield server


def fetcher_of(provider: UnitServer) -> Fetcher:
    account = Account(origin=f"http://127.0.0.1:{provider.port}", user="AC1", password="secret")
    return Fetcher(account, (), most_bytes=1_000_000, seconds=2, redirects=1)


def keep(work: Work, *files: NewAttachment, url: str = "", source_id: str = "SM1") -> str:
    awaited = (AwaitedAttachment(url=url, source_id="MM1:0", claimed_type="image/x"),) if url else ()
    new = a_text(source_id, attachments=files, awaited=awaited)
    return Keeper(work.context.database, work.door_keys).keep(new, urgent=False).report_id


def files_of(work: Work, report_id: str) -> tuple[Attachment, ...]:
    with work.context.database.read() as connection:
        return attachments_of(connection, report_id)


def key_of(work: Work, report_id: str) -> ReportKey:
    with work.context.database.read() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == report_id)).scalar_one()
    return work.context.keys.opening.open_report_key(report_id, wrapped)


def bytes_of(work: Work, file: Attachment) -> bytes:
    with work.context.database.read() as connection:
        return b"".join(read_pieces(connection, file, key_of(work, file.report_id)))


def wait_is_over(work: Work) -> None:
    with work.context.database.write() as connection:
        connection.execute(update(attachments).values(lease_until=0))


def photo(name: str = "a.jpg", data: bytes = PHOTO) -> NewAttachment:
    return NewAttachment(name=name, claimed_type="image/jpeg", data=data)


def test_a_photo_gets_a_copy_without_its_place_and_the_original_stays_as_it_was(work: Work) -> None:
    report_id = keep(work, photo())
    assert copy_one(work.context, LIMITS)
    original, copy = files_of(work, report_id)
    assert (original.state, original.failure) == (AttachmentState.COPIED, None)
    assert (copy.state, copy.copy_of) == (AttachmentState.COPY, original.attachment_id)
    assert copy.about(key_of(work, report_id)).claimed_type == "image/jpeg"
    assert bytes_of(work, original) == PHOTO
    assert hostile_files.CANARY in PHOTO
    assert hostile_files.CANARY not in bytes_of(work, copy)
    assert not copy_one(work.context, LIMITS)


def test_what_cannot_be_copied_is_said_to_be_so_and_kept(work: Work) -> None:
    report_id = keep(work, photo("cat.svg", hostile_files.svg_with_script()))
    assert copy_one(work.context, LIMITS)
    (original,) = files_of(work, report_id)
    assert (original.state, original.failure) == (AttachmentState.UNCOPIED, "unknown_kind")
    assert bytes_of(work, original) == hostile_files.svg_with_script()


def test_a_file_that_ended_whoever_copied_it_five_times_is_not_tried_again(work: Work) -> None:
    report_id = keep(work, photo())
    for _ in range(work.context.machine.attempts):
        assert claim_attachment(work.context.database, AttachmentState.KEPT, 60) is not None
        assert not copy_one(work.context, LIMITS)
        wait_is_over(work)
    assert copy_one(work.context, LIMITS)
    (original,) = files_of(work, report_id)
    assert (original.state, original.failure) == (AttachmentState.UNCOPIED, "gave_up")


def test_two_who_copy_the_same_file_leave_one_copy(work: Work) -> None:
    report_id = keep(work, photo())
    slow = claim_attachment(work.context.database, AttachmentState.KEPT, 60)
    assert slow is not None
    wait_is_over(work)
    assert copy_one(work.context, LIMITS)
    late = NewAttachment(name="", claimed_type="image/jpeg", data=b"late")
    assert not keep_copies(work.context.database, work.context.keys, slow, [late], "")
    assert len(files_of(work, report_id)) == 2


def test_a_file_that_moved_to_another_report_while_it_was_copied_has_its_copy_there(work: Work) -> None:
    first, adding = keep(work, source_id="SM1"), keep(work, photo(), source_id="SM2")
    claim = claim_attachment(work.context.database, AttachmentState.KEPT, 60)
    assert claim is not None
    with work.context.database.write() as connection:
        move_attachments(connection, adding, key_of(work, adding), first, key_of(work, first))
        connection.execute(update(reports).where(reports.c.id == adding).values(merged_into=first))
    copy = NewAttachment(name="", claimed_type="image/jpeg", data=b"copy")
    assert keep_copies(work.context.database, work.context.keys, claim, [copy], "")
    original, kept = files_of(work, first)
    assert (bytes_of(work, original), bytes_of(work, kept)) == (PHOTO, b"copy")


def test_a_picture_of_a_text_message_is_fetched_copied_and_deleted_where_it_lay(
    work: Work, provider: UnitServer
) -> None:
    report_id = keep(work, url=f"http://127.0.0.1:{provider.port}/Media/ME1")
    fetcher = fetcher_of(provider)
    assert not delete_one(work.context, fetcher)
    assert fetch_one(work.context, fetcher)
    (file,) = files_of(work, report_id)
    assert (file.state, file.about(key_of(work, report_id)).claimed_type) == (AttachmentState.KEPT, "image/jpeg")
    assert bytes_of(work, file) == PHOTO
    assert delete_one(work.context, fetcher)
    assert not delete_one(work.context, fetcher)
    assert [request.method for request in provider.got] == ["GET", "DELETE"]
    assert copy_one(work.context, LIMITS)
    assert len(files_of(work, report_id)) == 2


def flags_of(work: Work) -> list[str]:
    with work.context.database.read() as connection:
        return str(connection.execute(select(reports.c.flags)).scalar_one()).split()


@pytest.mark.parametrize("status", [503, 401, 403])
def test_a_provider_in_trouble_is_asked_again_for_days_and_the_report_is_marked_early(
    work: Work, provider: UnitServer, status: int
) -> None:
    report_id = keep(work, url=f"http://127.0.0.1:{provider.port}/Media/ME1")
    provider.statuses = [status]
    for tried in range(1, 9):
        assert fetch_one(work.context, fetcher_of(provider))
        assert not fetch_one(work.context, fetcher_of(provider))
        assert ("file_lost" in flags_of(work)) == (tried >= work.context.machine.attempts)
        wait_is_over(work)
    provider.statuses = [200]
    assert fetch_one(work.context, fetcher_of(provider))
    (file,) = files_of(work, report_id)
    assert (file.state, bytes_of(work, file)) == (AttachmentState.KEPT, PHOTO)


def test_what_could_not_be_fetched_for_a_week_is_lost_and_left_where_it_lies_until_the_report_is_over(
    work: Work, provider: UnitServer
) -> None:
    report_id = keep(work, url=f"http://127.0.0.1:{provider.port}/Media/ME1")
    provider.statuses = [503]
    with work.context.database.write() as connection:
        connection.execute(update(attachments).values(attempts=34))
    assert fetch_one(work.context, fetcher_of(provider))
    (file,) = files_of(work, report_id)
    assert (file.state, file.failure) == (AttachmentState.LOST, "not_now")
    assert not delete_one(work.context, fetcher_of(provider))
    with work.context.database.write() as connection:
        connection.execute(update(reports).values(state="CLOSED"))
    provider.statuses = [404]
    assert delete_one(work.context, fetcher_of(provider))
    # Nothing of it lies outside any more, so that the report can be erased.
    with work.context.database.read() as connection:
        assert connection.execute(select(attachments.c.lies_outside)).scalar_one() == 0


def test_an_address_that_is_not_the_providers_holds_up_no_erasing(work: Work, provider: UnitServer) -> None:
    keep(work, url="http://169.254.169.254/")
    assert fetch_one(work.context, fetcher_of(provider))
    with work.context.database.read() as connection:
        assert connection.execute(select(attachments.c.lies_outside)).scalar_one() == 0


@pytest.mark.parametrize("broken", ["sealed_key", "sealed_about"])
def test_a_file_whose_seal_does_not_open_is_given_up_after_some_tries(
    work: Work, provider: UnitServer, broken: str
) -> None:
    report_id = keep(work, photo(), url=f"http://127.0.0.1:{provider.port}/Media/ME1")
    with work.context.database.write() as connection:
        connection.execute(update(attachments).values({broken: b"\x01" + bytes(300)}))
        if broken == "sealed_key":
            connection.execute(attachments.delete().where(attachments.c.state == "AWAITED"))
    for _ in range(work.context.machine.attempts):
        assert copy_one(work.context, LIMITS)
        if broken == "sealed_about":
            assert fetch_one(work.context, fetcher_of(provider))
        wait_is_over(work)
    assert not copy_one(work.context, LIMITS)
    assert not fetch_one(work.context, fetcher_of(provider))
    assert {file.failure for file in files_of(work, report_id)} == {"seal_broken"}


def test_row_17_an_address_elsewhere_is_not_fetched_and_the_report_says_so(work: Work, provider: UnitServer) -> None:
    report_id = keep(work, url="http://169.254.169.254/latest/meta-data/")
    assert fetch_one(work.context, fetcher_of(provider))
    (file,) = files_of(work, report_id)
    assert (file.state, file.failure) == (AttachmentState.LOST, "not_allowed")
    assert provider.got == []


def test_a_file_that_could_not_be_deleted_now_is_deleted_later(work: Work, provider: UnitServer) -> None:
    keep(work, url=f"http://127.0.0.1:{provider.port}/Media/ME1")
    fetcher = fetcher_of(provider)
    fetch_one(work.context, fetcher)
    provider.statuses = [500, 204]
    assert delete_one(work.context, fetcher)
    assert not delete_one(work.context, fetcher)
    wait_is_over(work)
    assert delete_one(work.context, fetcher)
    wait_is_over(work)
    assert not delete_one(work.context, fetcher)


def test_the_log_says_nothing_of_a_file_but_why(
    work: Work, provider: UnitServer, caplog: pytest.LogCaptureFixture
) -> None:
    keep(work, photo("canary-name.svg", b"<svg>canary"), url="http://169.254.169.254/canary")
    fetch_one(work.context, fetcher_of(provider))
    copy_one(work.context, LIMITS)
    assert "A file has no copy" in caplog.text
    assert "canary" not in caplog.text


def test_a_page_in_the_place_of_a_recording_is_neither_kept_nor_deleted_where_it_lies(
    work: Work, provider: UnitServer
) -> None:
    url = f"http://127.0.0.1:{provider.port}/Recordings/RE1"
    new = a_text("SM1", awaited=(AwaitedAttachment(url=url, source_id="RE1", kind="recording"),))
    report_id = Keeper(work.context.database, work.door_keys).keep(new, urgent=False).report_id
    provider.headers, provider.answer = {"Content-Type": "text/html"}, b"<h1>later</h1>"
    assert fetch_one(work.context, fetcher_of(provider))
    assert not delete_one(work.context, fetcher_of(provider))
    (file,) = files_of(work, report_id)
    assert (file.state, file.failure) == (AttachmentState.AWAITED, "no_sound")
    provider.headers, provider.answer = {"Content-Type": "audio/x-wav"}, b"RIFF"
    wait_is_over(work)
    assert fetch_one(work.context, fetcher_of(provider))
    assert files_of(work, report_id)[0].state is AttachmentState.KEPT
    assert delete_one(work.context, fetcher_of(provider))
    assert [request.method for request in provider.got] == ["GET", "GET", "DELETE"]
