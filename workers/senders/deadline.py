"""An end to a conversation: a server that answers a letter at a time must not hold a line for ever."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def ends_within(seconds: float, line: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Cuts the line once the seconds are over; whoever waits on it is told that it is closed.

    line gives the socket as it is by then: one that begins to encrypt becomes another.
    """

    def cut() -> None:
        open_line = line()
        if open_line is not None:
            with suppress(OSError):
                open_line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, seconds), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
