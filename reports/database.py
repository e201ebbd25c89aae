"""The database behind the store: SQLite by default, PostgreSQL in production, the same SQL for both."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Executable, create_engine, event, select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from reports.errors import StoreUnavailable

_BUSY_MILLISECONDS = 10_000
# No transaction of ours waits for anything but the database, so one that idles belongs to a process that is frozen or
# cut off: the server ends it, and with it the locks that everybody else waits for.
_POSTGRESQL_OPTIONS = "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=8000 -c synchronous_commit=on"
# About half of what a durable commit takes: fine enough that nobody waits long for a turn that has come free.
_TURN_SECONDS = 0.0005
_NO_TURN = "Another process holds the database's write lock and does not let go. Nothing was kept; try again."


class database_now(FunctionElement[int]):  # noqa: N801
    """The database's own clock in milliseconds since 1970. Leases count on it, never on a worker's clock."""

    type = BigInteger()
    inherit_cache = True


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(ROUND((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER)"


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:
    return "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"


def read_now(connection: Connection) -> int:
    """The database's own clock, read once: for what is worked out from it before it is written."""
    return int(connection.execute(select(database_now())).scalar_one())


class Database:
    """One engine, and the two ways into it: `read` and `write`. Safe to share between threads, not over a fork."""

    def __init__(self, url: str, pool_size: int = 16) -> None:
        """Connects lazily. url is an SQLAlchemy URL; pool_size bounds the connections of this process."""
        self.engine = _create_engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writers = _SQLiteWriters(self.engine) if self.is_sqlite else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection in a transaction of its own, for reading. Raises StoreUnavailable if the database is away."""
        with _translated(self.engine), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits durably when the block ends and rolls back when it raises.

        On SQLite it begins IMMEDIATE, behind a lock of this process and a lock file shared by all: without them,
        writers sleep in the busy time-out and a request can wait for a second.
        """
        with (
            _translated(self.engine),
            self._writers.turn() if self._writers else nullcontext(),
            self.engine.connect().execution_options(hotline_write=True) as connection,
            connection.begin(),
        ):
            yield connection

    def dispose(self) -> None:
        """Closes every pooled connection and the lock file. The database may not be used afterwards."""
        self.engine.dispose()
        if self._writers:
            self._writers.close()


class Prepared:
    """A statement compiled once for one dialect and then run on the driver's own cursor.

    Compiling, binding and wrapping results through the expression language costs several times what the driver needs;
    the few statements on the path of every report are worth it.
    """

    def __init__(self, statement: Executable, engine: Engine) -> None:
        """Compiles for the engine's dialect. Every bound value must be given by name at each run."""
        compiled: Any = statement.compile(dialect=engine.dialect)  # type: ignore[attr-defined]
        self._sql = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup
        self._defaults = {name: value for name, value in compiled.params.items() if value is not None}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> DBAPICursor:
        """Runs once with these values, by parameter name, inside the connection's transaction."""
        cursor = connection.connection.cursor()
        cursor.execute(self._sql, self._bound(values))
        return cursor

    def run_all(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> None:
        """Runs once for each set of values, in one round trip where the driver can."""
        connection.connection.cursor().executemany(self._sql, [self._bound(values) for values in many])

    def rows_of_all(self, connection: Connection, many: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The same, with the first row that each run returned, None for a run that returned none. PostgreSQL only."""
        cursor: Any = connection.connection.cursor()
        cursor.executemany(self._sql, [self._bound(values) for values in many], returning=True)
        found = [cursor.fetchone()]
        while cursor.nextset():
            found.append(cursor.fetchone())
        return found

    def _bound(self, values: Mapping[str, Any]) -> Any:
        merged = {**self._defaults, **values}
        return merged if self._order is None else tuple(merged[name] for name in self._order)


class _SQLiteWriters:
    """One writer at a time, in turn, over all threads and processes of one database file."""

    def __init__(self, engine: Engine) -> None:
        self._threads = threading.Lock()
        # The lock file is opened once: it is never written, and a lock ends with the process that held it.
        self._file = Path(f"{engine.url.database}.writers").open("a")  # noqa: SIM115

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Waits as long as SQLite itself would, then gives up: a writer that was frozen must not freeze every door."""
        deadline = time.monotonic() + _BUSY_MILLISECONDS / 1000
        if not self._threads.acquire(timeout=_BUSY_MILLISECONDS / 1000):
            raise StoreUnavailable(_NO_TURN)
        try:
            self._lock_file(deadline)
            try:
                yield
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _lock_file(self, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(_NO_TURN) from None
                time.sleep(_TURN_SECONDS)
            else:
                return

    def close(self) -> None:
        self._file.close()


def _create_engine(url: str, pool_size: int) -> Engine:
    # Parameters hold sealed bytes at worst, but an exception's text has no business quoting any of them.
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            hide_parameters=True,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": _POSTGRESQL_OPTIONS},
        )
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=5,
        connect_args={"timeout": _BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    )
    Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own implicit BEGIN would be deferred, and a read that turns into a write then fails at once.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hotline_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """Turns the driver's faults into one of ours that carries no statement, no parameter and no DETAIL line."""
    driver: Any = engine.dialect.dbapi
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, driver.OperationalError, driver.InterfaceError) as fault:
        raise StoreUnavailable(
            f"The database is not available ({_code(fault)}). Nothing was kept; try again."
        ) from None
    except driver.IntegrityError as fault:
        # A clash of two references made from chance, most likely: the sender's next try makes another. PostgreSQL's own
        # text quotes the row.
        raise StoreUnavailable(f"The database refused the row ({_code(fault)}). Nothing was kept; try again.") from None
    except DBAPIError as fault:
        if fault.connection_invalidated:
            raise StoreUnavailable(f"The database went away ({_code(fault)}). Nothing was kept; try again.") from None
        raise


def _code(fault: Exception) -> str:
    original = getattr(fault, "orig", None) or fault
    return str(
        getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None) or type(fault).__name__
    )
