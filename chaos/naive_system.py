"""The naive variant as a system to break: the same server, queue library and Redis, without what the hotline adds."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import psutil

from chaos.hotline_system import free_port
from chaos.system import Role, Tally
from config.secrets import DoorSecrets
from hotline.embedded_redis import server_command, socket_path
from hotline.simulated_public import Public

_ROOT = Path(__file__).resolve().parent.parent
_READY_SECONDS = 30
_DOORS = DoorSecrets(account_sid="AC" + "0" * 32, auth_token="0" * 32, numbers=("+15005550006",), api_key="0" * 32)


class NaiveSystem:
    """Started and restarted by this process."""

    def __init__(self, folder: Path) -> None:
        self.name = "naive commit-then-enqueue"
        self.lease_seconds = 15.0
        self._state = folder / "state"
        self._state.mkdir(parents=True)
        self.redis_url = f"unix://{socket_path(self._state)}"
        self._port = free_port()
        self._file = self._state / "naive.sqlite3"
        self._environment = {
            **os.environ, "NAIVE_DATABASE": str(self._file), "NAIVE_REDIS": self.redis_url, "PYTHONPATH": str(_ROOT),
        }  # fmt: skip
        worker = [sys.executable, str(_ROOT / "chaos" / "naive_app.py"), "worker"]
        self._commands: dict[str, list[str]] = {
            "redis": server_command(self._state),
            "web": [
                sys.executable, "-m", "gunicorn", "chaos.naive_app:create_app()", "--bind", f"127.0.0.1:{self._port}",
                "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--log-level", "critical",
                "--no-control-socket",
            ],
            "worker-1": worker,
            "worker-2": worker,
        }  # fmt: skip
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._ending = threading.Event()
        self._keeper = threading.Thread(target=self._keep_running, name="naive-supervisor")

    def start(self) -> None:
        """Waits until the door answers."""
        self._keeper.start()
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/healthz", timeout=1):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        raise RuntimeError("The naive variant did not come up.")

    def stop(self) -> None:
        """Ends everything."""
        self._ending.set()
        self._keeper.join()
        for process in self._running.values():
            for child in _tree(process.pid):
                child.kill()
            process.wait()

    def public(self) -> Public:
        """The naive door does not look at signatures; the messages carry one all the same."""
        return Public(self._port, f"http://127.0.0.1:{self._port}", _DOORS)

    def processes(self, role: Role) -> list[psutil.Process]:
        """Found among the children."""
        if role in (Role.SWEEP, Role.CREW):
            return []
        if role in (Role.WEB, Role.WEB_MASTER):
            tree = _tree(self._running["web"].pid)
            return tree[1:] if role is Role.WEB else tree[:1]
        if role is Role.REDIS:
            return _tree(self._running["redis"].pid)
        # Both the worker and, while it runs a job, its horse.
        return [one for name in ("worker-1", "worker-2") for one in _tree(self._running[name].pid)]

    def has_database_server(self) -> bool:
        """It has a file."""
        return False

    def restart_database(self) -> None:
        """There is none to restart."""

    def holds_work(self) -> bool:
        """Whether a report waits: one of them is most likely being worked at."""
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            return connection.execute("SELECT 1 FROM report WHERE routed_at IS NULL LIMIT 1").fetchone() is not None

    def tally(self, accepted: Sequence[str]) -> Tally:
        """Counted from its tables."""
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            rows = connection.execute("SELECT id, received_at, routed_at FROM report").fetchall()
            doubled = connection.execute(
                "SELECT count(*) FROM (SELECT 1 FROM dispatch GROUP BY report_id HAVING count(*) > 1)"
            ).fetchone()[0]
        stored = {row[0] for row in rows}
        wanted = set(accepted)
        return Tally(
            accepted=len(accepted),
            not_stored=len(wanted - stored),
            never_routed=sum(1 for row in rows if row[0] in wanted and row[2] is None),
            doubled=doubled,
            latencies=tuple(sorted(row[2] - row[1] for row in rows if row[2] is not None)),
        )

    def _keep_running(self) -> None:
        while not self._ending.is_set():
            for name, command in self._commands.items():
                process = self._running.get(name)
                if process is None or process.poll() is not None:
                    self._running[name] = subprocess.Popen(  # noqa: S603
                        command, env=self._environment, cwd=_ROOT, start_new_session=True,
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    )  # fmt: skip
            self._ending.wait(0.2)


def _tree(pid: int) -> list[psutil.Process]:
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []
