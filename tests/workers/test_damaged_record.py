"""A record that was changed in the database: only its own report waits for a person, and every other goes on."""

from __future__ import annotations

from sqlalchemy import update

from reports.history import decided_reports
from reports.tables import decisions, findings, referrals
from tests.workers.made import Work
from tests.workers.test_escalate import hurry, keep_immediate, only_the_lead, run_out
from workers.deliver import deliver_pending
from workers.escalate import escalate
from workers.sweep import return_undeliverable


def damage(work: Work, table: object, report_id: str) -> None:
    with work.database.write() as connection:
        connection.execute(update(table).where(table.c.report_id == report_id).values(body="{}"))  # type: ignore[arg-type, attr-defined]


def test_its_packets_come_back_to_a_person_and_those_beside_it_are_delivered(work: Work) -> None:
    broken, sound = work.keep(), work.keep()
    work.triage()
    damage(work, findings, broken)
    deliver_pending(work.context, 50)
    states = {row.report_id: row.state for row in work.all(referrals) if row.part == "lead"}
    assert states == {broken: "PENDING", sound: "DELIVERED"}
    for _ in range(work.context.machine.attempts):
        work.lapse()
        deliver_pending(work.context, 50)
    work.lapse()
    assert return_undeliverable(work.context, 50) == 1
    assert (work.report(broken).state, work.report(broken).failure) == ("IN_TRIAGE", "RecordDamaged")
    assert work.report(sound).state == "REFERRED"


def test_a_clock_that_runs_out_over_it_puts_it_before_a_person_once(work: Work) -> None:
    broken, sound = keep_immediate(work, 2)
    only_the_lead(work)
    damage(work, decisions, broken)
    run_out(work)
    assert escalate(work.context, 50) == 2
    assert work.report(broken).state == "IN_TRIAGE"
    assert work.report(sound).state == "REFERRED"
    hurry(work)
    escalate(work.context, 50)
    assert [line.object for line in work.audited("record_damaged")] == [f"report:{broken}"]


def test_a_replay_leaves_it_out(work: Work) -> None:
    broken, sound = work.keep(), work.keep()
    work.triage()
    damage(work, findings, broken)
    with work.database.read() as connection:
        found = [decided.reference for decided in decided_reports(connection)]
    assert found == [work.report(sound).reference]
