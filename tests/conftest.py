"""What most tests stand on: both databases, a state folder with keys, and values made by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from chaos.postgres import PostgreSQL
from reports.audit import GENESIS
from reports.database import Database
from reports.keys import DoorKeys, InnerKeys, invent_keys
from reports.schema import upgrade
from reports.tables import audit_head, figures_head, metadata
from tests.runners import LongestFirst

# As in every process of ours: one thread for arithmetic, set before the first test that reads a text loads numpy.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LongestFirst:
    """Asked where several runners work side by side."""
    return LongestFirst(config, log)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL server of this test run's own, with an empty database that has the newest shape."""
    server = PostgreSQL()
    url = server.url
    # Nobody pulls the plug on a test, and without waiting for the disk a database is copied ten times as fast.
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE shaped"):
        _run_sql(url, statement)
    shaped = Database(_other_database(url, "shaped"), pool_size=1)
    upgrade(shaped)
    shaped.dispose()
    yield url
    server.stop()


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite file that has the newest shape."""
    path = tmp_path_factory.mktemp("sqlite") / "shaped.sqlite3"
    database = Database(f"sqlite:///{path}", pool_size=1)
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def free_databases() -> list[str]:
    """The URLs of empty PostgreSQL databases that no test uses just now."""
    return []


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path, free_databases: list[str]) -> Iterator[str]:
    """The URL of an empty database in its newest shape: every test that takes it runs on both."""
    if request.param == "sqlite":
        path = tmp_path / "hotline.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_file"), path)
        yield f"sqlite:///{path}"
        return
    server: str = request.getfixturevalue("postgres_url")
    if not free_databases:
        name = f"test_{uuid4().hex}"
        _run_sql(server, f"CREATE DATABASE {name} TEMPLATE shaped")
        free_databases.append(_other_database(server, name))
    url = free_databases.pop()
    yield url
    # Emptying a database is ten times as fast as copying one. One that a test left broken is not used again.
    with suppress(SQLAlchemyError):
        _empty(url)
        free_databases.append(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database in its newest shape, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with fresh keys."""
    state = tmp_path_factory.mktemp("keys")
    invent_keys(state)
    return state


@pytest.fixture
def state(tmp_path: Path, key_folder: Path) -> Path:
    """A state folder of this test's own, with keys."""
    folder = tmp_path / "state"
    shutil.copytree(key_folder, folder)
    return folder


@pytest.fixture
def door_keys(state: Path) -> DoorKeys:
    """What the public app holds."""
    return DoorKeys.load(state)


@pytest.fixture
def inner_keys(state: Path) -> InnerKeys:
    """What workers and desk hold."""
    return InnerKeys.load(state)


def _other_database(url: str, name: str) -> str:
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


def _run_sql(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _empty(url: str) -> None:
    engine = create_engine(url)
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with engine.begin() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
        connection.execute(audit_head.insert().values(id=1, number=0, hash=GENESIS))
        connection.execute(figures_head.insert().values(id=1, scheme="", round=0, number=0, counted_at=0))
    engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium browser."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    raise RuntimeError("No Chromium was found. `make test` installs it with apt-get on Debian.")


def run(*command: str, **options: object) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end and gives its output as text."""
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]
