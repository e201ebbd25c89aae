"""The database of a hotline, for looking at it alone: looking never makes one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url, select

from config.settings import Settings
from reports.database import Database, database_now
from reports.tables import heartbeats


def missing_file(settings: Settings) -> str:
    """The file in which these settings look for a database, where there is none; '' where there is one, or a server.

    To open it would make an empty one, which hides the mistake in a mistyped folder.
    """
    file = make_url(settings.database_url).database or ""
    is_missing = settings.database_url.startswith("sqlite") and not Path(file).is_file()
    return file if is_missing else ""


@contextmanager
def existing_database(settings: Settings) -> Iterator[Database | None]:
    """The database, closed behind whoever looked; None where there is none."""
    if missing_file(settings):
        yield None
        return
    database = Database(settings.database_url, pool_size=1)
    try:
        yield database
    finally:
        database.dispose()


def last_alive(database: Database, name: str) -> int | None:
    """How long ago a process that tells that it is alive did so last, in milliseconds; None where it never did."""
    beat = select(database_now() - heartbeats.c.beat_at).where(heartbeats.c.name == name)
    with database.read() as connection:
        return connection.execute(beat).scalar()
