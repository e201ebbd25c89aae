"""The door for everyone with a browser: one page, one question, no cookie, and no script needed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from intake.form_reader import FormReader, closing
from intake.form_token import FormTokens
from intake.limits import Limiter
from intake.pages import Pages
from intake.receipt_page import new_offer
from intake.receive import Hallway
from intake.schemas import CONTACT_WISHES, web_report
from intake.work import is_worked
from reports.errors import StoreUnavailable
from routing.finding.venues import Venues

log = logging.getLogger(__name__)


class WebForm:
    """Shows the form and takes it. What was typed is never lost: a form that cannot be taken comes back filled in."""

    def __init__(
        self,
        hallway: Hallway,
        tokens: FormTokens,
        pages: Pages,
        reader: FormReader,
        venues: Venues,
        limiter: Limiter,
    ) -> None:
        self._hallway, self._tokens, self._pages = hallway, tokens, pages
        self._reader, self._venues, self._limiter = reader, venues, limiter

    def show(self) -> Response:
        """The empty form, or what a poster's code fills in: /?v=CODE."""
        return self._form({"venue": request.args.get("v", "")})

    def receive(self) -> Response:
        """Keeps the report and says its number; the same form sent twice is one report with one number."""
        form = self._reader.read(request)
        if isinstance(form, Response):
            return form
        values: dict[str, Any] = {**form.first(), "wishes": form.all("wishes")}
        token_id = self._tokens.read(values.get("token", ""))
        if token_id is None:
            return self._form(values, 400, "again", had_files=form.has_files)
        try:
            worked = is_worked(values["token"], values.get("work", ""), self._limiter.work_bits)
            allowance = self._limiter.of_network(request, worked=worked)
            receipt = self._hallway.receive(web_report(values, token_id, form), allowance)
        except Exception as fault:
            status = 503 if isinstance(fault, StoreUnavailable) else 500
            # The class alone: an exception's text may quote what somebody reported.
            log.error("A form could not be kept and was given back: %s", type(fault).__name__, extra={"status": status})
            answer = self._form(values, status, "away", had_files=form.has_files)
            answer.headers["Retry-After"] = "5"
            return answer
        page = self._pages.page(
            request,
            "thanks.html",
            reference=receipt.reference,
            offer=new_offer(values["token"]),
            files=len(form.files),
            left=form.left,
            limits=self._reader.limits,
        )
        return page if form.is_read else closing(page)

    def _form(
        self, values: Mapping[str, Any], status: int = 200, notice: str = "", *, had_files: bool = False
    ) -> Response:
        # A token of ours is kept: should the first try have been kept after all, the second is known for the same.
        kept = values.get("token", "")
        return self._pages.page(
            request,
            "form.html",
            status,
            token=kept if self._tokens.read(kept) else self._tokens.new(),
            values=values,
            venue=self._venues.find(values.get("venue", "")),
            wishes=CONTACT_WISHES,
            notice=notice,
            had_files=had_files,
            limits=self._reader.limits,
            work_bits=self._limiter.work_bits if self._limiter.wants_work(request) else 0,
        )


def web_form_blueprint(form: WebForm) -> Blueprint:
    """GET and POST /."""
    blueprint = Blueprint("web_form", __name__)
    blueprint.add_url_rule("/", "show", form.show, methods=["GET"])
    blueprint.add_url_rule("/", "receive", form.receive, methods=["POST"])
    return blueprint
