"""The bell: one job a queue, within its budget, silent for a while after a failure, and never in a reporter's way."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from config.machine import Machine
from hotline.embedded_redis import socket_path
from reports.keys import InnerKeys
from reports.tables import reports
from tests.intake.doors import Doors, a_text, front_of
from tests.waiting import wait_until
from tests.workers.made import Redises, Work
from tests.workers.silence import black_hole, nobody, redis_that_says
from workers.ring import ATTEND, QUEUES, BackgroundBell, QuietBell, RedisBell
from workers.sweep import sweep_once

# Connecting and asking have the budget each.
_MOST_SECONDS = 2


def jobs_of(redis: Redises, queue: str) -> list[Job]:
    return Queue(queue, connection=redis.connection, serializer=JSONSerializer).jobs


def test_ringing_leaves_one_job_that_names_the_work_and_an_id(redis: Redises, machine: Machine) -> None:
    assert RedisBell(redis.url, machine).ring("urgent", "a" * 32)
    (job,) = jobs_of(redis, "urgent")
    assert (job.func_name, list(job.args), job.kwargs) == (ATTEND, ["a" * 32], {})
    assert (job.description, job.timeout, job.result_ttl) == (ATTEND, machine.job_timeout_seconds, 0)
    assert jobs_of(redis, "normal") == []


def test_a_burst_leaves_one_job_a_queue_and_says_that_an_earlier_one_still_waits(
    redis: Redises, machine: Machine
) -> None:
    bell = RedisBell(redis.url, machine)
    heard = [bell.ring(QUEUES[number % 2], f"{number:032x}") for number in range(20)]
    assert heard == [True, True] + [False] * 18
    assert [len(jobs_of(redis, name)) for name in QUEUES] == [1, 1]
    assert not bell.is_open


@pytest.mark.parametrize("silence", ["black hole", "nobody"])
def test_a_redis_that_does_not_answer_costs_one_budget_and_then_nothing(machine: Machine, silence: str) -> None:
    with black_hole() as hole:
        bell = RedisBell(hole if silence == "black hole" else nobody(), machine)
        started = time.monotonic()
        assert not bell.ring("urgent", "a" * 32)
        assert time.monotonic() - started < _MOST_SECONDS
        assert bell.is_open
        started = time.monotonic()
        assert not any(bell.ring("normal", "a" * 32) for _ in range(1000))
        assert time.monotonic() - started < 5


def test_the_breaker_closes_after_its_time_and_opens_again_if_nothing_got_better(machine: Machine) -> None:
    with black_hole() as hole:
        bell = RedisBell(hole, replace(machine, breaker_seconds=2, ring_budget_seconds=0.1))
        for _ in range(2):
            assert not bell.ring("urgent", "a" * 32)
            assert bell.is_open
            wait_until(lambda: not bell.is_open)


def test_ringing_works_again_once_redis_is_back(redis: Redises, machine: Machine) -> None:
    bell = RedisBell(redis.url, replace(machine, breaker_seconds=0.1))
    redis.connection.set("rq:queue:urgent", "not a list")
    assert not bell.ring("urgent", "a" * 32)
    redis.connection.flushall()
    wait_until(lambda: not bell.is_open)
    assert bell.ring("urgent", "a" * 32)


def test_a_full_redis_is_a_ring_that_nobody_heard(redis: Redises, machine: Machine) -> None:
    bell = RedisBell(redis.url, machine)
    redis.connection.config_set("maxmemory", "1")
    try:
        assert not bell.ring("urgent", "a" * 32)
    finally:
        redis.connection.config_set("maxmemory", "0")
    assert bell.is_open
    assert redis.connection.keys("rq:job:*") == []


def test_the_quiet_bell_rings_for_nobody() -> None:
    assert not QuietBell().ring("urgent", "a" * 32)


class SlowBell:
    """Notes who it was rung for once it is let go."""

    def __init__(self) -> None:
        self.rung: list[tuple[str, str]] = []
        self.let_go = threading.Event()

    def ring(self, queue_name: str, report_id: str) -> bool:
        self.let_go.wait(20)
        self.rung.append((queue_name, report_id))
        return True


def test_the_background_bell_makes_nobody_wait_and_rings_once_for_a_burst() -> None:
    slow = SlowBell()
    bell = BackgroundBell(slow)
    started = time.monotonic()
    for number in range(500):
        assert bell.ring(QUEUES[number % 2], str(number))
    assert time.monotonic() - started < 5
    slow.let_go.set()
    wait_until(lambda: {("urgent", "498"), ("normal", "499")} <= set(slow.rung))
    time.sleep(0.1)
    assert len(slow.rung) <= 4


def test_the_background_bell_rings_again_once_redis_is_back(redis: Redises, machine: Machine, tmp_path: Path) -> None:
    socket = tmp_path / "redis.sock"
    moved = RedisBell(f"unix://{socket}", replace(machine, breaker_seconds=0.5))
    bell = BackgroundBell(moved)
    for _ in range(3):
        bell.ring("urgent", "1")
        wait_until(lambda: moved.is_open)
        wait_until(lambda: not moved.is_open)
    socket.symlink_to(socket_path(redis.state))
    bell.ring("urgent", "2")
    wait_until(lambda: len(jobs_of(redis, "urgent")) == 1)


@pytest.mark.parametrize("info", ["", "redis_version:none"])
def test_a_server_that_talks_nonsense_is_a_ring_that_nobody_heard(machine: Machine, info: str) -> None:
    with redis_that_says(info) as url:
        bell = RedisBell(url, machine)
        assert not bell.ring("urgent", "a" * 32)
        assert bell.is_open


def test_the_doors_stay_fast_while_redis_is_a_black_hole_and_the_sweep_routes_everything(
    work: Work, database_url: str, state: Path, inner_keys: InnerKeys, machine: Machine
) -> None:
    with black_hole() as hole:
        # A door that waited for this bell would wait longer than all of them together take.
        patient = RedisBell(hole, replace(machine, ring_budget_seconds=60))
        front = replace(front_of(state, database_url), bell=BackgroundBell(patient))
        doors = Doors(front, inner_keys)
        started = time.monotonic()
        for number in range(60):
            message = a_text(MessageSid=f"SM{number:032x}", From=f"+86138000{number:05d}")
            assert doors.sms(message).status_code == 200
        assert time.monotonic() - started < 50
        swept = work.but(bell=RedisBell(hole, machine))
        work.age(4)
        assert [sweep_once(swept.context).triaged for _ in range(3)] == [50, 10, 0]
    assert len(work.all(reports)) == 60
    assert work.states() == ["REFERRED"] * 60
    front.database.dispose()
