"""The door for everyone with a browser: one page, one question, no script, no cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.http import parse_options_header

from intake.form_body import URLENCODED, Form, NoForm, TooManyWords, form_of
from intake.form_token import FormTokens
from intake.pages import Pages
from intake.receive import Hallway
from intake.schemas import CONTACT_WISHES, web_report
from intake.transport import MOST_BYTES, MULTIPART, whole_body
from intake.uploads import Uploads
from workers.carriers.urlencoded import TooManyFields, read_pairs

_MOST_FIELDS = 100


class WebForm:
    """Shows the form and takes it. What was typed is never lost: a form that cannot be taken comes back filled in."""

    def __init__(self, hallway: Hallway, tokens: FormTokens, pages: Pages, uploads: Uploads) -> None:
        self._hallway, self._tokens, self._pages, self._uploads = hallway, tokens, pages, uploads

    def show(self) -> Response:
        """The empty form."""
        return self._form({}, status=200, again=False)

    def receive(self) -> Response:
        """Keeps the report and says its number; the same form sent twice is one report with one number."""
        try:
            form = self._read()
        except NoForm:
            return _closing(self._pages.problem(request, 415))
        except TooManyFields:
            return _closing(self._pages.problem(request, 400))
        except TooManyWords:
            return _closing(self._pages.problem(request, 413, "too_long"))
        values: dict[str, Any] = {**form.first(), "wishes": form.all("wishes")}
        token_id = self._tokens.read(values.get("token", ""))
        if token_id is None:
            return self._form(values, status=400, again=True)
        receipt = self._hallway.receive(web_report(values, token_id, form))
        page = self._pages.page(
            request,
            "thanks.html",
            reference=receipt.reference,
            files=len(form.files),
            left=form.left,
            limits=self._uploads.limits,
        )
        return page if form.is_read else _closing(page)

    def _read(self) -> Form:
        """What was sent. Raises NoForm, TooManyFields and TooManyWords."""
        kind, options = parse_options_header(request.content_type or "")
        if kind == URLENCODED:
            raw = whole_body(request)
            return form_of(read_pairs(raw, _MOST_FIELDS), raw)
        boundary = options.get("boundary", "").encode("ascii", "replace")
        if kind.lower() != MULTIPART or not boundary:
            raise NoForm
        stream, length = request.environ["wsgi.input"], request.content_length or 0
        return self._uploads.read(stream, length, boundary, _MOST_FIELDS, MOST_BYTES)

    def _form(self, values: Mapping[str, Any], *, status: int, again: bool) -> Response:
        return self._pages.page(
            request,
            "form.html",
            status,
            token=self._tokens.new(),
            values=values,
            wishes=CONTACT_WISHES,
            again=again,
            limits=self._uploads.limits,
        )


def _closing(response: Response) -> Response:
    """The same on a connection that serves no other request: what is left of the body is not read."""
    response.headers["Connection"] = "close"
    return response


def web_form_blueprint(form: WebForm) -> Blueprint:
    """GET and POST /."""
    blueprint = Blueprint("web_form", __name__)
    blueprint.add_url_rule("/", "show", form.show, methods=["GET"])
    blueprint.add_url_rule("/", "receive", form.receive, methods=["POST"])
    return blueprint
