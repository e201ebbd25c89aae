"""The processes behind `hotline up`, one command each, for service managers too."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import click
from redis.exceptions import RedisError

from config.access import AccessRules
from config.figures import Counting
from config.logs import start_logging
from config.machine import Machine
from config.retention import Retention
from config.settings import Settings, SettingsError
from hotline.crew import Crew
from hotline.exit_status import TRY_AGAIN
from hotline.options import settings_now
from hotline.ways import file_work, with_senders
from hotline.writing_down import writing_down
from reports.database import Database
from reports.schema import upgrade
from workers.context import Context, Minds, make_context
from workers.courier import run_courier
from workers.jobs import make_worker
from workers.redis_check import redis_faults
from workers.ring import QUEUES, Bell, QuietBell, RedisBell
from workers.senders.inbox import InboxSender
from workers.stop import Stop
from workers.sweep import run_sweep

log = logging.getLogger(__name__)


def process_context(settings: Settings, process: str, minds: Minds) -> Context:
    """What a process of this name works with, the inbox being its only way to tell a unit."""
    bell: Bell = QuietBell()
    if settings.redis_url:
        bell = RedisBell(settings.redis_url, Machine.load(settings.config))
    return make_context(settings, bell, {"inbox": InboxSender()}, minds, process)


@click.command()
def crew() -> None:
    """Run both workers and the sweep, forked from one process that has loaded everything, until told to stop.

    Example: HOTLINE_REDIS_URL=redis://127.0.0.1:6379 hotline crew
    """
    start_logging()
    settings = settings_now()
    stop = Stop()
    stop.listen()
    minds = Minds.load(settings)
    members: dict[str, Callable[[], object]] = {
        f"worker {queue}": partial(serve_queue, settings, queue, minds) for queue in QUEUES
    }
    sys.exit(Crew({**members, "sweep": partial(keep_sweeping, settings, minds)}).run(stop))


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Run one worker process for one queue, until it is told to stop.

    Example: hotline worker urgent
    """
    start_logging()
    settings = settings_now()
    serve_queue(settings, queue, Minds.load(settings))


@click.command()
def sweep() -> None:
    """Run the sweep and the courier, until they are told to stop. Two of them do no harm.

    Example: hotline sweep
    """
    start_logging()
    settings = settings_now()
    keep_sweeping(settings, Minds.load(settings))


def serve_queue(settings: Settings, queue: str, minds: Minds) -> None:
    """A worker's life. Raises SettingsError for a Redis that may not be used, and ends for now where it is away."""
    if not settings.redis_url:
        raise SettingsError("HOTLINE_REDIS_URL should name the Redis the workers listen to, but is not set.")
    for fault in redis_faults(settings.redis_url):
        if not fault.is_away:
            raise SettingsError(fault.sentence)
        _end_for_now(fault.sentence)
    context = process_context(settings, f"worker-{queue}", minds)
    # What a job needs is connected before the first one comes, not while a report waits.
    with context.database.read():
        pass
    try:
        make_worker(context, queue, settings.redis_url).work(logging_level="WARNING")
    except RedisError as fault:
        _end_for_now(f"Redis went away ({type(fault).__name__}).")


def keep_sweeping(settings: Settings, minds: Minds) -> None:
    """The sweep's life; the courier and those who look after files and recordings work in threads beside it.

    Raises SettingsError for carriers that are set up wrongly.
    """
    stop = Stop()
    stop.listen()
    context = process_context(settings, "sweep", minds)
    courier = threading.Thread(target=run_courier, args=(with_senders(context, settings), stop), name="courier")
    courier.start()
    writing = writing_down(context, settings, stop)
    for name, work in file_work(context, settings, stop).items():
        # Nobody waits for them at the end: a file that is being worked on is taken up again by the next process.
        threading.Thread(target=work, name=name, daemon=True).start()
    retention, counting = Retention.load(settings.config), Counting.load(settings.config)
    run_sweep(context, settings.state, stop, retention, counting, AccessRules.load(settings.config))
    for thread in (courier, *writing):
        thread.join()


def _end_for_now(sentence: str) -> NoReturn:
    """It mends itself, so it is a line of the log like any other and no refusal that a person must read."""
    log.warning(sentence)
    sys.exit(TRY_AGAIN)


@click.command()
def migrate() -> None:
    """Bring the database to the newest shape.

    Example: HOTLINE_DATABASE_URL=postgresql://... hotline migrate
    """
    settings = settings_now()
    database = Database(settings.database_url, pool_size=1)
    upgrade(database)
    database.dispose()
    click.echo("The database has the newest shape.")
