"""The limit on thinking: it interrupts, gives back what it found, and leaves a time-out around it running."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from rq.timeouts import JobTimeoutException, UnixSignalDeathPenalty

from workers.time_limit import TookTooLong, time_limit

pytestmark = pytest.mark.usefixtures("signals")


def test_a_block_that_ends_in_time_is_left_alone() -> None:
    handler = signal.getsignal(signal.SIGALRM)
    with time_limit(0.05):
        pass
    time.sleep(0.08)
    assert signal.getsignal(signal.SIGALRM) is handler
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_loop_and_a_catastrophic_pattern_are_interrupted() -> None:
    def loop() -> None:
        while True:
            pass

    for think in (loop, lambda: re.match(r"(a+)+$", "a" * 64 + "b")):
        started = time.monotonic()
        with pytest.raises(TookTooLong), time_limit(0.1):
            think()
        assert time.monotonic() - started < 10


def think_in_short_steps() -> None:
    for _ in range(100):
        with time_limit(5):
            time.sleep(0.05)


def think_in_one_long_step() -> None:
    with time_limit(5):
        time.sleep(1.2)
    time.sleep(5)


@pytest.mark.parametrize("think", [think_in_short_steps, think_in_one_long_step])
def test_the_time_out_of_the_job_around_it_still_comes(think: Callable[[], None]) -> None:
    started = time.monotonic()
    with pytest.raises(JobTimeoutException), UnixSignalDeathPenalty(1, JobTimeoutException):
        think()
    assert 0.8 < time.monotonic() - started < 4.9


def test_there_is_no_limit_outside_the_main_thread() -> None:
    def think() -> str:
        with time_limit(0.01):
            time.sleep(0.05)
        return "done"

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(think).result(5) == "done"
