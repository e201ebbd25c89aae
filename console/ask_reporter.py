"""Asking the reporter, and giving them a receipt to come back with: what an officer does from the report's page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.asked import asked_now
from console.desk import Asked
from console.entered import BadForm, Entered, Fault
from console.report_page import ReportPages
from console.services import Services
from console.texting_page import TextingVerbs
from reports.audit import AuditEntry
from reports.content import keepable
from reports.errors import StaleVersion
from reports.holding import HeldByAnother, refuse_if_held
from reports.notes import LONGEST_NOTE, NobodyToTell, copy_for, say
from reports.officers import Officer
from reports.receipt_digits import shown
from reports.receipts import ReceiptBook, TooManyReceipts
from reports.report_view import find_report

ASK, GIVE = "ask_reporter", "give_receipt"
# The sentence of replies.toml that says there is something to read, and nothing else.
NOTE_WAITS = "note_waits"
_CHANCE = re.compile("[0-9a-f]{32}")


class AskReporter:
    """Two verbs that tell the reporter something. Each opens one transaction, commits it, and leaves an audit line."""

    def __init__(self, services: Services, texts: TextingVerbs) -> None:
        self._services, self._texts = services, texts
        self._book = ReceiptBook(services.database, services.keys.receipts)

    def ask(self, asked: Asked, chance: str, words: str, *, by_text: bool) -> None:
        """Puts a question where the reporter reads it who comes with a receipt; once for one chance.

        by_text has them told by a neutral text that there is one: both, or neither. Raises UnknownReport, Erased,
        StaleVersion, HeldByAnother, and BadForm for an empty question, a long one, a report without a receipt, or a
        number that may not be texted.
        """
        said = keepable(words.replace("\r\n", "\n").strip())
        if not said:
            raise BadForm(Fault("words", "fault_question"))
        if len(said) > LONGEST_NOTE:
            raise BadForm(Fault("words", "fault_question_long", {"most": str(LONGEST_NOTE)}))
        with self._services.database.write() as connection:
            report, officer = find_report(connection, asked.reference, asked.officer), asked.officer
            if report.version != asked.version:
                # A colleague may have closed it, or the reporter may have said just that.
                raise StaleVersion(f"Report {report.reference} was changed meanwhile. Look at it again, then ask.")
            refuse_if_held(connection, report.report_id, officer)
            key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
            try:
                is_new = say(connection, report.report_id, key, officer.id, said, note_id=chance)
            except NobodyToTell:
                raise BadForm(Fault("words", "fault_no_receipt")) from None
            if is_new:
                entry = AuditEntry(officer.id, "asked_reporter", f"report:{report.report_id}", {})
                self._services.store.chain.append(connection, [entry])
            # A question that stands while its page comes back as refused would be put a second time.
            if is_new and by_text:
                self._texts.ask_to_send(connection, officer, report, NOTE_WAITS, chance)

    def give_receipt(self, officer: Officer, reference: str, chance: str) -> str:
        """The digits of a temporary receipt, to be read out; the same for the same chance.

        The reporter swaps it for one of their own when they first use it. Raises UnknownReport, Erased and BadForm.
        """
        digits = self._services.keys.receipts.digits_for(f"{officer.id}|{reference}|{chance}")
        unlocked = self._book.unlock(digits)
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            # Of a report that was erased nobody can say anything any more.
            self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
            try:
                receipt_id = self._book.issue(connection, report.report_id, unlocked, officer.id, temporary=True)
            except TooManyReceipts:
                raise BadForm(Fault("", "fault_receipts")) from None
            # Whoever lost their number and calls is to find what was asked before.
            copy_for(connection, report.report_id, self._services.keys, receipt_id, unlocked.public_key)
        return digits


class AskReporterPages:
    """POST /reports/<reference>/ask_reporter and …/give_receipt."""

    def __init__(self, verbs: AskReporter, reports: ReportPages) -> None:
        self._verbs, self._reports = verbs, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        for verb, view in ((ASK, self.ask), (GIVE, self.give)):
            app.add_url_rule(f"/reports/<reference>/{verb}", verb, guard(view), methods=["POST"])

    def ask(self, reference: str) -> Response:
        """Asks, has the reporter told by a neutral text where the officer wants that, and shows the report again."""
        words, by_text = request.form.get("words", ""), request.form.get("text") == "1"
        try:
            self._verbs.ask(asked_now(reference), _chance(), words, by_text=by_text)
        except HeldByAnother as held:
            return self._refused(reference, ASK, 409, Fault("", "problem_held", {"who": held.name}))
        except StaleVersion:
            return self._refused(reference, ASK, 409, Fault("", "problem_stale"))
        except BadForm as fault:
            return self._refused(reference, ASK, 422, *fault.faults)
        return make_response(redirect(url_for("report", reference=reference, _anchor="reporter"), 303))

    def give(self, reference: str) -> Response:
        """The page with the digits to read out; they are shown this once and stand nowhere."""
        try:
            digits = self._verbs.give_receipt(session_now().officer, reference, _chance())
        except BadForm as fault:
            return self._refused(reference, GIVE, 422, *fault.faults)
        return make_response(render_template("receipt.html", reference=reference, digits=shown(digits)))

    def _refused(self, reference: str, verb: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._reports.again(reference, Entered(verb, typed, faults), status)


def _chance() -> str:
    chance = request.form.get("chance", "")
    if not _CHANCE.fullmatch(chance):
        raise BadRequest
    return chance
