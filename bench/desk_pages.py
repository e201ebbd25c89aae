"""Pages of the desk and of a unit's inbox with a million reports; `python -m bench.desk_pages N` takes fewer."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import select

from bench.duty_officer import signed_in
from bench.many_reports import UNIT, many_reports, real_reports
from bench.table import Better, Figure, print_figures
from chaos.postgres import PostgreSQL
from config.settings import Settings
from console.services import Services, make_services
from reports.database import Database
from reports.keys import invent_keys
from reports.officers import Role
from reports.schema import upgrade
from reports.states import ReportState
from reports.tables import referrals, reports

_LARGE, _LOOKS = 1_000_000, 15
_LIMIT_MILLISECONDS, _LIMIT_KILOBYTES = 150, 60


def measure(show: Callable[[str], None], large: int = _LARGE) -> list[Figure]:
    """Each page as a browser asks for it, medians of fifteen looks: the slowest and the heaviest, on both databases."""
    figures = []
    postgres = PostgreSQL()
    try:
        for name, url in (("SQLite", ""), ("PostgreSQL", postgres.url)):
            with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
                figures += _measure(name, Path(folder), url, large, show)
    finally:
        postgres.stop()
    return figures


def _measure(name: str, state: Path, url: str, large: int, show: Callable[[str], None]) -> list[Figure]:
    settings = Settings.read({"HOTLINE_STATE": str(state), **({"HOTLINE_DATABASE_URL": url} if url else {})})
    invent_keys(state)
    database = Database(settings.database_url, pool_size=1)
    upgrade(database)
    real_reports(settings)
    show(f"desk pages: storing {large:,} reports, {name}")
    many_reports(database, large)
    services = make_services(settings)
    looks: dict[str, tuple[float, float]] = {}
    for page, client, address in _pages(services):
        show(f"desk pages: {page}, {name}")
        looks[page] = _look(client, address)
    database.dispose()
    services.database.dispose()
    slowest, heaviest = (max(looks, key=lambda page: looks[page][which]) for which in (0, 1))
    note = ", ".join(f"{page} {took:.0f} ms {size:.0f} kB" for page, (took, size) in looks.items())
    return [
        Figure(name=f"slowest page of the desk at {large:,} reports, {name}", value=looks[slowest][0], unit="ms",
               better=Better.LOWER, floor=_LIMIT_MILLISECONDS, note=note),
        Figure(name=f"heaviest page of the desk, {name}", value=looks[heaviest][1], unit="kB",
               better=Better.LOWER, floor=_LIMIT_KILOBYTES, note="uncompressed; sheet and scripts are cached"),
    ]  # fmt: skip


def _pages(services: Services) -> list[tuple[str, FlaskClient, str]]:
    """What each page is called, who opens it, and where it lies. The report is one of 45 of its place and time."""
    duty, unit, privacy = (
        signed_in(services, role, where)
        for role, where in (
            (Role.DUTY_OFFICER, "duty_desk"), (Role.UNIT_OFFICER, UNIT), (Role.PRIVACY_OFFICER, "duty_desk"),
        )
    )  # fmt: skip
    real = reports.c.reference.not_like("B%")
    with services.database.read() as connection:
        waiting = select(reports.c.reference).where(real, reports.c.state == ReportState.IN_TRIAGE.value).limit(2)
        first, second = connection.execute(waiting).scalars()
        packets = select(referrals.c.id).join(reports, reports.c.id == referrals.c.report_id)
        packet = connection.execute(packets.where(real, referrals.c.unit == UNIT).limit(1)).scalar_one()
    return [
        ("a report", duty, f"/reports/{first}"),
        ("two side by side", duty, f"/reports/{first}/beside?with={second}"),
        ("handing over", duty, "/handover"),
        ("by hand", duty, "/by-hand"),
        ("to look at again", duty, "/withheld"),
        ("a unit's inbox", unit, "/inbox"),
        ("what is over in it", unit, "/inbox?ended=1"),
        ("a packet", unit, f"/inbox/{packet}"),
        ("who looked", privacy, "/audit"),
    ]


def _look(client: FlaskClient, address: str) -> tuple[float, float]:
    """The median in milliseconds and the size in kB."""
    times, size = [], 0
    for _ in range(_LOOKS + 1):
        before = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - before)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        size = len(answer.data)
    return statistics.median(times[1:]) * 1000, size / 1000


if __name__ == "__main__":
    print_figures(measure(lambda doing: None, int(sys.argv[1])))
