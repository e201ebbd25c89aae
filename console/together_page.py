"""Short texts that are alike, read side by side and decided in one go; never where somebody may be in danger."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.alike import LONGEST, RESEMBLING, Alike, compared, share_of
from console.desk import Asked, Desk
from console.entered import BadForm, Entered, Fault
from console.services import Services
from reports.database import read_now
from reports.errors import IllegalTransition, MissingReason, StaleVersion, UnknownReport
from reports.holding import HeldByAnother
from reports.made_to_do import sealed_passages
from reports.officers import Officer
from reports.queue_view import queue_page
from reports.reading import open_report, sealed_messages, told
from reports.report_view import ReportView, find_report
from reports.states import ReportState
from reports.values import Urgency
from routing.rulebook.made_to_do import spans_of, without

VERBS = ("quarantine", "close")
_MOST, _LOOKED_THROUGH = 30, 100
_REFERENCE = re.compile("[0-9A-Z-]{1,16}")


@dataclass(frozen=True, kw_only=True)
class Side:
    """One report beside the others: how its text compares with the first one's."""

    report: ReportView
    alike: Alike
    is_ticked: bool


@dataclass(frozen=True, kw_only=True)
class Done:
    """What came of one report: sentence is of words.toml, '' where it was done; who is in the way, if somebody is."""

    reference: str
    sentence: str = ""
    who: str = ""


class TogetherPages:
    """POST /queue/together shows the texts; POST /queue/together/decide does the same with each that is ticked."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services, self._desk = services, desk

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/queue/together", "together", guard(self.show), methods=["POST"])
        app.add_url_rule("/queue/together/decide", "decide_together", guard(self.decide), methods=["POST"])

    def show(self) -> Response:
        """The texts of the reports that were ticked; of one alone, those that are like it as well."""
        return self._page(_references(), Entered())

    def decide(self) -> Response:
        """Does one thing with each report that is ticked, for one reason; tells what came of each."""
        references, verb = _references(), request.form.get("verb", "")
        if verb not in VERBS:
            raise BadRequest
        shown = request.form.getlist("shown")
        if not request.form.get("reason", "").strip():
            return self._page(_known(shown), _entered(verb, Fault("reason", "problem_missing_reason")), 422)
        if verb == "close" and request.form.get("outcome", "") not in self._services.outcomes.outcomes:
            return self._page(_known(shown), _entered(verb, Fault("outcome", "fault_outcome")), 422)
        done = [self._do(verb, reference) for reference in references]
        page = render_template("together_done.html", done=done, verb=verb)
        return make_response(page, 409 if any(one.sentence for one in done) else 200)

    def _do(self, verb: str, reference: str) -> Done:
        """Each in a transaction of its own: what stands in the way of one keeps no other waiting."""
        version = request.form.get(f"version:{reference}", "")
        if not re.fullmatch("[0-9]{1,9}", version):
            raise BadRequest
        with self._services.database.read() as connection:
            if _decidable(connection, reference, session_now().officer) is None:
                return Done(reference=reference, sentence="together_illegal")
        asked = Asked(
            officer=session_now().officer,
            reference=reference,
            version=int(version),
            reason=request.form.get("reason", ""),
        )
        try:
            if verb == "close":
                self._desk.close(asked, request.form.get("outcome", ""))
            else:
                self._desk.quarantine(asked)
        except HeldByAnother as held:
            return Done(reference=reference, sentence="together_held", who=held.name)
        except StaleVersion:
            return Done(reference=reference, sentence="together_stale")
        except (UnknownReport, IllegalTransition, BadForm, MissingReason):
            return Done(reference=reference, sentence="together_illegal")
        return Done(reference=reference)

    def _page(self, references: Sequence[str], entered: Entered, status: int = 200) -> Response:
        officer = session_now().officer
        with self._services.database.read() as connection:
            found = [report for one in references if (report := _decidable(connection, one, officer)) is not None]
            # What was told and what is played are never on one page.
            found = [report for report in found if report.exercise is found[0].exercise]
            texts = {report.report_id: self._text(connection, report) for report in found}
            if len(found) == 1 and not entered.verb:
                alike = self._like(connection, found[0], texts[found[0].report_id], officer)
                texts |= {report.report_id: text for report, text in alike}
                found += [report for report, _ in alike]
            now = read_now(connection)
        for report in found:
            # The texts that are shown are read; those that were only compared are not.
            self._desk.note_view(officer, report, "opened")
        first = texts[found[0].report_id] if found else ""
        ticked = request.form.getlist("report") if entered.verb else None
        sides = [_side(report, compared(first, texts[report.report_id]), ticked) for report in found]
        page = render_template(
            "together.html",
            sides=sides,
            left_out=len(references) > len(found),
            now=now,
            entered=entered,
            outcomes=tuple(self._services.outcomes.outcomes),
        )
        return make_response(page, status)

    def _like(
        self, connection: Connection, report: ReportView, text: str, officer: Officer
    ) -> list[tuple[ReportView, str]]:
        """The reports that wait and whose short texts are like this one's, with their texts, the most alike first."""
        if len(text) > LONGEST:
            return []
        rows, _ = queue_page(connection, (ReportState.IN_TRIAGE,), _LOOKED_THROUGH, None, officer)
        near: list[tuple[float, ReportView, str]] = []
        for row in rows:
            if row.report_id == report.report_id or row.channel != report.channel:
                continue
            other = _decidable(connection, row.reference, officer)
            said = self._text(connection, other) if other else ""
            if other and len(said) <= LONGEST and (share := share_of(text, said)) >= RESEMBLING:
                near.append((share, other, said))
        near.sort(key=lambda one: -one[0])
        return [(other, said) for _, other, said in near[: _MOST - 1]]

    def _text(self, connection: Connection, report: ReportView) -> str:
        """What was told, without what a victim was made to do."""
        sealed = sealed_messages(connection, [report.report_id])[report.report_id]
        passages = sealed_passages(connection, [report.report_id])[report.report_id]
        key, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, sealed)
        text = told(contents)
        return without(text, spans_of(text, [passage.open(key) for passage in passages]))


def _side(report: ReportView, alike: Alike, ticked: Sequence[str] | None) -> Side:
    is_ticked = alike.is_same if ticked is None else report.reference in ticked
    return Side(report=report, alike=alike, is_ticked=is_ticked)


def _decidable(connection: Connection, reference: str, officer: Officer) -> ReportView | None:
    """The report, if it waits at the desk and nobody in it may be in danger; None for any other."""
    try:
        report = find_report(connection, reference, officer)
    except UnknownReport:
        return None
    waits = report.state is ReportState.IN_TRIAGE and report.urgency is not Urgency.IMMEDIATE
    return report if waits else None


def _references() -> list[str]:
    return _known(request.form.getlist("report"))


def _known(given: Sequence[str]) -> list[str]:
    """Each reference once, at most a page of them. Raises BadRequest for what is none."""
    references = list(dict.fromkeys(given))[:_MOST]
    if not all(_REFERENCE.fullmatch(one) for one in references):
        raise BadRequest
    return references


def _entered(verb: str, fault: Fault) -> Entered:
    return Entered(verb, {name: request.form.getlist(name) for name in request.form}, (fault,))
