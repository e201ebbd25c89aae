"""Texting the reporter: an officer has an approved sentence sent, lets nothing be sent, or texts be sent again."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, make_response, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.conversation import texting
from console.desk import given
from console.entered import BadForm, Entered, Fault
from console.report_page import ReportPages
from console.services import Services
from reports.audit import AuditEntry
from reports.content import Content
from reports.correspondents import lift_stop, stop_texting
from reports.errors import MissingReason
from reports.holding import HeldByAnother, refuse_if_held
from reports.officers import Officer
from reports.phone import line_of_ones_own
from reports.reading import open_report, sealed_messages, told
from reports.replies import Wanted, number_of_report, want
from reports.report_view import ReportView, find_report
from reports.unsafe_numbers import is_unsafe, is_unsafe_number
from routing.finding.reply_language import reply_language

TEXT, NEVER, AGAIN = "send_text", "never_text", "text_again"
_CHANCE = re.compile("[0-9a-f]{32}")


class TextingVerbs:
    """The verbs about texts. Each opens one transaction, commits it, and leaves an audit line."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def send(self, officer: Officer, reference: str, code: str, chance: str) -> None:
        """Has one of the sentences sent, once for one chance.

        Raises UnknownReport, HeldByAnother, and BadForm where it may not be.
        """
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            refuse_if_held(connection, report.report_id, officer)
            self.ask_to_send(connection, officer, report, code, chance)

    def ask_to_send(self, connection: Connection, officer: Officer, report: ReportView, code: str, chance: str) -> None:
        """The same, within a verb that opened the transaction and found the report."""
        services = self._services
        sealed = sealed_messages(connection, [report.report_id])[report.report_id]
        _, contents = open_report(services.keys, report.report_id, report.wrapped_key, sealed)
        may = texting(connection, report, contents, services)
        index = number_of_report(connection, report.report_id)
        if may.held or index is None or code not in dict(may.sentences) or report.finding is None:
            raise BadForm(Fault("", "fault_no_texting"))
        wanted = Wanted(
            report_id=report.report_id,
            number_index=index,
            zone=services.replies.hours.zone_of(_number(contents)),
            code=code,
            language=reply_language(report.finding, told(contents)),
            asked_by=officer.id,
            once=f"officer:{report.report_id}:{chance}",
        )
        want(services.store, connection, wanted)

    def never(self, officer: Officer, reference: str) -> None:
        """Lets nothing be sent to the number of this report from now on. Raises UnknownReport."""
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            index = number_of_report(connection, report.report_id)
            # The chain before the number, as everybody does it.
            self._services.store.chain.hold(connection)
            if index is not None and stop_texting(connection, report.report_id, index, unsafe=True):
                entry = AuditEntry(officer.id, "texting_stopped", f"report:{report.report_id}", {})
                self._services.store.chain.append(connection, [entry])

    def again(self, officer: Officer, reference: str, reason: str) -> None:
        """Lets texts be sent to the number of this report again; `never` takes that back.

        Raises UnknownReport, MissingReason, and BadForm where the labels of this report, or of any other from the same
        number, say that texting is not safe.
        """
        said = given(reason)
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            if report.finding is not None and is_unsafe(report.finding):
                # The next reading would take it back at once, and rightly.
                raise BadForm(Fault("", "fault_still_unsafe"))
            index = number_of_report(connection, report.report_id)
            key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
            self._services.store.chain.hold(connection)
            # What is lifted is lifted for the number, whichever report told of it.
            if index is not None and is_unsafe_number(connection, index):
                raise BadForm(Fault("", "fault_number_unsafe"))
            if index is not None and lift_stop(connection, index):
                self._services.store.remark(connection, report.report_id, key, officer.id, "texting_allowed", said)
                entry = AuditEntry(officer.id, "texting_allowed", f"report:{report.report_id}", {})
                self._services.store.chain.append(connection, [entry])


class TextingPages:
    """POST /reports/<reference>/send_text, …/never_text and …/text_again."""

    def __init__(self, verbs: TextingVerbs, reports: ReportPages) -> None:
        self._verbs, self._reports = verbs, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        for verb, view in ((TEXT, self.send), (NEVER, self.never), (AGAIN, self.again)):
            app.add_url_rule(f"/reports/<reference>/{verb}", verb, guard(view), methods=["POST"])

    def send(self, reference: str) -> Response:
        """Asks for the text, and shows the report again."""
        chance = request.form.get("chance", "")
        if not _CHANCE.fullmatch(chance):
            raise BadRequest
        try:
            self._verbs.send(session_now().officer, reference, request.form.get("sentence", ""), chance)
        except HeldByAnother as held:
            who = Fault("", "problem_held", {"who": held.name})
            return self._reports.again(reference, Entered(TEXT, {}, (who,)), 409)
        except BadForm as fault:
            return self._reports.again(reference, Entered(TEXT, {}, fault.faults), 422)
        return _back(reference)

    def never(self, reference: str) -> Response:
        """Ends all texts to the number, and shows the report again."""
        self._verbs.never(session_now().officer, reference)
        return _back(reference)

    def again(self, reference: str) -> Response:
        """Lets texts be sent to the number again, and shows the report."""
        reason = request.form.get("reason", "")
        try:
            self._verbs.again(session_now().officer, reference, reason)
        except MissingReason:
            return self._refused(reference, reason, Fault("reason", "problem_missing_reason"))
        except BadForm as fault:
            return self._refused(reference, reason, *fault.faults)
        return _back(reference)

    def _refused(self, reference: str, reason: str, *faults: Fault) -> Response:
        return self._reports.again(reference, Entered(AGAIN, {"reason": [reason]}, faults), 422)


def _number(contents: Sequence[Content]) -> str:
    """The first number that a text may be sent to, in E.164; '' where there is none."""
    return next(filter(None, (line_of_ones_own(content.sender) for content in contents)), "")


def _back(reference: str) -> Response:
    return make_response(redirect(url_for("report", reference=reference, _anchor="conversation"), 303))
