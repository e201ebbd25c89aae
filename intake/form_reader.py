"""Reading whatever kind of body a browser sends a form in."""

from __future__ import annotations

from flask import Request, Response
from werkzeug.http import parse_options_header

from config.files import FileLimits
from intake.form_body import URLENCODED, Form, NoForm, TooManyWords, form_of
from intake.pages import Pages
from intake.transport import MORE_TIME, MOST_BYTES, MULTIPART, whole_body
from intake.uploads import Uploads
from workers.carriers.urlencoded import TooManyFields, read_pairs

_MOST_FIELDS = 100


class FormReader:
    """Reads the forms of the public's pages, with their files, or answers with the page that says what is wrong."""

    def __init__(self, pages: Pages, uploads: Uploads) -> None:
        self._pages, self._uploads = pages, uploads

    @property
    def limits(self) -> FileLimits:
        """How many files, and how large, a form may have."""
        return self._uploads.limits

    def read(self, asked: Request) -> Form | Response:
        """What was sent, or why it could not be taken."""
        try:
            return self._form(asked)
        except NoForm:
            return closing(self._pages.problem(asked, 415))
        except TooManyFields:
            return closing(self._pages.problem(asked, 400))
        except TooManyWords:
            return closing(self._pages.problem(asked, 413, "too_long"))

    def _form(self, asked: Request) -> Form:
        kind, options = parse_options_header(asked.content_type or "")
        if kind == URLENCODED:
            raw = whole_body(asked)
            return form_of(read_pairs(raw, _MOST_FIELDS), raw)
        boundary = options.get("boundary", "").encode("ascii", "replace")
        if kind.lower() != MULTIPART or not boundary:
            raise NoForm
        stream, length = asked.environ["wsgi.input"], asked.content_length or 0
        return self._uploads.read(stream, length, boundary, _MOST_FIELDS, MOST_BYTES, asked.environ[MORE_TIME])


def closing(response: Response) -> Response:
    """The same on a connection that serves no other request: what is left of the body is not read."""
    response.headers["Connection"] = "close"
    return response
