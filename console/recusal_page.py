"""Who is kept from a report and why: as a page of each report, and all such reports as the reviewers' list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import Access, session_now
from console.entered import BadForm, Entered, Fault
from console.recusal_verbs import RecusalVerbs
from console.services import Services
from reports.database import read_now
from reports.errors import MissingReason, UnknownReport
from reports.officers import Role
from reports.recusals import Before, recusals_of, recused_cases
from reports.report_view import find_report
from reports.two_person import Act, TwoPeople

_PER_PAGE = 100


class RecusalPages:
    """GET /recusals; under /reports/<reference>/recusal: GET, POST /keep_away and POST /lift."""

    def __init__(self, services: Services, verbs: RecusalVerbs, two_people: TwoPeople) -> None:
        self._services, self._verbs, self._two_people = services, verbs, two_people

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]], access: Access) -> None:
        """Adds the pages: the list for reviewers, the others behind the guard of reports."""
        reviewer = access.requires(Role.REVIEWER)
        path = "/reports/<reference>/recusal"
        app.add_url_rule("/recusals", "recused_cases", reviewer(self.list))
        app.add_url_rule(path, "recusal", guard(self.show))
        app.add_url_rule(f"{path}/keep_away", "keep_away", guard(self.keep), methods=["POST"])
        app.add_url_rule(f"{path}/lift", "ask_to_lift", reviewer(access.fresh(self.lift)), methods=["POST"])

    def list(self) -> str:
        """The reports in which a unit is complained of, or that an officer is kept from; the newest first. ?before= is
        where the page begins."""
        officer, asked = session_now().officer, request.args.get("before", "")
        before = Before.read(asked)
        if asked and before is None:
            raise BadRequest
        with self._services.database.read() as connection:
            cases, following = recused_cases(connection, officer, _PER_PAGE, before)
            now = read_now(connection)
        return render_template("recused_cases.html", cases=cases, following=following, is_later=bool(before), now=now)

    def show(self, reference: str) -> Response:
        """Who is kept from this report."""
        return self._page(reference)

    def keep(self, reference: str) -> Response:
        """Keeps an officer from it; whoever kept themselves away is led to the first page."""
        officer, form = session_now().officer, request.form
        try:
            self._verbs.keep(officer, reference, form.get("whom", ""), form.get("reason", ""))
        except MissingReason:
            return self._refused(reference, "keep_away", Fault("reason", "problem_missing_reason"))
        except BadForm as fault:
            return self._refused(reference, "keep_away", *fault.faults)
        try:
            with self._services.database.read() as connection:
                find_report(connection, reference, officer)
        except UnknownReport:
            return make_response(redirect(url_for("home"), 303))
        return make_response(redirect(url_for("recusal", reference=reference), 303))

    def lift(self, reference: str) -> Response:
        """Asks a second reviewer to agree that it is lifted."""
        officer, form = session_now().officer, request.form
        try:
            self._verbs.ask_to_lift(
                officer, reference, form.get("whom", ""), form.get("ground", ""), form.get("reason", "")
            )
        except MissingReason:
            return self._refused(reference, "lift", Fault("reason", "problem_missing_reason"))
        except BadForm as fault:
            return self._refused(reference, "lift", *fault.faults)
        return make_response(redirect(url_for("second_person"), 303))

    def _refused(self, reference: str, verb: str, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._page(reference, Entered(verb, typed, faults), 422)

    def _page(self, reference: str, entered: Entered | None = None, status: int = 200) -> Response:
        officer = session_now().officer
        with self._services.database.read() as connection:
            report = find_report(connection, reference, officer)
            kept = recusals_of(connection, report.report_id)
        away = {one.officer_id for one in kept if one.lifted_at is None}
        page = render_template(
            "recusal.html",
            report=report,
            kept=kept,
            others=[one for one in self._services.officers.list() if one.active and one.id not in away],
            may_lift=officer.role is Role.REVIEWER,
            grounds=self._two_people.rule(Act.LIFT_RECUSAL).reasons,
            entered=entered or Entered(),
        )
        return make_response(page, status)
