"""From accepted to routed under a light load, and what each process of a running system weighs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select

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
    """Ten reports a second through the real doors of `hotline up`, then memory by process; without the sentence model
    and with it."""
    plain, plain_memory = _run("off", show)
    full, full_memory = _run("on", show)
    sizes = ", ".join(f"{role.value} {size:.0f} MB" for role, size in plain_memory.items())
    model = (
        f"with the sentence model p50 {_at(full, 0.5)} ms, p95 {_at(full, 0.95)} ms: it reads a text for some "
        "30 ms on one core, which only a smaller model or another core would lower"
    )
    return [
        Figure(name="accepted to routed at 10 a second, p50", value=_at(plain, 0.5), unit="ms", better=Better.LOWER,
               floor=25, note="SQLite, the database's own clock, from when a report may be read to its decision"),
        Figure(name="accepted to routed at 10 a second, p95", value=_at(plain, 0.95), unit="ms", better=Better.LOWER,
               floor=150, note=model),
        Figure(name="memory of a worker without the sentence model", value=plain_memory[Role.WORKER], unit="MB",
               better=Better.LOWER, floor=100, note=f"{sizes} (PSS, each process)"),
        Figure(name="memory of a worker with the sentence model", value=full_memory[Role.WORKER], unit="MB",
               better=Better.LOWER, floor=400, note="weights are shared by all workers of a crew"),
    ]  # fmt: skip


def _run(sentence_model: str, show: Callable[[str], None]) -> tuple[list[int], dict[Role, float]]:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder), HOTLINE_SENTENCE_MODEL=sentence_model)
        show(f"latency: starting the hotline, sentence model {sentence_model}")
        system.start()
        try:
            return _latencies(system, show), _memory(system)
        finally:
            system.stop()


def _at(latencies: list[int], share: float) -> int:
    return latencies[min(len(latencies) - 1, int(len(latencies) * share))]


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
            # A text that is left some time for the next one counts from the end of that time.
            select(reports.c.routed_at - func.coalesce(reports.c.ready_at, reports.c.received_at))
            .where(reports.c.routed_at.is_not(None))
            .order_by(reports.c.received_at)
        ).scalars()
        return sorted(list(rows)[_WARM_UP:])


def _memory(system: HotlineSystem) -> dict[Role, float]:
    return {
        role: max(process.memory_full_info().pss / 1e6 for process in system.processes(role))
        for role in (Role.WEB, Role.WORKER, Role.SWEEP, Role.REDIS)
    }
