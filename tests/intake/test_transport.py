"""What is refused before any door sees it, told in the way of the door that was knocked at."""

from __future__ import annotations

import json

import pytest
from werkzeug.test import TestResponse

from intake.transport import MOST_BYTES
from tests.intake.doors import Doors

DOORS = {"/": "text/html", "/twilio/sms": "text/plain", "/api/v1/reports": "application/problem+json"}
REFUSED = [
    pytest.param({"Transfer-Encoding": "chunked"}, 411, id="row 44: chunks, even with a length"),
    pytest.param({"Transfer-Encoding": "identity"}, 411, id="another transfer coding"),
    pytest.param({"Content-Encoding": "gzip"}, 415, id="row 45: gzip"),
    pytest.param({"Content-Encoding": "GZIP, br"}, 415, id="two codings"),
    pytest.param({"Content-Length": "x"}, 400, id="a length that is no number"),
    pytest.param({"Content-Length": "１２"}, 400, id="a length in full-width digits"),
    pytest.param({"Content-Length": "-1"}, 400, id="a negative length"),
    pytest.param({"Content-Length": str(MOST_BYTES + 1)}, 413, id="row 43: a byte too many"),
    pytest.param({"Content-Length": "9" * 30}, 413, id="a length beyond all bytes"),
]


def post(doors: Doors, path: str, headers: dict[str, str]) -> TestResponse:
    names = {"Content-Length": "CONTENT_LENGTH"}
    environ = {names.get(name, f"HTTP_{name.upper().replace('-', '_')}"): value for name, value in headers.items()}
    return doors.client.post(path, data=b"text=x", environ_overrides=environ)


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize(("headers", "status"), REFUSED)
def test_a_body_that_cannot_be_taken_whole_is_refused_at_every_door(
    doors: Doors, path: str, headers: dict[str, str], status: int
) -> None:
    answer = post(doors, path, headers)
    assert answer.status_code == status
    assert answer.mimetype == DOORS[path]
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    if path.startswith("/api/"):
        assert json.loads(answer.data)["status"] == status
    assert doors.kept() == []


def test_a_plain_body_may_say_that_it_is_plain(doors: Doors) -> None:
    assert doors.form({"text": "好"}, headers={"Content-Encoding": "identity"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/form.css", "/api/v1/openapi.json", "/nothing"])
def test_every_answer_forbids_scripts_frames_and_caches(doors: Doors, path: str) -> None:
    with doors.client.get(path) as answer:
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] in ("no-store", "no-cache")
        assert "Set-Cookie" not in answer.headers
