"""The processes behind `hotline up`, one command each, for service managers too."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from redis.exceptions import RedisError

from config.logs import start_logging
from config.machine import Machine
from config.settings import Settings, SettingsError
from hotline.options import settings_now
from reports.database import Database
from reports.schema import upgrade
from workers.context import Context, make_context
from workers.jobs import make_worker
from workers.redis_check import redis_faults
from workers.ring import QUEUES, Bell, QuietBell, RedisBell
from workers.senders.inbox import InboxSender

# The exit status for what mends itself, as sysexits.h has it; a refusal that a person must mend is 2.
TRY_AGAIN = 75


def process_context(settings: Settings, process: str) -> Context:
    """What a process of this name works with, the inbox being its only way to tell a unit."""
    bell: Bell = QuietBell()
    if settings.redis_url:
        bell = RedisBell(settings.redis_url, Machine.load(settings.config))
    return make_context(settings, bell, {"inbox": InboxSender()}, process)


@click.command()
@click.argument("queue", type=click.Choice(QUEUES))
def worker(queue: str) -> None:
    """Run one worker process for one queue, until it is told to stop.

    Example: hotline worker urgent
    """
    start_logging()
    settings = settings_now()
    if not settings.redis_url:
        raise SettingsError("HOTLINE_REDIS_URL should name the Redis the workers listen to, but is not set.")
    for fault in redis_faults(settings.redis_url):
        if not fault.is_away:
            raise SettingsError(fault.sentence)
        _end_for_now(fault.sentence)
    context = process_context(settings, f"worker-{queue}")
    # What a job needs is loaded and connected before the first one comes, not while a report waits.
    with context.database.read():
        pass
    try:
        make_worker(context, queue, settings.redis_url).work(logging_level="WARNING")
    except RedisError as fault:
        _end_for_now(f"Redis went away ({type(fault).__name__}).")


def _end_for_now(sentence: str) -> NoReturn:
    click.echo(f"hotline: {sentence}", err=True)
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
