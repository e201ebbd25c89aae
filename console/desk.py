"""The officer's verbs. Each opens one transaction, commits it, and leaves a sealed reason and an audit line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import Connection

from console.closing_text import tell_closed
from console.entered import BadForm, Fault
from console.named_here import keep_named_away
from console.one_question import Change, answered_yes, change
from console.remarks import remark
from console.services import Services
from reports.audit import AuditEntry
from reports.content import keepable
from reports.database import read_now
from reports.errors import IllegalTransition, MissingReason, StaleVersion
from reports.holding import opened, refuse_if_held
from reports.identity import new_id
from reports.merging import merge_of
from reports.notes import LONGEST_NOTE, NobodyToTell, say
from reports.officers import Officer
from reports.report_view import ReportView, find_report
from reports.states import ReportState
from reports.steps import MORE_TOLD, Outcome, Standing
from reports.unsafe_numbers import heed_wishes
from reports.values import Channel, Decision, Facts, Finding, Labels, UnitKind
from routing.rulebook.accused import is_accused, under_recusal, unless_lifted
from routing.rulebook.jurisdiction import may_be_told
from routing.rulebook.redirect import redirect
from routing.rulebook.route import HELD_HERE, route
from routing.rulebook.units import Unit

_CHINA_TIME = timezone(timedelta(hours=8))
LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for a change of which report, why, and at which version they saw it."""

    officer: Officer
    reference: str
    version: int
    reason: str


class Desk:
    """Changes reports for officers.

    Every verb raises UnknownReport, StaleVersion, MissingReason or IllegalTransition.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def proposal(self, report: ReportView) -> Decision | None:
        """What confirming would decide, by today's rules; None where nothing was read yet."""
        return self._route(report, report.finding.labels) if report.finding else None

    def would_change(self, report: ReportView) -> Change | None:
        """What a yes to the finding's one question would change; None where there is none that is answered so."""
        finding = report.finding
        labels = answered_yes(finding.question, finding.labels) if finding else None
        if finding is None or labels is None:
            return None
        return change(self._route(report, finding.labels), self._route(report, labels), finding.labels, labels)

    def confirm(self, asked: Asked) -> None:
        """Refers the report as the machine proposed."""
        with self._services.database.write() as connection:
            report = asked_report(connection, asked)
            finding = _needed(report.finding)
            if report.state is not ReportState.IN_TRIAGE:
                raise IllegalTransition("Only a report that waits for a duty officer is confirmed.")
            decision = self._route(report, finding.labels)
            if decision.lead_kind in HELD_HERE:
                raise IllegalTransition("The rules leave this report with the duty desk: there is no unit to confirm.")
            self._finish(connection, asked, report, "confirmed", finding, decision, new_finding=None)
        self._services.bell.ring(report.queue, report.report_id)

    def correct(self, asked: Asked, labels: Labels) -> None:
        """Puts the officer's labels beside the machine's and routes by them."""
        with self._services.database.write() as connection:
            report = asked_report(connection, asked)
            before = report.finding
            finding = Finding(
                labels=labels,
                language=before.language if before else "und",
                confidence=1.0,
                needs_person=False,
                evidence=before.evidence if before else (),
                dimensions=before.dimensions if before else (),
                reader=f"officer:{asked.officer.id}",
            )
            decision = self._route(report, labels)
            self._finish(connection, asked, report, "corrected", finding, decision, new_finding=finding)
        self._services.bell.ring(report.queue, report.report_id)

    def reroute(self, asked: Asked, unit: Unit) -> None:
        """Sends the report to another unit than the rules chose. The copies stay as they were."""
        if unit.kind in HELD_HERE:
            raise IllegalTransition("The duty desk and quarantine hold reports; nothing is referred to them.")
        rulebook = self._services.rulebook
        with self._services.database.write() as connection:
            report = asked_report(connection, asked)
            finding = _needed(report.finding)
            # Where two reviewers lifted it, the units that were complained of may be told again.
            decision = report.decided or self._route(report, finding.labels)
            if not may_be_told(unit.region, decision.recused, rulebook.areas):
                # Nobody is sent the complaint about themselves by a slip of the hand.
                raise BadForm(Fault("area", "fault_recused", {"unit_zh": unit.zh, "unit_en": unit.en}))
            decision = redirect(facts_now(report, finding.labels), decision, unit, rulebook)
            self._finish(connection, asked, report, "rerouted", finding, decision, new_finding=None)
        self._services.bell.ring(report.queue, report.report_id)

    def quarantine(self, asked: Asked) -> None:
        """Sets aside what is noise. It is kept and can be taken out again."""
        self._move(asked, ReportState.QUARANTINED, "quarantined", {})

    def close(self, asked: Asked, outcome: str, words: str = "") -> None:
        """Ends the report with an outcome of outcomes.toml, which also says what the reporter is told.

        words are the officer's own, for a reporter who comes back with a receipt; '' for none. Raises BadForm.
        """
        if outcome not in self._services.outcomes.outcomes:
            raise BadForm(Fault("outcome", "fault_outcome"))
        said = keepable(words.replace("\r\n", "\n").strip())
        if len(said) > LONGEST_NOTE:
            raise BadForm(Fault("words", "fault_question_long", {"most": str(LONGEST_NOTE)}))
        self._move(asked, ReportState.CLOSED, "closed", {"outcome": outcome}, said)

    def reopen(self, asked: Asked) -> None:
        """Puts a report back before a duty officer."""
        self._move(asked, ReportState.IN_TRIAGE, "reopened", {})

    def note_view(self, officer: Officer, report: ReportView, what: str, why: str = "", reason: str = "") -> None:
        """Writes down that content is about to be seen. Called, and committed, before it is: no audit line, no view.

        why is the code of a reason that the work gives, reason what the officer said; '' where none is asked for.
        """
        with self._services.database.write() as connection:
            opened(connection, report.report_id, officer.id, by_hand=True)
            detail = {"opening": why} if why else {}
            entry = AuditEntry(officer.id, what, f"report:{report.report_id}", detail)
            if reason:
                remark(self._services, connection, officer, report, what, reason)
            self._services.store.chain.append(connection, [entry])

    def _move(
        self, asked: Asked, after: ReportState, action: str, detail: dict[str, str | int | None], said: str = ""
    ) -> None:
        due = None
        with self._services.database.write() as connection:
            report = asked_report(connection, asked)
            if merge_of(connection, report.report_id) is not None:
                raise IllegalTransition("An officer put this report to another: take it out of that one.")
            if after is ReportState.IN_TRIAGE:
                due = self._services.rulebook.desk_wait(report.urgency, read_now(connection))
            remark(self._services, connection, asked.officer, report, action, given(asked.reason))
            if said:
                self._say(connection, asked, report, said)
            outcome = Outcome(
                standing=standing_seen(report),
                clears=(MORE_TOLD,),
                after=after,
                urgency=report.urgency,
                actor=asked.officer.id,
                action=action,
                due_in_minutes=due,
                detail=detail,
            )
            self._services.store.advance(connection, [outcome])
            keep_named_away(self._services, connection, report)
            if after in (ReportState.QUARANTINED, ReportState.CLOSED):
                kept = frozenset[str]()
                self._services.store.revoke_live_referrals(connection, report.report_id, asked.officer.id, keep=kept)
            if after is ReportState.CLOSED:
                tell_closed(self._services, connection, report)

    def _finish(
        self,
        connection: Connection,
        asked: Asked,
        report: ReportView,
        action: str,
        finding: Finding,
        decision: Decision,
        *,
        new_finding: Finding | None,
    ) -> None:
        rulebook = self._services.rulebook
        read = unless_lifted(decision, report.lifted)
        decision = under_recusal(read, report.recused, rulebook)
        lead = rulebook.units.get(decision.lead_unit)
        if lead is not None and is_accused(lead.id, decision, rulebook):
            # Who is complained of in it stays out of it, whatever one officer thinks of the complaint.
            raise BadForm(Fault("", "fault_recused", {"unit_zh": lead.zh, "unit_en": lead.en}))
        after = ReportState.IN_TRIAGE if decision.lead_kind in HELD_HERE else ReportState.REFERRED
        if decision.lead_kind is UnitKind.QUARANTINE and report.state is ReportState.IN_TRIAGE:
            after = ReportState.QUARANTINED
        urgency, now = finding.labels.urgency, read_now(connection)
        hop = "acceptance" if after is ReportState.REFERRED else "desk"
        due = self._services.rulebook.hop_wait(decision, urgency, hop, now, now)
        remark(self._services, connection, asked.officer, report, action, given(asked.reason))
        self._services.store.revoke_live_referrals(
            connection, report.report_id, asked.officer.id, keep=frozenset[str]()
        )
        accused = [
            packet.referral_id
            for packet in report.referrals
            if is_accused(packet.unit, decision, rulebook) or is_accused(packet.unit, read, rulebook)
        ]
        self._services.store.shut(connection, accused, asked.officer.id)
        outcome = Outcome(
            standing=standing_seen(report),
            clears=(MORE_TOLD,),
            after=after,
            urgency=urgency,
            actor=asked.officer.id,
            action=action,
            due_in_minutes=due,
            finding=new_finding,
            decision=decision,
            detail={"urgency_before": report.urgency.value},
        )
        self._services.store.advance(connection, [outcome])
        keep_named_away(self._services, connection, report)
        heed_wishes(self._services.store, connection, report.report_id, finding)

    def _say(self, connection: Connection, asked: Asked, report: ReportView, words: str) -> None:
        key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
        try:
            say(connection, report.report_id, key, asked.officer.id, words, note_id=new_id())
        except NobodyToTell:
            raise BadForm(Fault("words", "fault_no_receipt")) from None

    def _route(self, report: ReportView, labels: Labels) -> Decision:
        return route(facts_now(report, labels), self._services.rulebook)


def given(reason: str) -> str:
    """The reason without spaces around it. Raises MissingReason where there is none."""
    if not reason.strip():
        raise MissingReason("A reason is wanted: one sentence that the next officer will understand.")
    return keepable(reason.strip())[:LONGEST_REASON]


def asked_report(connection: Connection, asked: Asked) -> ReportView:
    """The report that a change is asked of. Raises UnknownReport, StaleVersion, HeldByAnother and MissingReason."""
    report = find_report(connection, asked.reference, asked.officer)
    if report.version != asked.version:
        raise StaleVersion(f"Report {report.reference} was changed meanwhile. Look at it again, then decide.")
    refuse_if_held(connection, report.report_id, asked.officer)
    given(asked.reason)
    return report


def facts_now(report: ReportView, labels: Labels) -> Facts:
    """What the rulebook may know of a report with these labels."""
    received_at = datetime.fromtimestamp(report.received_at / 1000, UTC).astimezone(_CHINA_TIME)
    return Facts(labels=labels, channel=Channel(report.channel), received_at=received_at.isoformat(timespec="seconds"))


def bring_back(
    services: Services,
    connection: Connection,
    officer: Officer,
    report: ReportView,
    action: str,
    detail: Mapping[str, str],
) -> None:
    """Puts a report that its unit does not have any more before a duty officer, in the caller's transaction."""
    outcome = Outcome(
        standing=standing_now(report),
        after=ReportState.IN_TRIAGE,
        urgency=report.urgency,
        actor=officer.id,
        action=action,
        due_in_minutes=services.rulebook.desk_wait(report.urgency, read_now(connection)),
        detail=detail,
    )
    services.store.advance(connection, [outcome])


def standing_now(report: ReportView) -> Standing:
    """Where the report stands for somebody who has just read it."""
    return Standing(
        report_id=report.report_id,
        reference=report.reference,
        state=report.state,
        urgency=report.urgency,
        version=report.version,
    )


def standing_seen(report: ReportView) -> Standing:
    """The same for somebody who has read all that was told: nothing of it is left for the machine to read."""
    return replace(standing_now(report), to_read_at=report.to_read_at)


def _needed(finding: Finding | None) -> Finding:
    if finding is None:
        raise IllegalTransition("The machine could not read this report. Correct the labels first.")
    return finding
