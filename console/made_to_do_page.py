"""What a victim was made to do, on the report's page: taken out of packets, and shown on a step of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, request, url_for

from console.asked import asked_now
from console.desk import Asked
from console.entered import BadForm, Entered, Fault
from console.made_to_do_verbs import MadeToDoVerbs
from console.report_page import ReportPages
from reports.errors import IllegalTransition, MissingReason, StaleVersion
from reports.holding import HeldByAnother

VERB = "take_out"


class MadeToDoPages:
    """POST /reports/<reference>/made_to_do, …/take_out and …/put_back."""

    def __init__(self, verbs: MadeToDoVerbs, reports: ReportPages) -> None:
        self._verbs, self._reports = verbs, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        for verb, view in (("made_to_do", self.show), ("take_out", self.take_out), ("put_back", self.put_back)):
            app.add_url_rule(f"/reports/<reference>/{verb}", verb, guard(view), methods=["POST"])

    def show(self, reference: str) -> Response:
        """The report with what was taken out, which is written down before it is shown."""
        return self._reports.with_made_to_do(reference)

    def take_out(self, reference: str) -> Response:
        """Takes the words that were copied from the report out of what units may be told."""
        words, otherwise = request.form.get("words", ""), request.form.get("otherwise") == "1"
        return self._answer(reference, lambda asked: self._verbs.take_out(asked, words, was_told_otherwise=otherwise))

    def put_back(self, reference: str) -> Response:
        """Puts back what was taken out by mistake."""
        passage_id = request.form.get("passage", "")
        return self._answer(reference, lambda asked: self._verbs.put_back(asked, passage_id))

    def _answer(self, reference: str, act: Callable[[Asked], None]) -> Response:
        asked = asked_now(reference)
        try:
            act(asked)
        except BadForm as fault:
            return self._refused(reference, 422, *fault.faults)
        except MissingReason:
            return self._refused(reference, 422, Fault("reason", "problem_missing_reason"))
        except HeldByAnother as held:
            return self._refused(reference, 409, Fault("", "problem_held", {"who": held.name}))
        except StaleVersion:
            return self._refused(reference, 409, Fault("", "problem_stale"))
        except IllegalTransition:
            return self._refused(reference, 409, Fault("", "problem_illegal"))
        return make_response(redirect(url_for("report", reference=reference, _anchor="made-to-do"), 303))

    def _refused(self, reference: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._reports.again(reference, Entered(VERB, typed, faults), status)
