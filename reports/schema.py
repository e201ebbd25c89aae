"""Bringing a database to the newest shape, and saying which shape it has."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from reports.database import Database

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# Any number serves, as long as every process of this product asks for the same one.
_ADVISORY_LOCK = 4_322_008


def upgrade(database: Database, revision: str = "head") -> None:
    """Applies the revisions that are missing. Two processes that start together take turns."""
    with database.write() as connection:
        _take_time(connection)
        if not database.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)


def downgrade(database: Database, revision: str) -> None:
    """Takes revisions back down to `revision`, or to nothing with "base"."""
    with database.write() as connection:
        _take_time(connection)
        configuration = _configuration()
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, revision)


def _take_time(connection: Connection) -> None:
    """Lifts PostgreSQL's limits until this transaction ends: a large table takes longer to change than a request may,
    and between two statements a busy machine may load revisions for longer than a request may be idle."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def current_revision(database: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """The revision this version of the product wants."""
    return str(ScriptDirectory.from_config(_configuration()).get_current_head())


def _configuration() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS))
    return configuration
