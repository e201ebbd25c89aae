"""What is kept back and is to be looked at again: as a list, and as an officer's answer on the report's page."""

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
from console.withheld_verbs import WithheldVerbs
from reports.database import read_now
from reports.errors import MissingReason, StaleVersion
from reports.holding import HeldByAnother
from reports.withheld import due_again, due_again_count

_MOST = 200
Guard = Callable[[Callable[..., Any]], Callable[..., Any]]


class WithheldPages:
    """GET /withheld, POST /reports/<reference>/keep_back and /reports/<reference>/release."""

    def __init__(self, services: Services, verbs: WithheldVerbs, reports: ReportPages) -> None:
        self._services, self._verbs, self._reports = services, verbs, reports

    def add_to(self, app: Flask, guard: Guard, at_desk: Guard) -> None:
        """Adds the pages behind their guards: the list is for the desk alone."""
        app.add_url_rule("/withheld", "withheld", at_desk(self.list))
        app.add_url_rule("/reports/<reference>/keep_back", "keep_back", guard(self.keep), methods=["POST"])
        app.add_url_rule("/reports/<reference>/release", "release", guard(self.release), methods=["POST"])

    def list(self) -> str:
        """Everything that is to be looked at again now."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            found, number = due_again(connection, _MOST, officer), due_again_count(connection, officer)
            now = read_now(connection)
        return render_template("withheld_list.html", found=found, number=number, now=now)

    def keep(self, reference: str) -> Response:
        """Keeps it back on until the day that was typed."""
        until = request.form.get("until", "")
        return self._answer(reference, lambda asked, kept: self._verbs.keep(asked, kept, until))

    def release(self, reference: str) -> Response:
        """Releases it to the unit."""
        return self._answer(reference, self._verbs.release)

    def _answer(self, reference: str, act: Callable[[Asked, str], None]) -> Response:
        asked, withheld_id = asked_now(reference), request.form.get("withheld", "")
        if not re.fullmatch("[0-9a-f]{32}", withheld_id):
            raise BadRequest
        try:
            act(asked, withheld_id)
        except BadForm as fault:
            return self._refused(reference, withheld_id, 422, *fault.faults)
        except MissingReason:
            return self._refused(reference, withheld_id, 422, Fault("reason", "problem_missing_reason"))
        except HeldByAnother as held:
            return self._refused(reference, withheld_id, 409, Fault("", "problem_held", {"who": held.name}))
        except StaleVersion:
            return self._refused(reference, withheld_id, 409, Fault("", "problem_stale"))
        return make_response(redirect(url_for("report", reference=reference, _anchor="withheld"), 303))

    def _refused(self, reference: str, withheld_id: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._reports.again(reference, Entered(f"withheld-{withheld_id}", typed, faults), status)
