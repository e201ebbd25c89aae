"""The door for partners: a report is kept once, and every mistake is told in a sentence."""

from __future__ import annotations

import hashlib
import json
import time
from datetime import datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from reports.attachments import attachments_of
from tests.intake.doors import API_KEY, Doors, ListeningBell
from tests.intake.files import UPLOAD_TYPE, Sent, file_part, form_body

REPORT = {"text": "三名女孩被带上车", "place": "瑞丽汽车站", "contact": "+8613800000000", "name": "某校", "wishes": []}
BODY = json.dumps(REPORT, ensure_ascii=False).encode()


def problem_of(answer: TestResponse) -> dict[str, Any]:
    """The problem in an answer, which has the shape that RFC 9457 names."""
    assert answer.mimetype == "application/problem+json"
    problem: dict[str, Any] = json.loads(answer.data)
    assert problem["status"] == answer.status_code
    assert {"type", "title", "detail"} <= set(problem)
    assert problem["detail"].endswith(".")
    return problem


def test_a_report_is_kept_and_its_number_is_said(doors: Doors, bell: ListeningBell) -> None:
    answer = doors.api(BODY)
    kept = doors.only()
    assert answer.status_code == 201
    assert answer.json == {
        "reference": kept.reference,
        "received_at": answer.json["received_at"],
        "status": "received",
    }
    assert datetime.fromisoformat(answer.json["received_at"]).timestamp() == pytest.approx(kept.received_at / 1000)
    assert abs(kept.received_at / 1000 - time.time()) < 60
    assert (kept.channel, kept.flags, kept.raw) == ("api", (), BODY)
    assert kept.content.text == REPORT["text"]
    assert kept.content.place == REPORT["place"]
    assert kept.content.contact == REPORT["contact"]
    assert bell.rung == [(kept.queue, kept.report_id)]


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("", id="none"),
        pytest.param("Bearer", id="no key"),
        pytest.param(f"Basic {API_KEY}", id="another scheme"),
        pytest.param(f"Bearer {API_KEY[:-1]}", id="a key cut short"),
        pytest.param(f"Bearer {API_KEY}x", id="a longer key"),
        pytest.param("Bearer " + "钥".encode().decode("latin-1") * 40, id="a key of Chinese characters"),
    ],
)
def test_without_the_partners_key_nothing_is_read(doors: Doors, header: str) -> None:
    answer = doors.api(BODY, headers=[("Authorization", header)])
    problem_of(answer)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert doors.kept() == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"null", id="row 60: null"),
        pytest.param(b"[]", id="row 60: a list"),
        pytest.param(b'"x"', id="row 60: a string"),
        pytest.param(b"5", id="row 60: a number"),
        pytest.param(b"[" + BODY + b"]", id="row 60: a report in a list"),
        pytest.param(b'{"state":"closed","unit_id":1,"__class__":"x"}', id="row 67: fields that are ours"),
        pytest.param(b'{"text":"x","state":"closed"}', id="row 67: one field too many"),
        pytest.param(b'{"text":"x","\\ud800":1}', id="a field whose name is no text"),
        pytest.param(b'{"place":"x"}', id="no text"),
        pytest.param(b'{"text":null}', id="null for text"),
        pytest.param(b'{"text":true}', id="row 68: a truth value for text"),
        pytest.param(b'{"text":1.9}', id="row 68: a number for text"),
        pytest.param(b'{"text":{"$ne":1}}', id="an object for text"),
        pytest.param(b'{"text":"x","wishes":"anonymous"}', id="row 68: a string for a list"),
        pytest.param(b'{"text":"x","wishes":["fly"]}', id="a wish that there is not"),
        pytest.param(b'{"text":"x","wishes":[1]}', id="a number for a wish"),
    ],
)
def test_another_shape_than_wanted_is_422_and_says_which_field(doors: Doors, body: bytes) -> None:
    answer = doors.api(body)
    assert answer.status_code == 422
    errors = problem_of(answer)["errors"]
    assert errors
    assert all(isinstance(sentence, str) for sentences in errors.values() for sentence in sentences)
    assert doors.kept() == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        pytest.param(b'{"b":NaN}', "NaN", id="row 61: NaN"),
        pytest.param(b'{"b":-Infinity}', "Infinity", id="row 61: Infinity"),
        pytest.param(b'{"b":1e999}', "too large", id="row 61: a number beyond all numbers"),
        pytest.param(b'{"text":"a","text":"b"}', "twice", id="row 62: a name twice"),
        pytest.param(b'{"text":"a","\\u0074ext":"b"}', "twice", id="row 62: a name twice, once escaped"),
        pytest.param(b'{"x":' * 2000 + b"1" + b"}" * 2000, "nested", id="row 64: 2,000 levels"),
        pytest.param(b"[" * 60_000, "nested", id="row 64: 60,000 brackets"),
        pytest.param(b'{"text":"x","n":' + b"[" * 20 + b"]" * 20 + b"}", "nested", id="row 64: 21 levels"),
        pytest.param(b'{"n":' + b"9" * 5000 + b"}", "digits", id="row 65: 5,000 digits"),
        pytest.param(b"\xef\xbb\xbf" + BODY, "byte order mark", id="row 66: a byte order mark"),
        pytest.param('{"text":"x"}'.encode("utf-16"), "UTF-8", id="row 66: UTF-16"),
        pytest.param('{"text":"x"}'.encode("utf-16-be"), "UTF-8", id="row 66: UTF-16 without a mark"),
        pytest.param('{"text":"被拐"}'.encode("gb18030"), "UTF-8", id="GB 18030"),
        pytest.param(BODY[:-1], "line 1", id="cut short"),
        pytest.param(BODY + b"x", "line 1", id="something after the end"),
        pytest.param(b"text=hello", "line 1", id="a form"),
        pytest.param(b'{"text":"a\nb"}', "line 1", id="a line end inside a string"),
    ],
)
def test_what_is_not_json_is_400_and_says_why_without_quoting(doors: Doors, body: bytes, says: str) -> None:
    answer = doors.api(body)
    assert answer.status_code == 400
    assert says in problem_of(answer)["detail"]
    assert doors.kept() == []


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        pytest.param("\\ud800", "\ufffd", id="row 63: a lone surrogate"),
        pytest.param("\\u0000a", "\ufffda", id="NUL"),
        pytest.param("\\ud83c\\udd98", "🆘", id="a pair of surrogates is one character"),
        pytest.param("[[[[[[[[[[[[[[[[[[[[[[[[[", "[[[[[[[[[[[[[[[[[[[[[[[[[", id="brackets in a string are no depth"),
        pytest.param('\\"[\\\\', '"[\\', id="escaped quotes"),
        pytest.param("１２", "１２", id="full-width digits"),
    ],
)
def test_a_text_is_kept_as_it_was_written(doors: Doors, escaped: str, text: str) -> None:
    body = f'{{"text":"{escaped}","name":"{escaped}"}}'.encode()
    assert doors.api(body).status_code == 201
    assert doors.only().content.text == text
    assert doors.only().content.name == text
    assert doors.only().raw == body


def test_a_report_may_say_nothing(doors: Doors) -> None:
    assert doors.api(b'{"text":""}').status_code == 201
    assert (doors.only().flags, doors.only().queue) == (("silent",), "urgent")


def test_the_same_key_and_body_again_get_the_same_answer(doors: Doors, bell: ListeningBell) -> None:
    answers = [doors.api(BODY) for _ in range(3)]
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert len(doors.kept()) == 1
    assert len(bell.rung) == 1


def test_the_same_report_written_with_other_spaces_is_the_same_report(doors: Doors) -> None:
    first = doors.api(BODY)
    second = doors.api(json.dumps(REPORT, indent=2).encode())
    assert (second.status_code, second.data) == (201, first.data)


def test_row_69_a_key_used_for_another_body_is_422_and_the_first_report_stands(
    doors: Doors, bell: ListeningBell
) -> None:
    doors.api(BODY)
    answer = doors.api(b'{"text":"another"}')
    assert answer.status_code == 422
    assert problem_of(answer)["type"].endswith("#idempotency-key-reused")
    assert doors.only().content.text == REPORT["text"]
    assert doors.only().flags == ()
    assert len(bell.rung) == 1


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param("k" * 65, id="65 letters"),
        pytest.param("k" * 5000, id="row 70: 5 KB"),
        pytest.param("a\x07b", id="row 70: a control character"),
        pytest.param("a b", id="a space"),
        pytest.param("../x", id="a path"),
        pytest.param("é", id="a letter that is not ASCII"),
    ],
)
def test_row_70_a_key_that_is_none_is_400(doors: Doors, key: str | None) -> None:
    answer = doors.api(BODY, key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in problem_of(answer)["detail"]
    assert doors.kept() == []


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "text/json", ""])
def test_row_74_json_under_another_name_is_415(doors: Doors, content_type: str) -> None:
    answer = doors.api(BODY, content_type=content_type)
    assert answer.status_code == 415
    problem_of(answer)
    assert doors.kept() == []


def test_json_with_a_charset_is_json(doors: Doors) -> None:
    assert doors.api(BODY, content_type="application/json; charset=utf-8").status_code == 201


def test_a_report_of_64_kilobytes_is_kept_whole_and_a_longer_one_is_413(doors: Doors) -> None:
    whole = b'{"text":"' + b"x" * (64 * 1024 - 11) + b'"}'
    assert doors.api(whole).status_code == 201
    assert doors.only().raw == whole
    answer = doors.api(whole[:-2] + b'x"}', key="2")
    assert answer.status_code == 413
    problem_of(answer)
    assert len(doors.kept()) == 1


def test_a_compressed_body_is_415(doors: Doors) -> None:
    answer = doors.api(BODY, headers=[("Content-Encoding", "gzip")])
    assert answer.status_code == 415
    problem_of(answer)


def test_a_path_or_method_that_is_not_there_is_a_problem_too(doors: Doors) -> None:
    assert problem_of(doors.client.get("/api/v1/nothing"))["status"] == 404
    answer = doors.client.get("/api/v1/reports")
    assert problem_of(answer)["status"] == 405
    assert "POST" in answer.headers["Allow"]


def with_files(
    doors: Doors, report: bytes, *files: Sent, key: str = "f1", fields: dict[str, str] | None = None
) -> TestResponse:
    body = form_body({"report": report.decode()} if fields is None else fields, files)
    return doors.api(body, key=key, content_type=UPLOAD_TYPE)


def test_a_report_comes_with_its_files_and_the_answer_names_what_is_kept(doors: Doors) -> None:
    photo, large = ("门口.jpg", "image/jpeg", b"\xff\xd8photo"), ("v.mp4", "video/mp4", b"v" * (10 * 1024 * 1024 + 1))
    answer = with_files(doors, b'{"text":"photo of the gate"}', photo, large, ("", "", b""))
    assert answer.status_code == 201
    assert answer.json is not None
    digest = hashlib.sha256(photo[2]).hexdigest()
    assert answer.json["files"] == {"kept": [digest], "not_kept": {"too_large": 1}}
    kept = doors.only()
    assert (kept.content.text, kept.raw) == ("photo of the gate", b'{"text":"photo of the gate"}')
    assert kept.flags == ("media", "file_too_large")
    with doors.database.read() as connection:
        assert len(attachments_of(connection, kept.report_id)) == 1
    again = with_files(doors, b'{"text":"photo of the gate"}', photo, large)
    assert (again.status_code, again.json["reference"]) == (201, answer.json["reference"])
    assert len(doors.kept()) == 1


def test_the_same_key_with_another_file_is_another_body(doors: Doors) -> None:
    report = b'{"text":"one"}'
    assert with_files(doors, report, ("a", "", b"1")).status_code == 201
    assert with_files(doors, report, ("a", "", b"2")).status_code == 422


def test_a_report_may_come_as_a_form_without_files(doors: Doors) -> None:
    answer = with_files(doors, b'{"text":"none"}')
    assert answer.status_code == 201
    assert "files" not in (answer.json or {})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 400),
        ({"report": "{}", "other": "x"}, 400),
        ({"text": "x"}, 400),
        ({"report": "no json"}, 400),
        ({"report": '{"txt":"x"}'}, 422),
        ({"report": '{"text":"' + "x" * 70_000 + '"}'}, 413),
    ],
)
def test_a_form_that_is_not_as_described_is_told(doors: Doors, fields: dict[str, str], status: int) -> None:
    answer = with_files(doors, b"", ("a", "", b"1"), fields=fields)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert doors.kept() == []


def test_a_file_before_the_report_that_cannot_be_read_to_its_end_is_to_be_sent_again(doors: Doors) -> None:
    large = file_part("v.mp4", "video/mp4", b"v" * 200_000)
    body = large + form_body({"report": '{"text":"x"}'}, [])
    answer = doors.api(body[:100_000], key="late", content_type=UPLOAD_TYPE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert doors.kept() == []
    assert doors.api(body, key="late", content_type=UPLOAD_TYPE).status_code == 201
