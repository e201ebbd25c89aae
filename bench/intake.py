"""What keeping one text message costs, beside the reference app on the same server, database and machine."""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from bench.load import Load, drive
from bench.reference_app import TABLE
from bench.servers import Server, free_port, serving
from bench.table import Better, Figure
from bench.text_messages import signed_requests
from chaos.postgres import PostgreSQL
from config.secrets import read_door_secrets
from hotline.embedded_redis import server_command, socket_path
from hotline.first_start import invent_what_is_missing
from reports.database import Database
from reports.schema import upgrade

_ROUNDS = 3
_REQUESTS = 1500
_CONNECTIONS = 16


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One round of one app: its load, and the CPU time of its processes for one request, in seconds."""

    load: Load
    cpu_per_request: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one comparison happens: a state folder with secrets, a Redis and the databases of both apps."""

    state: Path
    redis_url: str
    ours: str
    reference: str


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Ratios on both databases, medians of three interleaved rounds."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        state = Path(folder) / "state"
        with running_redis(state) as redis_url:
            sqlite = Place(
                state=state, redis_url=redis_url,
                ours=f"sqlite:///{state / 'ours.sqlite3'}", reference=f"sqlite:///{state / 'reference.sqlite3'}",
            )  # fmt: skip
            figures += _compare("SQLite", sqlite, 0.45, 0.8, show)
            postgres = PostgreSQL()
            try:
                place = Place(
                    state=state, redis_url=redis_url,
                    ours=_database(postgres.url, "ours"), reference=_database(postgres.url, "reference"),
                )  # fmt: skip
                figures += _compare("PostgreSQL", place, 0.35, 0.6, show)
            finally:
                postgres.stop()
    return figures


def _compare(name: str, place: Place, floor: float, goal: float, show: Callable[[str], None]) -> list[Figure]:
    _prepare(place)
    doors = read_door_secrets({}, place.state)
    ports = {app: free_port() for app in ("ours", "quiet", "reference")}
    # All apps are signed for the same public address, so that only what they do differs.
    public_url = "http://hotline.example"
    common = {
        "HOTLINE_STATE": str(place.state), "HOTLINE_PUBLIC_URL": public_url, "TWILIO_AUTH_TOKEN": doors.auth_token,
        "REFERENCE_LOCK": str(place.state / "reference.lock"),
    }  # fmt: skip
    apps = {
        "ours": ("intake.wsgi:application", {"HOTLINE_DATABASE_URL": place.ours, "HOTLINE_REDIS_URL": place.redis_url}),
        "quiet": ("intake.wsgi:application", {"HOTLINE_DATABASE_URL": place.ours, "HOTLINE_REDIS_URL": ""}),
        "reference": ("bench.reference_app:create_app()", {"HOTLINE_DATABASE_URL": place.reference}),
    }
    rounds: dict[str, list[Measured]] = {app: [] for app in apps}
    with ExitStack() as stack:
        servers = {
            app: stack.enter_context(serving(wsgi, common | environment, ports[app]))
            for app, (wsgi, environment) in apps.items()
        }
        for server in servers.values():
            drive(server.port, signed_requests(doors, public_url, server.port, 100), _CONNECTIONS, place.state)
        for number in range(_ROUNDS):
            for app, server in servers.items():
                show(f"intake on {name}: round {number + 1} of {_ROUNDS}, {app}")
                rounds[app].append(_round(server, signed_requests(doors, public_url, server.port, _REQUESTS), place))
    return _figures(name, rounds, floor, goal)


def _round(server: Server, requests: list[bytes], place: Place) -> Measured:
    before = server.cpu_seconds()
    load = drive(server.port, requests, _CONNECTIONS, place.state)
    return Measured(load=load, cpu_per_request=(server.cpu_seconds() - before) / len(requests))


def _figures(name: str, rounds: dict[str, list[Measured]], floor: float, goal: float) -> list[Figure]:
    rate = _median_ratio(rounds["ours"], rounds["reference"], lambda one: one.load.rate)
    ringing = _median_ratio(rounds["ours"], rounds["quiet"], lambda one: one.cpu_per_request)
    spread = statistics.median(one.load.latency(0.99) / one.load.latency(0.5) for one in rounds["ours"])
    errors = sum(one.load.errors for one in rounds["ours"])
    cpu = {app: statistics.median(one.cpu_per_request for one in found) * 1e6 for app, found in rounds.items()}
    rates = {app: statistics.median(one.load.rate for one in found) for app, found in rounds.items()}
    note = (
        f"{rates['ours']:.0f} against {rates['reference']:.0f} a second at 16 connections; CPU a request "
        f"{cpu['ours']:.0f} µs against {cpu['reference']:.0f} µs, {cpu['quiet']:.0f} µs without ringing"
    )
    return [
        Figure(name=f"{name}: accepted text messages, rate to the reference app", value=rate, unit="×",
               better=Better.HIGHER, floor=floor, goal=goal, note=note),
        Figure(name=f"{name}: CPU that ringing adds to a request", value=(ringing - 1) * 100, unit="%",
               better=Better.LOWER, floor=10, note="the same app without a Redis to ring"),
        Figure(name=f"{name}: p99 of an accepted message to its p50", value=spread, unit="×", better=Better.LOWER,
               floor=5, note="16 connections"),
        Figure(name=f"{name}: answers that were errors", value=errors, unit="", better=Better.LOWER, floor=0),
    ]  # fmt: skip


def _median_ratio(ours: list[Measured], base: list[Measured], of: Callable[[Measured], float]) -> float:
    return statistics.median(of(one) / of(other) for one, other in zip(ours, base, strict=True))


def _prepare(place: Place) -> None:
    database = Database(place.ours, pool_size=1)
    upgrade(database)
    database.dispose()
    if place.reference.startswith("sqlite"):
        with closing(sqlite3.connect(place.reference.removeprefix("sqlite:///"))) as connection:
            connection.execute(TABLE)
    else:
        with psycopg.connect(place.reference.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(TABLE.encode())


def _database(url: str, name: str) -> str:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")


@contextmanager
def running_redis(state: Path) -> Iterator[str]:
    """A Redis of this run's own, and the secrets that the doors want."""
    invent_what_is_missing(state, {})
    url = f"unix://{socket_path(state)}"
    process = subprocess.Popen(server_command(state), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(redis_url: str) -> None:
    connection = Redis.from_url(redis_url)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            connection.ping()
        except RedisError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("The bench's own Redis did not come up.")
