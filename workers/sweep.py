"""The sweep: looks by the clock for whatever was left behind, and takes it on itself where ringing does not help."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from config.access import AccessRules
from config.figures import Counting
from config.retention import Retention
from reports import heartbeats
from reports.audit import write_checkpoint
from reports.browsing import notice_browsing
from reports.claims import left_behind, note_rings
from reports.counting import count_on
from reports.database import Database
from reports.errors import StoreUnavailable
from reports.referrals import ReferralStep, given_up_deliveries, step
from reports.states import ReferralState
from reports.steps import MACHINE
from reports.tables import referrals, reports
from reports.tallies import forget_tallies
from reports.withheld import bring_back
from workers.context import Context
from workers.deliver import deliver_pending
from workers.desk_again import put_before_a_person
from workers.erase import erase_due
from workers.escalate import escalate
from workers.renew import renew_inboxes
from workers.ring import QUEUES
from workers.stop import Stop
from workers.triage import hand_to_a_person, triage_waiting

CHECKPOINT_FILE = "audit-checkpoints.jsonl"
_CHECKPOINT_SECONDS = 60.0
_ERASING_SECONDS, _MOST_TO_ERASE = 3600.0, 200
# Lines of the audit chain that are counted at once, and how often in one pass: far more than can come in meanwhile.
_LINES_AT_ONCE, _TIMES_A_PASS = 250, 4
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What one pass did: reports it rang for, triaged itself and handed to a person, packets it sent, steps it took
    about clocks that ran out, and things kept back that it put before an officer again."""

    rung: int
    triaged: int
    handed_over: int
    delivered: int
    escalated: int
    brought_back: int


def sweep_once(context: Context) -> Swept:
    """One pass. Bounded in every step, so that a backlog cannot keep it from the next."""
    machine = context.machine
    handed_over = hand_to_a_person(context, machine.inline_batch)
    handed_over += return_undeliverable(context, machine.inline_batch)
    waiting = left_behind(context.database, machine.grace_seconds, machine.sweep_batch)
    heard = {name: True for name in QUEUES}
    for name in QUEUES:
        first = next((report for report in waiting if report.queue == name), None)
        if first is not None:
            heard[name] = context.bell.ring(name, first.report_id)
    # Only a ring that somebody heard is a reason to wait: the others stay due, so that the next pass goes on with them.
    heard_of = tuple(report for report in waiting if heard[report.queue])
    note_rings(context.database, heard_of, machine.ring_base_seconds, machine.ring_max_seconds)
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
    escalated = escalate(context, machine.inline_batch)
    brought_back = bring_back(context.store, machine.inline_batch)
    delivered = deliver_pending(context, machine.inline_batch, machine.grace_seconds if all(heard.values()) else 0)
    renew_inboxes(context, machine.inline_batch)
    return Swept(
        rung=len(waiting),
        triaged=triaged,
        handed_over=handed_over,
        delivered=delivered,
        escalated=escalated,
        brought_back=brought_back,
    )


def return_undeliverable(context: Context, limit: int) -> int:
    """Marks up to `limit` packets that no unit could be given as failed, and puts their reports back before a duty
    officer. Returns how many reports."""
    given_up = given_up_deliveries(context.database, context.machine.attempts)[:limit]
    returned = 0
    for referral_id, report_id in given_up:
        with context.database.write() as connection:
            returned += _return(context, connection, referral_id, report_id)
    return returned


def _return(context: Context, connection: Connection, referral_id: str, report_id: str) -> bool:
    # Report first, then packet, as the desk does it: two sweeps take turns, and nobody waits for anybody in a circle.
    report = connection.execute(select(reports).where(reports.c.id == report_id).with_for_update(key_share=True)).one()
    referral = connection.execute(select(referrals).where(referrals.c.id == referral_id).with_for_update()).one()
    if referral.state != ReferralState.PENDING.value:
        return False
    failed = ReferralStep(
        referral_id=referral_id,
        before=ReferralState.PENDING,
        after=ReferralState.FAILED,
        version=referral.version,
        actor=MACHINE,
    )
    step(context.store, connection, failed)
    return put_before_a_person(
        context, connection, report, "undeliverable", failure=referral.failure, detail={"unit": referral.unit}
    )


def beat(context: Context, name: str, detail: dict[str, str | int | bool]) -> None:
    """Says in the store that a process is alive, on the database's clock."""
    with context.database.write() as connection:
        heartbeats.beat(connection, name, detail)


def run_sweep(
    context: Context, state: Path, stop: Stop, retention: Retention, counting: Counting, access: AccessRules
) -> None:
    """Sweeps until told to stop. A database that is away is waited for, a pass that fails is told and tried again."""
    checkpointed = erased = float("-inf")
    while not stop.asked:
        _guarded("A pass of the sweep failed; the next one tries again.", lambda: _sweep_and_beat(context.renewed()))
        _guarded("The figures could not be counted.", lambda: _count(context.database, counting))
        if time.monotonic() - checkpointed > _CHECKPOINT_SECONDS:
            checkpointed = time.monotonic()
            _guarded("The audit chain could not be signed at a checkpoint.", lambda: _sign(context, state))
            _guarded("Old tallies could not be forgotten.", lambda: forget_tallies(context.database))
            _guarded(
                "Nobody could look whether officers browse.",
                lambda: notice_browsing(context.database, access.reports_an_hour),
            )
        if time.monotonic() - erased > _ERASING_SECONDS:
            erased = time.monotonic()
            _guarded(
                "Reports whose time is over could not be erased.",
                lambda: erase_due(context.store, retention, _MOST_TO_ERASE),
            )
        stop.wait(context.machine.sweep_seconds)


def _sweep_and_beat(context: Context) -> None:
    swept = sweep_once(context)
    breaker_open = bool(getattr(context.bell, "is_open", False))
    beat(context, "sweep", {"rung": swept.rung, "triaged": swept.triaged, "breaker_open": breaker_open})


def _count(database: Database, counting: Counting) -> None:
    for _ in range(_TIMES_A_PASS):
        if count_on(database, counting, _LINES_AT_ONCE) == 0:
            return


def _sign(context: Context, state: Path) -> None:
    write_checkpoint(context.database, context.keys.checkpoints, state / CHECKPOINT_FILE)


def _guarded(sentence: str, act: Callable[[], object]) -> None:
    # Nothing may end the sweep: it is what finds whatever else went wrong.
    try:
        act()
    except StoreUnavailable as fault:
        log.warning("The sweep waits for the database.", extra={"code": str(fault)[:60]})
    except Exception as fault:
        log.error(sentence, extra={"code": type(fault).__name__})
