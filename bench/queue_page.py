"""The desk's queue page at ten thousand reports and at a million."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert

from bench.table import Better, Figure
from config.settings import Settings
from console.app import create_app
from console.services import Services, make_services
from reports.database import Database
from reports.identity import new_reference
from reports.keys import invent_keys
from reports.officers import NewOfficer, Role
from reports.schema import upgrade
from reports.tables import conversations, counts, reports

_SMALL, _LARGE = 10_000, 1_000_000
_LOOKS = 30
_STATES = ("IN_TRIAGE", "IN_TRIAGE", "REFERRED", "REFERRED", "REFERRED", "CLOSED", "CLOSED", "CLOSED", "QUARANTINED")


def measure(show: Callable[[str], None]) -> list[Figure]:
    """The whole page as an officer's browser asks for it, medians of thirty looks."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        state = Path(folder)
        settings = Settings.read({"HOTLINE_STATE": str(state)})
        invent_keys(state)
        database = Database(settings.database_url, pool_size=1)
        upgrade(database)
        with database.write() as connection:
            connection.execute(insert(conversations).values(id="0" * 32, channel="sms", started_at=0))
        services = make_services(settings)
        client = _signed_in(services)
        show(f"queue page: {_SMALL:,} reports")
        _fill(database, 0, _SMALL, show)
        small = _look(client)
        _fill(database, _SMALL, _LARGE, show)
        large = _look(client)
        database.dispose()
        services.database.dispose()
    note = f"{small * 1000:.1f} ms at {_SMALL:,} reports, {large * 1000:.1f} ms at {_LARGE:,}; page and counts, SQLite"
    return [
        Figure(name="queue page at a million reports, to ten thousand", value=large / small, unit="×",
               better=Better.LOWER, floor=6, note=note)
    ]  # fmt: skip


def _signed_in(services: Services) -> FlaskClient:
    password = "a long password"  # noqa: S105
    services.officers.add(
        NewOfficer(name="duty", role=Role.DUTY_OFFICER, unit="duty_desk", password=password), actor="bench"
    )
    client = create_app(services).test_client()
    client.post("/sign-in", data={"name": "duty", "password": password})
    return client


def _look(client: FlaskClient) -> float:
    client.get("/queue")
    times = []
    for _ in range(_LOOKS):
        before = time.perf_counter()
        answer = client.get("/queue")
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


def _rows(start: int, end: int) -> Iterator[dict[str, Any]]:
    for number in range(start, end):
        yield {
            "id": f"{number:032x}", "reference": f"{new_reference()}{number % 97:02d}", "conversation_id": "0" * 32,
            "channel": "sms", "state": _STATES[number % len(_STATES)], "urgency_rank": number % 4, "queue": "normal",
            "received_at": number * 1000, "language": "zh", "matters": "forced_labour",
            "lead_region": "410422", "lead_unit": "public_security-410422", "wrapped_key": b"0" * 89,
        }  # fmt: skip
