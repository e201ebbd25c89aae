"""Log lines are JSON objects that hold ids, never what anybody said."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from config.logs import ALLOWED, JSONFormatter, start_logging


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JSONFormatter())
    logger = logging.getLogger("hotline.test")
    logger.addHandler(handler)
    logger.propagate = False
    yield logger, written
    logger.removeHandler(handler)
    logger.propagate = True


def line_of(written: io.StringIO) -> dict[str, Any]:
    (line,) = written.getvalue().rstrip("\n").split("\n")
    read: dict[str, Any] = json.loads(line)
    return read


def test_a_line_says_when_who_and_what(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.warning("A text message was refused: %s", "no signature", extra={"door": "sms", "status": 403})
    line = line_of(written)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "from": "hotline.test",
        "says": "A text message was refused: no signature",
        "door": "sms",
        "status": 403,
    }


def test_an_extra_that_is_not_on_the_list_is_left_out(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.warning("Kept.", extra={"text": "被关在砖厂", "sender": "+8613800000000", "reference": "K7M2-QX3TD4"})
    assert "砖厂" not in written.getvalue()
    assert "13800000000" not in written.getvalue()
    assert line_of(written)["reference"] == "K7M2-QX3TD4"


def test_an_exception_is_named_and_not_quoted(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    try:
        raise ValueError("被关在砖厂")
    except ValueError:
        logger.exception("A door failed.")
    assert "砖厂" not in written.getvalue()
    assert line_of(written)["error"] == "ValueError"


def test_line_ends_in_a_sentence_make_no_second_line(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, written = log
    logger.warning('a\nb\r\n{"level":"forged"}\u2028c')
    assert line_of(written)["level"] == "warning"


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nb",
        "a\nb",
        "a\x85b",
        "a\u2028b",
        "a\u2029b",
        "\x1b[2Jb",
        "\x9b31mb",
        "a\x0bb",
        "a\x0cb",
        "\u202eb",
        "\x00b",
    ],
)
def test_row_a31_nothing_in_a_sentence_makes_another_line_or_moves_the_cursor(
    log: tuple[logging.Logger, io.StringIO], hostile: str
) -> None:
    logger, written = log
    logger.warning("Refused: %s", hostile, extra={"reference": hostile})
    assert len(written.getvalue().splitlines()) == 1
    assert written.getvalue()[:-1].isprintable()
    assert line_of(written)["reference"] == hostile


def test_what_may_be_logged_is_ids_codes_and_counts() -> None:
    personal = {"text", "content", "sender", "number", "phone", "name", "contact", "place", "body", "raw"}
    assert not personal & set(ALLOWED)


def test_a_process_logs_to_standard_error_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    libraries = {name: logging.getLogger(name).level for name in ("rq", "rq.worker", "redis", "alembic", "werkzeug")}
    try:
        start_logging()
        logging.getLogger("rq.worker").info("jobs.attend('13800000000')")
        logging.getLogger("hotline.x").info("Ready.")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        for name, value in libraries.items():
            logging.getLogger(name).setLevel(value)
    assert line_of(written)["says"] == "Ready."


def test_what_a_library_warns_of_is_a_line_that_quotes_nothing() -> None:
    command = "import warnings; from config.logs import start_logging; start_logging(); warnings.warn('13800000000')"
    said = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stderr
    (line,) = said.splitlines()
    assert json.loads(line)["says"] == "A library warns: UserWarning at <string>:1."
