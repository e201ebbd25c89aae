"""The faults: each one breaks a running system in one way and leaves it to its own repair."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
from redis import Redis
from redis.exceptions import RedisError

from chaos.system import Role, System

_TRIES_TO_CATCH = 60
_FREEZE_REDIS_SECONDS = 3.0


class Nemesis:
    """Chooses faults at random, in the proportion of the table, and counts those that hit."""

    def __init__(self, system: System, seed: int) -> None:
        self._system, self._chance = system, random.Random(seed)  # noqa: S311
        self._waking: list[threading.Thread] = []
        self.hits: Counter[str] = Counter()
        faults: list[tuple[int, str, Callable[[], bool]]] = [
            (3, "web process killed", lambda: self._kill(Role.WEB)),
            (1, "web master killed", lambda: self._kill(Role.WEB_MASTER)),
            (3, "worker killed", lambda: self._kill(Role.WORKER)),
            (4, "worker killed at work", self._kill_at_work),
            (2, "worker frozen at work past its lease", self._freeze_at_work),
            (1, "crew killed", lambda: self._kill(Role.CREW)),
            (2, "sweep killed", lambda: self._kill(Role.SWEEP)),
            (3, "Redis killed", lambda: self._kill(Role.REDIS)),
            (1, "Redis frozen", self._freeze_redis),
            (3, "Redis emptied", self._empty_redis),
        ]
        if system.has_database_server():
            faults.append((3, "database restarted", self._restart_database))
        self._faults = faults

    def strike(self) -> str | None:
        """One fault. Returns its name if it hit something."""
        weights = [weight for weight, _, _ in self._faults]
        _, name, fault = self._chance.choices(self._faults, weights)[0]
        if not fault():
            return None
        self.hits[name] += 1
        return name

    def wake_everything(self) -> None:
        """Waits until what was frozen runs again."""
        for thread in self._waking:
            thread.join()

    def _kill(self, role: Role) -> bool:
        running = self._system.processes(role)
        if not running:
            return False
        return _signal(self._chance.choice(running), signal.SIGKILL)

    def _kill_at_work(self) -> bool:
        with self._caught_at_work() as process:
            return process is not None and _signal(process, signal.SIGKILL)

    def _freeze_at_work(self) -> bool:
        with self._caught_at_work() as process:
            if process is None:
                return False
            _signal(process, signal.SIGSTOP)
            self._wake_later(process, self._system.lease_seconds + 3)
            return True

    @contextmanager
    def _caught_at_work(self) -> Iterator[psutil.Process | None]:
        """A stopped worker that holds reports; it runs on after the block unless it was killed or is to be woken."""
        for _ in range(_TRIES_TO_CATCH):
            for process in self._system.processes(Role.WORKER):
                if not _signal(process, signal.SIGSTOP):
                    continue
                if self._system.holds_work():
                    yield process
                    return
                _signal(process, signal.SIGCONT)
            time.sleep(0.01)
        yield None

    def _freeze_redis(self) -> bool:
        running = self._system.processes(Role.REDIS)
        if not running or not _signal(running[0], signal.SIGSTOP):
            return False
        self._wake_later(running[0], _FREEZE_REDIS_SECONDS)
        return True

    def _empty_redis(self) -> bool:
        connection = Redis.from_url(self._system.redis_url, socket_timeout=1, socket_connect_timeout=1)
        try:
            connection.flushall()
        except (RedisError, OSError):
            return False
        finally:
            connection.close()
        return True

    def _restart_database(self) -> bool:
        self._system.restart_database()
        return True

    def _wake_later(self, process: psutil.Process, seconds: float) -> None:
        def wake() -> None:
            time.sleep(seconds)
            _signal(process, signal.SIGCONT)

        thread = threading.Thread(target=wake, name="waking")
        thread.start()
        self._waking.append(thread)


def _signal(process: psutil.Process, number: int) -> bool:
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True
