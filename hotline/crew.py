"""Processes forked from one that has loaded everything, each started again when it ends.

What takes seconds and memory to load is loaded once and shared; one that was killed is back within a moment, because
nothing has to be read for it.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from setproctitle import setproctitle

from hotline.exit_status import REFUSED, status_of
from hotline.tether import end_with_this_parent
from workers.stop import Stop

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 8.0
_LOOK_SECONDS = 0.1
_END_SECONDS = 15.0
log = logging.getLogger(__name__)


@dataclass
class _Member:
    """One process to keep alive. pause grows while it ends soon after each start."""

    name: str
    run: Callable[[], object]
    pid: int = 0
    pause: float = _FIRST_PAUSE
    started: float = 0.0
    start_at: float = 0.0


class Crew:
    """Forks the members and keeps them alive. Only from the main thread of a process without other threads."""

    def __init__(self, members: Mapping[str, Callable[[], object]]) -> None:
        """members are what each process runs, by the name it has in the list of processes."""
        self._members = [_Member(name, run) for name, run in members.items()]

    def run(self, stop: Stop) -> int:
        """Until told to stop. Returns 0, or REFUSED where a member refused to work and a person must mend it."""
        # What is shared stays shared: the collector would write into every object it looks at.
        gc.collect()
        gc.freeze()
        try:
            while not stop.asked:
                if self._start_and_reap():
                    return REFUSED
                stop.wait(_LOOK_SECONDS)
            return 0
        finally:
            self._end()

    def _start_and_reap(self) -> bool:
        refused = False
        for member in self._members:
            if member.pid:
                ended, status = os.waitpid(member.pid, os.WNOHANG)
                refused |= bool(ended) and self._note_end(member, os.waitstatus_to_exitcode(status))
            if not member.pid and not refused and time.monotonic() >= member.start_at:
                self._fork(member)
        return refused

    def _note_end(self, member: _Member, status: int) -> bool:
        member.pid = 0
        if status == REFUSED:
            return True
        now = time.monotonic()
        log.warning("A process ended and is started again.", extra={"child": member.name, "status": status})
        member.pause = _FIRST_PAUSE if now - member.started > 10 else min(member.pause * 2, _LONGEST_PAUSE)
        member.start_at = now + member.pause
        return False

    def _fork(self, member: _Member) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        member.started = time.monotonic()
        member.pid = os.fork()
        if member.pid:
            return
        # From here on this is the member itself; it never returns into the loop of its parent.
        status = 1
        try:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_DFL)
            end_with_this_parent()
            setproctitle(f"hotline {member.name}")
            status = status_of(member.run)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)

    def _end(self) -> None:
        running = [member for member in self._members if member.pid]
        for member in running:
            os.kill(member.pid, signal.SIGTERM)
        deadline = time.monotonic() + _END_SECONDS
        while running and time.monotonic() < deadline:
            running = [member for member in running if not os.waitpid(member.pid, os.WNOHANG)[0]]
            time.sleep(0.02)
        for member in running:
            os.kill(member.pid, signal.SIGKILL)
            os.waitpid(member.pid, 0)
