"""Files at the desk: a copy is opened with a reason and shown veiled, an original is taken by a step of its own."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from reports.attachment_work import claim_attachment, keep_copies
from reports.attachments import add_awaited, add_to_report
from reports.content import AwaitedAttachment, NewAttachment
from reports.states import AttachmentState
from reports.tables import attachment_pieces, attachments, reports
from tests.console.house import House, Kept, words_of
from tests.workers import hostile_files

JPEG = b"\xff\xd8\xff copy"
PHOTO = NewAttachment(name="窑厂\u202egpj.<img src=x>", claimed_type="image/jpeg", data=hostile_files.photo())


def with_file(house: House, kept: Kept, file: NewAttachment = PHOTO) -> str:
    with house.database.write() as connection:
        found = add_to_report(connection, house.services.store.chain, house.services.keys, kept.report_id, file)
    assert found is not None
    return found


def copied(house: House, *copies: NewAttachment, failure: str = "") -> None:
    claim = claim_attachment(house.database, AttachmentState.KEPT, 60)
    assert claim is not None
    assert keep_copies(house.database, house.services.keys, claim, copies, failure)


def picture(data: bytes = JPEG, kind: str = "image/jpeg") -> NewAttachment:
    return NewAttachment(name="", claimed_type=kind, data=data)


def page_of(kept: Kept, file: str, step: str) -> str:
    return f"/reports/{kept.reference}/files/{file}/{step}"


def test_a_report_lists_its_files_and_loads_nothing_of_them(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    file = with_file(house, kept)
    assert "Its copy is being made" in words_of(chen.get(f"/reports/{kept.reference}").text)
    copied(house, picture())
    page = chen.get(f"/reports/{kept.reference}").text
    assert page_of(kept, file, "copy") in page
    assert "<img" not in page
    assert "&lt;img src=x&gt;" in page
    assert "\u202e" not in page
    assert base64.b64encode(JPEG).decode() not in page


def test_a_copy_is_shown_veiled_once_the_officer_has_said_why(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    file = with_file(house, kept)
    copied(house, picture(), picture(b"\xff\xd8\xff two"), picture(b"sound", "audio/mpeg"))
    shown = chen.post(page_of(kept, file, "copy"), {"reason": "看门牌"})
    assert shown.status_code == 200
    sources = re.findall(r'<(img|audio)[^>]* src="data:([a-z/]+);base64,([^"]+)"', shown.text)
    assert [(tag, kind, base64.b64decode(data)) for tag, kind, data in sources] == [
        ("img", "image/jpeg", JPEG), ("img", "image/jpeg", b"\xff\xd8\xff two"), ("audio", "audio/mpeg", b"sound"),
    ]  # fmt: skip
    assert shown.text.count('class="veiled"') == 2
    assert " checked" not in shown.text
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert shown.headers["Cache-Control"] == "no-store"
    assert (chen.id, "opened_copy") in house.audit(kept.report_id)
    assert "Chen opened the copy of a file 看门牌" in words_of(chen.get(f"/reports/{kept.reference}").text)


@pytest.mark.parametrize("step", ["copy", "original"])
@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_opened_and_nothing_written_down(house: House, step: str, reason: str) -> None:
    kept, chen = house.triaged(), house.duty()
    file = with_file(house, kept)
    copied(house, picture())
    answer = chen.post(page_of(kept, file, step), {"reason": reason})
    assert answer.status_code == 422
    assert "data:image/jpeg" not in answer.text
    assert not any(action.startswith("opened_") for _, action in house.audit(kept.report_id))


def test_an_original_is_taken_after_a_warning_as_a_download_that_shows_nothing(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    file = with_file(house, kept)
    warning = chen.get(page_of(kept, file, "original"))
    assert "may carry a harmful program" in words_of(warning.text)
    assert not any(action == "opened_original" for _, action in house.audit(kept.report_id))
    taken = chen.post(page_of(kept, file, "original"), {"reason": "交技术科检验"})
    assert taken.data == PHOTO.data
    assert hostile_files.CANARY in taken.data
    assert taken.headers["Content-Type"] == "application/octet-stream"
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{kept.reference}-{file[-6:]}.bin"'
    assert taken.headers["X-Content-Type-Options"] == "nosniff"
    assert taken.headers["Content-Security-Policy"].startswith("sandbox;")
    assert (chen.id, "opened_original") in house.audit(kept.report_id)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", b"<script>alert(1)</script>"),
        ("cat.svg", hostile_files.svg_with_script()),
        ("a.gif", hostile_files.gif_and_script()),
        ("a.pdf", hostile_files.paper_with_script()),
        ("../../etc/passwd\r\nX-Injected: 1", b"x"),
    ],
)
def test_rows_46_to_48_no_original_is_ever_served_as_itself(house: House, name: str, data: bytes) -> None:
    kept, chen = house.triaged(), house.duty()
    file = with_file(house, kept, NewAttachment(name=name, claimed_type="text/html", data=data))
    taken = chen.post(page_of(kept, file, "original"), {"reason": "检验"})
    assert taken.data == data
    assert taken.headers["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="[A-Z0-9-]+-[0-9a-f]{6}\.bin"', taken.headers["Content-Disposition"])
    assert "X-Injected" not in taken.headers


def test_a_large_original_passes_through_piece_by_piece(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    data = bytes(range(256)) * 4000
    file = with_file(house, kept, replace(PHOTO, data=data))
    taken = chen.post(page_of(kept, file, "original"), {"reason": "检验"})
    assert taken.data == data


@pytest.mark.parametrize("failure", ["unknown_kind", "broken", "too_large", "too_long", "ended", "gave_up", "no_lock"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_there_is_no_copy_is_said(house: House, failure: str, language: str) -> None:
    kept = house.triaged()
    file = with_file(house, kept)
    copied(house, failure=failure)
    page = house.duty(language=language).get(f"/reports/{kept.reference}").text
    assert page_of(kept, file, "original") in page
    assert page_of(kept, file, "copy") not in page
    assert ("只能取原件" if language == "zh" else "there is only the original") in page


def test_a_copy_that_is_not_all_says_so(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    file = with_file(house, kept)
    copied(house, picture(), failure="not_all")
    assert "The copy is not the whole file" in chen.post(page_of(kept, file, "copy"), {"reason": "看"}).text


def test_a_file_on_its_way_and_one_that_was_lost_are_said_to_be_so_and_cannot_be_opened(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    with house.database.write() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key)).scalar_one()
        key = house.services.keys.opening.open_report_key(kept.report_id, wrapped)
        awaited = AwaitedAttachment(url="https://api.twilio.com/x", source_id="MM1:0")
        file = add_awaited(connection, key, kept.report_id, 0, awaited)
    assert "The file is on its way" in chen.get(f"/reports/{kept.reference}").text
    assert chen.post(page_of(kept, file, "original"), {"reason": "看"}).status_code == 404
    with house.database.write() as connection:
        connection.execute(update(attachments).values(state="LOST"))
    assert "could not be fetched" in chen.get(f"/reports/{kept.reference}").text
    assert chen.get(page_of(kept, file, "original")).status_code == 404


def test_only_a_duty_officer_opens_and_only_the_files_of_the_report(house: House) -> None:
    kept, other, chen = house.triaged(), house.triaged(), house.duty()
    file = with_file(house, kept)
    copied(house, picture())
    for step in ("copy", "original"):
        for reference, wanted in ((other, file), (kept, "0" * 32)):
            assert chen.post(page_of(reference, wanted, step), {"reason": "看"}).status_code == 404
        assert chen.post(page_of(kept, "../" + file, step), {"reason": "看"}).status_code in (400, 404)
        assert house.unit().post(page_of(kept, file, step), {"reason": "看"}).status_code == 404
    with house.database.read() as connection:
        copy = connection.execute(select(attachments.c.id).where(attachments.c.copy_of == file)).scalar_one()
    # The copy is no file of its own.
    assert chen.post(page_of(kept, copy, "original"), {"reason": "看"}).status_code == 404


def test_a_file_that_was_tampered_with_is_told_and_nothing_of_it_handed_out(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    file = with_file(house, kept)
    with house.database.write() as connection:
        connection.execute(update(attachment_pieces).values(sealed_bytes=b"\x01" + bytes(300)))
    answer = chen.post(page_of(kept, file, "original"), {"reason": "看"})
    assert answer.status_code == 500
    assert "Content-Disposition" not in answer.headers


def test_a_file_whose_seal_does_not_open_does_not_keep_the_officer_from_the_report(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    with_file(house, kept)
    with house.database.write() as connection:
        connection.execute(update(attachments).values(sealed_about=b"\x01" + bytes(300)))
    page = chen.get(f"/reports/{kept.reference}")
    assert page.status_code == 200
    assert "The seal of this file does not open" in page.text
