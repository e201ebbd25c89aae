"""Who else is told of a report that is with its units: one more, one less, or another in the lead."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from console.desk import Asked, asked_report, bring_back, facts_now, given, standing_now
from console.entered import BadForm, Fault
from console.remarks import remark
from console.services import Services
from reports.errors import IllegalTransition, StaleVersion
from reports.referrals import call_back, hand_over
from reports.report_view import ReferralView, ReportView
from reports.states import ReportState
from reports.step_rows import fields_by_unit
from reports.steps import Outcome
from reports.values import Decision, Finding
from routing.rulebook.accused import is_accused
from routing.rulebook.jurisdiction import may_be_told
from routing.rulebook.packets import LEAD_PACKET
from routing.rulebook.redirect import redirect, with_copy
from routing.rulebook.route import HELD_HERE
from routing.rulebook.units import Unit

_LEAD = "lead"


class UnitsTold:
    """Every verb opens one transaction, commits it, and leaves a sealed reason and an audit line.

    Each raises UnknownReport, StaleVersion, MissingReason, IllegalTransition or BadForm.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        packets = services.rulebook.packets
        # What a unit beside the lead may be told, the least of it first.
        self.packets = tuple(
            sorted(
                (name for name in packets if name != LEAD_PACKET and packets[name].fields),
                key=lambda name: len(packets[name].fields),
            )
        )

    def add_copy(self, asked: Asked, unit: Unit, packet: str) -> None:
        """Tells one more unit beside the lead, with the fields of one of the rulebook's packets."""
        if packet not in self.packets:
            raise BadForm(Fault("packet", "fault_packet"))
        with self._services.database.write() as connection:
            report, finding, decision = self._with_units(connection, asked)
            self._check_unit(unit, decision)
            if unit.id in _told_now(report):
                raise BadForm(Fault("area", "fault_told_already", {"unit_zh": unit.zh, "unit_en": unit.en}))
            rulebook = self._services.rulebook
            # One that was called back before is told anew.
            others = _without(decision, unit.id)
            fields = rulebook.packets[packet].fields
            decision = with_copy(facts_now(report, finding.labels), others, unit, fields, rulebook)
            self._decide(connection, asked, report, decision, "copied", {unit.id})
        self._services.bell.ring(report.queue, report.report_id)

    def transfer(self, asked: Asked, unit: Unit) -> None:
        """Hands the case to another unit. Whoever has it keeps it until that one accepts; then it is called back."""
        with self._services.database.write() as connection:
            report, finding, decision = self._with_units(connection, asked)
            self._check_unit(unit, decision)
            holder = _holder(report)
            if holder is None:
                raise IllegalTransition("No unit has this report: refer it.")
            if any(one.is_handed_over for one in report.referrals):
                raise BadForm(Fault("area", "fault_handed_over"))
            if unit.id == holder.unit:
                raise BadForm(Fault("area", "fault_told_already", {"unit_zh": unit.zh, "unit_en": unit.en}))
            for copy in report.referrals:
                # As the one that answers it gets a packet of its own, with more in it.
                if copy.unit == unit.id and copy.is_live:
                    call_back(self._services.store, connection, copy.referral_id, copy.version, asked.officer.id)
            rulebook = self._services.rulebook
            decision = redirect(facts_now(report, finding.labels), decision, unit, rulebook)
            self._decide(connection, asked, report, decision, "transferred", {unit.id})
            hand_over(connection, report.report_id, unit.id, holder.referral_id)
        self._services.bell.ring(report.queue, report.report_id)

    def recall(self, asked: Asked, referral_id: str, version: int) -> None:
        """Calls one packet back. Where nobody answers for the report then, it comes before a duty officer again."""
        with self._services.database.write() as connection:
            report = asked_report(connection, asked)
            packet = next((one for one in report.referrals if one.referral_id == referral_id), None)
            if packet is None:
                raise StaleVersion("There is no such packet of this report. Look at it again, then decide.")
            call_back(self._services.store, connection, referral_id, version, asked.officer.id)
            remark(self._services, connection, asked.officer, report, "recalled", given(asked.reason))
            if report.state is ReportState.REFERRED:
                self._after_recall(connection, asked, report, packet)

    def _after_recall(self, connection: Connection, asked: Asked, report: ReportView, packet: ReferralView) -> None:
        keeper = next((one for one in report.referrals if one.referral_id == packet.instead_of), None)
        decision, finding = report.decided, report.finding
        if packet.part != _LEAD:
            left = _without(decision, packet.unit) if decision is not None else None
            self._decide_again(connection, asked, report, left, packet.unit)
            return
        unit = self._services.rulebook.units.get(keeper.unit) if keeper is not None and keeper.is_live else None
        if unit is not None and decision is not None and finding is not None:
            # The case stays where it was before it was handed over.
            back = redirect(facts_now(report, finding.labels), decision, unit, self._services.rulebook)
            self._decide_again(connection, asked, report, back, packet.unit)
            return
        if any(one.part == _LEAD and one.is_live and one.referral_id != packet.referral_id for one in report.referrals):
            self._decide_again(connection, asked, report, decision, packet.unit)
            return
        bring_back(self._services, connection, asked.officer, report, "recalled", {"unit": packet.unit})

    def _decide(
        self,
        connection: Connection,
        asked: Asked,
        report: ReportView,
        decision: Decision,
        action: str,
        anew: set[str],
    ) -> None:
        """Writes the decision, by which these units get a packet and the others keep theirs."""
        outcome = Outcome(
            standing=standing_now(report),
            after=ReportState.REFERRED,
            urgency=report.urgency,
            actor=asked.officer.id,
            action=action,
            clock_stands=True,
            decision=decision,
            told=frozenset(fields_by_unit(decision)) - anew,
            detail={"told": next(iter(anew))},
        )
        self._services.store.advance(connection, [outcome])
        remark(self._services, connection, asked.officer, report, action, given(asked.reason))

    def _decide_again(
        self, connection: Connection, asked: Asked, report: ReportView, decision: Decision | None, unit: str
    ) -> None:
        """Writes what is decided now that a unit's packet was called back. Nobody gets a packet by it."""
        outcome = Outcome(
            standing=standing_now(report),
            after=ReportState.REFERRED if decision is not None else ReportState.IN_TRIAGE,
            urgency=report.urgency,
            actor=asked.officer.id,
            action="recalled",
            clock_stands=True,
            decision=decision,
            told=frozenset(fields_by_unit(decision)) if decision is not None else frozenset(),
            detail={"told": unit},
        )
        self._services.store.advance(connection, [outcome])

    def _with_units(self, connection: Connection, asked: Asked) -> tuple[ReportView, Finding, Decision]:
        report = asked_report(connection, asked)
        if report.state is not ReportState.REFERRED or report.finding is None or report.decided is None:
            raise IllegalTransition("Only a report that is with its units can be handed over or copied.")
        return report, report.finding, report.decided

    def _check_unit(self, unit: Unit, decision: Decision) -> None:
        if unit.kind in HELD_HERE:
            raise IllegalTransition("The duty desk and quarantine hold reports; nothing is referred to them.")
        rulebook = self._services.rulebook
        if not may_be_told(unit.region, decision.recused, rulebook.areas) or is_accused(unit.id, decision, rulebook):
            raise BadForm(Fault("area", "fault_recused", {"unit_zh": unit.zh, "unit_en": unit.en}))


def _told_now(report: ReportView) -> frozenset[str]:
    return frozenset(one.unit for one in report.referrals if one.is_live)


def _holder(report: ReportView) -> ReferralView | None:
    """The packet of the unit that has the case now: one that accepted it, else the first that is to."""
    leads = [one for one in report.referrals if one.part == _LEAD and one.is_live]
    accepted = [one for one in leads if one.accepted_at is not None]
    return next(iter([*reversed(accepted), *leads]), None)


def _without(decision: Decision, unit: str) -> Decision:
    """The decision without a copy to this unit."""
    return replace(
        decision,
        copies=tuple(copy for copy in decision.copies if copy.unit != unit),
        withheld=tuple(line for line in decision.withheld if line.from_whom != unit),
    )
