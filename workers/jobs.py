"""The jobs a worker may run, and the RQ classes that let it run nothing else.

Whoever can write to Redis can write a job. So a job names one function of a fixed table by a word, not by an import
path; it has no callbacks, no web hooks and no instance; and its arguments are JSON. Measured: with RQ's own job class,
a JSON job named "os.system" runs, and a `webhooks` field posts a traceback to any address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from reports.claims import untried_wait
from workers.context import Context
from workers.deliver import deliver_pending
from workers.renew import renew_inboxes
from workers.ring import ATTEND
from workers.triage import triage_waiting

log = logging.getLogger(__name__)


class JobNotAllowed(Exception):
    """A job in Redis names something that is not in the table of jobs."""


class JobFailed(Exception):
    """A job did not end well. Holds the class of what went wrong, nothing else: RQ keeps and logs it word for word."""


def attend(context: Context, queue_name: str) -> None:
    """Serves a queue once: thinks over the reports that wait, then tells the units. Rings again if more wait.

    More wait after a full batch, and behind a report that was tried before, since that one is taken alone.
    """
    claimed = triage_waiting(context, queue_name, context.machine.batch)
    deliver_pending(context, context.machine.batch)
    renew_inboxes(context, context.machine.batch)
    if claimed and untried_wait(context.database, queue_name):
        context.bell.ring(queue_name, "more")


def allowed_jobs(functions: Mapping[str, Callable[..., None]]) -> type[Job]:
    """A job class that knows these functions and no other."""

    class AllowedJob(Job):
        """Redis content is untrusted: fixed functions, no instance, no callbacks, no web hooks."""

        success_callback = property(lambda self: None)
        failure_callback = property(lambda self: None)
        stopped_callback = property(lambda self: None)

        @property
        def func(self) -> Callable[..., None]:
            """The function of the table. Raises JobNotAllowed."""
            function = functions.get(self.func_name or "")
            if function is None or self.instance is not None:
                raise JobNotAllowed("A job that is not in the table was refused.")
            return function

        def restore(self, raw_data: Any) -> Any:
            """Raises NoSuchJobError where the hash is spoilt: RQ passes over a job that is gone, but its worker ends at
            one that cannot be read, and again at every start."""
            try:
                return super().restore(raw_data)
            except Exception:
                raise NoSuchJobError("A job that cannot be read was passed over.") from None

        def execute_success_callback(self, *arguments: Any, **options: Any) -> None:
            """Runs nothing."""

        def execute_failure_callback(self, *arguments: Any, **options: Any) -> None:
            """Runs nothing."""

        def execute_stopped_callback(self, *arguments: Any, **options: Any) -> None:
            """Runs nothing."""

        def send_webhooks(self, *arguments: Any, **options: Any) -> None:
            """Sends nothing."""

    return AllowedJob


class QueueWorker(SimpleWorker):
    """Keeps the name it was started under in the list of processes; RQ would write there what it does at the moment."""

    def procline(self, message: str) -> None:
        """Writes nothing."""


def make_worker(context: Context, queue_name: str, redis_url: str) -> QueueWorker:
    """A worker of one queue: with several, RQ takes jobs in a way that loses the id when it dies between two steps.

    It runs jobs in its own process: forking for each costs more than the work. A report that ends the process is taken
    alone at its next attempt and goes to a person after the fifth, and the supervisor starts the worker anew.
    """

    def serve(_report_id: str) -> None:
        try:
            attend(context.renewed(), queue_name)
        except Exception as fault:
            raise JobFailed(type(fault).__name__) from None

    connection = Redis.from_url(redis_url)
    job_class = allowed_jobs({ATTEND: serve})
    queue = Queue(queue_name, connection=connection, serializer=JSONSerializer, job_class=job_class)
    return QueueWorker(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        job_class=job_class,
        # It listens for a quarter of a minute less than this at a time, and that is the longest a stop may take.
        worker_ttl=20,
        maintenance_interval=10,
        job_monitoring_interval=10,
        log_job_description=False,
        disable_default_exception_handler=False,
    )
