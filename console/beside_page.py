"""Two reports side by side, and putting one to the other or taking it out again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest

from console.access import language_now, session_now
from console.asked import asked_now
from console.beside import Side, compared, words_alike
from console.desk import Desk
from console.display import Display
from console.entered import BadForm, Entered, Fault
from console.highlight import highlighted
from console.merging import Merging
from console.named_here import refuse_named
from console.opening import at_hand
from console.overtaken import explained
from console.report_page import ReportPages
from console.report_shown import closed_page
from console.services import Services
from reports.database import read_now
from reports.errors import IllegalTransition, MissingReason, StaleVersion, UnknownReport
from reports.holding import HeldByAnother, who_is_there
from reports.identity import read_reference
from reports.made_to_do import sealed_passages
from reports.reading import open_report, sealed_messages
from reports.report_view import find_report
from routing.rulebook.made_to_do import spans_of

_VERSION = re.compile("[0-9]{1,9}")


class BesidePages:
    """GET /reports/<reference>/beside?with=…, POST /reports/<reference>/merge and …/unmerge."""

    def __init__(
        self,
        services: Services,
        desk: Desk,
        words: Mapping[str, Mapping[str, str]],
        verbs: Merging,
        reports: ReportPages,
    ) -> None:
        self._services, self._desk, self._words = services, desk, words
        self._verbs, self._reports = verbs, reports

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/reports/<reference>/beside", "beside", guard(self.show))
        app.add_url_rule("/reports/<reference>/merge", "merge", guard(self.merge), methods=["POST"])
        app.add_url_rule("/reports/<reference>/unmerge", "unmerge", guard(self.unmerge), methods=["POST"])

    def show(self, reference: str) -> Response:
        """Both reports, with what is the same, what differs and what only one tells. Both are opened by it."""
        other = read_reference(request.args.get("with", "")) or ""
        if not other or other == read_reference(reference):
            return self._reports.again(reference, _typed("beside", Fault("with", "fault_reference")), 422)
        try:
            return self._page(reference, other)
        except UnknownReport:
            if not self._reports.is_there(reference):
                raise
            return self._reports.again(reference, _typed("beside", Fault("with", "fault_reference")), 422)

    def merge(self, reference: str) -> Response:
        """Puts the report to another one, and shows that one."""
        form = request.form
        other, version = read_reference(form.get("other", "")) or "", form.get("other_version", "")
        if not other or not _VERSION.fullmatch(version):
            raise BadRequest
        asked = asked_now(reference)
        try:
            into = self._verbs.merge(asked, other, int(version))
        except BadForm as fault:
            return self._page(reference, other, _typed("merge", *fault.faults), 422)
        except MissingReason:
            return self._page(reference, other, _typed("merge", Fault("reason", "problem_missing_reason")), 422)
        except HeldByAnother as held:
            return self._page(reference, other, _typed("merge", Fault("", "problem_held", {"who": held.name})), 409)
        except StaleVersion:
            return self._page(reference, other, _typed("merge", Fault("", "problem_stale")), 409)
        except IllegalTransition:
            return self._page(reference, other, _typed("merge", Fault("", "problem_illegal")), 409)
        return make_response(redirect(url_for("report", reference=into, _anchor="links"), 303))

    def unmerge(self, reference: str) -> Response:
        """Takes the report out of the one it was put to, and shows it."""
        try:
            self._verbs.unmerge(asked_now(reference))
        except BadForm as fault:
            return self._reports.again(reference, _typed("unmerge", *fault.faults), 422)
        except MissingReason:
            return self._reports.again(reference, _typed("unmerge", Fault("reason", "problem_missing_reason")), 422)
        except HeldByAnother as held:
            # It may be the other report that they are on, of which this page knows nothing.
            return self._reports.again(reference, _typed("unmerge", Fault("", "problem_held", {"who": held.name})), 409)
        except StaleVersion:
            return self._reports.again(reference, _typed("unmerge", Fault("", "problem_stale")), 409)
        except IllegalTransition:
            return self._reports.again(reference, _typed("unmerge", Fault("", "problem_illegal")), 409)
        return make_response(redirect(url_for("report", reference=reference), 303))

    def _page(self, reference: str, other: str, entered: Entered | None = None, status: int = 200) -> Response:
        officer, language = session_now().officer, language_now()
        display = Display(language, self._words[language], self._services.taxonomy, self._services.rulebook)
        with self._services.database.read() as connection:
            views = [find_report(connection, one, officer) for one in (reference, other)]
            ids = [view.report_id for view in views]
            sealed, passages, now = (
                sealed_messages(connection, ids),
                sealed_passages(connection, ids),
                read_now(connection),
            )
            there = [who_is_there(connection, view.report_id, officer) for view in views]
        for view, one, name in zip(views, there, ("version", "other_version"), strict=True):
            if entered is not None and entered.one("merge", name) != str(view.version):
                entered = explained(entered, view, officer, one)
        if views[0].exercise is not views[1].exercise:
            # What was told and what is played are never on one page.
            return self._reports.again(reference, _typed("beside", Fault("with", "fault_exercise_beside")), 422)
        reasons = [at_hand(view, officer, one.mine, now) for view, one in zip(views, there, strict=True)]
        for view, why in zip(views, reasons, strict=True):
            if not why and view.wrapped_key:
                # Side by side is no way around the question: it is answered on that report's own page.
                return closed_page(view, entered or Entered(), now, status)
            refuse_named(self._services, view, officer, sealed[view.report_id])
        for view, why in zip(views, reasons, strict=True):
            self._desk.note_view(officer, view, "opened_beside", why)
        sides, texts = [], []
        for view in views:
            key, contents = open_report(self._services.keys, view.report_id, view.wrapped_key, sealed[view.report_id])
            side = Side(view, contents)
            hidden = spans_of(side.text, [one.open(key) for one in passages[view.report_id]])
            sides.append(side)
            texts.append(highlighted(side.text, (), display, hidden))
        page = render_template(
            "beside.html",
            now=now,
            mine=sides[0].report,
            theirs=sides[1].report,
            texts=texts,
            rows=compared(sides[0], sides[1], display),
            alike=words_alike(sides[0], sides[1]),
            entered=entered or Entered(),
        )
        return make_response(page, status)


def _typed(verb: str, *faults: Fault) -> Entered:
    source = request.form if request.method == "POST" else request.args
    return Entered(verb, {name: source.getlist(name) for name in source}, faults)
