"""The addresses of one report: to see it, to say why it is opened, and to have one of its verbs done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from console.access import session_now
from console.asked import asked_now
from console.desk import Asked, given
from console.entered import BadForm, Entered, Fault
from console.opening import Opening
from console.report_shown import ReportShown
from console.report_verbs import HERE, ReportVerbs
from console.services import Services
from reports.errors import IllegalTransition, MissingReason, StaleVersion, UnknownReport
from reports.report_view import find_report


class ReportPages:
    """GET /reports/<reference>, POST /reports/<reference>/<verb>."""

    def __init__(self, services: Services, shown: ReportShown, verbs: ReportVerbs) -> None:
        self._services, self._shown, self._verbs = services, shown, verbs
        self._opening = Opening(services)

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/reports/<reference>", "report", guard(self.show))
        app.add_url_rule("/reports/<reference>/contact", "report_contact", guard(self.reveal), methods=["POST"])
        app.add_url_rule("/reports/<reference>/open_report", "open_report", guard(self.open), methods=["POST"])
        app.add_url_rule("/reports/<reference>/<verb>", "report_verb", guard(self.act), methods=["POST"])

    def show(self, reference: str) -> Response:
        """The report with its content, or what asks why it is opened where no work calls for that.

        Opening it is written down before anything is shown.
        """
        return self._shown.page(reference, "opened")

    def open(self, reference: str) -> Response:
        """Keeps why the officer opens a report that no work calls for, and shows it."""
        asked = Asked(
            officer=session_now().officer, reference=reference, version=0, reason=request.form.get("reason", "")
        )
        try:
            self._opening.say(asked, request.form.get("why", ""))
        except BadForm as fault:
            return self._refused(reference, "open_report", 422, *fault.faults)
        except MissingReason:
            return self._refused(reference, "open_report", 422, Fault("reason", "problem_missing_reason"))
        return make_response(redirect(url_for("report", reference=reference), 303))

    def reveal(self, reference: str) -> Response:
        """The same page with the contact details, which is written down too, with the reason that it wants."""
        try:
            reason = given(request.form.get("reason", ""))
        except MissingReason:
            return self._refused(reference, "contact", 422, Fault("reason", "problem_missing_reason"))
        return self._shown.page(reference, "opened_contact", reason=reason)

    def act(self, reference: str, verb: str) -> Response:
        """Does what the officer asked for and shows the report again; where it cannot be done, with what they typed."""
        if verb not in HERE:
            raise NotFound
        return self.answer(reference, verb, lambda asked: self._verbs.do(verb, asked, request.form))

    def answer(self, reference: str, verb: str, act: Callable[[Asked], None], anchor: str | None = None) -> Response:
        """Does what a form of the report's page asks for and shows the report, there where anchor says.

        Where it cannot be done the report comes back with what was typed, and why.
        """
        asked = asked_now(reference)
        try:
            act(asked)
        except BadForm as fault:
            return self._refused(reference, verb, 422, *fault.faults)
        except MissingReason:
            return self._refused(reference, verb, 422, Fault("reason", "problem_missing_reason"))
        except StaleVersion:
            return self._refused(reference, verb, 409, Fault("", "problem_stale"))
        except IllegalTransition:
            return self._refused(reference, verb, 409, Fault("", "problem_illegal"))
        return make_response(redirect(url_for("report", reference=reference, _anchor=anchor), 303))

    def with_made_to_do(self, reference: str) -> Response:
        """The report with what the victim was made to do, which is written down too."""
        return self._shown.page(reference, "opened_made_to_do")

    def is_there(self, reference: str) -> bool:
        """Whether there is such a report for the officer."""
        with self._services.database.read() as connection:
            try:
                find_report(connection, reference, session_now().officer)
            except UnknownReport:
                return False
        return True

    def again(self, reference: str, entered: Entered, status: int) -> Response:
        """The report with what was typed into a form on its page that could not be done."""
        return self._shown.page(reference, "opened", entered, status)

    def _refused(self, reference: str, verb: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self.again(reference, Entered(verb, typed, faults), status)
