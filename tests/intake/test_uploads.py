"""Files with the public form: whatever becomes of them, the words are kept, and the page says what was not."""

from __future__ import annotations

import io
import re
import tracemalloc
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from config.files import FileLimits
from intake.form_body import NoForm, TooManyWords
from intake.uploads import LEFT, Uploads
from intake.wording import LANGUAGES, load_words
from reports.attachments import attachments_of, read_pieces
from reports.keys import InnerKeys
from reports.tables import reports
from tests.intake.doors import Doors
from tests.intake.files import BOUNDARY, UPLOAD_TYPE, Sent, field_part, file_part, form_body
from workers.carriers.urlencoded import TooManyFields

MEGABYTE = 1024 * 1024
SMALL = FileLimits(files=3, file_megabytes=1, report_megabytes=2, body_megabytes=8, uploads_at_once=1, upload_seconds=5)
PHOTO: Sent = ("门口.jpg", "image/jpeg", b"\xff\xd8" + bytes(range(256)) * 100)
WORDS = {"token": "t", "text": "他们把身份证收走了"}
WORDS_OF = load_words()


def send(doors: Doors, *files: Sent, text: str = "他们把身份证收走了") -> TestResponse:
    body = form_body({"token": doors.token(), "text": text}, files)
    return doors.client.post("/?lang=en", data=body, content_type=UPLOAD_TYPE)


def kept_files(doors: Doors, keys: InnerKeys) -> list[tuple[str, str, bytes]]:
    kept = doors.only()
    with doors.database.read() as connection:
        wrapped = connection.execute(reports.select()).one().wrapped_key
        key = keys.opening.open_report_key(kept.report_id, wrapped)
        found = attachments_of(connection, kept.report_id)
        abouts = [one.about(key) for one in found]
        whole = [b"".join(read_pieces(connection, one, key)) for one in found]
    return [(about.name, about.claimed_type, data) for about, data in zip(abouts, whole, strict=True)]


def read(body: bytes, limits: FileLimits = SMALL, length: int | None = None):  # type: ignore[no-untyped-def]
    return Uploads(limits).read(io.BytesIO(body), length or len(body), BOUNDARY, 100, 64 * 1024)


def test_a_photo_comes_with_the_words_and_both_are_kept_whole(doors: Doors, inner_keys: InnerKeys) -> None:
    answer = send(doors, PHOTO)
    assert answer.status_code == 200
    assert "Files received: 1" in answer.text
    assert WORDS_OF["en"]["files"]["left_heading"] not in answer.text
    assert kept_files(doors, inner_keys) == [PHOTO]
    assert doors.only().flags == ("media",)
    assert doors.only().content.text == "他们把身份证收走了"


def test_the_form_says_what_may_be_sent_and_that_hidden_data_are_taken_out(doors: Doors) -> None:
    for language in LANGUAGES:
        page = doors.client.get(f"/?lang={language}").text
        said = WORDS_OF[language]["files"]["hint"].format(files=5, megabytes=10, total=25)
        assert said in page
        # The files come after every word and every wish, so that all of them are here before a line breaks.
        named = re.findall(r'name="([a-z]+)"', page[page.index("<form") :])
        assert named[-1] == "files"
        assert {"token", "text", "place", "contact", "name", "wishes"} < set(named)


@pytest.mark.parametrize("why", LEFT)
def test_every_reason_has_its_words_in_every_language(why: str) -> None:
    assert all(WORDS_OF[language]["files"][why] for language in LANGUAGES)


def test_a_photo_alone_is_a_report(doors: Doors, inner_keys: InnerKeys) -> None:
    assert send(doors, PHOTO, text="").status_code == 200
    assert "silent" not in doors.only().flags
    assert kept_files(doors, inner_keys) == [PHOTO]


def test_where_no_file_was_chosen_nothing_is_said_of_files(doors: Doors) -> None:
    answer = send(doors, ("", "application/octet-stream", b""))
    assert "Files received" not in answer.text
    assert doors.only().flags == ()
    assert doors.only().raw.endswith(b"--%s--\r\n" % BOUNDARY)


def test_a_file_that_is_too_large_costs_neither_the_words_nor_the_others(doors: Doors, inner_keys: InnerKeys) -> None:
    answer = send(doors, ("video.mp4", "video/mp4", b"x" * (10 * MEGABYTE + 1)), PHOTO)
    assert answer.status_code == 200
    assert "Larger than 10 MB: 1" in answer.text
    assert WORDS_OF["en"]["files"]["advice"] in answer.text
    assert kept_files(doors, inner_keys) == [PHOTO]
    assert doors.only().flags == ("media", "file_too_large")


def test_of_too_many_files_the_first_are_kept(doors: Doors, inner_keys: InnerKeys) -> None:
    answer = send(doors, *[(f"{n}.txt", "text/plain", b"%d" % n) for n in range(300)])
    assert "More than 5 files: 295" in answer.text
    assert [name for name, _, _ in kept_files(doors, inner_keys)] == [f"{n}.txt" for n in range(5)]


def test_what_is_too_much_together_is_left_and_what_fits_after_it_is_kept() -> None:
    form = read(form_body(WORDS, [(n, "x/y", b"x" * size) for n, size in
                                  (("a", MEGABYTE), ("b", MEGABYTE), ("c", 5))]))  # fmt: skip
    assert [file.name for file in form.files] == ["a", "b"]
    assert form.left == {"too_much": 1}
    form = read(form_body(WORDS, [("a", "x/y", b"x" * MEGABYTE), ("b", "x/y", b"x" * (MEGABYTE + 1)), ("c", "", b"y")]))
    assert [file.name for file in form.files] == ["a", "c"]


def test_an_empty_file_is_told(doors: Doors) -> None:
    assert "Empty: 1" in send(doors, ("a.jpg", "image/jpeg", b"")).text
    assert doors.only().flags == ("file_empty",)


NAMES = [
    "../../etc/passwd", "..\\..\\boot.ini", "/etc/shadow", "a\0.jpg", "CON", "x" * 10_000, ".htaccess", "42.zip",
    "cat.svg", "photo.heic", "\u202egpj.exe", "'; DROP TABLE reports;--", "<img src=x onerror=alert(1)>",
    "%2e%2e%2f", "{{7*7}}",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_rows_46_to_50_and_a9_a_name_is_a_sealed_word_and_never_a_path(
    doors: Doors, inner_keys: InnerKeys, name: str
) -> None:
    answer = send(doors, (name, "image/jpeg", b"x"))
    assert answer.status_code == 200
    ((kept, _, data),) = kept_files(doors, inner_keys)
    assert data == b"x"
    assert len(kept) <= 1000
    assert "\0" not in kept
    assert name[:40] not in answer.text


@pytest.mark.parametrize("name", ["照片.jpg".encode("gbk"), b"a\nb.jpg", b'a"b.jpg', b"\xff"])
def test_a_name_that_breaks_its_header_does_not_cost_the_words(doors: Doors, name: bytes) -> None:
    answer = send(doors, (name, "image/jpeg", b"x"))
    assert answer.status_code == 200
    assert doors.only().content.text == "他们把身份证收走了"


def test_a_form_whose_token_is_not_ours_comes_back_and_asks_for_the_files_again(doors: Doors) -> None:
    body = form_body({"token": "x", "text": "有人"}, [PHOTO])
    answer = doors.client.post("/?lang=en", data=body, content_type=UPLOAD_TYPE)
    assert answer.status_code == 400
    assert WORDS_OF["en"]["files"]["again"] in answer.text
    assert "有人" in answer.text


CUTS = [
    pytest.param(b"", id="after the header of the file"),
    pytest.param(b"\xff\xd8half", id="inside the file"),
]


@pytest.mark.parametrize("half", CUTS)
def test_a_line_that_breaks_inside_a_file_keeps_the_words_and_the_files_before(half: bytes) -> None:
    whole = b"".join(field_part(*one) for one in WORDS.items()) + file_part(*PHOTO)
    begun = file_part("b.jpg", "image/jpeg", b"")[:-2] + half
    form = read(whole + begun, length=len(whole + begun) + 5000)
    assert form.first() == WORDS
    assert [file.data for file in form.files] == [PHOTO[2]]
    assert form.left == {"cut": 1}
    assert not form.is_read
    assert form.raw == urlencode(WORDS).encode()


@pytest.mark.parametrize("cut", [1, 60, 150, len(field_part("token", "t") + field_part("text", WORDS["text"])) - 3])
def test_a_line_that_breaks_before_the_words_are_whole_keeps_nothing(cut: int) -> None:
    with pytest.raises(NoForm):
        read(form_body(WORDS, [PHOTO])[:cut], length=5000)


def test_a_body_longer_than_anybody_waits_for_keeps_the_words() -> None:
    form = read(form_body(WORDS, [("a", "x/y", b"x" * (9 * MEGABYTE))]))
    assert form.first() == WORDS
    assert form.left == {"cut": 1}
    assert not form.is_read


def test_who_comes_while_too_many_send_files_keeps_the_words_and_is_told() -> None:
    uploads, others = Uploads(SMALL), []

    class Slow:
        """A body on its way; while its file comes, another one does."""

        def __init__(self, body: bytes) -> None:
            self.body = io.BytesIO(body)

        def read(self, size: int, /) -> bytes:
            if not others and self.body.tell():
                other = form_body(WORDS, [("b", "x/y", b"x" * (MEGABYTE // 2))])
                others.append(None)
                others[0] = uploads.read(io.BytesIO(other), len(other), BOUNDARY, 100, 64 * 1024)  # type: ignore[call-overload]
            return self.body.read(size)

    body = form_body(WORDS, [PHOTO])
    first = uploads.read(Slow(body), len(body), BOUNDARY, 100, 64 * 1024)
    assert [file.data for file in first.files] == [PHOTO[2]]
    busy = others[0]
    assert busy is not None
    assert (busy.first(), busy.left, busy.files) == (WORDS, {"busy": 1}, ())
    assert uploads.read(io.BytesIO(body), len(body), BOUNDARY, 100, 64 * 1024).left == {}


def test_a_file_has_more_time_once_its_words_are_here_and_a_place_is_free() -> None:
    given: list[None] = []
    uploads, body = Uploads(SMALL), form_body(WORDS, [PHOTO])

    def read_it(body: bytes) -> None:
        uploads.read(io.BytesIO(body), len(body), BOUNDARY, 100, 64 * 1024, lambda: given.append(None))

    read_it(form_body(WORDS, []))
    with uploads._slot():
        read_it(body + b"x" * 10_000)
    assert given == []
    read_it(form_body(WORDS, [("v", "", b"v" * 200_000)]))
    assert given == [None]


def test_words_alone_need_no_slot() -> None:
    uploads = Uploads(SMALL)
    with uploads._slot():
        body = form_body(WORDS, [])
        assert uploads.read(io.BytesIO(body), len(body), BOUNDARY, 100, 64 * 1024).first() == WORDS


HOSTILE = [
    pytest.param(field_part("text", "x" * 70_000), TooManyWords, id="70,000 letters"),
    pytest.param(b"x" * 300_000, TooManyWords, id="no form at all, and long"),
    pytest.param(b"".join(field_part(f"f{n}", "") for n in range(101)), TooManyFields, id="101 fields"),
    pytest.param(b"--%s\r\nX: " % BOUNDARY + b"y" * 300_000, NoForm, id="a header without an end"),
    pytest.param(b"--%s\r\nContent-Type: text/plain\r\n\r\nx\r\n" % BOUNDARY, NoForm, id="a part without a name"),
    pytest.param(b"\r\n" * 1000, NoForm, id="nothing but ends of lines"),
]


@pytest.mark.parametrize(("body", "refusal"), HOSTILE)
def test_what_is_no_form_of_ours_is_refused_within_bounds(body: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        read(body)


def pour(head: bytes, size: int) -> Iterator[bytes]:
    yield head
    for _ in range(size // 65536):
        yield b"\r\n--x" * 13107 + b"\n"


@pytest.mark.parametrize("files", [1, 40])
def test_a_body_takes_no_more_memory_than_a_report_may_have(files: int) -> None:
    limits = FileLimits(
        files=5, file_megabytes=2, report_megabytes=4, body_megabytes=40, uploads_at_once=1, upload_seconds=5
    )
    head = b"".join(field_part(*one) for one in WORDS.items())
    each = 40 * MEGABYTE // files
    parts = (piece for _ in range(files) for piece in pour(file_part("a", "x/y", b"")[:-2], each))

    class Poured:
        """A body that is made while it is read."""

        def __init__(self) -> None:
            self.held = bytearray(head)

        def read(self, size: int, /) -> bytes:
            while len(self.held) < size and (piece := next(parts, b"")):
                self.held += piece
            given = bytes(self.held[:size])
            del self.held[:size]
            return given

    tracemalloc.start()
    form = Uploads(limits).read(Poured(), 40 * MEGABYTE, BOUNDARY, 100, 64 * 1024)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert form.first() == WORDS
    assert peak < (limits.report_megabytes + limits.file_megabytes + 1) * MEGABYTE


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_it_does_not_matter_in_which_pieces_a_body_comes(size: int) -> None:
    body = form_body(WORDS, [PHOTO, ("b", "", b"\r\n--" + BOUNDARY[:-1] + b"\r\n"), ("", "", b"")])

    class Dripping(io.BytesIO):
        """Gives a few bytes at a time."""

        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read(size)

    form = Uploads(SMALL).read(Dripping(body), len(body), BOUNDARY, 100, 64 * 1024)
    assert form.first() == WORDS
    assert [(file.name, file.data) for file in form.files] == [
        (PHOTO[0], PHOTO[2]),
        ("b", b"\r\n--" + BOUNDARY[:-1] + b"\r\n"),
    ]
