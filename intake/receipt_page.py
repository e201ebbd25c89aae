"""The page for whoever comes back: with the digits of a receipt, how it stands, what is asked, and room to say more.

The digits travel in the body of a form alone: never in an address, a cookie or a line of a log. The page needs no
script. Whatever is written is kept, even if its receipt is unknown or too many were tried.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, request

from config.outcomes import Outcomes
from intake.form_body import Form
from intake.form_reader import FormReader, closing
from intake.form_token import FormTokens
from intake.limits import Limiter
from intake.pages import Pages
from intake.receipt_counter import Look, ReceiptCounter
from intake.receive import Hallway
from intake.schemas import receipt_report
from intake.wording import language_of
from reports.errors import StoreUnavailable
from reports.receipt_digits import read_digits, shown
from reports.receipts import Presented, TooManyReceipts

_STATUS = {"wait": 429, "away": 503}
_WAIT_SECONDS = {"wait": "60", "away": "5"}
log = logging.getLogger(__name__)


class ReceiptPage:
    """Shows the page and does what its buttons ask for. Wrong, swapped and erased receipts have one answer."""

    def __init__(
        self,
        hallway: Hallway,
        tokens: FormTokens,
        reader: FormReader,
        pages: Pages,
        counter: ReceiptCounter,
        outcomes: Outcomes,
        limiter: Limiter,
    ) -> None:
        self._hallway, self._tokens, self._reader, self._pages = hallway, tokens, reader, pages
        self._counter, self._outcomes, self._limiter = counter, outcomes, limiter

    def ask(self) -> Response:
        """The page that asks for the digits."""
        return self._entry()

    def act(self) -> Response:
        """Does what the pressed button asks for."""
        form = self._reader.read(request)
        if isinstance(form, Response):
            return form
        try:
            page = self._act(form)
        except StoreUnavailable:
            if not form.first().get("text"):
                raise
            log.error("What was written with a receipt could not be kept and was given back.", extra={"status": 503})
            page = self._entry("away", form.first())
        return page if form.is_read else closing(page)

    def _act(self, form: Form) -> Response:
        values = form.first()
        if values.get("do") in ("say", "reopen"):
            return self._say(form, values)
        acts: Mapping[str, Callable[[dict[str, str]], Response]] = {
            "new": self._give,
            "swap": self._swap,
            "helped": self._helped,
        }
        return acts.get(values.get("do", ""), self._look)(values)

    def _look(self, values: dict[str, str]) -> Response:
        look = self._counter.look(values.get("number", ""), self._limiter.guessing_from(request))
        return self._answer(look, values)

    def _give(self, values: dict[str, str]) -> Response:
        token_id, chance = self._tokens.read(values.get("token", "")), values.get("chance", "")
        try:
            digits = self._counter.give(token_id or "", chance)
        except TooManyReceipts:
            return self._entry("full")
        if digits is None:
            return self._entry("late")
        return self._pages.page(request, "receipt_new.html", number=shown(digits))

    def _swap(self, values: dict[str, str]) -> Response:
        old, chance = values.get("number", ""), values.get("chance", "")
        look = self._counter.swap(old, chance, self._limiter.guessing_from(request))
        new = self._counter.digits_to_swap_for(old, chance) if look.presented else old
        return self._answer(look, {**values, "number": new})

    def _say(self, form: Form, values: dict[str, str]) -> Response:
        token_id = self._tokens.read(values.get("token", ""))
        look = self._counter.look(values.get("number", ""), self._limiter.guessing_from(request))
        if token_id is None:
            return self._answer(look, values, "again", form)
        # What somebody took the trouble to write is kept whatever became of the digits beside it.
        follows = look.presented.own_report_id if look.presented else ""
        allowance = None if follows else self._limiter.of_network(request, worked=False)
        self._hallway.receive(receipt_report(form, token_id, follows), allowance)
        if look.presented is None:
            return self._entry("kept_apart")
        self._counter.answered(look.presented)
        return self._answer(look, {**values, "text": ""}, "reopened" if values["do"] == "reopen" else "kept", form)

    def _helped(self, values: dict[str, str]) -> Response:
        look = self._counter.look(values.get("number", ""), self._limiter.guessing_from(request))
        helped = values.get("helped") == "yes"
        if look.presented is not None:
            self._counter.say_whether_it_helped(look.presented, helped)
        return self._answer(look, values, "helped" if helped else "not_helped")

    def _answer(self, look: Look, values: dict[str, str], notice: str = "", form: Form | None = None) -> Response:
        if look.presented is None:
            return self._entry("wait" if look.must_wait else "unknown", values)
        if look.presented.temporary:
            return self._to_swap(values)
        return self._standing(look.presented, values, notice, form)

    def _standing(self, presented: Presented, values: Mapping[str, str], notice: str, form: Form | None) -> Response:
        view = self._counter.show(presented)
        return self._pages.page(
            request,
            "receipt_standing.html",
            view=view,
            told=self._outcomes.said_to_reporter(view.state.value, view.outcome, language_of(request)),
            notice=notice,
            number=read_digits(values.get("number", "")),
            text=values.get("text", ""),
            token=self._tokens.new(),
            had_files=form is not None and form.has_files,
            files=len(form.files) if form and notice != "again" else 0,
            left=form.left if form else {},
            limits=self._reader.limits,
        )

    def _to_swap(self, values: Mapping[str, str]) -> Response:
        old, chance = read_digits(values.get("number", "")) or "", secrets.token_hex(16)
        new = self._counter.digits_to_swap_for(old, chance)
        return self._pages.page(request, "receipt_swap.html", old=old, chance=chance, number=shown(new))

    def _entry(self, notice: str = "", values: Mapping[str, str] | None = None) -> Response:
        typed = values or {}
        kept = typed.get("token", "")
        page = self._pages.page(
            request,
            "receipt.html",
            _STATUS.get(notice, 200),
            notice=notice,
            # A number that somebody has to type once more is one they may mistype.
            number=typed.get("number", "")[:40],
            text=typed.get("text", ""),
            # Should the first try have been kept after all, the second is known for the same.
            token=kept if self._tokens.read(kept) else self._tokens.new(),
        )
        if notice in _WAIT_SECONDS:
            page.headers["Retry-After"] = _WAIT_SECONDS[notice]
        return page


def receipt_blueprint(page: ReceiptPage) -> Blueprint:
    """GET and POST /receipt."""
    blueprint = Blueprint("receipt", __name__)
    blueprint.add_url_rule("/receipt", "ask", page.ask, methods=["GET"])
    blueprint.add_url_rule("/receipt", "act", page.act, methods=["POST"])
    return blueprint


def new_offer(token: Any) -> dict[str, str]:
    """What a page carries that offers a receipt: the token of the form that was sent, and chance kept nowhere else."""
    return {"token": str(token), "chance": secrets.token_hex(16)}
