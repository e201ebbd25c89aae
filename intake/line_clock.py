"""An end to waiting for a body: whoever sends a letter at a time must not hold a thread for ever."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_LOOK_SECONDS = 0.5


@dataclass
class _Waiting:
    """Since when a line is waited for and until when, and whether it may take its time in a crowd too."""

    began: float
    ends_at: float
    has_place: bool = False


class LineClock:
    """Ends the reading from lines whose time is up: what has come is still read, and an answer can still be sent.

    One thread looks after all lines of a process. It starts with the first line, since it must live in the process that
    reads and not in the one that forked it.
    """

    def __init__(self, crowd: int = 5, crowded_seconds: float = 3.0) -> None:
        """Where more than `crowd` lines are waited for, each has crowded_seconds: a process has few threads, and what
        a telephone sends of words comes in less."""
        self._crowd, self._crowded_seconds = crowd, crowded_seconds
        self._lock = threading.Condition()
        self._lines: dict[socket.socket, _Waiting] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def ends(self, line: socket.socket | None, seconds: float) -> Iterator[Callable[[float], None]]:
        """Ends the reading from the line after so many seconds, unless the block is over before. None has no end.

        Gives the block a way to give the line so many seconds from then on instead, in a crowd too: for one of the few
        places for files.
        """
        if line is None:
            yield lambda _seconds: None
            return

        def give(seconds: float) -> None:
            with self._lock:
                if line in self._lines:
                    now = time.monotonic()
                    self._lines[line] = _Waiting(now, now + seconds, has_place=True)

        with self._lock:
            now = time.monotonic()
            self._lines[line] = _Waiting(now, now + seconds)
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
                for line in self._late(time.monotonic()):
                    with suppress(OSError):
                        line.shutdown(socket.SHUT_RD)
                    del self._lines[line]
            time.sleep(_LOOK_SECONDS)

    def _late(self, now: float) -> list[socket.socket]:
        without_place = [waiting for waiting in self._lines.values() if not waiting.has_place]
        longest = self._crowded_seconds if len(without_place) > self._crowd else float("inf")
        return [
            line
            for line, waiting in self._lines.items()
            if waiting.ends_at < now or (not waiting.has_place and waiting.began + longest < now)
        ]
