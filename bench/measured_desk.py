"""The desk of a hotline that is measured: on both databases, its officers, and how long its pages take."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask.testing import FlaskClient

from bench.table import Figure
from chaos.postgres import PostgreSQL
from config.settings import Settings
from console.app import create_app
from console.services import Services, make_services
from reports.database import Database
from reports.keys import invent_keys
from reports.officers import NewOfficer, Role
from reports.schema import upgrade

MOST_MILLISECONDS, MOST_KILOBYTES = 150, 60


def on_both_databases(measure: Callable[[str, Services], list[Figure]]) -> list[Figure]:
    """What `measure` finds at the desk of an empty hotline on SQLite, then on PostgreSQL; it is given the name too."""
    figures = []
    postgres = PostgreSQL()
    try:
        for name, url in (("SQLite", {}), ("PostgreSQL", {"HOTLINE_DATABASE_URL": postgres.url})):
            with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
                settings = Settings.read({"HOTLINE_STATE": folder, **url})
                invent_keys(settings.state)
                _shape(settings)
                services = make_services(settings)
                figures += measure(name, services)
                services.database.dispose()
    finally:
        postgres.stop()
    return figures


def _shape(settings: Settings) -> None:
    database = Database(settings.database_url, pool_size=1)
    upgrade(database)
    database.dispose()


def signed_in(services: Services, role: Role = Role.DUTY_OFFICER, unit: str = "duty_desk") -> FlaskClient:
    """The desk in this process, as a new officer of this role and unit has it in their browser."""
    password = "a long password"  # noqa: S105
    services.officers.add(NewOfficer(name=role.value, role=role, unit=unit, password=password), actor="bench")
    client = create_app(services).test_client()
    client.post("/sign-in", data={"name": role.value, "password": password})
    return client


@dataclass(frozen=True)
class Look:
    """A page as a browser gets it: the median of its times, and its size without sheet and scripts."""

    milliseconds: float
    kilobytes: float


def look(client: FlaskClient, address: str, looks: int, before_each: Callable[[], None] = lambda: None) -> Look:
    """So many looks at a page after a first one. Raises RuntimeError where the page cannot be seen."""
    client.get(address)
    times, size = [], 0
    for _ in range(looks):
        before_each()
        started = time.perf_counter()
        answer = client.get(address)
        times.append(time.perf_counter() - started)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        size = len(answer.data)
    return Look(statistics.median(times) * 1000, size / 1000)
