"""The sweep: finds what was left behind, rings for it, does the work itself where nobody hears, and never ends."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from config.access import AccessRules
from config.figures import Counting
from config.retention import Retention
from config.settings import PACKAGED_CONFIG
from reports.audit import verify
from reports.errors import StoreUnavailable
from reports.tables import heartbeats, referrals, reports
from tests.reports.made import counted, stored_counts
from tests.waiting import wait_until
from tests.workers.made import LEAD, TestBell, Work
from workers.stop import Stop
from workers.sweep import CHECKPOINT_FILE, beat, return_undeliverable, run_sweep, sweep_once

RETENTION = Retention.load(PACKAGED_CONFIG)
ACCESS = AccessRules.load(PACKAGED_CONFIG)
COUNTING = Counting.load(PACKAGED_CONFIG)


def deaf(work: Work) -> Work:
    """The same where ringing reaches nobody."""
    return work.but(bell=TestBell(answers=False))


def rung(work: Work) -> list[tuple[str, str]]:
    bell: Any = work.context.bell
    return list(bell.rung)


@contextmanager
def sweeping(work: Work, state: Path) -> Iterator[threading.Thread]:
    """A sweep that runs in the background until the block ends."""
    stop = Stop()
    thread = threading.Thread(target=run_sweep, args=(work.context, state, stop, RETENTION, COUNTING, ACCESS))
    thread.start()
    try:
        yield thread
    finally:
        stop.ask()
        thread.join(60)
        assert not thread.is_alive()


def test_what_arrived_just_now_is_left_to_the_bell_of_its_door(work: Work) -> None:
    work.keep()
    assert sweep_once(work.context).rung == 0
    assert rung(work) == []


def test_what_was_left_behind_is_rung_for_once_a_queue(work: Work) -> None:
    first = [work.keep(urgent=urgent) for urgent in (True, False)]
    work.age(1)
    for _ in range(3):
        work.keep()
    work.age(4)
    swept = sweep_once(work.context)
    assert (swept.rung, swept.triaged) == (5, 0)
    assert rung(work) == [("urgent", first[0]), ("normal", first[1])]


def test_the_next_ring_is_put_off_longer_each_time(work: Work) -> None:
    work.keep()
    work.age(4)
    pauses = []
    for _ in range(5):
        sweep_once(work.context)
        sweep_once(work.context)
        pauses.append(round(work.all(reports)[0].next_ring_at / 1000 - time.time()))
        work.set_all(reports, next_ring_at=0, received_at=reports.c.received_at + 1)
    assert pauses == pytest.approx([5, 10, 20, 40, 60], abs=2)
    assert len(rung(work)) == 5


def test_the_sweep_does_the_work_at_once_where_nobody_hears(work: Work) -> None:
    deaf_work = deaf(work)
    for _ in range(3):
        work.keep()
    work.age(4)
    swept = sweep_once(deaf_work.context)
    assert (swept.rung, swept.triaged) == (3, 3)
    assert swept.delivered == len(work.all(referrals)) >= 3
    assert {row.state for row in work.all(referrals)} == {"DELIVERED"}


def test_the_sweep_does_the_work_when_ringing_did_not_help_in_time(work: Work) -> None:
    work.keep()
    work.age(7)
    assert sweep_once(work.context).triaged == 0
    work.age(2)
    work.set_all(reports, next_ring_at=0)
    assert sweep_once(work.context).triaged == 1


def test_one_pass_takes_no_more_than_its_share_and_urgent_reports_first(work: Work) -> None:
    bounded = deaf(work).with_machine(inline_batch=5, batch=3)
    for _ in range(7):
        work.keep()
    urgent = [work.keep(urgent=True) for _ in range(2)]
    work.age(10)
    assert sweep_once(bounded.context).triaged == 5
    assert {work.report(one).state for one in urgent} == {"REFERRED"}
    work.lapse()
    assert sweep_once(bounded.context).triaged == 4


def test_an_urgent_report_is_not_lost_behind_a_long_backlog(work: Work) -> None:
    bounded = deaf(work).with_machine(inline_batch=2, sweep_batch=4)
    for _ in range(12):
        work.keep()
    work.age(60)
    urgent = work.keep(urgent=True)
    work.age(4)
    sweep_once(bounded.context)
    assert work.report(urgent).state == "REFERRED"


def test_a_report_nobody_can_read_comes_before_a_person_by_the_sweep_alone(work: Work) -> None:
    poison, good = work.keep("poison"), work.keep()
    work.age(10)
    for _ in range(8):
        sweep_once(deaf(work).context)
        work.lapse()
    assert work.report(poison).state == "IN_TRIAGE"
    assert work.report(good).state == "REFERRED"


def test_a_packet_nobody_could_be_told_comes_before_a_person_by_the_sweep(work: Work) -> None:
    work.keep()
    work.triage()
    work.set_all(referrals, attempts=5)
    assert sweep_once(work.context).handed_over == 1
    assert work.states() == ["IN_TRIAGE"]


def test_two_sweeps_at_once_double_nothing(work: Work) -> None:
    both = [deaf(work).with_machine(inline_batch=7, batch=3) for _ in range(2)]
    for _ in range(24):
        work.keep()
    work.age(10)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: [sweep_once(both[number].context) for _ in range(5)], range(2)))
    told = [(row.report_id, row.unit) for row in work.all(referrals)]
    assert sum(unit == LEAD for _, unit in told) == 24
    assert len(told) == len(set(told))
    assert len(work.audited("triaged")) == 24
    assert len(work.audited("delivered")) == len(work.sender.sent)
    assert stored_counts(work.database) == counted(work.database)


def test_two_sweeps_at_once_give_a_report_back_to_a_person_once(work: Work) -> None:
    for _ in range(12):
        work.keep()
    work.triage()
    work.set_all(referrals, attempts=5)
    start = threading.Barrier(2)

    def give_back(_number: int) -> int:
        start.wait(10)
        return return_undeliverable(work.context, 50)

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(give_back, range(2))) == 12
    assert len(work.audited("undeliverable")) == 12
    assert len(work.audited("failed")) == len(work.all(referrals))
    assert stored_counts(work.database) == counted(work.database) == {("IN_TRIAGE", 1): 12}


def test_giving_back_is_bounded_too(work: Work) -> None:
    for _ in range(6):
        work.keep()
    work.triage()
    work.set_all(referrals, attempts=5)
    assert sweep_once(work.with_machine(inline_batch=4).context).handed_over <= 4
    assert sum(row.state == "FAILED" for row in work.all(referrals)) == 4


def test_two_sweeps_beat_under_one_name(work: Work) -> None:
    def beat_often(number: int) -> None:
        for _ in range(15):
            beat(work.context, "sweep", {"number": number})

    beat(work.context, "sweep", {})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(beat_often, range(2)))
    (row,) = work.all(heartbeats)
    assert row.beat_at == pytest.approx(time.time() * 1000, abs=5_000)


def test_the_sweep_says_that_it_lives_and_what_it_did(work: Work, state: Path) -> None:
    work.keep()
    work.age(10)
    with sweeping(work.with_machine(sweep_seconds=0.05), state):
        wait_until(lambda: work.states() == ["REFERRED"])
        wait_until(lambda: len(work.all(heartbeats)) == 1)
        wait_until(lambda: (state / CHECKPOINT_FILE).is_file())
    (row,) = work.all(heartbeats)
    assert set(json.loads(row.detail)) == {"rung", "triaged", "breaker_open"}
    assert verify(work.database, work.context.keys.checkpoints, state / CHECKPOINT_FILE).faults == ()


def test_a_broken_checkpoint_file_does_not_end_the_sweep(
    work: Work, state: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (state / CHECKPOINT_FILE).write_text('{"number": 1, "ha')
    with sweeping(work.with_machine(sweep_seconds=0.05), state) as sweep:
        work.keep()
        work.age(10)
        wait_until(lambda: work.states() == ["REFERRED"])
        assert sweep.is_alive()
    assert any("heckpoint" in line.message and line.levelno == logging.ERROR for line in caplog.records)


def test_a_pass_that_fails_does_not_end_the_sweep(
    work: Work, state: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        monkeypatch.undo()
        raise RuntimeError("13800000000")

    monkeypatch.setattr("workers.sweep.left_behind", fail)
    with sweeping(work.with_machine(sweep_seconds=0.05), state):
        work.keep()
        work.age(10)
        wait_until(lambda: work.states() == ["REFERRED"])
    assert "RuntimeError" in [getattr(line, "code", None) for line in caplog.records]
    assert "13800000000" not in caplog.text


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_is_away_is_waited_for(work: Work, state: Path, postgres_url: str) -> None:
    with sweeping(work.with_machine(sweep_seconds=0.05), state) as sweep:
        wait_until(lambda: len(work.all(heartbeats)) == 1)
        with database_away(work, postgres_url):
            with pytest.raises(StoreUnavailable):
                work.states()
            time.sleep(0.3)
            assert sweep.is_alive()
        with suppress(StoreUnavailable):
            work.states()
        work.keep()
        work.age(10)
        wait_until(lambda: work.states() == ["REFERRED"])


@contextmanager
def database_away(work: Work, postgres_url: str) -> Iterator[None]:
    """Lets nobody into the database, and puts those inside out."""
    name = work.database.engine.url.database
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"))
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    engine.dispose()


def test_what_was_kept_as_long_as_it_may_be_is_erased_by_the_sweep(work: Work, state: Path) -> None:
    report_id = work.keep()
    work.set_all(reports, state="CLOSED", closed_at=1, outcome="solved", to_read_at=None)
    with sweeping(work, state):
        wait_until(lambda: work.report(report_id).erased_at is not None)
    assert work.report(report_id).wrapped_key == b""
