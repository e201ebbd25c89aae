"""Two reports that tell of one case: an officer puts one to the other, and takes them apart again. Nothing is lost."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from console.desk import Asked, facts_now, given, standing_now
from console.entered import BadForm, Fault
from console.remarks import remark
from console.services import Services
from reports.audit import AuditEntry
from reports.database import read_now
from reports.errors import IllegalTransition, StaleVersion
from reports.holding import refuse_if_held
from reports.marked_words import by_message
from reports.merging import are_alike_guarded, ended_findings, hold_both, merge_of, put_together, take_apart
from reports.moving import Holder
from reports.reading import open_report, sealed_messages
from reports.recusals import keep_away, recusals_of
from reports.referrals import bring_forward, pack_anew
from reports.renewing import UNIT_BEHIND, renew
from reports.report_view import ReportView, find_report
from reports.states import ReportState, hop_of
from reports.step_rows import fields_by_unit
from reports.steps import Outcome
from reports.unit_questions import UNIT_ASKS, waiting_for_answer
from reports.unsafe_numbers import heed_wishes
from reports.values import Decision, Evidence, Finding, Labels, Place, Urgency
from reports.written_down import MACHINE_TRANSCRIPT, tells_machine_words
from routing.rulebook.accused import is_accused
from routing.rulebook.redirect import redirect, with_copy, without_copy

_OPEN = (ReportState.IN_TRIAGE, ReportState.REFERRED)
# Whoever is told because they had the other report is not told who reported this one.
_NOT_PASSED_ON = ("reporter_name", "reporter_contact")
# What is about one delivery or about the packets of one report stays with it.
_OWN_FLAGS = ("conflict", "silent", "flood", UNIT_ASKS, UNIT_BEHIND)


class Merging:
    """Each verb opens one transaction, commits it, and leaves a sealed reason and an audit line on both reports.

    Each raises UnknownReport, StaleVersion, MissingReason, IllegalTransition or BadForm.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def merge(self, asked: Asked, other: str, other_version: int) -> str:
        """Puts the report to another one, which then holds all that both tell. Returns the other's reference.

        The units of both are told once: those that have the other keep their packet, with what is new; those that only
        had this one get a copy in its place. Receipts of both go on working.
        """
        given(asked.reason)
        with self._services.database.write() as connection:
            report = find_report(connection, asked.reference, asked.officer)
            target = find_report(connection, other, asked.officer)
            _check(report, asked.version)
            _check(target, other_version)
            # First, so that nobody is kept from one of them between the look at that and the merge.
            hold_both(connection, report.report_id, target.report_id)
            self._check_pair(connection, report, target)
            for one in (report, target):
                refuse_if_held(connection, one.report_id, asked.officer)
            finding = self._both(connection, report, target, asked)
            decision = self._decided(report, target, finding)
            self._step_aside(connection, asked, report, target)
            number = target.findings[-1].number + 1 if target.findings else 1
            source, holder = self._holder(report), self._holder(target)
            put_together(connection, source, holder, asked.officer.id, number if finding is not None else 0)
            self._take_in(connection, asked, report, target, finding, decision)
        self._services.bell.ring(target.queue, target.report_id)
        return target.reference

    def unmerge(self, asked: Asked) -> None:
        """Takes the report out of the one it was put to, with all that it held, and puts it before a duty officer."""
        given(asked.reason)
        with self._services.database.write() as connection:
            report = find_report(connection, asked.reference, asked.officer)
            _check(report, asked.version)
            merge = merge_of(connection, report.report_id)
            if report.state is not ReportState.MERGED or merge is None:
                raise IllegalTransition("Only a report that an officer put to another can be taken out of it.")
            target = find_report(connection, report.merged_into, asked.officer)
            if target.report_id != merge.into_id or target.state is ReportState.MERGED:
                # The other was put to a third one meanwhile: the last step is undone first.
                raise BadForm(Fault("", "fault_unmerge_first", {"reference": target.reference}))
            hold_both(connection, report.report_id, target.report_id)
            for one in (report, target):
                refuse_if_held(connection, one.report_id, asked.officer)
            take_apart(connection, merge, self._holder(report), self._holder(target))
            if tells_machine_words(connection, report.report_id):
                self._services.store.mark(connection, report.report_id, [MACHINE_TRANSCRIPT])
            for kept in recusals_of(connection, target.report_id):
                # Whoever was kept from the two as one is kept from each of them.
                if kept.lifted_at is None:
                    keep_away(
                        self._services.store.chain, connection, report.report_id, kept.officer_id, asked.officer.id
                    )
            self._stand_alone(connection, asked, report, target)
            self._give_back(connection, asked, target, merge.finding)
        self._services.bell.ring(report.queue, report.report_id)

    @staticmethod
    def _check_pair(connection: Connection, report: ReportView, target: ReportView) -> None:
        if report.report_id == target.report_id:
            raise BadForm(Fault("other", "fault_merge_itself"))
        if report.state not in _OPEN or target.state not in _OPEN:
            raise BadForm(Fault("other", "fault_merge_state"))
        if report.state is ReportState.REFERRED and target.state is not ReportState.REFERRED:
            raise BadForm(Fault("other", "fault_merge_other_way", {"reference": target.reference}))
        if target.state is not ReportState.REFERRED and _only_here(report, target):
            # Nobody is told anew of a report that waits, so whoever works on this one would just be called back.
            raise BadForm(Fault("other", "fault_merge_units", {"reference": target.reference}))
        if waiting_for_answer(connection, report.report_id):
            raise BadForm(Fault("other", "fault_merge_unanswered"))
        if report.is_damaged or target.is_damaged:
            raise IllegalTransition("What was found or decided about one of the reports is damaged.")
        if not are_alike_guarded(connection, report.report_id, target.report_id):
            # Whoever may not see one of them would read it as a part of the other.
            raise BadForm(Fault("other", "fault_merge_guarded"))

    def _both(self, connection: Connection, report: ReportView, target: ReportView, asked: Asked) -> Finding | None:
        """What both say, as one finding; None where neither was read."""
        first, second = target.finding, report.finding
        if first is None or second is None:
            return _raised(first or second, report, target, asked)
        evidence = (*self._evidence(connection, target, first), *self._evidence(connection, report, second))
        both = replace(first, labels=_joined(first.labels, second.labels), evidence=evidence)
        return _raised(both, report, target, asked)

    def _evidence(self, connection: Connection, report: ReportView, finding: Finding) -> tuple[Evidence, ...]:
        """The evidence of a report's finding, which stays on its words wherever they are moved."""
        sealed = sealed_messages(connection, [report.report_id])[report.report_id]
        _, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, sealed)
        return by_message(finding.evidence, sealed, contents)

    def _decided(self, report: ReportView, target: ReportView, finding: Finding | None) -> Decision | None:
        """What is decided about both: the other's decision, what both reporters asked to be kept back, and a copy to
        each unit that only had this one. None where the other still waits for a decision."""
        decision = target.decided
        if target.state is not ReportState.REFERRED or decision is None or finding is None:
            return None
        rulebook = self._services.rulebook
        facts = facts_now(target, finding.labels)
        lead = rulebook.units.get(decision.lead_unit)
        if lead is not None:
            again = redirect(facts, decision, lead, rulebook)
            decision = replace(again, why_zh=decision.why_zh, why_en=decision.why_en)
        for name, packed in _only_here(report, target).items():
            unit = rulebook.units.get(name)
            if unit is None or self._is_accused(name, decision) or name == decision.lead_unit:
                continue
            fields = tuple(field for field in packed if field not in _NOT_PASSED_ON)
            # A copy that it had of the other, and that is over, is made anew with what both say.
            decision = with_copy(facts, without_copy(decision, name), unit, fields, rulebook)
        return self._hastened(decision, target.urgency, finding.labels.urgency)

    def _hastened(self, decision: Decision, before: Urgency, urgency: Urgency) -> Decision:
        """The decision with no hop longer than its new urgency allows."""
        if urgency is before:
            return decision
        most = self._services.rulebook.clocks[urgency]
        return replace(decision, clocks={hop: min(set_, most[hop]) for hop, set_ in decision.clocks.items()})

    def _step_aside(self, connection: Connection, asked: Asked, report: ReportView, target: ReportView) -> None:
        store, officer = self._services.store, asked.officer.id
        store.revoke_live_referrals(connection, report.report_id, officer, keep=frozenset[str]())
        outcome = Outcome(
            standing=standing_now(report),
            after=ReportState.MERGED,
            urgency=report.urgency,
            actor=officer,
            action="merged",
            detail={"into": target.report_id},
        )
        store.advance(connection, [outcome])
        remark(self._services, connection, asked.officer, report, "merged", given(asked.reason))
        flags = [flag for flag in report.flags if not flag.startswith(_OWN_FLAGS)]
        store.mark(connection, target.report_id, flags)

    def _take_in(
        self,
        connection: Connection,
        asked: Asked,
        report: ReportView,
        target: ReportView,
        finding: Finding | None,
        decision: Decision | None,
    ) -> None:
        store = self._services.store
        urgency = finding.labels.urgency if finding is not None else target.urgency
        due = self._due_sooner(connection, report, target, urgency)
        outcome = Outcome(
            standing=standing_now(target),
            after=target.state,
            urgency=urgency,
            actor=asked.officer.id,
            action="merged_in",
            due_in_minutes=due,
            clock_stands=due is None,
            finding=finding,
            decision=decision,
            told=self._had(report, target, decision),
        )
        store.advance(connection, [outcome])
        remark(self._services, connection, asked.officer, target, "merged_in", given(asked.reason))
        self._tell_units(connection, target, urgency, decision)
        self._hasten(connection, target, urgency, decision)
        if finding is not None:
            heed_wishes(store, connection, target.report_id, finding)

    def _had(self, report: ReportView, target: ReportView, decision: Decision | None) -> frozenset[str]:
        """The units that get no packet by this merge: whom the other's decision told, but for those that work on this
        report alone and would be called back from it."""
        if target.decision is None or decision is None:
            return frozenset()
        anew = {unit for unit in _only_here(report, target) if not self._is_accused(unit, decision)}
        return frozenset(fields_by_unit(target.decision)) - anew

    def _due_sooner(
        self, connection: Connection, report: ReportView, target: ReportView, urgency: Urgency
    ) -> float | None:
        """In how many minutes the desk must have decided about both, where that is sooner than about the other alone;
        None where its clock stands."""
        if target.state is not ReportState.IN_TRIAGE:
            return None
        now = read_now(connection)
        ends = [] if report.due_at is None else [report.due_at]
        if urgency is not target.urgency:
            ends.append(now + int(self._services.rulebook.desk_wait(urgency, now) * 60_000))
        if not ends or (target.due_at is not None and target.due_at <= min(ends)):
            return None
        return (min(ends) - now) / 60_000

    def _hasten(self, connection: Connection, target: ReportView, urgency: Urgency, decision: Decision | None) -> None:
        """Where the urgency rose, gives each unit that has a packet no longer from now on than it allows."""
        if urgency is target.urgency:
            return
        now, rulebook = read_now(connection), self._services.rulebook
        for packet in target.referrals:
            if packet.is_live and packet.due_at is not None and packet.due_at > now:
                hop = hop_of(packet.state, packet.accepted_at is not None, packet.first_action_at is not None)
                minutes = rulebook.hop_wait(decision or target.decision, urgency, hop, now, now)
                bring_forward(connection, packet.referral_id, now + int(minutes * 60_000))

    def _stand_alone(self, connection: Connection, asked: Asked, report: ReportView, target: ReportView) -> None:
        wait = self._services.rulebook.desk_wait(report.urgency, read_now(connection))
        outcome = Outcome(
            standing=standing_now(report),
            after=ReportState.IN_TRIAGE,
            urgency=report.urgency,
            actor=asked.officer.id,
            action="unmerged",
            due_in_minutes=wait,
            detail={"from_report": target.report_id},
        )
        self._services.store.advance(connection, [outcome])
        remark(self._services, connection, asked.officer, report, "unmerged", given(asked.reason))

    def _give_back(self, connection: Connection, asked: Asked, target: ReportView, number: int) -> None:
        """Lets the other stand on what it told before: its earlier finding, where nobody judged it since the merge."""
        ended = ended_findings(connection, target.report_id)
        earlier = [one.finding for one in target.findings if one.number < number and one.number not in ended]
        stands = _stands_on(target, number)
        finding = replace(earlier[-1], reader=f"officer:{asked.officer.id}") if stands and earlier else None
        if finding is not None:
            # What an officer or the reporter made more urgent stays so.
            labels = replace(finding.labels, urgency=target.urgency)
            finding = replace(finding, labels=labels)
        is_open = target.state in _OPEN
        decision = target.decided if target.state is ReportState.REFERRED else None
        if is_open:
            outcome = Outcome(
                standing=standing_now(target),
                after=target.state,
                urgency=target.urgency,
                actor=asked.officer.id,
                action="unmerged_from",
                clock_stands=True,
                finding=finding,
                decision=decision,
                told=frozenset(fields_by_unit(decision)) if decision is not None else frozenset(),
            )
            self._services.store.advance(connection, [outcome])
        else:
            entry = AuditEntry(asked.officer.id, "unmerged_from", f"report:{target.report_id}", {})
            self._services.store.chain.append(connection, [entry])
        remark(self._services, connection, asked.officer, target, "unmerged_from", given(asked.reason))
        self._tell_units(connection, target, target.urgency, decision)

    def _tell_units(
        self, connection: Connection, target: ReportView, urgency: Urgency, decision: Decision | None
    ) -> None:
        """Packets that units have, or are about to get, are made anew: they hold what the report tells by now."""
        pack_anew(connection, target.report_id)
        units = {one.unit for one in target.referrals if one.is_live}
        renew(connection, target.report_id, units, urgency, decision)

    def _holder(self, report: ReportView) -> Holder:
        key = self._services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
        return Holder(report.report_id, key, report.conversation_id)

    def _is_accused(self, unit: str, decision: Decision) -> bool:
        return is_accused(unit, decision, self._services.rulebook)


def _only_here(report: ReportView, target: ReportView) -> dict[str, tuple[str, ...]]:
    """The units that have a live packet about this report and none about the other, with what is in it."""
    there = {packet.unit for packet in target.referrals if packet.is_live}
    return {one.unit: one.fields for one in report.referrals if one.is_live and one.unit not in there}


def _stands_on(report: ReportView, number: int) -> bool:
    """Whether a report stands on the finding of this number, or on the same given back since by another unmerge."""
    merged = [one.finding for one in report.findings if one.number == number]
    return bool(merged) and _judgement(merged[0]) == _judgement(report.findings[-1].finding)


def _judgement(finding: Finding) -> Finding:
    """A finding whoever made it, and however urgent it became since: giving it back keeps what was raised."""
    return replace(finding, reader="", labels=replace(finding.labels, urgency=Urgency.IMMEDIATE))


def _check(report: ReportView, version: int) -> None:
    if report.version != version:
        raise StaleVersion(f"Report {report.reference} was changed meanwhile. Look at it again, then decide.")


def _raised(finding: Finding | None, report: ReportView, target: ReportView, asked: Asked) -> Finding | None:
    """The finding of an officer who put two reports together: as urgent as the more urgent of both."""
    if finding is None:
        return None
    urgency = min(report.urgency, target.urgency, finding.labels.urgency, key=lambda one: one.rank)
    return replace(
        finding,
        labels=replace(finding.labels, urgency=urgency),
        needs_person=False,
        doubts=(),
        question="",
        reader=f"officer:{asked.officer.id}",
    )


def _joined(first: Labels, second: Labels) -> Labels:
    """The labels of two reports as one. Places that both tell are told once; their spans count in the first's text."""
    known = {(place.code, place.role) for place in first.places}
    others = tuple(
        Place(code=place.code, role=place.role, candidates=place.candidates)
        for place in second.places
        if (place.code, place.role) not in known
    )
    return Labels(
        matters=tuple(dict.fromkeys([*first.matters, *second.matters])),
        urgency=min(first.urgency, second.urgency, key=lambda one: one.rank),
        persons=tuple(dict.fromkeys([*first.persons, *second.persons])),
        reporter=first.reporter if first.reporter != "unknown" else second.reporter,
        places=(*first.places, *others),
        contact=tuple(dict.fromkeys([*first.contact, *second.contact])),
        cues=tuple(dict.fromkeys([*first.cues, *second.cues])),
    )
