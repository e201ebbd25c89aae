"""From accepted to routed under a light load, and what each process of a running system weighs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from bench.table import Better, Figure
from chaos.hotline_system import HotlineSystem
from chaos.system import Role
from config.settings import PACKAGED_CONFIG
from hotline.simulated_public import invented_reports
from reports.tables import reports
from routing.areas import AreaTree

_RATE = 10.0
_REPORTS = 200
# The first ones pay for what is loaded once; they are left out.
_WARM_UP = 20


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Ten reports a second through the real doors of `hotline up`, then memory by process."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        show("latency: starting the hotline")
        system.start()
        try:
            latencies = _latencies(system, show)
            memory = _memory(system)
        finally:
            system.stop()
    middle, high = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.95)]
    return [
        Figure(name="accepted to routed at 10 a second, p50", value=middle, unit="ms", better=Better.LOWER, floor=25,
               note="SQLite; the database's own clock, from commit of the report to commit of its decision"),
        Figure(name="accepted to routed at 10 a second, p95", value=high, unit="ms", better=Better.LOWER, floor=150),
        Figure(name="memory of a worker", value=memory[Role.WORKER], unit="MB", better=Better.LOWER, floor=100,
               note=", ".join(f"{role.value} {size:.0f} MB" for role, size in memory.items()) + " (PSS, each process)"),
    ]  # fmt: skip


def _latencies(system: HotlineSystem, show: Callable[[str], None]) -> list[int]:
    public = system.public()
    areas = AreaTree.load(PACKAGED_CONFIG / "areas.csv")
    started = time.monotonic()
    for number, report in enumerate(invented_reports(areas, _REPORTS, 11)):
        time.sleep(max(0.0, started + number / _RATE - time.monotonic()))
        public.send(report)
        if number % 20 == 0:
            show(f"latency: {number} of {_REPORTS} reports")
    public.close()
    time.sleep(3)
    with system.database.read() as connection:
        rows = connection.execute(
            select(reports.c.routed_at - reports.c.received_at).order_by(reports.c.received_at)
        ).scalars()
        return sorted(list(rows)[_WARM_UP:])


def _memory(system: HotlineSystem) -> dict[Role, float]:
    return {
        role: max(process.memory_full_info().pss / 1e6 for process in system.processes(role))
        for role in (Role.WEB, Role.WORKER, Role.SWEEP, Role.REDIS)
    }
