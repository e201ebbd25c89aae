"""What starting costs: the import of the command."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Callable

from bench.servers import ROOT
from bench.table import Better, Figure

_RUNS = 7


def measure(show: Callable[[str], None]) -> list[Figure]:
    """CPU seconds of a Python that imports the command and nothing else."""
    show("start-up: importing the command")
    seconds = statistics.median(_cpu_seconds("import hotline.commands") for _ in range(_RUNS))
    bare = statistics.median(_cpu_seconds("pass") for _ in range(_RUNS))
    return [
        Figure(name="import of the command", value=seconds, unit="s", better=Better.LOWER, floor=0.5,
               note=f"CPU time of the whole process; a Python that imports nothing takes {bare:.2f} s")
    ]  # fmt: skip


def _cpu_seconds(statement: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
