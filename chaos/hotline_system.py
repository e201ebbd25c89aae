"""The hotline itself, as `hotline up` starts it, on either database."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil
from sqlalchemy import Connection, func, select

from chaos.postgres import PostgreSQL
from chaos.system import Role, Tally
from config.machine import Machine
from config.secrets import read_door_secrets
from config.settings import PACKAGED_CONFIG
from hotline.embedded_redis import socket_path
from hotline.simulated_public import Public
from reports.database import Database, database_now
from reports.errors import StoreUnavailable
from reports.states import ReferralState, ReportState
from reports.tables import messages, referrals, reports

_READY_SECONDS = 90
_STOP_SECONDS = 40
_PER_READ = 500


class HotlineSystem:
    """`hotline up` in a folder of its own; its supervisor is what repairs the damage."""

    def __init__(self, folder: Path, postgres: PostgreSQL | None = None, **changes: str) -> None:
        """changes are settings of its environment that differ from the usual ones."""
        self.name = "PostgreSQL" if postgres else "SQLite"
        self.lease_seconds = Machine.load(PACKAGED_CONFIG).lease_seconds
        self._postgres, self._state = postgres, folder / "state"
        self.redis_url = f"unix://{socket_path(self._state)}"
        self._ports = free_ports(2)
        url = postgres.url if postgres else f"sqlite:///{self._state / 'hotline.sqlite3'}"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("HOTLINE_", "TWILIO_"))},
            "HOTLINE_STATE": str(self._state),
            "HOTLINE_DATABASE_URL": url,
            "HOTLINE_INTAKE_PORT": str(self._ports[0]),
            "HOTLINE_CONSOLE_PORT": str(self._ports[1]),
            "HOTLINE_CONFIG": str(_brisk_config(folder)),
            **changes,
        }
        self._url = url
        self._process: subprocess.Popen[str] | None = None
        self._database: Database | None = None

    @property
    def state(self) -> Path:
        """The state folder."""
        return self._state

    @property
    def environment(self) -> dict[str, str]:
        """What a `hotline` command needs to speak to this system."""
        return dict(self._environment)

    @property
    def database(self) -> Database:
        """A connection of the harness's own."""
        if self._database is None:
            self._database = Database(self._url, pool_size=2)
        return self._database

    def start(self) -> None:
        """Waits for the line that says everything answers."""
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "hotline", "up", "--end-with-parent"],
            env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        deadline = time.monotonic() + _READY_SECONDS
        said = []
        while time.monotonic() < deadline and self._process.stdout is not None:
            line = self._process.stdout.readline()
            said.append(line)
            if line.startswith("hotline is ready"):
                return
            if not line:
                break
        raise RuntimeError(f"hotline up did not come up: {''.join(said)}")

    def stop(self) -> None:
        """Asks the supervisor to end, and insists after a while."""
        if self._database is not None:
            self._database.dispose()
            self._database = None
        if self._process is None:
            return
        everything = psutil.Process(self._process.pid).children(recursive=True)
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _, left = psutil.wait_procs(everything, timeout=5)
        for process in left:
            process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def public(self) -> Public:
        """Signed by the carrier that this system invented."""
        doors = read_door_secrets({}, self._state)
        return Public(self._ports[0], f"http://127.0.0.1:{self._ports[0]}", doors)

    def processes(self, role: Role) -> list[psutil.Process]:
        """Found by what they were started as."""
        found = []
        for process in self._children():
            try:
                if role in _roles(process):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def has_database_server(self) -> bool:
        """SQLite has none."""
        return self._postgres is not None

    def restart_database(self) -> None:
        """Immediate, without a checkpoint."""
        if self._postgres is not None:
            self._postgres.restart()

    def holds_work(self) -> bool:
        """Whether a lease runs on a waiting report, and nobody is inside a write on SQLite."""
        # A process frozen inside its write would stop every door for as long as it is frozen; that is SQLite's
        # nature, and another fault than the one wanted here.
        if self._postgres is None and _is_locked(Path(f"{self._state / 'hotline.sqlite3'}.writers")):
            return False
        try:
            with self.database.read() as connection:
                held = (reports.c.state == ReportState.RECEIVED.value) & (reports.c.lease_until > database_now())
                return connection.execute(select(reports.c.id).where(held).limit(1)).first() is not None
        except StoreUnavailable:
            return False

    def tally(self, accepted: Sequence[str]) -> Tally:
        """Counted from the tables themselves."""
        with self.database.read() as connection:
            rows = _rows(connection, accepted)
            doubled = _told_twice(connection) + _stored_twice(connection)
        routed = {sid: (state, latency) for sid, state, latency in rows}
        waiting = sum(1 for state, _ in routed.values() if state == ReportState.RECEIVED.value)
        latencies = sorted(latency / 1000 for state, latency in routed.values() if latency is not None)
        return Tally(
            accepted=len(accepted),
            not_stored=len(set(accepted) - set(routed)),
            never_routed=waiting + self._undelivered(),
            doubled=doubled,
            latencies=tuple(latencies),
        )

    def _undelivered(self) -> int:
        with self.database.read() as connection:
            return connection.execute(
                select(func.count()).where(referrals.c.state.in_([ReferralState.PENDING.value]))
            ).scalar_one()

    def _children(self) -> list[psutil.Process]:
        if self._process is None:
            return []
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []


def _brisk_config(folder: Path) -> Path:
    """The tables of this version, with a quiet time of a second: nobody here waits a minute for the next text."""
    config = folder / "config"
    if not config.exists():
        shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        clocks = config / "clocks.toml"
        text = re.sub(r"(?m)^quiet_seconds = .*$", "quiet_seconds = 1", clocks.read_text(encoding="utf-8"))
        clocks.write_text(text, encoding="utf-8")
    return config


def free_ports(number: int) -> tuple[int, ...]:
    """Ports that nothing uses at this moment, no two alike."""
    with ExitStack() as trials:
        sockets = [trials.enter_context(socket.socket()) for _ in range(number)]
        for trial in sockets:
            trial.bind(("127.0.0.1", 0))
        return tuple(int(trial.getsockname()[1]) for trial in sockets)


def free_port() -> int:
    """A port that nothing uses at this moment."""
    return free_ports(1)[0]


def _roles(process: psutil.Process) -> tuple[Role, ...]:
    command = " ".join(process.cmdline()).strip()
    if "intake.wsgi" in command:
        parent = process.parent()
        is_master = parent is None or "intake.wsgi" not in " ".join(parent.cmdline())
        return (Role.WEB_MASTER,) if is_master else (Role.WEB,)
    if command.endswith(" crew"):
        return (Role.CREW,)
    if command.startswith("hotline worker"):
        return (Role.WORKER,)
    if command == "hotline sweep":
        return (Role.SWEEP,)
    return (Role.REDIS,) if "redis" in process.name() or "valkey" in process.name() else ()


def _is_locked(path: Path) -> bool:
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
    return False


def _rows(connection: Connection, accepted: Sequence[str]) -> list[tuple[str, str, int | None]]:
    found: list[tuple[str, str, int | None]] = []
    for start in range(0, len(accepted), _PER_READ):
        query = (
            select(messages.c.source_id, reports.c.state, reports.c.routed_at - reports.c.received_at)
            .join(reports, reports.c.id == messages.c.report_id)
            .where(messages.c.source_id.in_(accepted[start : start + _PER_READ]))
        )
        found += [(row[0], row[1], row[2]) for row in connection.execute(query)]
    return found


def _told_twice(connection: Connection) -> int:
    """Reports of which one unit holds two live packets."""
    live = [ReferralState.PENDING.value, ReferralState.DELIVERED.value]
    query = (
        select(referrals.c.report_id)
        .where(referrals.c.state.in_(live))
        .group_by(referrals.c.report_id, referrals.c.unit)
        .having(func.count() > 1)
    )
    return len(connection.execute(query).all())


def _stored_twice(connection: Connection) -> int:
    """Deliveries that became two reports."""
    query = select(messages.c.source_id).group_by(messages.c.source_id).having(func.count() > 1)
    return len(connection.execute(query).all())
