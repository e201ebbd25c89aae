"""Claims: a lease on the database's clock, a token that keeps the late from writing, attempts and back-off."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from reports.claims import claim_waiting, given_up, left_behind, note_rings, release, waiting_now
from reports.database import Database
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.store import Store
from reports.tables import audit_entries, findings, referrals, reports
from tests.reports.made import (
    ATTEMPTS,
    LEASE_SECONDS,
    a_step,
    advance,
    claim,
    count,
    keep,
    standing_now,
    standing_of,
    stored_counts,
)


def set_all(database: Database, **values: Any) -> None:
    with database.write() as connection:
        connection.execute(update(reports).values(**values))


def lapse(database: Database) -> None:
    """Every lease runs out."""
    set_all(database, lease_until=1)


def a_row(database: Database) -> Any:
    with database.read() as connection:
        return connection.execute(select(reports)).one()


def test_what_waits_is_taken_oldest_first_and_only_from_its_queue(database: Database, door_keys: DoorKeys) -> None:
    ids = [keep(database, door_keys, number) for number in range(3)]
    urgent = keep(database, door_keys, 9, urgent=True)
    with database.write() as connection:
        for age, report_id in enumerate(ids):
            came = {"received_at": 1000 - age, "to_read_at": 1000 - age}
            connection.execute(update(reports).where(reports.c.id == report_id).values(**came))
    assert [claimed.report_id for claimed in claim(database, batch=2)] == [ids[2], ids[1]]
    assert [claimed.report_id for claimed in claim(database)] == [ids[0]]
    assert [claimed.report_id for claimed in claim(database, "urgent")] == [urgent]
    assert claim(database) == ()


def test_a_claim_is_held_until_its_lease_lapses(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    (first,) = claim(database, seconds=60)
    set_all(database, lease_until=reports.c.lease_until - 50_000)
    assert claim(database) == ()
    set_all(database, lease_until=reports.c.lease_until - 10_000)
    (second,) = claim(database)
    assert second.report_id == first.report_id
    assert second.token != first.token
    assert (first.attempts, second.attempts) == (1, 2)


@pytest.mark.parametrize("wrong_by", [-86_400, 86_400])
def test_a_workers_clock_does_not_matter(
    database: Database, door_keys: DoorKeys, monkeypatch: pytest.MonkeyPatch, wrong_by: int
) -> None:
    keep(database, door_keys)
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + wrong_by)
    monkeypatch.setattr("time.time_ns", lambda: int((now + wrong_by) * 1e9))
    claim(database)
    assert claim(database) == ()
    assert a_row(database).lease_until == pytest.approx((now + LEASE_SECONDS) * 1000, abs=5_000)
    assert a_row(database).received_at == pytest.approx(now * 1000, abs=5_000)


def test_a_late_workers_finish_writes_nothing(database: Database, door_keys: DoorKeys) -> None:
    store = Store(database)
    report_id = keep(database, door_keys)
    (late,) = claim(database)
    lapse(database)
    (other,) = claim(database)
    before = (a_row(database), count(database, audit_entries))
    assert advance(store, a_step(standing_of(late), ReportState.REFERRED)) == ()
    assert (a_row(database), count(database, audit_entries)) == before
    assert (count(database, findings), count(database, referrals), stored_counts(database)) == (0, 0, {})

    (written,) = advance(store, a_step(standing_of(other), ReportState.REFERRED))
    assert written.standing.report_id == report_id
    assert advance(store, a_step(standing_of(late), ReportState.REFERRED)) == ()
    assert advance(store, a_step(standing_of(other), ReportState.REFERRED)) == ()
    assert (count(database, findings), count(database, referrals)) == (1, 2)
    assert stored_counts(database) == {("REFERRED", 1): 1}


def test_of_a_batch_only_what_is_still_held_is_written(database: Database, door_keys: DoorKeys) -> None:
    ids = [keep(database, door_keys, number) for number in range(4)]
    batch = claim(database)
    with database.write() as connection:
        connection.execute(update(reports).where(reports.c.id.in_(ids[:2])).values(lease_until=1))
    assert [len(claim(database)), len(claim(database))] == [1, 1]
    written = advance(Store(database), *(a_step(standing_of(one), ReportState.IN_TRIAGE) for one in batch))
    assert {outcome.standing.report_id for outcome in written} == set(ids[2:])
    assert stored_counts(database) == {("IN_TRIAGE", 1): 2}


def test_a_report_that_was_tried_before_is_taken_alone(database: Database, door_keys: DoorKeys) -> None:
    for number in range(4):
        keep(database, door_keys, number)
    tried = claim(database, batch=1)[0]
    release(database, tried, "ValueError")
    assert [claimed.report_id for claimed in claim(database)] == [tried.report_id]
    assert len(claim(database)) == 3


def test_giving_back_notes_why_and_lets_the_next_attempt_come_at_once(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    (first,) = claim(database)
    release(database, first, "ValueError")
    assert a_row(database).failure == "ValueError"
    (second,) = claim(database)
    release(database, first, "late")
    assert a_row(database).failure == "ValueError"
    assert claim(database) == ()
    assert second.attempts == 2


def test_after_five_attempts_a_report_is_handed_to_a_person(database: Database, door_keys: DoorKeys) -> None:
    report_id = keep(database, door_keys)
    for attempt in range(1, ATTEMPTS + 1):
        assert given_up(database, ATTEMPTS, 50, LEASE_SECONDS) == ()
        (claimed,) = claim(database)
        assert claimed.attempts == attempt
        lapse(database)
    assert claim(database) == ()
    (last,) = given_up(database, ATTEMPTS, 50, LEASE_SECONDS)
    assert given_up(database, ATTEMPTS, 50, LEASE_SECONDS) == ()
    advance(Store(database), a_step(standing_of(last), ReportState.IN_TRIAGE, action="gave_up"))
    assert standing_now(database, report_id).state is ReportState.IN_TRIAGE
    lapse(database)
    assert given_up(database, ATTEMPTS, 50, LEASE_SECONDS) == ()


def test_many_workers_at_once_share_the_work_and_take_nothing_twice(database: Database, door_keys: DoorKeys) -> None:
    ids = {keep(database, door_keys, number) for number in range(30)}
    with ThreadPoolExecutor(6) as pool:
        taken = [
            claimed.report_id for batch in pool.map(lambda _: claim(database, batch=7), range(6)) for claimed in batch
        ]
    assert len(taken) == len(set(taken))
    taken += [claimed.report_id for claimed in claim(database)]
    assert set(taken) == ids


def test_what_was_left_behind_is_found_after_the_grace_and_not_while_it_is_held(
    database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    assert left_behind(database, 3, 50) == ()
    set_all(database, to_read_at=reports.c.to_read_at - 10_000)
    (waiting,) = left_behind(database, 3, 50)
    assert (waiting.report_id, waiting.queue) == (report_id, "normal")
    assert waiting.age == pytest.approx(10_000, abs=3_000)
    claim(database)
    assert left_behind(database, 3, 50) == ()
    lapse(database)
    assert len(left_behind(database, 3, 50)) == 1


def test_each_ring_puts_the_next_off_for_twice_as_long_up_to_a_minute(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    set_all(database, to_read_at=1)
    delays = []
    for _ in range(12):
        waiting = left_behind(database, 3, 50)
        note_rings(database, waiting, 5, 60)
        assert left_behind(database, 3, 50) == ()
        delays.append(round(a_row(database).next_ring_at / 1000 - time.time()))
        set_all(database, next_ring_at=0)
    assert delays == pytest.approx([5, 10, 20, 40, 60, 60, 60, 60, 60, 60, 60, 60], abs=2)
    note_rings(database, (), 5, 60)


def test_what_waits_is_counted_by_queue(database: Database, door_keys: DoorKeys) -> None:
    assert waiting_now(database) == {"urgent": (0, 0), "normal": (0, 0)}
    for number in range(3):
        keep(database, door_keys, number)
    set_all(database, to_read_at=reports.c.to_read_at - 10_000)
    keep(database, door_keys, 9)
    waiting = waiting_now(database)
    assert waiting["urgent"] == (0, 0)
    assert waiting["normal"][0] == 4
    assert waiting["normal"][1] == pytest.approx(10_000, abs=3_000)


def test_what_came_in_a_flood_is_taken_after_what_did_not(database: Database, door_keys: DoorKeys) -> None:
    flooded, other = keep(database, door_keys, 1), keep(database, door_keys, 2)
    with database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == flooded).values(marked=1))
    assert [one.report_id for one in claim_waiting(database, "normal", 1, 15, 5)] == [other]
    assert [one.report_id for one in claim_waiting(database, "normal", 1, 15, 5)] == [flooded]


def test_nobody_waits_for_a_whole_batch_of_a_flood(database: Database, door_keys: DoorKeys) -> None:
    flooded = [keep(database, door_keys, number) for number in range(12)]
    with database.write() as connection:
        connection.execute(update(reports).values(marked=1))
    first = claim_waiting(database, "normal", 50, 15, 5)
    assert 0 < len(first) < len(flooded)
    other = keep(database, door_keys, 99)
    assert [one.report_id for one in claim_waiting(database, "normal", 50, 15, 5)] == [other]
