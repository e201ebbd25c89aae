"""Taking a report on, letting it go, and seeing who else is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.desk import given
from console.entered import Entered, Fault
from console.remarks import remark
from console.report_page import ReportPages
from console.services import Services
from reports.audit import AuditEntry
from reports.desk_views import MOST_ALARMS, DeskViews
from reports.errors import MissingReason
from reports.holding import HeldByAnother, There, let_go, opened, take, who_is_there
from reports.officers import Officer
from reports.report_view import ReportView, find_report

_OFFICER = re.compile("[0-9a-f]{32}|")


class Holding:
    """The officer's verbs about who is on a report. Each commits, with an audit line."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def take(self, officer: Officer, reference: str, from_whom: str, reason: str) -> None:
        """Puts the officer on the report. from_whom is whom they saw on it, '' for nobody; taking over wants a reason.

        Raises HeldByAnother where somebody else is on it than they saw, MissingReason and UnknownReport.
        """
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            take(connection, report.report_id, officer.id, from_whom)
            action = "took_over" if from_whom else "took"
            if from_whom:
                remark(self._services, connection, officer, report, action, given(reason))
            entry = AuditEntry(officer.id, action, f"report:{report.report_id}", {})
            self._services.store.chain.append(connection, [entry])

    def let_go(self, officer: Officer, reference: str) -> None:
        """Takes the officer off the report. Does nothing where they are not on it any more. Raises UnknownReport."""
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            if let_go(connection, report.report_id, officer.id):
                entry = AuditEntry(officer.id, "let_go", f"report:{report.report_id}", {})
                self._services.store.chain.append(connection, [entry])

    def still_open(self, officer: Officer, reference: str) -> tuple[ReportView, There, tuple[str, ...]]:
        """Keeps that the officer's page is still open. Returns the report, who is there, and which reports of somebody
        in danger came last: whoever works on one must hear of the next. Raises UnknownReport."""
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            opened(connection, report.report_id, officer.id, by_hand=False)
            there = who_is_there(connection, report.report_id, officer)
            return report, there, DeskViews(connection, officer).new_alarms()


class HoldingPages:
    """POST /reports/<reference>/take and /let_go, GET /reports/<reference>/there."""

    def __init__(self, holding: Holding, reports: ReportPages) -> None:
        self._holding, self._reports = holding, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/reports/<reference>/take", "take", guard(self.take), methods=["POST"])
        app.add_url_rule("/reports/<reference>/let_go", "let_go", guard(self.let_go), methods=["POST"])
        app.add_url_rule("/reports/<reference>/there", "there", guard(self.there))

    def take(self, reference: str) -> Response:
        """Puts the officer on the report; where somebody else is, says who, with what was typed."""
        from_whom, reason = request.form.get("from_whom", ""), request.form.get("reason", "")
        if not _OFFICER.fullmatch(from_whom):
            raise BadRequest
        try:
            self._holding.take(session_now().officer, reference, from_whom, reason)
        except HeldByAnother as held:
            return self._refused(reference, reason, 409, Fault("", "problem_held", {"who": held.name}))
        except MissingReason:
            return self._refused(reference, reason, 422, Fault("reason", "problem_missing_reason"))
        return make_response(redirect(url_for("report", reference=reference), 303))

    def let_go(self, reference: str) -> Response:
        """Takes the officer off the report."""
        self._holding.let_go(session_now().officer, reference)
        return make_response(redirect(url_for("report", reference=reference), 303))

    def there(self, reference: str) -> str:
        """Who is there, for a page that keeps itself up to date. ?version= is the report's as that page shows it."""
        version = request.args.get("version", "")
        if not re.fullmatch("[0-9]{1,9}", version):
            raise BadRequest
        report, there, alarms = self._holding.still_open(session_now().officer, reference)
        return render_template(
            "held_page.html",
            report=report,
            there=there,
            alarms=alarms,
            most_alarms=MOST_ALARMS,
            version=version,
            changed=report.version != int(version),
            entered=Entered(),
        )

    def _refused(self, reference: str, reason: str, status: int, fault: Fault) -> Response:
        return self._reports.again(reference, Entered("take", {"reason": [reason]}, (fault,)), status)
