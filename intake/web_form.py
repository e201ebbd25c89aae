"""The door for everyone with a browser: one page, one question, no script, no cookie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from intake.form_body import NoForm, read_form
from intake.form_token import FormTokens
from intake.pages import Pages
from intake.receive import Hallway
from intake.schemas import CONTACT_WISHES, web_report
from intake.transport import whole_body
from workers.carriers.urlencoded import TooManyFields

_MOST_FIELDS = 100


class WebForm:
    """Shows the form and takes it. What was typed is never lost: a form that cannot be taken comes back filled in."""

    def __init__(self, hallway: Hallway, tokens: FormTokens, pages: Pages) -> None:
        self._hallway, self._tokens, self._pages = hallway, tokens, pages

    def show(self) -> Response:
        """The empty form."""
        return self._form({}, status=200, again=False)

    def receive(self) -> Response:
        """Keeps the report and says its number; the same form sent twice is one report with one number."""
        raw = whole_body(request)
        try:
            form = read_form(request.content_type or "", raw, _MOST_FIELDS)
        except NoForm:
            return self._pages.problem(request, 415)
        except TooManyFields:
            return self._pages.problem(request, 400)
        values: dict[str, Any] = {**form.first(), "wishes": form.all("wishes")}
        token_id = self._tokens.read(values.get("token", ""))
        if token_id is None:
            return self._form(values, status=400, again=True)
        receipt = self._hallway.receive(web_report(values, token_id, raw, has_files=form.has_files))
        return self._pages.page(request, "thanks.html", reference=receipt.reference)

    def _form(self, values: Mapping[str, Any], *, status: int, again: bool) -> Response:
        return self._pages.page(
            request,
            "form.html",
            status,
            token=self._tokens.new(),
            values=values,
            wishes=CONTACT_WISHES,
            again=again,
        )


def web_form_blueprint(form: WebForm) -> Blueprint:
    """GET and POST /."""
    blueprint = Blueprint("web_form", __name__)
    blueprint.add_url_rule("/", "show", form.show, methods=["GET"])
    blueprint.add_url_rule("/", "receive", form.receive, methods=["POST"])
    return blueprint
