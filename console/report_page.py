"""One report: what was said, why the machine thinks so, and what an officer can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import BadRequest, NotFound

from console.access import language_now, session_now
from console.desk import OUTCOMES, Asked, Desk
from console.display import Display, highlighted
from console.services import Services
from reports.content import Content
from reports.reading import open_report, sealed_messages, told
from reports.report_view import ReportView, find_report
from reports.sealing import ReportKey
from reports.store import REMARK_COLUMN
from reports.values import Labels, Place, PlaceRole, Urgency

_PLACE = re.compile(r"([0-9]{6}|[A-Z]{2}):(occurrence|origin|transit|destination)")
VERBS = ("confirm", "correct", "reroute", "quarantine", "close", "reopen")


class ReportPages:
    """GET /reports/<reference>, POST /reports/<reference>/<verb>."""

    def __init__(self, services: Services, desk: Desk, words: Mapping[str, Mapping[str, str]]) -> None:
        self._services, self._desk, self._words = services, desk, words

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/reports/<reference>", "report", guard(self.show))
        app.add_url_rule("/reports/<reference>/contact", "report_contact", guard(self.reveal), methods=["POST"])
        app.add_url_rule("/reports/<reference>/<verb>", "report_verb", guard(self.act), methods=["POST"])

    def show(self, reference: str) -> Response:
        """The report with its content. Opening it is written down before anything is shown."""
        return self._page(reference, "opened", contact=False)

    def reveal(self, reference: str) -> Response:
        """The same page with the contact details, which is written down too."""
        return self._page(reference, "opened_contact", contact=True)

    def act(self, reference: str, verb: str) -> Response:
        """Does what the officer asked for, then shows the report again."""
        if verb not in VERBS:
            raise NotFound
        version = request.form.get("version", "")
        if not re.fullmatch("[0-9]{1,9}", version):
            raise BadRequest
        asked = Asked(
            officer=session_now().officer,
            reference=reference,
            version=int(version),
            reason=request.form.get("reason", ""),
        )
        if verb == "correct":
            self._desk.correct(asked, self._labels())
        elif verb == "reroute":
            self._desk.reroute(asked, request.form.get("unit", ""))
        elif verb == "close":
            self._desk.close(asked, request.form.get("outcome", ""))
        else:
            {"confirm": self._desk.confirm, "quarantine": self._desk.quarantine, "reopen": self._desk.reopen}[verb](
                asked
            )
        return make_response(redirect(url_for("report", reference=reference), 303))

    def _page(self, reference: str, action: str, *, contact: bool) -> Response:
        officer = session_now().officer
        with self._services.database.read() as connection:
            report = find_report(connection, reference, officer)
            sealed = sealed_messages(connection, [report.report_id])[report.report_id]
        self._desk.note_view(officer, report, action)
        key, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, sealed)
        language = language_now()
        display = Display(language, self._words[language], self._services.taxonomy, self._services.rulebook)
        text = told(contents)
        finding = report.finding
        page = render_template(
            "report.html",
            report=report,
            finding=finding,
            text=highlighted(text, finding.evidence if finding else (), display),
            is_silent=not text.strip(),
            contents=contents if contact else (),
            has_contact=any(_has_contact(content) for content in contents),
            why=_why(report, language),
            remarks=_remarks(report, key),
            outcomes=OUTCOMES,
            taxonomy=self._services.taxonomy,
            urgencies=list(Urgency),
        )
        return make_response(page)

    def _labels(self) -> Labels:
        taxonomy, form = self._services.taxonomy, request.form
        chosen = {axis: tuple(code for code in form.getlist(axis) if code in taxonomy.codes(axis))
                  for axis in ("matters", "persons", "contact", "cues")}  # fmt: skip
        urgency, reporter = form.get("urgency", ""), form.get("reporter", "unknown")
        if not chosen["matters"] or urgency not in list(Urgency) or reporter not in taxonomy.codes("reporter"):
            raise BadRequest
        places = []
        for line in form.get("places", "").split():
            match = _PLACE.fullmatch(line)
            if match is None or (match[1].isdigit() and not self._services.rulebook.areas.successor(match[1])):
                raise BadRequest
            places.append(Place(code=match[1], role=PlaceRole(match[2])))
        return Labels(
            matters=chosen["matters"],
            urgency=Urgency(urgency),
            persons=chosen["persons"],
            reporter=reporter,
            places=tuple(places),
            contact=chosen["contact"],
            cues=chosen["cues"],
        )


def _has_contact(content: Content) -> bool:
    return bool(content.sender or content.contact or content.name)


def _why(report: ReportView, language: str) -> str:
    if report.decision is None:
        return ""
    return report.decision.why_zh if language == "zh" else report.decision.why_en


def _remarks(report: ReportView, key: ReportKey) -> list[dict[str, Any]]:
    return [
        {
            "officer": remark.officer,
            "verb": remark.verb,
            "said_at": remark.said_at,
            "text": key.open(REMARK_COLUMN, remark.remark_id, remark.sealed_text).decode(),
        }
        for remark in report.remarks
    ]
