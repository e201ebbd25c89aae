"""The lists of the desk's queue at ten thousand reports and a million; `python -m bench.queue_page N` takes fewer."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert

from bench.duty_officer import signed_in
from bench.table import Better, Figure, print_figures
from chaos.postgres import PostgreSQL
from config.settings import Settings
from console.services import make_services
from reports.database import Database
from reports.identity import new_reference
from reports.keys import invent_keys
from reports.schema import upgrade
from reports.tables import conversations, counts, reports

_SMALL, _LARGE = 10_000, 1_000_000
_LOOKS = 30
_PAGES = (
    "/queue", "/queue?view=unassigned", "/queue?view=overdue", "/queue?view=my_unit", "/queue?view=silent",
    "/queue?view=bounced", "/queue?state=REFERRED", "/queue?province=41",
)  # fmt: skip
_STATES = ("IN_TRIAGE", "IN_TRIAGE", "REFERRED", "REFERRED", "REFERRED", "CLOSED", "CLOSED", "CLOSED", "QUARANTINED")


def measure(show: Callable[[str], None], large: int = _LARGE) -> list[Figure]:
    """The whole pages as an officer's browser asks for them, medians of thirty looks, on both databases.

    large is how many reports are stored in the end.
    """
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
    with database.write() as connection:
        connection.execute(insert(conversations).values(id="0" * 32, channel="sms", started_at=0))
    services = make_services(settings)
    client = signed_in(services)
    _fill(database, 0, _SMALL, show)
    small = {path: _look(client, path) for path in _PAGES}
    _fill(database, _SMALL, large, show)
    looks = {path: _look(client, path) for path in _PAGES}
    heaviest = max(len(client.get(path).data) for path in _PAGES)
    database.dispose()
    services.database.dispose()
    slowest = max(looks, key=lambda path: looks[path])
    all_of_them = ", ".join(f"{path} {looks[path] * 1000:.0f} ms" for path in _PAGES)
    times = looks["/queue"] / small["/queue"]
    growth = f"{small['/queue'] * 1000:.1f} ms at {_SMALL:,} reports, {looks['/queue'] * 1000:.1f} ms at {large:,}"
    return [
        Figure(name=f"slowest list of the queue at {large:,} reports, {name}", value=looks[slowest] * 1000, unit="ms",
               better=Better.LOWER, floor=150, note=all_of_them),
        Figure(name=f"queue page at {large:,} reports, to ten thousand, {name}", value=times,
               unit="×", better=Better.LOWER, floor=6, note=f"{growth}; page and counts"),
        Figure(name=f"heaviest list of the queue, {name}", value=heaviest / 1000, unit="kB",
               better=Better.LOWER, floor=60, note="the page itself, uncompressed; sheet and scripts are cached"),
    ]  # fmt: skip


def _look(client: FlaskClient, path: str) -> float:
    client.get(path)
    times = []
    for _ in range(_LOOKS):
        before = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - before)
        if answer.status_code != 200:
            raise RuntimeError(f"The queue page answered {answer.status_code}.")
    return statistics.median(times)


def _fill(database: Database, start: int, end: int, show: Callable[[str], None]) -> None:
    rows = _rows(start, end)
    done = start
    while batch := list(islice(rows, 20_000)):
        with database.write() as connection:
            connection.execute(insert(reports), batch)
        done += len(batch)
        show(f"queue page: {done:,} of {end:,} reports")
    with database.write() as connection:
        connection.execute(counts.delete())
        totals = [{"state": state, "urgency_rank": 1, "number": end // len(_STATES)} for state in set(_STATES)]
        connection.execute(insert(counts), totals)
    if not database.is_sqlite:
        # What autovacuum does within minutes where reports come one by one.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")


def _rows(start: int, end: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        yield {
            "id": f"{number:032x}", "reference": f"{new_reference()}{number % 97:02d}", "conversation_id": "0" * 32,
            "channel": "sms", "state": _STATES[number % len(_STATES)], "urgency_rank": number % 4, "queue": "normal",
            "received_at": number * 1000, "due_at": number * 1000 if number % len(_STATES) < 2 else None,
            "language": "zh", "matters": "forced_labour",
            "lead_region": "410422",
            "lead_unit": "duty_desk" if number % 50 == 0 else "public_security-410422", "wrapped_key": b"0" * 89,
        }  # fmt: skip


if __name__ == "__main__":
    print_figures(measure(lambda doing: None, int(sys.argv[1])))
