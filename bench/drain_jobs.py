"""The workers that `bench.drain` compares. Run as `python -m bench.drain_jobs drain` or `single`."""

from __future__ import annotations

import os
import sys
from functools import lru_cache

from redis import Redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from config.machine import Machine
from config.settings import Settings
from workers.context import Context, Minds, make_context
from workers.deliver import deliver_pending
from workers.jobs import allowed_jobs, make_worker
from workers.ring import ATTEND, RedisBell
from workers.senders.inbox import InboxSender
from workers.triage import triage_waiting


@lru_cache
def _context() -> Context:
    settings = Settings.read(os.environ)
    bell = RedisBell(str(settings.redis_url), Machine.load(settings.config))
    return make_context(settings, bell, {"inbox": InboxSender()}, Minds.load(settings))


def attend_alone(_report_id: str) -> None:
    """One report a job: read it, decide, tell the unit."""
    context = _context()
    triage_waiting(context, "normal", 1)
    deliver_pending(context, 3)


def main(mode: str) -> None:
    """Works the queue off and ends."""
    redis_url = os.environ["HOTLINE_REDIS_URL"]
    context = _context()
    if mode == "drain":
        make_worker(context, "normal", redis_url).work(burst=True, logging_level="WARNING")
        return
    connection = Redis.from_url(redis_url)
    job_class = allowed_jobs({ATTEND: attend_alone})
    queue = Queue("normal", connection=connection, serializer=JSONSerializer, job_class=job_class)
    SimpleWorker([queue], connection=connection, serializer=JSONSerializer, job_class=job_class).work(
        burst=True, logging_level="WARNING"
    )


if __name__ == "__main__":
    main(sys.argv[1])
