"""Reading a report again, because something was added to it: what stands, what changes, and what a person decides.

The first finding stays; what is read now stands beside it. The machine never lowers an urgency by it, never takes a
case from a unit that has accepted it or by a reading that it is not sure of, and never decides over an officer who has
judged the report: then a person looks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from reports.database import read_now
from reports.renewing import renew
from reports.standing_before import Before, standing_before
from reports.states import ReportState
from reports.steps import MORE_TOLD, Outcome
from reports.tables import reports
from reports.values import Decision, Finding, Urgency
from routing.rulebook.accused import is_accused, under_recusal, unless_lifted
from workers.answering import heed
from workers.context import Context
from workers.held import Held

READ_AGAIN = "read_again"


@dataclass(frozen=True)
class Plan:
    """What becomes of a report that was read again: whether what was read is written beside what stood, and whether the
    packets of the units that have it are called back."""

    after: ReportState
    writes_finding: bool
    calls_back: bool = False
    flag: str | None = None


def guarded(context: Context, before: Before, read: Outcome) -> Outcome:
    """What was read, under the recusal that stands: no reading ends one, and none sets what two reviewers lifted.

    Where that leaves the report to a unit that is complained of, a person decides.
    """
    if read.decision is None:
        return read
    rulebook = context.rulebook
    decision = under_recusal(unless_lifted(read.decision, before.lifted), before.recused, rulebook)
    leads_there = is_accused(decision.lead_unit, decision, rulebook)
    return replace(read, decision=decision, after=ReportState.IN_TRIAGE if leads_there else read.after)


def plan(state: ReportState, before: Before, read: Outcome) -> Plan:
    """The plan for a report in this state; `read` is what the machine would do with it if it read it now for the first
    time."""
    to_person = Plan(ReportState.IN_TRIAGE, writes_finding=False, flag=MORE_TOLD)
    if before.by_person or state is ReportState.CLOSED:
        return to_person
    if state is ReportState.QUARANTINED:
        return Plan(read.after, writes_finding=True)
    if read.after is not ReportState.REFERRED:
        # What was plainly noise alone is not so behind what stood before it.
        return Plan(ReportState.IN_TRIAGE, writes_finding=True, flag=MORE_TOLD)
    if state is ReportState.IN_TRIAGE:
        # A report that came back from a unit is not sent off again by the machine.
        return to_person if before.was_sent else Plan(ReportState.REFERRED, writes_finding=True)
    return _referred_again(before, read)


def _referred_again(before: Before, read: Outcome) -> Plan:
    leads = before.decision is not None and read.decision is not None
    if leads and _lead(before.decision) == _lead(read.decision):
        return Plan(ReportState.REFERRED, writes_finding=True)
    if _is_sure(read) and not any(packet.is_accepted_lead for packet in before.live):
        return Plan(ReportState.REFERRED, writes_finding=True, calls_back=True)
    if read.urgency is Urgency.IMMEDIATE:
        # Whoever can help where the person is now is told at once; whoever has the case keeps it as well.
        return Plan(ReportState.REFERRED, writes_finding=True, flag=MORE_TOLD)
    return Plan(ReportState.IN_TRIAGE, writes_finding=True, flag=MORE_TOLD)


def _is_sure(read: Outcome) -> bool:
    return read.finding is not None and not read.finding.needs_person


def _lead(decision: Decision | None) -> str:
    return decision.lead_unit if decision else ""


def changes_for_a_unit(state: ReportState, planned: Plan) -> bool:
    """Whether some unit is to be told, or to be called back, that was not before: nobody waits for that."""
    return planned.calls_back or (planned.after is ReportState.REFERRED and state is not ReportState.REFERRED)


def write_again(context: Context, held: Held, read: Outcome, planned: Plan) -> Outcome | None:
    """Writes what the plan says, in one transaction, and gives it. None where somebody else has the report by now."""
    with context.database.write() as connection:
        outcome = _write(context, connection, read, planned)
        if outcome is not None:
            # Also where a person is to decide over the rest: what is not safe is not safe whoever reads it.
            heed(context, connection, held, read.finding)
        return outcome


def _write(context: Context, connection: Connection, read: Outcome, planned: Plan) -> Outcome | None:
    standing, store = read.standing, context.store
    # The report first, then its packets, as everybody does it.
    held = connection.execute(
        select(reports.c.id)
        .where(reports.c.id == standing.report_id, reports.c.lease_token == standing.lease_token,
               reports.c.state == standing.state.value)
        .with_for_update(key_share=True)
    ).first()  # fmt: skip
    if held is None:
        return None
    before = standing_before(connection, standing.report_id)
    decision = read.decision
    accused = [one for one in before.live if decision is not None and is_accused(one.unit, decision, context.rulebook)]
    # Who is complained of gets nothing more; what it has is taken from it only where the machine is sure of that.
    shut = accused if _is_sure(read) and planned.writes_finding else []
    kept = frozenset(one.unit for one in before.live if one not in shut and not planned.calls_back)
    store.revoke_live_referrals(connection, standing.report_id, read.actor, keep=kept)
    store.shut(connection, [one.referral_id for one in shut], read.actor)
    urgency = min(standing.urgency, read.urgency, key=lambda one: one.rank)
    stays = planned.after is standing.state and urgency is standing.urgency and not planned.calls_back
    outcome = replace(
        read,
        after=planned.after,
        urgency=urgency,
        action=READ_AGAIN,
        due_in_minutes=_due(context, connection, planned.after, urgency, decision),
        clock_stands=stays,
        finding=_raised(read.finding, urgency) if planned.writes_finding else None,
        decision=decision if planned.writes_finding else None,
        flag=planned.flag or read.flag,
        told=kept,
    )
    if not store.advance(connection, [outcome]):
        raise RuntimeError("A report that is held could not be written.")
    renewed = kept - {one.unit for one in accused}
    renew(connection, standing.report_id, renewed, urgency, decision if planned.writes_finding else None)
    return outcome


def _due(
    context: Context, connection: Connection, after: ReportState, urgency: Urgency, decision: Decision | None
) -> float | None:
    now = read_now(connection)
    if after is ReportState.REFERRED and decision is not None:
        return context.rulebook.hop_wait(decision, urgency, "acceptance", now, now)
    return context.rulebook.desk_wait(urgency, now) if after is ReportState.IN_TRIAGE else None


def _raised(finding: Finding | None, urgency: Urgency) -> Finding | None:
    return finding and replace(finding, labels=replace(finding.labels, urgency=urgency))
