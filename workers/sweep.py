"""The sweep: looks by the clock for whatever was left behind, and takes it on itself where ringing does not help."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, insert, select

from reports.audit import write_checkpoint
from reports.claims import left_behind, note_rings
from reports.database import database_now
from reports.errors import StoreUnavailable
from reports.referrals import ReferralStep, given_up_deliveries, step
from reports.states import ReferralState, ReportState
from reports.store import MACHINE, Outcome, Standing
from reports.tables import heartbeats, referrals, reports
from reports.values import Urgency
from workers.context import Context
from workers.deliver import deliver_pending
from workers.ring import QUEUES
from workers.stop import Stop
from workers.triage import hand_to_a_person, triage_waiting

CHECKPOINT_FILE = "audit-checkpoints.jsonl"
_CHECKPOINT_SECONDS = 60.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What one pass did: reports it rang for, triaged itself and handed to a person, and packets it sent."""

    rung: int
    triaged: int
    handed_over: int
    delivered: int


def sweep_once(context: Context) -> Swept:
    """One pass. Bounded in every step, so that a backlog cannot keep it from the next."""
    machine = context.machine
    handed_over = hand_to_a_person(context, machine.inline_batch) + return_undeliverable(context)
    waiting = left_behind(context.database, machine.grace_seconds, machine.sweep_batch)
    heard = {name: True for name in QUEUES}
    for name in QUEUES:
        first = next((report for report in waiting if report.queue == name), None)
        if first is not None:
            heard[name] = context.bell.ring(name, first.report_id)
    note_rings(context.database, waiting, machine.ring_base_seconds, machine.ring_max_seconds)
    # Where nobody hears the bell, or a report has waited too long in spite of it, the sweep does the work.
    late = [report for report in waiting if not heard[report.queue] or report.age > machine.inline_seconds * 1000]
    triaged = 0
    for name in QUEUES:
        wanted = sum(1 for report in late if report.queue == name)
        while wanted > 0 and triaged < machine.inline_batch:
            claimed = triage_waiting(context, name, min(machine.batch, machine.inline_batch - triaged))
            if claimed == 0:
                break
            triaged, wanted = triaged + claimed, wanted - claimed
    delivered = deliver_pending(context, machine.inline_batch, machine.grace_seconds if all(heard.values()) else 0)
    return Swept(rung=len(waiting), triaged=triaged, handed_over=handed_over, delivered=delivered)


def return_undeliverable(context: Context) -> int:
    """Marks packets that no unit could be given as failed, and puts their reports back before a duty officer."""
    returned = 0
    for referral_id, report_id in given_up_deliveries(context.database, context.machine.attempts):
        with context.database.write() as connection:
            referral = connection.execute(select(referrals).where(referrals.c.id == referral_id)).one()
            report = connection.execute(select(reports).where(reports.c.id == report_id)).one()
            if referral.state != ReferralState.PENDING.value:
                continue
            change = ReferralStep(
                referral_id=referral_id,
                before=ReferralState.PENDING,
                after=ReferralState.FAILED,
                version=referral.version,
                actor=MACHINE,
            )
            step(context.store, connection, change)
            if report.state == ReportState.REFERRED.value:
                urgency = Urgency.from_rank(report.urgency_rank)
                standing = Standing(
                    report_id=report_id,
                    reference=report.reference,
                    state=ReportState.REFERRED,
                    urgency=urgency,
                    version=report.version,
                )
                outcome = Outcome(
                    standing=standing,
                    after=ReportState.IN_TRIAGE,
                    urgency=urgency,
                    actor=MACHINE,
                    action="undeliverable",
                    due_in_minutes=context.rulebook.desk_minutes(urgency),
                    failure=referral.failure,
                    detail={"unit": referral.unit},
                )
                context.store.advance(connection, [outcome])
                returned += 1
    return returned


def beat(context: Context, name: str, detail: dict[str, str | int | bool]) -> None:
    """Says in the store that a process is alive, on the database's clock."""
    with context.database.write() as connection:
        connection.execute(delete(heartbeats).where(heartbeats.c.name == name))
        connection.execute(insert(heartbeats).values(name=name, beat_at=database_now(), detail=json.dumps(detail)))


def run_sweep(context: Context, state: Path, stop: Stop) -> None:
    """Sweeps until told to stop. A database that is away is waited for; nothing else ends the loop."""
    checkpointed = 0.0
    while not stop.asked:
        try:
            swept = sweep_once(context)
            detail: dict[str, str | int | bool] = {
                "rung": swept.rung,
                "triaged": swept.triaged,
                "breaker_open": bool(getattr(context.bell, "is_open", False)),
            }
            beat(context, "sweep", detail)
            if time.monotonic() - checkpointed > _CHECKPOINT_SECONDS:
                write_checkpoint(context.database, context.keys.checkpoints, state / CHECKPOINT_FILE)
                checkpointed = time.monotonic()
        except StoreUnavailable as fault:
            log.warning("The sweep waits for the database.", extra={"code": str(fault)[:60]})
        stop.wait(context.machine.sweep_seconds)
