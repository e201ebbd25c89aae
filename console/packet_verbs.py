"""What a unit does with its packet: takes it on, says what it did, or gives it back."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from console.desk import bring_back, facts_now, given, standing_now
from console.entered import BadForm, Fault
from console.remarks import remark
from console.services import Services
from reports.database import read_now
from reports.errors import StaleVersion
from reports.officers import Officer
from reports.referrals import ReferralStep, first_action, step, take_over
from reports.report_view import ReferralView, ReportView, find_referral, find_report
from reports.states import ReferralState, ReportState
from reports.steps import CAME_BACK, MACHINE, Outcome
from reports.tables import reports
from reports.unit_questions import About, ask
from reports.values import Decision
from routing.rulebook.disputes import settle, settled_by
from routing.rulebook.units import Unit

BOUNCE_REASONS = ("not_our_area", "not_our_matter", "already_handled", "not_enough_to_act", "conflict_of_interest")


@dataclass(frozen=True, kw_only=True)
class PacketAsked:
    """Which unit's officer asks for a change of which packet, why, and at which version they saw it."""

    officer: Officer
    referral_id: str
    version: int
    reason: str


class PacketVerbs:
    """Changes packets for the officers of their unit.

    Every verb raises UnknownReferral, StaleVersion, MissingReason or IllegalTransition.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def accept(self, asked: PacketAsked) -> None:
        """The unit takes the packet on; from now on the clock for its first action runs.

        A unit that was passed over for its silence has the case again, and the others' packets are called back.
        """
        with self._services.database.write() as connection:
            referral, report = self._found(connection, asked)
            due = self._due(connection, report, "first_action")
            step(self._services.store, connection, self._step(asked, referral, ReferralState.ACCEPTED, due))
            take_over(self._services.store, connection, referral.referral_id, asked.officer.id)

    def act(self, asked: PacketAsked) -> None:
        """The unit has begun to do something; from now on the clock for its answer runs."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            referral, report = self._found(connection, asked)
            due = self._due(connection, report, "feedback")
            first_action(self._services.store, connection, self._step(asked, referral, ReferralState.ACCEPTED, due))
            take_over(self._services.store, connection, referral.referral_id, asked.officer.id)
            remark(self._services, connection, asked.officer, report, "first_action", reason)

    def finish(self, asked: PacketAsked) -> None:
        """The unit has done what it could."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            referral, report = self._found(connection, asked)
            step(self._services.store, connection, self._step(asked, referral, ReferralState.DONE))
            take_over(self._services.store, connection, referral.referral_id, asked.officer.id)
            remark(self._services, connection, asked.officer, report, "done", reason)

    def ask(self, asked: PacketAsked) -> None:
        """The unit asks the duty desk something about its packet. Its clock runs on."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            referral, report = self._found(connection, asked)
            if referral.version != asked.version:
                raise StaleVersion("This packet changed meanwhile. Look at it again, then ask.")
            key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
            about = About(referral_id=referral.referral_id, report_id=report.report_id, key=key, unit=referral.unit)
            ask(self._services.store, connection, about, asked.officer.id, reason)

    def bounce(self, asked: PacketAsked, code: str, proposed: Unit | None) -> None:
        """The unit gives the packet back, says why and whom instead.

        Where it was to answer for the report, the report goes back before a duty officer, and the second time to the
        units' common superior. Raises BadForm for an unknown code.
        """
        if code not in BOUNCE_REASONS:
            raise BadForm(Fault("code", "fault_bounce_reason"))
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            referral, report = self._found(connection, asked)
            change = self._step(
                asked,
                referral,
                ReferralState.BOUNCED,
                bounce_reason=code,
                proposed_unit=proposed.id if proposed else None,
            )
            step(self._services.store, connection, change)
            remark(self._services, connection, asked.officer, report, "bounced", reason)
            if referral.part == "lead" and report.state is ReportState.REFERRED:
                self._come_back(connection, asked, report, referral, code)

    def _come_back(
        self, connection: Connection, asked: PacketAsked, report: ReportView, referral: ReferralView, code: str
    ) -> None:
        """The first time the desk decides again, with the unit proposed; the second time a common superior answers."""
        rulebook, finding, decision = self._services.rulebook, report.finding, report.decided
        bounced = [one.unit for one in report.referrals if one.part == "lead" and one.bounce_reason]
        if finding is not None and decision is not None:
            superior = settled_by([*bounced, referral.unit], decision.recused, rulebook)
            if superior is not None:
                facts = facts_now(report, finding.labels)
                self._settle(connection, report, settle(facts, decision, superior, rulebook))
                return
        detail = {"unit": referral.unit, "reason": code}
        bring_back(self._services, connection, asked.officer, report, CAME_BACK, detail)

    def _settle(self, connection: Connection, report: ReportView, decision: Decision) -> None:
        store, now = self._services.store, read_now(connection)
        store.revoke_live_referrals(connection, report.report_id, MACHINE, keep=frozenset[str]())
        outcome = Outcome(
            standing=standing_now(report),
            after=ReportState.REFERRED,
            urgency=report.urgency,
            actor=MACHINE,
            action="settled",
            due_in_minutes=self._services.rulebook.hop_wait(decision, report.urgency, "acceptance", now, now),
            decision=decision,
        )
        store.advance(connection, [outcome])

    def _found(self, connection: Connection, asked: PacketAsked) -> tuple[ReferralView, ReportView]:
        referral = find_referral(connection, asked.referral_id, asked.officer)
        # The report first, then its packets, as everybody does it: an officer and a sweep take turns.
        reference = connection.execute(
            select(reports.c.reference).where(reports.c.id == referral.report_id).with_for_update(key_share=True)
        ).scalar_one()
        return referral, find_report(connection, reference, None)

    @staticmethod
    def _step(
        asked: PacketAsked,
        referral: ReferralView,
        after: ReferralState,
        due_in_minutes: float | None = None,
        *,
        bounce_reason: str | None = None,
        proposed_unit: str | None = None,
    ) -> ReferralStep:
        return ReferralStep(
            referral_id=asked.referral_id,
            before=referral.state,
            after=after,
            version=asked.version,
            actor=asked.officer.id,
            bounce_reason=bounce_reason,
            proposed_unit=proposed_unit,
            due_in_minutes=due_in_minutes,
        )

    def _due(self, connection: Connection, report: ReportView, hop: str) -> float:
        now, rulebook = read_now(connection), self._services.rulebook
        return rulebook.hop_wait(report.decision, report.urgency, hop, now, now)
