"""Steps of a report: each is written whole with its audit line, or not at all, and the counts stay right."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from reports.audit import verify
from reports.database import Database
from reports.errors import IllegalTransition, ReportError, StaleVersion
from reports.keys import DoorKeys, InnerKeys
from reports.queue_view import state_counts
from reports.states import REPORT_CHANGES, ReferralState, ReportState
from reports.store import Store
from reports.tables import audit_entries, decisions, findings, referrals, remarks, reports
from reports.values import Urgency
from tests.reports.made import (
    MANGSHI,
    RUILI,
    a_decision,
    a_finding,
    a_step,
    advance,
    claim,
    count,
    counted,
    keep,
    standing_now,
    standing_of,
    stored_counts,
)

OFFICER = "o" * 32


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def row_of(database: Database, report_id: str) -> Any:
    with database.read() as connection:
        return connection.execute(select(reports).where(reports.c.id == report_id)).one()


def put(database: Database, report_id: str, state: ReportState) -> None:
    """Puts a report into a state without any step, so that a step can start from there."""
    with database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == report_id).values(state=state.value))


def test_a_triaged_report_has_its_finding_decision_packets_and_audit_line(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    (claimed,) = claim(database)
    step = a_step(
        standing_of(claimed),
        ReportState.REFERRED,
        urgency=Urgency.URGENT,
        due_in_minutes=60,
        conversation_id=claimed.conversation_id,
        number_index="f" * 32,
    )
    assert advance(store, step) == (step,)
    row = row_of(database, report_id)
    assert (row.state, row.urgency_rank, row.lead_unit, row.rule) == ("REFERRED", 1, RUILI, "forced-labour")
    assert (row.matters, row.language) == ("forced_labour", "zh")
    assert row.lease_token is None
    assert row.routed_at >= row.received_at
    assert row.due_at == pytest.approx(row.routed_at + 60 * 60_000, abs=5_000)
    with database.read() as connection:
        packets = {(one.unit, one.part, one.fields) for one in connection.execute(select(referrals))}
        last = connection.execute(select(audit_entries).order_by(audit_entries.c.number.desc())).first()
    assert packets == {(RUILI, "lead", "reference text places"), (MANGSHI, "copy", "reference person")}
    assert (count(database, findings), count(database, decisions)) == (1, 1)
    assert last is not None
    assert last.object == f"report:{report_id}"
    assert '"referrals":2' in last.detail


ILLEGAL = [pair for pair in product(ReportState, repeat=2) if pair[1] not in REPORT_CHANGES[pair[0]]]


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_a_step_that_the_table_does_not_know_writes_nothing(
    store: Store, database: Database, door_keys: DoorKeys, before: ReportState, after: ReportState
) -> None:
    report_id = keep(database, door_keys)
    put(database, report_id, before)
    standing = standing_now(database, report_id)
    entries = count(database, audit_entries)
    with pytest.raises(IllegalTransition):
        advance(store, a_step(standing, after, actor=OFFICER))
    assert standing_now(database, report_id) == standing
    assert (count(database, audit_entries), count(database, referrals)) == (entries, 0)
    assert stored_counts(database) == {}


def test_one_illegal_step_takes_back_the_legal_ones_beside_it(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    for number in (1, 2):
        keep(database, door_keys, number)
    first, second = (standing_of(claimed) for claimed in claim(database))
    with pytest.raises(IllegalTransition):
        advance(store, a_step(first, ReportState.IN_TRIAGE), a_step(second, ReportState.CLOSED))
    assert counted(database) == {}


def test_two_officers_at_once_one_wins_and_the_other_is_told(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.IN_TRIAGE))
    standing = standing_now(database, report_id)

    def decide(after: ReportState) -> str:
        try:
            advance(store, a_step(standing, after, actor=OFFICER))
        except StaleVersion as fault:
            return str(fault)
        return "won"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(decide, (ReportState.CLOSED, ReportState.QUARANTINED)))
    assert said[1] == "won"
    assert said[0].startswith(f"Report {standing.reference} was changed by somebody else meanwhile.")
    assert stored_counts(database) == counted(database)


@pytest.mark.parametrize(
    ("before", "actor", "allowed"),
    [
        (ReportState.RECEIVED, "machine", True),
        (ReportState.IN_TRIAGE, "machine", False),
        (ReportState.REFERRED, "machine", False),
        (ReportState.IN_TRIAGE, OFFICER, True),
        (ReportState.REFERRED, OFFICER, True),
    ],
)
def test_once_a_report_was_read_only_a_person_lowers_its_urgency(
    store: Store, database: Database, door_keys: DoorKeys, before: ReportState, actor: str, allowed: bool
) -> None:
    report_id = keep(database, door_keys, urgent=True)
    put(database, report_id, before)
    step = a_step(standing_now(database, report_id), ReportState.IN_TRIAGE, urgency=Urgency.LOW, actor=actor)
    if allowed:
        advance(store, step)
        assert standing_now(database, report_id).urgency is Urgency.LOW
    else:
        with pytest.raises(IllegalTransition, match="Only a person may lower an urgency"):
            advance(store, step)


def test_the_machine_may_raise_an_urgency(store: Store, database: Database, door_keys: DoorKeys) -> None:
    report_id = keep(database, door_keys)
    put(database, report_id, ReportState.IN_TRIAGE)
    advance(store, a_step(standing_now(database, report_id), ReportState.IN_TRIAGE, urgency=Urgency.IMMEDIATE))
    assert standing_now(database, report_id).urgency is Urgency.IMMEDIATE


def test_the_counts_are_right_after_a_long_walk(store: Store, database: Database, door_keys: DoorKeys) -> None:
    walk = random.Random(20080101)  # noqa: S311
    ids = [keep(database, door_keys, number, urgent=number % 3 == 0) for number in range(12)]
    for _ in range(80):
        standing = standing_now(database, walk.choice(ids))
        after = walk.choice(sorted(REPORT_CHANGES[standing.state]))
        advance(store, a_step(standing, after, actor=OFFICER, urgency=walk.choice(list(Urgency))))
        assert stored_counts(database) == counted(database)
    with database.read() as connection:
        shown = state_counts(connection)
    assert sum(number for of_state in shown.values() for number in of_state.values()) == len(ids)


def test_the_counts_are_right_when_many_step_at_once(store: Store, database: Database, door_keys: DoorKeys) -> None:
    for number in range(24):
        keep(database, door_keys, number)
    batches = [claim(database, batch=6) for _ in range(4)]

    def work(number: int) -> None:
        after = ReportState.IN_TRIAGE if number % 2 else ReportState.QUARANTINED
        advance(store, *(a_step(standing_of(claimed), after) for claimed in batches[number]))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert stored_counts(database) == counted(database)
    assert sum(stored_counts(database).values()) == 24


@pytest.mark.parametrize(
    "without",
    [
        pytest.param({"decision": None}, id="no decision"),
        pytest.param({"finding": None}, id="no finding, and none before"),
        pytest.param({"finding": None, "decision": None}, id="neither"),
    ],
)
def test_a_report_is_not_referred_to_nobody(
    store: Store, database: Database, door_keys: DoorKeys, without: dict[str, None]
) -> None:
    report_id = keep(database, door_keys)
    put(database, report_id, ReportState.IN_TRIAGE)
    with pytest.raises(ReportError, match="referred"):
        advance(store, a_step(standing_now(database, report_id), ReportState.REFERRED, actor=OFFICER, **without))
    assert standing_now(database, report_id).state is ReportState.IN_TRIAGE


def test_a_second_decision_stands_beside_the_first_and_may_use_its_finding(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.REFERRED))
    again = a_step(standing_now(database, report_id), ReportState.REFERRED, actor=OFFICER, finding=None)
    advance(store, again)
    with database.read() as connection:
        made = connection.execute(select(decisions.c.number, decisions.c.finding_id).order_by("number")).all()
        keys = connection.execute(select(referrals.c.dispatch_key)).scalars().all()
    assert [one.number for one in made] == [1, 2]
    assert made[0].finding_id == made[1].finding_id
    assert len(set(keys)) == 4


def test_a_unit_that_two_rows_copy_gets_one_packet_with_the_fields_of_both(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    keep(database, door_keys)
    (copy,) = a_decision().copies
    twice = a_decision(copies=(copy, copy.__class__(**{**copy.__dict__, "fields": ("person", "needs")})))
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.REFERRED, decision=twice))
    with database.read() as connection:
        fields = connection.execute(select(referrals.c.fields).where(referrals.c.unit == MANGSHI)).scalars().all()
    assert fields == ["reference person needs"]


def test_calling_back_ends_the_live_packets_but_those_to_be_kept(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.REFERRED))
    with database.write() as connection:
        assert store.revoke_live_referrals(connection, report_id, OFFICER, keep=frozenset({RUILI})) == 1
        assert store.revoke_live_referrals(connection, report_id, OFFICER, keep=frozenset({RUILI})) == 0
    with database.read() as connection:
        states = {one.unit: one.state for one in connection.execute(select(referrals))}
    assert states == {RUILI: ReferralState.PENDING, MANGSHI: ReferralState.REVOKED}


def test_a_reason_is_kept_sealed(
    store: Store, database: Database, door_keys: DoorKeys, inner_keys: InnerKeys, tmp_path: Path
) -> None:
    report_id = keep(database, door_keys)
    key = inner_keys.opening.open_report_key(report_id, row_of(database, report_id).wrapped_key)
    with database.write() as connection:
        remark_id = store.remark(connection, report_id, key, OFFICER, "close", "不属实，已核实")
    with database.read() as connection:
        sealed = connection.execute(select(remarks.c.sealed_text)).scalar_one()
    assert "不属实".encode() not in sealed
    assert key.open("remarks.sealed_text", remark_id, sealed).decode() == "不属实，已核实"
    assert verify(database, inner_keys.checkpoints, tmp_path / "none").faults == ()


def test_closing_notes_when_and_a_correction_keeps_the_first_finding(
    store: Store, database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    advance(store, a_step(standing_of(claim(database)[0]), ReportState.IN_TRIAGE, finding=a_finding()))
    corrected = a_finding(Urgency.IMMEDIATE)
    advance(store, a_step(standing_now(database, report_id), ReportState.IN_TRIAGE, actor=OFFICER, finding=corrected))
    advance(store, a_step(standing_now(database, report_id), ReportState.CLOSED, actor=OFFICER))
    assert row_of(database, report_id).closed_at is not None
    with database.read() as connection:
        authors = connection.execute(select(findings.c.author).order_by(findings.c.number)).scalars().all()
    assert authors == ["machine", OFFICER]
