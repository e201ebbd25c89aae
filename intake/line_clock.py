"""An end to waiting for a body: whoever sends a letter at a time must not hold a thread for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

_LOOK_SECONDS = 0.5


class LineClock:
    """Ends the reading from lines whose time is up: what has come is still read, and an answer can still be sent.

    One thread looks after all lines of a process. It starts with the first line, since it must live in the process that
    reads and not in the one that forked it.
    """

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._lines: dict[socket.socket, float] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def ends(self, line: socket.socket | None, seconds: float) -> Iterator[Callable[[float], None]]:
        """Ends the reading from the line after so many seconds, unless the block is over before. None has no end.

        Gives the block a way to give the line so many seconds from then on instead.
        """
        if line is None:
            yield lambda _seconds: None
            return

        def give(seconds: float) -> None:
            with self._lock:
                if line in self._lines:
                    self._lines[line] = time.monotonic() + seconds

        with self._lock:
            self._lines[line] = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="line clock", daemon=True)
                self._thread.start()
            self._lock.notify()
        try:
            yield give
        finally:
            with self._lock:
                self._lines.pop(line, None)

    def _work(self) -> None:
        while True:
            with self._lock:
                while not self._lines:
                    self._lock.wait()
                now = time.monotonic()
                for line in [line for line, ends_at in self._lines.items() if ends_at < now]:
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RD)
                    del self._lines[line]
            time.sleep(_LOOK_SECONDS)
