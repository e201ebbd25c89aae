"""Five thousand false reports at once, and real ones between them: how long the real ones wait, and what is lost.

The false ones go straight into the store, each as its door would hand it in: forms from one network, faster than any
door takes them. The real ones come through the carrier's door of a running system. The control keeps the same without
limits: then whoever came first is read first.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from bench.table import Better, Figure
from chaos.hotline_system import HotlineSystem
from config.limits import Limits
from config.settings import PACKAGED_CONFIG
from hotline.simulated_public import invented_reports
from reports.content import Content, NewReport
from reports.database import Database, database_now
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.tables import reports
from reports.tallies import Allowance
from reports.values import Channel
from routing.areas import AreaTree

_FALSE, _REAL = 5_000, 40
_EVERY_SECONDS = 0.5
_WAIT_SECONDS = 30
# No word of danger, one accused unit: what somebody would send to bury another's report.
_TEXT = "听说云南省镇康县有个砖厂招工不给工资，扣身份证，第{number}次说了"


@dataclass(frozen=True)
class _Run:
    """What came of one run.

    waits are the real reports' milliseconds from kept to decided, in order; dropped counts those that are not there.
    """

    waits: list[int]
    dropped: int
    left: int
    seconds: float


def measure(show: Callable[[str], None]) -> list[Figure]:
    """With the limits, then without, on SQLite and with the sentence model, as `hotline up` runs."""
    limited, free = _run(show, limits=True), _run(show, limits=False)
    p95, control = (run.waits[min(len(run.waits) - 1, int(len(run.waits) * 0.95))] / 1000 for run in (limited, free))
    note = (
        f"p50 {limited.waits[len(limited.waits) // 2] / 1000:.2f} s; without limits p95 {control:.1f} s; "
        f"{limited.left} of the false ones still waited when the last real one had been read"
    )
    return [
        Figure(name="a real report among 5,000 false ones, kept to decided, p95", value=p95, unit="s",
               better=Better.LOWER, floor=30, note=note),
        Figure(name="reports of a flood that were dropped", value=limited.dropped + free.dropped, unit="",
               better=Better.LOWER, floor=0, note=f"of 5,000 and {len(limited.waits)} real ones"),
    ]  # fmt: skip


def _run(show: Callable[[str], None], *, limits: bool) -> _Run:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        system = HotlineSystem(Path(folder))
        show(f"flood: starting the hotline, limits {'on' if limits else 'off'}")
        system.start()
        try:
            return _flood(system, show, limits=limits)
        finally:
            system.stop()


def _flood(system: HotlineSystem, show: Callable[[str], None], *, limits: bool) -> _Run:
    started = time.monotonic()
    false = threading.Thread(target=_send_false, args=(system, limits))
    false.start()
    public, areas = system.public(), AreaTree.load(PACKAGED_CONFIG / "areas.csv")
    # A form would have to prove work here; that is tried in a browser.
    real = [one for one in invented_reports(areas, 2 * _REAL, 7) if one.channel is not Channel.WEB][:_REAL]
    for number, report in enumerate(real):
        time.sleep(max(0.0, started + number * _EVERY_SECONDS - time.monotonic()))
        public.send(report)
        show(f"flood: {number} of {_REAL} real reports")
    public.close()
    false.join()
    waits = _waits(system)
    with system.database.read() as connection:
        kept = connection.execute(select(func.count()).select_from(reports)).scalar_one()
        waiting = reports.c.to_read_at <= database_now()
        left = connection.execute(select(func.count()).where(waiting)).scalar_one()
    return _Run(waits, _FALSE + len(real) - kept, left, time.monotonic() - started)


def _send_false(system: HotlineSystem, limits: bool) -> None:
    database, keys = Database(system.environment["HOTLINE_DATABASE_URL"], pool_size=8), DoorKeys.load(system.state)
    rates = Limits.load(PACKAGED_CONFIG)
    keeper = Keeper(database, keys, rates.total if limits else None)
    allowance = Allowance(source="one network", rate=rates.network, most_in_flood=0)
    for number in range(_FALSE):
        content = Content(text=_TEXT.format(number=number))
        new = NewReport(channel=Channel.WEB, source="web", source_id=f"{number:032x}", content=content, raw=b"")
        keeper.keep(new, False, allowance)
    database.dispose()


def _waits(system: HotlineSystem) -> list[int]:
    """Waits for the real reports to be decided, for a while. One that is not counts as long as it has waited."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        with system.database.read() as connection:
            decided = func.coalesce(reports.c.routed_at, database_now())
            rows = connection.execute(
                select(decided - reports.c.received_at, reports.c.state).where(reports.c.channel != Channel.WEB.value)
            ).all()
        if all(row.state != "RECEIVED" for row in rows) or time.monotonic() > deadline:
            return sorted(row[0] for row in rows)
        time.sleep(0.2)
