"""`hotline up` in real processes, in a state folder and on ports of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from chaos.hotline_system import free_ports
from config.secrets import read_door_secrets
from hotline.simulated_public import InventedReport, Public
from reports.database import Database
from reports.values import Channel
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
DANGER = "被拐卖了，我在瑞丽市被人关着，救命，快来"


def environment_of(state: Path, **changes: str) -> dict[str, str]:
    """A process's environment without any setting but these, and ports that nobody uses."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOTLINE_", "TWILIO_"))}
    intake, console = map(str, free_ports(2))
    ports = {"HOTLINE_INTAKE_PORT": intake, "HOTLINE_CONSOLE_PORT": console}
    return {**kept, **ports, "HOTLINE_STATE": str(state), **changes}


def run(environment: dict[str, str], *command: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs one `hotline` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "hotline", *command],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip


class Running:
    """One system. Its processes are found by what they are called."""

    def __init__(self, state: Path, intake_port: int = 0, **changes: str) -> None:
        intake, console = free_ports(2)
        self.state, self.ports = state, (intake_port or intake, console)
        self.environment = environment_of(
            state, HOTLINE_INTAKE_PORT=str(self.ports[0]), HOTLINE_CONSOLE_PORT=str(self.ports[1]), **changes
        )
        self.output = state.parent / f"{state.name}.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hotline", "up", "--end-with-parent"],
                env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip

    @property
    def said(self) -> str:
        """All that it has written to its terminal."""
        return self.output.read_text(encoding="utf-8")

    def wait_until_ready(self) -> None:
        """Returns once its line is there. Raises AssertionError with what it said instead."""

        def is_ready() -> bool:
            said = self.said
            assert "hotline is ready" in said or self.process.poll() is None, said
            return "hotline is ready" in said

        wait_until(is_ready, 60, lambda: self.said)

    def family(self) -> list[psutil.Process]:
        """Every process under it."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def called(self, words: str) -> list[psutil.Process]:
        """Those whose command has these words; of a process and its own forks the first alone."""
        found = [one for one in self.family() if words in " ".join(command_of(one))]
        pids = {one.pid for one in found}
        return [one for one in found if parent_of(one) not in pids]

    def send(self, text: str = DANGER, source_id: str = "SM" + "0" * 32) -> int:
        """A signed text message at the real door. Returns its status."""
        public = Public(self.ports[0], f"http://127.0.0.1:{self.ports[0]}", read_door_secrets({}, self.state))
        report = InventedReport(
            channel=Channel.SMS, kind="test", text=text, sender=_number_of(source_id), source_id=source_id
        )
        try:
            return public.send(report)
        finally:
            public.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A connection to its database; SQLite in the state folder."""
        database = Database(f"sqlite:///{self.state / 'hotline.sqlite3'}", pool_size=1)
        try:
            yield database
        finally:
            database.dispose()

    def end(self) -> int:
        """Asks it to end, as a service manager does. Returns its exit status."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(40)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def _number_of(source_id: str) -> str:
    """A number for each message: what one number sends is one report."""
    return f"+86138000{zlib.crc32(source_id.encode()) % 100_000:05d}"


def command_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing for one that has just ended."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def parent_of(process: psutil.Process) -> int:
    """Its parent's id; 0 for one that has just ended."""
    try:
        return process.ppid()
    except psutil.Error:
        return 0


def left_of(processes: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Those that still run after so many seconds."""
    _, left = psutil.wait_procs(processes, timeout=seconds)
    return left
