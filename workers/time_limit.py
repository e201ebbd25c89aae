"""An end to thinking: a block that takes too long is interrupted, so that one text cannot hold up everybody else's."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TookTooLong(Exception):
    """A block did not end within its time."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises TookTooLong inside the block once the seconds are over.

    Only the main thread can be interrupted, and workers and sweep think there; in any other thread there is no limit. A
    time-out that already runs, as RQ sets one for a job, goes on afterwards with what is left of it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    handler = signal.signal(signal.SIGALRM, interrupt)
    started = time.monotonic()
    left, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    ran_before = left > 0
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        left -= time.monotonic() - started
        if left > 0:
            signal.setitimer(signal.ITIMER_REAL, left)
        elif ran_before:
            # It ran out meanwhile: it goes off now, not a moment later, when the next block would stop it again.
            signal.raise_signal(signal.SIGALRM)
