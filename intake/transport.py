"""The limits of transport, before any door: what cannot be kept whole is refused whole, never cut.

Measured: a chunked body beyond a framework's limit is cut silently and answered with 200, and a compressed one reads
as empty. A form with files may be longer than the others: its door keeps the words whatever becomes of the files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from intake.line_clock import LineClock

MOST_BYTES = 64 * 1024
# A batch of a hundred long texts, each of which is far from the limit: refused, it would never come through.
MOST_BYTES_OF_A_BATCH = 512 * 1024
BATCH_PATHS = "/carriers/"
# Where a form may bring files, and how its body then begins.
_UPLOADS = re.compile(r"/|/receipt|/api/v1/reports(/[^/]+/additions)?")
MULTIPART = "multipart/form-data"
# Where an app finds the way to give a body the time of an upload.
MORE_TIME = "hotline.more_time"
# Ten seconds for 64 KB are 50 kbit/s, a telephone of twenty years ago; twice as long is kind.
_BODY_SECONDS = 20.0

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Refuse = Callable[[Request, int, str], Response]

LENGTH_WANTED = "A body needs a Content-Length header; chunked bodies are not taken. Send it again with its length."
PLAIN_WANTED = "A compressed body is not taken. Send it again without Content-Encoding."
TOO_LONG = "A body may have 64 KB at most and this one is larger. Nothing was kept; send it in parts."
CUT_SHORT = "The body has another length than its Content-Length says. Nothing was kept; send it again."


def whole_body(asked: Request) -> bytes:
    """The body as it came. Raises BadRequest if the connection ended before it was whole."""
    raw = asked.get_data(cache=False)
    if len(raw) != asked.content_length:
        raise BadRequest(CUT_SHORT)
    return raw


class TransportLimits:
    """Refuses bodies without a length (411), compressed (415) or too large (413) before the app sees them, and ends
    the waiting for one that does not come."""

    def __init__(self, app: Flask, refuse: Refuse, upload_seconds: float) -> None:
        """refuse turns a status and a sentence into an answer that suits the door; upload_seconds is how long a form
        with files may take."""
        self._app, self._refuse, self._upload_seconds = app.wsgi_app, refuse, upload_seconds
        self._clock = LineClock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The app's answer, or the refusal."""
        fault = _fault(environ)
        if fault is None:
            if environ.get("CONTENT_LENGTH", "") in ("", "0"):
                environ[MORE_TIME] = lambda: None
                return self._app(environ, start_response)
            with self._clock.ends(environ.get("gunicorn.socket"), _BODY_SECONDS) as give:
                # Files have more time, once their words are here and a place for them is free.
                environ[MORE_TIME] = partial(give, self._upload_seconds)
                return self._app(environ, start_response)
        response = self._refuse(Request(environ), *fault)
        # What is left of the body is not read, so the connection cannot serve another request.
        response.headers["Connection"] = "close"
        return response(environ, start_response)


def _fault(environ: Environ) -> tuple[int, str] | None:
    if environ.get("HTTP_TRANSFER_ENCODING"):
        return 411, LENGTH_WANTED
    if environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        return 415, PLAIN_WANTED
    length = environ.get("CONTENT_LENGTH") or ""
    if not length:
        return (411, LENGTH_WANTED) if environ["REQUEST_METHOD"] in ("POST", "PUT", "PATCH") else None
    if not (length.isascii() and length.isdigit()):
        return 400, "The Content-Length header should be a number of bytes."
    most = MOST_BYTES_OF_A_BATCH if environ.get("PATH_INFO", "").startswith(BATCH_PATHS) else MOST_BYTES
    return (413, TOO_LONG) if int(length) > most and not _is_upload(environ) else None


def _is_upload(environ: Environ) -> bool:
    is_form = environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == MULTIPART
    return (
        is_form and environ["REQUEST_METHOD"] == "POST" and _UPLOADS.fullmatch(environ.get("PATH_INFO", "")) is not None
    )
