"""The officer's verbs. Each opens one transaction, commits it, and leaves a sealed reason and an audit line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import Connection, select

from console.services import Services
from reports.audit import AuditEntry
from reports.errors import IllegalTransition, MissingReason, StaleVersion
from reports.officers import Officer
from reports.referrals import ReferralStep, step
from reports.report_view import ReportView, find_referral, find_report
from reports.states import ReferralState, ReportState
from reports.store import Outcome, Standing
from reports.tables import reports
from reports.values import Channel, Decision, Facts, Finding, Labels, UnitKind
from routing.rulebook.route import route

OUTCOMES = ("solved", "victim_safe", "no_crime", "duplicate", "cannot_act", "told_whom_to_turn_to", "noise")
BOUNCE_REASONS = ("not_our_area", "not_our_matter", "already_handled", "not_enough_to_act", "conflict_of_interest")
_CHINA_TIME = timezone(timedelta(hours=8))
_LONGEST_REASON = 2000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for a change of which report, why, and at which version they saw it."""

    officer: Officer
    reference: str
    version: int
    reason: str


class Desk:
    """Changes reports for officers.

    Every method raises UnknownReport, StaleVersion, MissingReason or IllegalTransition.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def confirm(self, asked: Asked) -> None:
        """Refers the report as the machine proposed."""
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            finding = _needed(report.finding)
            decision = self._route(report, finding.labels)
            self._finish(connection, asked, report, "confirmed", finding, decision, new_finding=None)
        self._services.bell.ring(report.queue, report.report_id)

    def correct(self, asked: Asked, labels: Labels) -> None:
        """Puts the officer's labels beside the machine's and routes by them."""
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            before = report.finding
            finding = Finding(
                labels=labels,
                language=before.language if before else "und",
                confidence=1.0,
                needs_person=False,
                evidence=before.evidence if before else (),
                reader=f"officer:{asked.officer.id}",
            )
            decision = self._route(report, labels)
            self._finish(connection, asked, report, "corrected", finding, decision, new_finding=finding)
        self._services.bell.ring(report.queue, report.report_id)

    def reroute(self, asked: Asked, unit_id: str) -> None:
        """Sends the report to another unit than the rules chose. The copies stay as they were."""
        unit = self._services.rulebook.units.get(unit_id.strip())
        if unit is None or unit.kind in (UnitKind.DUTY_DESK, UnitKind.QUARANTINE):
            raise IllegalTransition(
                f"There is no unit {unit_id.strip()!r} to refer to. A unit's id is its kind and area, "
                "such as public_security-530924."
            )
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            finding = _needed(report.finding)
            decision = report.decision or self._route(report, finding.labels)
            lead_fields = decision.lead_fields or self._services.rulebook.lead_fields()
            decision = replace(
                decision,
                lead_kind=unit.kind,
                lead_region=unit.region,
                lead_unit=unit.id,
                lead_fields=lead_fields,
                copies=tuple(copy for copy in decision.copies if copy.unit != unit.id),
                why_zh=f"值班人员改派{unit.zh}。",
                why_en=f"Sent to {unit.en} by the duty officer.",
            )
            self._finish(connection, asked, report, "rerouted", finding, decision, new_finding=None)
        self._services.bell.ring(report.queue, report.report_id)

    def quarantine(self, asked: Asked) -> None:
        """Sets aside what is noise. It is kept and can be taken out again."""
        self._move(asked, ReportState.QUARANTINED, "quarantined", {})

    def close(self, asked: Asked, outcome: str) -> None:
        """Ends the report with an outcome of the fixed list."""
        if outcome not in OUTCOMES:
            raise IllegalTransition(f"An outcome should be one of {', '.join(OUTCOMES)}.")
        self._move(asked, ReportState.CLOSED, "closed", {"outcome": outcome})

    def reopen(self, asked: Asked) -> None:
        """Puts a report back before a duty officer."""
        self._move(asked, ReportState.IN_TRIAGE, "reopened", {})

    def note_view(self, officer: Officer, report: ReportView, what: str) -> None:
        """Writes down that content is about to be seen. Called, and committed, before it is: no audit line, no view."""
        with self._services.database.write() as connection:
            entry = AuditEntry(officer.id, what, f"report:{report.report_id}", {})
            self._services.store.chain.append(connection, [entry])

    def accept(self, officer: Officer, referral_id: str, version: int) -> None:
        """The unit takes the packet on."""
        self._step(officer, referral_id, version, ReferralState.ACCEPTED)

    def finish(self, officer: Officer, referral_id: str, version: int, reason: str) -> None:
        """The unit has done what it could."""
        self._step(officer, referral_id, version, ReferralState.DONE, reason=_given(reason))

    def bounce(self, officer: Officer, referral_id: str, version: int, code: str, reason: str, proposed: str) -> None:
        """The unit gives the packet back, says why and whom instead; its report goes back before a duty officer."""
        if code not in BOUNCE_REASONS:
            raise IllegalTransition(f"A reason for giving back should be one of {', '.join(BOUNCE_REASONS)}.")
        if proposed.strip() and self._services.rulebook.units.get(proposed.strip()) is None:
            raise IllegalTransition(
                f"There is no unit {proposed.strip()!r}. Leave it empty if you do not know a better one."
            )
        self._step(
            officer, referral_id, version, ReferralState.BOUNCED, reason=_given(reason), code=code,
            proposed=proposed.strip() or None,
        )  # fmt: skip

    def _step(
        self,
        officer: Officer,
        referral_id: str,
        version: int,
        after: ReferralState,
        reason: str = "",
        code: str | None = None,
        proposed: str | None = None,
    ) -> None:
        store = self._services.store
        with self._services.database.write() as connection:
            referral = find_referral(connection, referral_id, officer)
            change = ReferralStep(
                referral_id=referral_id,
                before=referral.state,
                after=after,
                version=version,
                actor=officer.id,
                bounce_reason=code,
                proposed_unit=proposed,
            )
            step(store, connection, change)
            report = _by_id(connection, referral.report_id)
            if reason:
                key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
                store.remark(connection, report.report_id, key, officer.id, after.value.lower(), reason)
            if after is ReferralState.BOUNCED and referral.part == "lead" and report.state is ReportState.REFERRED:
                outcome = Outcome(
                    standing=_standing(report),
                    after=ReportState.IN_TRIAGE,
                    urgency=report.urgency,
                    actor=officer.id,
                    action="came_back",
                    due_in_minutes=self._services.rulebook.desk_minutes(report.urgency),
                    detail={"unit": referral.unit, "reason": code},
                )
                store.advance(connection, [outcome])

    def _move(self, asked: Asked, after: ReportState, action: str, detail: dict[str, str | int | None]) -> None:
        due = None
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            if after is ReportState.IN_TRIAGE:
                due = self._services.rulebook.desk_minutes(report.urgency)
            self._remark(connection, asked, report, action)
            outcome = Outcome(
                standing=_standing(report),
                after=after,
                urgency=report.urgency,
                actor=asked.officer.id,
                action=action,
                due_in_minutes=due,
                detail=detail,
            )
            self._services.store.advance(connection, [outcome])
            if after in (ReportState.QUARANTINED, ReportState.CLOSED):
                kept = frozenset[str]()
                self._services.store.revoke_live_referrals(connection, report.report_id, asked.officer.id, keep=kept)

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
        stays = decision.lead_kind in (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)
        after = ReportState.IN_TRIAGE if stays else ReportState.REFERRED
        if decision.lead_kind is UnitKind.QUARANTINE and report.state is ReportState.IN_TRIAGE:
            after = ReportState.QUARANTINED
        self._remark(connection, asked, report, action)
        self._services.store.revoke_live_referrals(
            connection, report.report_id, asked.officer.id, keep=frozenset[str]()
        )
        outcome = Outcome(
            standing=_standing(report),
            after=after,
            urgency=finding.labels.urgency,
            actor=asked.officer.id,
            action=action,
            due_in_minutes=decision.clocks.get("acceptance" if after is ReportState.REFERRED else "desk"),
            finding=new_finding,
            decision=decision,
        )
        self._services.store.advance(connection, [outcome])

    def _report(self, connection: Connection, asked: Asked) -> ReportView:
        _given(asked.reason)
        report = find_report(connection, asked.reference, asked.officer)
        if report.version != asked.version:
            last = report.history[-1].actor if report.history else "somebody"
            raise StaleVersion(f"{last} changed report {report.reference} meanwhile. Look at it again, then decide.")
        return report

    def _remark(self, connection: Connection, asked: Asked, report: ReportView, verb: str) -> None:
        key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
        self._services.store.remark(
            connection, report.report_id, key, asked.officer.id, verb, asked.reason.strip()[:_LONGEST_REASON]
        )

    def _route(self, report: ReportView, labels: Labels) -> Decision:
        received_at = datetime.fromtimestamp(report.received_at / 1000, UTC).astimezone(_CHINA_TIME)
        facts = Facts(
            labels=labels, channel=Channel(report.channel), received_at=received_at.isoformat(timespec="seconds")
        )
        return route(facts, self._services.rulebook)


def _standing(report: ReportView) -> Standing:
    return Standing(
        report_id=report.report_id,
        reference=report.reference,
        state=report.state,
        urgency=report.urgency,
        version=report.version,
    )


def _by_id(connection: Connection, report_id: str) -> ReportView:
    reference = connection.execute(select(reports.c.reference).where(reports.c.id == report_id)).scalar_one()
    return find_report(connection, reference, None)


def _given(reason: str) -> str:
    if not reason.strip():
        raise MissingReason("A reason is wanted: one sentence that the next officer will understand.")
    return reason.strip()[:_LONGEST_REASON]


def _needed(finding: Finding | None) -> Finding:
    if finding is None:
        raise IllegalTransition("The machine could not read this report. Correct the labels first.")
    return finding
