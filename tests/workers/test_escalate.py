"""A unit that is silent is passed over, one step at a time, and each step happens once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from reports.audit import verify
from reports.database import read_now
from reports.escalations import brought_by, desk_notices, hold, ran_out, steps_about
from reports.officers import Officer, Role
from reports.referrals import ReferralStep, first_action, step, take_over
from reports.states import ReferralState
from reports.tables import escalations, referrals, reports
from reports.values import Place, PlaceRole, Urgency
from tests.workers.made import LEAD, Work, a_finding
from workers.deliver import deliver_pending
from workers.escalate import escalate
from workers.sweep import sweep_once

CITY, PROVINCE, NATION = "public_security-533100", "public_security-530000", "joint_conference_office-000000"
OFFICER = "u" * 32


def an_officer(unit: str) -> Officer:
    """An officer of a unit."""
    return Officer(id="0" * 32, name="Wei", role=Role.UNIT_OFFICER, unit=unit, active=True)


def keep_immediate(work: Work, number: int = 1, **labels: Any) -> list[str]:
    """Reports whose clocks run round the clock, whatever the hour of the test; their units have their packets."""
    work.reader.read = lambda text: a_finding(urgency=Urgency.IMMEDIATE, **labels)
    kept = [work.keep(f"work {one}") for one in range(number)]
    work.triage()
    deliver_pending(work.context, 500)
    return kept


def only_the_lead(work: Work) -> None:
    """The copies are answered, so that a test sees the lead's clock alone."""
    with work.database.write() as connection:
        stopped = {"next_step": None, "next_step_at": None}
        connection.execute(update(referrals).where(referrals.c.part != "lead").values(**stopped))


def run_out(work: Work, minutes: int = 0) -> None:
    """Every clock ran out so many minutes ago: its first step has been due since then."""
    with work.database.write() as connection:
        for table in (reports, referrals):
            then = read_now(connection) - minutes * 60_000 - 1
            running = table.c.next_step_at.is_not(None)
            connection.execute(update(table).where(running).values(due_at=then, next_step_at=then))


def hurry(work: Work) -> None:
    """Whatever is to come next is due."""
    with work.database.write() as connection:
        for table in (reports, referrals):
            connection.execute(update(table).where(table.c.next_step_at.is_not(None)).values(next_step_at=1))


def next_pass(work: Work) -> int:
    taken = escalate(work.context, 50)
    deliver_pending(work.context, 50)
    hurry(work)
    return taken


def leads(work: Work) -> dict[str, str]:
    return {row.unit: row.state for row in work.all(referrals) if row.part == "lead"}


def steps(work: Work) -> list[tuple[str, str, str]]:
    return [(row.hop, row.step, row.told) for row in work.all(escalations)]


def of_unit(work: Work, unit: str) -> Any:
    (row,) = (row for row in work.all(referrals) if row.unit == unit and row.part == "lead")
    return row


def answer(work: Work, unit: str, after: ReferralState) -> None:
    row = of_unit(work, unit)
    change = ReferralStep(
        referral_id=row.id, before=ReferralState(row.state), after=after, version=row.version, actor=OFFICER,
        due_in_minutes=15 if after is ReferralState.ACCEPTED else None,
    )  # fmt: skip
    with work.database.write() as connection:
        step(work.context.store, connection, change)
        take_over(work.context.store, connection, row.id, OFFICER)


def test_a_silent_county_is_reminded_then_passed_over_up_to_the_national_desk(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    assert escalate(work.context, 50) == 0
    run_out(work)
    assert [next_pass(work) for _ in range(7)] == [1, 1, 1, 1, 1, 0, 0]
    assert steps(work) == [
        ("acceptance", "reminder", LEAD),
        ("acceptance", "deputy", LEAD),
        ("acceptance", "superior_unit", CITY),
        ("acceptance", "province", PROVINCE),
        ("acceptance", "national_desk", NATION),
    ]
    assert leads(work) == {LEAD: "ESCALATED", CITY: "ESCALATED", PROVINCE: "ESCALATED", NATION: "DELIVERED"}
    told = [json.loads(line.detail)["unit"] for line in work.audited("escalated")]
    assert told == [LEAD, CITY, PROVINCE]
    for name, unit in (("reminder", LEAD), ("superior_unit", CITY), ("national_desk", NATION)):
        (line,) = work.audited(f"step_{name}")
        assert (line.actor, line.object) == ("machine", f"referral:{of_unit(work, LEAD).id}")
        assert json.loads(line.detail)["told"] == unit


def test_the_unit_above_gets_the_whole_packet_with_the_same_part(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    for _ in range(3):
        next_pass(work)
    county, city = (of_unit(work, unit) for unit in (LEAD, CITY))
    assert city.fields == county.fields
    old, new = (json.loads(work.packet_of(row))["fields"] for row in (county, city))
    assert new == old
    with work.database.read() as connection:
        brought = brought_by(connection, city.id)
        assert brought is not None
        assert (brought.unit, brought.hop, brought.ran_out_at) == (LEAD, "acceptance", county.due_at)
        assert brought_by(connection, county.id) is None
        assert [one.step for one in steps_about(connection, [county.id])[county.id]] == [
            "reminder", "deputy", "superior_unit"
        ]  # fmt: skip


def test_each_step_comes_at_its_own_minute(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    delays = work.context.rulebook.escalation.delays[Urgency.IMMEDIATE]
    for name in ("deputy", "superior_unit", "province", "national_desk"):
        assert escalate(work.context, 50) == 1
        row = of_unit(work, LEAD)
        assert row.next_step == name
        assert (row.next_step_at - row.due_at) / 60_000 == pytest.approx(delays[name], abs=0.1)
        assert escalate(work.context, 50) == 0
        # So much time goes by.
        with work.database.write() as connection:
            passed = row.next_step_at - read_now(connection) + 1
            later = {name: row._mapping[name] - passed for name in ("due_at", "next_step_at")}
            connection.execute(update(referrals).where(referrals.c.id == row.id).values(**later))


def test_after_a_standstill_nobody_is_passed_over_before_they_had_time(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work, minutes=600)
    assert escalate(work.context, 50) == 1
    assert escalate(work.context, 50) == 0
    row = of_unit(work, LEAD)
    delays = work.context.rulebook.escalation.delays[Urgency.IMMEDIATE]
    with work.database.read() as connection:
        assert (row.next_step_at - read_now(connection)) / 60_000 == pytest.approx(delays["deputy"], abs=0.1)


def test_two_sweeps_at_once_take_each_step_once(work: Work, tmp_path: Path) -> None:
    keep_immediate(work, 8)
    only_the_lead(work)
    run_out(work)
    start = threading.Barrier(2)

    def sweep(_number: int) -> int:
        start.wait(10)
        return escalate(work.context, 50)

    taken = 0
    for _ in range(6):
        with ThreadPoolExecutor(2) as pool:
            taken += sum(pool.map(sweep, range(2)))
        deliver_pending(work.context, 500)
        hurry(work)
    assert taken == 8 * 5
    written = [(row.referral_id, row.step) for row in work.all(escalations)]
    assert len(written) == len(set(written)) == 8 * 5
    made = [(row.report_id, row.unit) for row in work.all(referrals) if row.part == "lead"]
    assert len(made) == len(set(made)) == 8 * 4
    assert len(work.audited("step_reminder")) == 8
    assert verify(work.database, work.context.keys.checkpoints, tmp_path / "none").faults == ()


def test_a_step_that_was_written_is_not_written_again_even_if_its_mark_was_lost(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    for _ in range(3):
        next_pass(work)
    before = (steps(work), len(work.all(referrals)), len(work.audited("step_superior_unit")))
    work.set_all(referrals, next_step=None, next_step_at=None)
    with work.database.write() as connection:
        connection.execute(
            update(referrals).where(referrals.c.unit == LEAD).values(next_step="superior_unit", next_step_at=1)
        )
    assert escalate(work.context, 50) == 0
    assert (steps(work), len(work.all(referrals)), len(work.audited("step_superior_unit"))) == before
    assert of_unit(work, LEAD).next_step == "province"


def test_the_first_receiver_keeps_the_case_until_another_accepts(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    for _ in range(3):
        next_pass(work)
    assert leads(work) == {LEAD: "ESCALATED", CITY: "DELIVERED"}
    answer(work, CITY, ReferralState.ACCEPTED)
    assert leads(work) == {LEAD: "REVOKED", CITY: "ACCEPTED"}
    assert of_unit(work, LEAD).next_step_at is None
    assert of_unit(work, CITY).next_step == "reminder"


def test_a_unit_that_was_passed_over_may_still_take_the_case_on(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    for _ in range(4):
        next_pass(work)
    answer(work, LEAD, ReferralState.ACCEPTED)
    assert leads(work) == {LEAD: "ACCEPTED", CITY: "REVOKED", PROVINCE: "REVOKED"}
    run_out(work)
    assert next_pass(work) == 1
    assert steps(work)[-1] == ("first_action", "reminder", LEAD)


def test_a_unit_that_accepts_and_does_nothing_is_passed_over_too_until_it_acts(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    answer(work, LEAD, ReferralState.ACCEPTED)
    run_out(work)
    for _ in range(3):
        next_pass(work)
    assert leads(work) == {LEAD: "ESCALATED", CITY: "DELIVERED"}
    row = of_unit(work, LEAD)
    change = ReferralStep(
        referral_id=row.id, before=ReferralState.ESCALATED, after=ReferralState.ACCEPTED, version=row.version,
        actor=OFFICER, due_in_minutes=15,
    )  # fmt: skip
    with work.database.write() as connection:
        first_action(work.context.store, connection, change)
        take_over(work.context.store, connection, row.id, OFFICER)
    row = of_unit(work, LEAD)
    assert leads(work) == {LEAD: "ACCEPTED", CITY: "REVOKED"}
    assert row.first_action_at is not None
    run_out(work)
    next_pass(work)
    assert steps(work)[-1] == ("feedback", "reminder", LEAD)


def test_a_unit_that_answers_at_the_last_moment_is_not_reminded(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    (clock,) = ran_out(work.database, 50)
    answer(work, LEAD, ReferralState.ACCEPTED)
    with work.database.write() as connection:
        assert hold(connection, clock) is None
    assert escalate(work.context, 50) == 0


def test_what_is_done_or_called_back_has_no_clock(work: Work) -> None:
    first, second = keep_immediate(work, 2)
    with work.database.write() as connection:
        work.context.store.revoke_live_referrals(connection, second, OFFICER, keep=frozenset())
    run_out(work)
    assert {clock.report_id for clock in ran_out(work.database, 50)} == {first}


def test_one_pass_takes_no_more_than_its_share(work: Work) -> None:
    keep_immediate(work, 5)
    only_the_lead(work)
    run_out(work)
    assert escalate(work.context, 3) == 3
    assert escalate(work.context, 3) == 2


def test_a_step_that_cannot_be_taken_does_not_hold_up_the_others(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, _ = keep_immediate(work, 2)
    only_the_lead(work)
    run_out(work)
    with work.database.write() as connection:
        connection.execute(update(referrals).where(referrals.c.report_id == broken).values(next_step="no such step"))
    assert escalate(work.context, 50) == 1
    assert escalate(work.context, 50) == 0
    assert "ValueError" in [getattr(line, "code", None) for line in caplog.records]
    hurry(work)
    assert [one.report_id for one in ran_out(work.database, 50) if one.step == "no such step"] == [broken]


def test_a_report_left_at_the_desk_rises_in_the_queue_and_the_national_desk_hears_of_it(work: Work) -> None:
    report_id = work.keep("doubt")
    work.triage()
    assert work.report(report_id).raised == 0
    run_out(work)
    assert [next_pass(work) for _ in range(4)] == [1, 1, 1, 0]
    assert work.report(report_id).raised == 1
    assert steps(work) == [
        ("desk", "reminder", "duty_desk"),
        ("desk", "deputy", "duty_desk"),
        ("desk", "national_desk", NATION),
    ]
    assert work.all(referrals) == [], "nothing of what it says goes anywhere without a decision"
    with work.database.read() as connection:
        (notice,) = desk_notices(connection, an_officer(NATION), 10)
        assert desk_notices(connection, an_officer(CITY), 10) == ()
    assert (notice.reference, notice.urgency) == (work.report(report_id).reference, Urgency.IMMEDIATE)


def test_a_copy_is_escalated_to_its_own_superior_and_no_further(work: Work) -> None:
    keep_immediate(work)
    with work.database.write() as connection:
        stopped = {"next_step": None, "next_step_at": None}
        connection.execute(update(referrals).where(referrals.c.part == "lead").values(**stopped))
    (copy, *_) = [row for row in work.all(referrals) if row.part == "copy"]
    run_out(work)
    while next_pass(work):
        pass
    mine = [(row.step, row.told) for row in work.all(escalations) if row.referral_id == copy.id]
    kind = copy.unit.partition("-")[0]
    assert mine == [("reminder", copy.unit), ("deputy", copy.unit), ("superior_unit", f"{kind}-533100")]
    (above,) = [row for row in work.all(referrals) if row.unit == f"{kind}-533100"]
    assert (above.part, above.fields) == ("copy", copy.fields)


@pytest.mark.parametrize("cue", ["complained_unit_county", "complained_unit_city"])
def test_the_unit_complained_of_never_hears_that_its_superior_was_silent(work: Work, cue: str) -> None:
    place = Place(code="533102", role=PlaceRole.OCCURRENCE)
    labels = a_finding("official_complicity", Urgency.IMMEDIATE).labels
    work.reader.read = lambda text: a_finding(
        labels=type(labels)(matters=("official_complicity",), urgency=Urgency.IMMEDIATE, places=(place,), cues=(cue,))
    )
    work.keep()
    work.triage()
    deliver_pending(work.context, 500)
    run_out(work)
    while next_pass(work):
        pass
    below = {"complained_unit_county": ("533102",), "complained_unit_city": ("533102", "533100")}[cue]
    told = {row.told for row in work.all(escalations)} | {row.unit for row in work.all(referrals)}
    assert told
    assert not [unit for unit in told if unit.endswith(below)]


def test_the_sweep_takes_the_steps_and_delivers_what_they_make(work: Work) -> None:
    keep_immediate(work)
    only_the_lead(work)
    run_out(work)
    for _ in range(3):
        assert sweep_once(work.context).escalated == 1
        hurry(work)
    work.age(10)
    sweep_once(work.context)
    assert leads(work)[CITY] == "DELIVERED"
