"""One report: what was said, why the machine thinks so, and what an officer can do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from console.access import language_now, session_now
from console.asked import asked_now
from console.attachments import file_lines
from console.conversation import Texting, texting, turns
from console.corrections import corrections
from console.desk import Asked, Desk, given
from console.display import Display
from console.entered import BadForm, Entered, Fault
from console.highlight import apart_from, axes_of, highlighted, quotes
from console.history import Reason, happenings, last_change, looks
from console.issued import issued
from console.label_form import LabelForm
from console.links import links_of
from console.named_here import refuse_named
from console.one_question import DECIDES
from console.opening import REASONS, Opening, at_hand
from console.recordings import recordings_of
from console.rule_words import RuleSaid, said_of
from console.services import Services
from console.tile_map import Marked, TileMap, marked
from console.unit_choice import UnitChoice
from reports.attachments import attachments_of
from reports.content import Content
from reports.correspondence import correspondence
from reports.database import database_now
from reports.errors import IllegalTransition, MissingReason, StaleVersion, UnknownReport
from reports.holding import There, who_is_there
from reports.made_to_do import SealedPassage, sealed_passages
from reports.marked_words import in_the_whole
from reports.merging import merge_of, merged_here
from reports.officers import Officer
from reports.reading import SealedMessage, open_report, sealed_messages, told
from reports.replies import Reply, replies_of
from reports.report_view import ReferralView, ReportView, find_report
from reports.sealing import ReportKey
from reports.states import ReferralState, ReportState
from reports.store import REMARK_COLUMN
from reports.unit_questions import Said, said_about, waiting_for_answer
from reports.values import Decision, PlaceRole, Urgency
from routing.rulebook.made_to_do import spans_of, staying, without
from routing.rulebook.route import HELD_HERE
from routing.rulebook.serving import DeadEnd, dead_ends

# What an officer may do with a report in each state, in the order it is offered.
VERBS: Mapping[ReportState, tuple[str, ...]] = {
    ReportState.RECEIVED: (),
    ReportState.IN_TRIAGE: ("confirm", "reroute", "correct", "close", "quarantine"),
    ReportState.REFERRED: ("transfer", "add_copy", "reroute", "correct", "close", "reopen"),
    ReportState.QUARANTINED: ("reopen", "correct", "close"),
    ReportState.MERGED: ("unmerge", "reopen"),
    ReportState.CLOSED: ("reopen",),
}
# These have addresses of their own.
_ELSEWHERE = frozenset(["transfer", "add_copy", "unmerge"])
_ALL_VERBS = frozenset(verb for verbs in VERBS.values() for verb in verbs) - _ELSEWHERE
_SPARE_PLACES = 2


class ReportPages:
    """GET /reports/<reference>, POST /reports/<reference>/<verb>."""

    def __init__(
        self,
        services: Services,
        desk: Desk,
        words: Mapping[str, Mapping[str, str]],
        units: UnitChoice,
        form: LabelForm,
        packets: Sequence[str],
    ) -> None:
        self._services, self._desk, self._words = services, desk, words
        self._units, self._form, self._packets = units, form, packets
        self._map, self._opening = TileMap.load(), Opening(services)

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
        return self._page(reference, "opened")

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
        return self._page(reference, "opened_contact", reason=reason)

    def act(self, reference: str, verb: str) -> Response:
        """Does what the officer asked for and shows the report again; where it cannot be done, with what they typed."""
        if verb not in _ALL_VERBS:
            raise NotFound
        return self.answer(reference, verb, lambda asked: self._do(verb, asked))

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

    def _do(self, verb: str, asked: Asked) -> None:
        form = request.form
        if verb == "correct":
            self._desk.correct(asked, self._form.read(form))
        elif verb == "reroute":
            self._desk.reroute(asked, self._units.choose(form.get("kind", ""), form.get("area", "")))
        elif verb == "close":
            self._desk.close(asked, form.get("outcome", ""), form.get("words", ""))
        elif verb == "confirm":
            self._desk.confirm(asked)
        elif verb == "quarantine":
            self._desk.quarantine(asked)
        else:
            self._desk.reopen(asked)

    def _refused(self, reference: str, verb: str, status: int, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._page(reference, "opened", Entered(verb, typed, faults), status)

    def with_made_to_do(self, reference: str) -> Response:
        """The report with what the victim was made to do, which is written down too."""
        return self._page(reference, "opened_made_to_do")

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
        return self._page(reference, "opened", entered, status)

    def _page(
        self, reference: str, action: str, entered: Entered | None = None, status: int = 200, reason: str = ""
    ) -> Response:
        officer = session_now().officer
        with self._services.database.read() as connection:
            report = find_report(connection, reference, officer)
            sealed = sealed_messages(connection, [report.report_id])[report.report_id]
            reporter = correspondence(connection, report.report_id)
            files = attachments_of(connection, report.report_id)
            passages = sealed_passages(connection, [report.report_id])[report.report_id]
            sent = replies_of(connection, report.report_id)
            now = connection.execute(select(database_now())).scalar_one()
            merge = merge_of(connection, report.report_id)
            put_here = merged_here(connection, report.report_id)
        entered, there = entered or Entered(), self._there(report, officer)
        why = at_hand(report, officer, there.mine, now)
        if not why and report.wrapped_key:
            return self.closed(report, entered, now, status)
        refuse_named(self._services, report, officer, sealed)
        self._desk.note_view(officer, report, action, why, reason)
        key, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, sealed)
        proposal = self._desk.proposal(report)
        with self._services.database.read() as connection:
            links = links_of(connection, self._services, report, officer, told(contents))
        page = render_template(
            "report.html",
            report=report,
            recordings=recordings_of(files),
            files=file_lines(files, key),
            now=now,
            asking=self._asking(report, key),
            finding=report.finding,
            decision=report.decision,
            dead_ends=self._dead_ends(report),
            decides=DECIDES,
            would_change=self._desk.would_change(report),
            tile_map=self._map,
            on_map=self._on_map(report),
            proposal=proposal,
            links=links,
            merged_here=put_here,
            is_taken_out=merge is not None,
            verbs=_offered(report, proposal, is_merged=merge is not None),
            entered=_explained(entered, report, officer, there),
            there=there,
            version=report.version,
            changed=False,
            bounced=_last_bounce(report),
            contents=contents if action == "opened_contact" else (),
            has_contact=any(_has_contact(content) for content in contents),
            outcomes=tuple(self._services.outcomes.outcomes),
            kinds=self._units.kinds,
            packets=[(name, self._services.rulebook.packets[name]) for name in self._packets],
            taxonomy=self._services.taxonomy,
            urgencies=list(Urgency),
            roles=list(PlaceRole),
            spare_places=_SPARE_PLACES,
            passages=passages,
            reporter=reporter,
            notes=[(note, note.open(key)) for note in reporter.notes],
            chance=secrets.token_hex(16),
            texting=self._texting(report, contents),
            **self._told(report, key, contents, passages, sealed, sent, is_open=action == "opened_made_to_do"),
        )
        return make_response(page, status)

    def closed(self, report: ReportView, entered: Entered, now: int, status: int) -> Response:
        """What asks why a report is opened: how it stands, and nothing of what it says."""
        page = render_template(
            "closed.html",
            report=report,
            entered=entered,
            now=now,
            reasons=REASONS,
        )
        return make_response(page, status)

    def _there(self, report: ReportView, officer: Officer) -> There:
        with self._services.database.read() as connection:
            return who_is_there(connection, report.report_id, officer)

    def _texting(self, report: ReportView, contents: tuple[Content, ...]) -> Texting:
        with self._services.database.read() as connection:
            return texting(connection, report, contents, self._services)

    def _asking(self, report: ReportView, key: ReportKey) -> list[tuple[str, str, Sequence[Said]]]:
        """The packets whose units wait for an answer of the desk, with what was said about each."""
        with self._services.database.read() as connection:
            waiting = waiting_for_answer(connection, report.report_id)
            asked = [one for one in report.referrals if one.referral_id in waiting]
            return [(one.referral_id, one.unit, said_about(connection, one.referral_id, key)) for one in asked]

    def _stays(self, report: ReportView, text: str) -> tuple[str, ...]:
        """The words that the rules keep out of packets by themselves."""
        if report.finding is None:
            return ()
        track = report.decision.track if report.decision else ""
        spans = staying(self._services.rulebook.made_to_do, text, report.finding.labels, track, ())
        return tuple(dict.fromkeys(text[start:end] for start, end in spans))

    def _dead_ends(self, report: ReportView) -> tuple[DeadEnd, ...]:
        """Where the decision ends before somebody who cannot help, as the directory has it today."""
        if report.finding is None or report.decision is None:
            return ()
        return dead_ends(report.finding, report.decision, self._services.rulebook.units)

    def _on_map(self, report: ReportView) -> tuple[Marked, ...]:
        places = report.finding.labels.places if report.finding else ()
        return marked(self._map, places, self._services.rulebook.areas)

    def _told(
        self,
        report: ReportView,
        key: ReportKey,
        contents: tuple[Content, ...],
        passages: Sequence[SealedPassage],
        messages: Sequence[SealedMessage],
        sent: Sequence[Reply],
        *,
        is_open: bool,
    ) -> dict[str, Any]:
        """What the page shows of the text and of the history, in the officer's language.

        What the victim was made to do is shown only where is_open says that it was asked for.
        """
        language = language_now()
        display = Display(language, self._words[language], self._services.taxonomy, self._services.rulebook)
        text = told(contents)
        taken = {passage.passage_id: passage.open(key) for passage in passages}
        hidden = () if is_open else spans_of(text, list(taken.values()))
        standing = in_the_whole(report.finding.evidence if report.finding else (), messages, contents)
        evidence = apart_from(standing, hidden)
        reasons = _reasons(report, key)
        return {
            "taken": taken if is_open else {},
            "stays": self._stays(report, text),
            "text": highlighted(text, evidence, display, hidden),
            "turns": turns(contents, messages, evidence, hidden, sent, display, self._services.replies),
            "is_silent": not text.strip(),
            "issued": issued(contents, report.finding, self._services.numbers, display),
            "suggested": tuple(dict.fromkeys(matter for content in contents for matter in content.suggested)),
            "particulars": tuple(
                (name, without(value, () if is_open else spans_of(value, list(taken.values()))))
                for content in contents
                for name, value in content.particulars
            ),
            "axes": axes_of(text, evidence),
            "quotes": quotes(text, evidence),
            "corrected": corrections(report.findings, display),
            "rule": _rule(report.decision, display),
            "history": happenings(report, reasons, display),
            "looks": looks(report, reasons, display),
        }


def _rule(decision: Decision | None, display: Display) -> RuleSaid | None:
    """The rule that decided, in words; None where nothing was decided, or by a rule that today's rulebook has not."""
    rows = display.rulebook.rules.leads.rows if decision else ()
    row = next((one for one in rows if decision and one.id == decision.rule), None)
    return said_of(row, display) if row is not None else None


def _offered(report: ReportView, proposal: Decision | None, *, is_merged: bool) -> tuple[str, ...]:
    """The verbs that can work on this report now. is_merged says that an officer put it to another."""
    missing: set[str] = {"reopen"} if is_merged else {"unmerge"}
    if report.decision is None:
        missing |= {"transfer", "add_copy"}
    if proposal is None:
        missing |= {"confirm", "reroute"}
    elif proposal.lead_kind in HELD_HERE:
        missing |= {"confirm"}
    return tuple(verb for verb in VERBS[report.state] if verb not in missing)


def _explained(entered: Entered, report: ReportView, officer: Officer, there: There) -> Entered:
    """The same, with who changed the report meanwhile, or is on it, where that is what is wrong."""
    last = last_change(report)
    if last is None or [fault.sentence for fault in entered.faults] != ["problem_stale"]:
        return entered
    if there.hold and not there.is_mine and entered.one(entered.verb, "version") == str(report.version):
        return Entered(entered.verb, entered.values, (Fault("", "problem_held", {"who": there.hold.name}),))
    if last.action == "added":
        return Entered(entered.verb, entered.values, (Fault("", "problem_stale_more"),))
    if last.actor == officer.name:
        return Entered(entered.verb, entered.values, (Fault("", "problem_stale_self"),))
    return Entered(entered.verb, entered.values, (Fault("", "problem_stale_by", {"who": last.actor}),))


def _last_bounce(report: ReportView) -> ReferralView | None:
    """The newest packet, if its unit gave it back and nobody sent another since."""
    leads = [referral for referral in report.referrals if referral.part == "lead"]
    if not leads or leads[-1].state is not ReferralState.BOUNCED or report.state is not ReportState.IN_TRIAGE:
        return None
    return leads[-1]


def _has_contact(content: Content) -> bool:
    return bool(content.sender or content.contact or content.name)


def _reasons(report: ReportView, key: ReportKey) -> list[Reason]:
    return [
        Reason(
            officer=remark.officer,
            verb=remark.verb,
            said_at=remark.said_at,
            text=key.open(REMARK_COLUMN, remark.remark_id, remark.sealed_text).decode(),
        )
        for remark in report.remarks
    ]
