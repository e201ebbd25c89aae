"""The bell: tells a worker, through Redis, that reports wait. Redis carries a job name and an id, nothing else.

Ringing is a courtesy. The rows in the database are the queue, and the sweep finds whatever no bell was rung for.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from config.machine import Machine

ATTEND = "attend"
QUEUES = ("urgent", "normal")
_KEEP_FAILED_SECONDS = 86_400
_BURST_SECONDS = 0.05
log = logging.getLogger(__name__)


class Bell(Protocol):
    """Rings for one report of a queue. Never raises and never makes a reporter wait."""

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Returns whether a worker may be expected: not where ringing failed or an earlier ring still waits."""


class RedisBell:
    """Rings through RQ, within a time budget and behind a circuit breaker: one failure silences it for a while."""

    def __init__(self, redis_url: str, machine: Machine) -> None:
        """Connects lazily."""
        # The client's own retries turn a 0.3 s time-out into many seconds (measured: 14 s), so there are none.
        budget = machine.ring_budget_seconds
        connection = Redis.from_url(
            redis_url, socket_timeout=budget, socket_connect_timeout=budget, retry=Retry(NoBackoff(), 0)
        )
        self._queues = {name: Queue(name, connection=connection, serializer=JSONSerializer) for name in QUEUES}
        self._machine = machine
        self._silent_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the breaker is open: ringing failed a moment ago and is not tried for now."""
        return time.monotonic() < self._silent_until

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Puts a job on the queue unless one is waiting there: a job that starts takes everything that waits.

        A job that still waits when the sweep rings for a report left behind means that no worker comes for it.
        """
        if self.is_open:
            return False
        target = self._queues[queue_name]
        try:
            if target.connection.llen(target.key):
                return False
            target.enqueue_call(
                ATTEND,
                args=(report_id,),
                timeout=self._machine.job_timeout_seconds,
                result_ttl=0,
                failure_ttl=_KEEP_FAILED_SECONDS,
                description=ATTEND,
            )
        # Not only what the client raises by itself: a server may also answer something that is no answer.
        except Exception as fault:
            self._silent_until = time.monotonic() + self._machine.breaker_seconds
            log.warning(
                "Redis does not answer (%s); the sweep takes over for now.", type(fault).__name__,
                extra={"queue": queue_name},
            )  # fmt: skip
            return False
        return True


class QuietBell:
    """Rings for nobody: for tools that keep reports while no worker runs. The sweep finds them."""

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Returns False."""
        return False


class BackgroundBell:
    """Hands ringing to a thread of its own, so that an answer never waits for Redis. One ring serves a whole burst."""

    def __init__(self, bell: Bell) -> None:
        """The thread starts with the first ring.

        It must live in the process that rings, not in the one that forked it.
        """
        self._bell = bell
        self._waiting: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Returns True at once: whether anybody heard is not known yet."""
        self._waiting.put((queue_name, report_id))
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="bell", daemon=True)
                    self._thread.start()
        return True

    def _work(self) -> None:
        while True:
            newest = dict([self._waiting.get()])
            while not self._waiting.empty():
                queue_name, report_id = self._waiting.get()
                newest[queue_name] = report_id
            for queue_name, report_id in newest.items():
                self._bell.ring(queue_name, report_id)
            # Whoever comes during a burst shares the next ring; whoever comes alone is rung for at once.
            time.sleep(_BURST_SECONDS)
