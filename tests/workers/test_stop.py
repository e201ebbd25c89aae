"""Stopping: a signal ends the wait at once, whatever the thread was doing when it came."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workers.stop import Stop

ROOT = Path(__file__).resolve().parents[2]
# A signal at each of the first steps of a wait: one of them is the worst moment.
AT_EVERY_STEP = """
import os, signal, sys
from workers.stop import Stop

for moment in range(1, 13):
    stop, steps = Stop(), 0
    stop.listen()

    def interrupt(frame, event, argument):
        global steps
        if event == "line" and frame.f_globals is not globals():
            steps += 1
            if steps == moment:
                os.kill(os.getpid(), signal.SIGTERM)
        return interrupt

    sys.settrace(interrupt)
    stop.wait(0.05)
    sys.settrace(None)
"""


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_at_once(number: signal.Signals) -> None:
    stop = Stop()
    stop.listen()
    assert not stop.asked
    os.kill(os.getpid(), number)
    started = time.monotonic()
    stop.wait(20)
    assert time.monotonic() - started < 15
    assert stop.asked


def test_a_wait_that_nobody_ends_takes_its_time() -> None:
    started = time.monotonic()
    Stop().wait(0.1)
    assert time.monotonic() - started >= 0.09


def test_a_signal_at_the_worst_moment_does_not_hang_the_process() -> None:
    # A process that waits for itself does not end by SIGTERM either.
    subprocess.run([sys.executable, "-c", AT_EVERY_STEP], cwd=ROOT, timeout=15, check=True)
