"""Servers under measurement: one gunicorn each, started alike, with the CPU time of their whole process tree."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos.hotline_system import free_port

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """One that answers on port."""

    port: int
    process: psutil.Process

    def tree(self) -> list[psutil.Process]:
        """The master and its workers."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """User and system time of the tree so far."""
        times = [process.cpu_times() for process in self.tree()]
        return sum(one.user + one.system for one in times)

    def memory(self) -> dict[int, float]:
        """Proportional memory of each process, in megabytes, by its id."""
        return {process.pid: process.memory_full_info().pss / 1e6 for process in self.tree()}


@contextmanager
def serving(application: str, environment: Mapping[str, str], port: int, workers: int = 2) -> Iterator[Server]:
    """A gunicorn as `hotline up` starts its own, until the block ends. Raises RuntimeError if it does not come up."""
    command = [
        sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", str(workers), "--threads", "8", "--timeout", "20", "--log-level", "critical",
        "--no-control-socket",
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env={**os.environ, **environment, "PYTHONPATH": str(ROOT)}, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(port)
        yield Server(port, psutil.Process(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"Nothing came up on port {port}.")


__all__ = ["ROOT", "Server", "free_port", "serving"]
