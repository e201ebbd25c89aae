"""Answering a unit that asked something about its packet: from the report's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.desk import given
from console.entered import Entered, Fault
from console.report_page import ReportPages
from console.services import Services
from reports.errors import MissingReason, StaleVersion
from reports.holding import HeldByAnother, refuse_if_held
from reports.officers import Officer
from reports.report_view import find_report
from reports.unit_questions import About, answer, waiting_for_answer


class UnitAnswers:
    """One verb: it opens one transaction, commits it, and leaves the sealed answer and an audit line."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def answer(self, officer: Officer, reference: str, referral_id: str, words: str) -> None:
        """Answers the unit of a packet. Raises UnknownReport, MissingReason, HeldByAnother, and StaleVersion where
        nobody waits for an answer: a colleague was faster."""
        text = given(words)
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            refuse_if_held(connection, report.report_id, officer)
            packet = next((one for one in report.referrals if one.referral_id == referral_id), None)
            if packet is None or referral_id not in waiting_for_answer(connection, report.report_id):
                raise StaleVersion("This unit waits for no answer any more.")
            key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
            about = About(referral_id=referral_id, report_id=report.report_id, key=key, unit=packet.unit)
            answer(self._services.store, connection, about, officer.id, text)


class UnitAnswerPages:
    """POST /reports/<reference>/answer_unit."""

    def __init__(self, verbs: UnitAnswers, reports: ReportPages) -> None:
        self._verbs, self._reports = verbs, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the page behind its guard."""
        app.add_url_rule("/reports/<reference>/answer_unit", "answer_unit", guard(self.answer), methods=["POST"])

    def answer(self, reference: str) -> Response:
        """Answers, and shows the report again; where it cannot be done, with what was typed."""
        referral_id = request.form.get("referral", "")
        if not re.fullmatch("[0-9a-f]{32}", referral_id):
            raise BadRequest
        try:
            self._verbs.answer(session_now().officer, reference, referral_id, request.form.get("reason", ""))
        except MissingReason:
            return self._refused(reference, referral_id, 422, Fault("reason", "problem_missing_reason"))
        except HeldByAnother as held:
            return self._refused(reference, referral_id, 409, Fault("", "problem_held", {"who": held.name}))
        except StaleVersion:
            return self._refused(reference, referral_id, 409, Fault("", "problem_answered"))
        return make_response(redirect(url_for("report", reference=reference, _anchor="asks"), 303))

    def _refused(self, reference: str, referral_id: str, status: int, fault: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._reports.again(reference, Entered(f"answer-{referral_id}", typed, (fault,)), status)
