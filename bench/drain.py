"""How fast a backlog is worked off: our job that drains, against one report a job, and against RQ as shipped."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select

from bench.intake import running_redis
from bench.servers import ROOT
from bench.table import Better, Figure
from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.schema import upgrade
from reports.states import ReportState
from reports.tables import reports
from reports.values import Channel
from workers.ring import ATTEND

_BACKLOG = 500
_SHIPPED = 8
_ROUNDS = 3


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Reports a second of each way, medians of three rounds that take turns."""
    rates: dict[str, list[float]] = {"drain": [], "single": [], "shipped": []}
    for number in range(_ROUNDS):
        for mode, found in rates.items():
            show(f"backlog: round {number + 1} of {_ROUNDS}, {mode}")
            found.append(_round(mode, _SHIPPED if mode == "shipped" else _BACKLOG))
    middle = {mode: sorted(found)[len(found) // 2] for mode, found in rates.items()}
    note = (
        f"reports a second: {middle['drain']:.0f} drained, {middle['single']:.0f} by a SimpleWorker with one report a "
        f"job, {middle['shipped']:.1f} by `rq worker` as shipped; most of a drained report's time is the reading of "
        "its text, so that only a faster reader would raise the first ratio"
    )
    return [
        Figure(name="backlog drained, to one report a job on a SimpleWorker", value=middle["drain"] / middle["single"],
               unit="×", better=Better.HIGHER, floor=5, goal=15, note=note),
        Figure(name="backlog drained, to RQ as shipped", value=middle["drain"] / middle["shipped"], unit="×",
               better=Better.HIGHER, floor=50),
    ]  # fmt: skip


def _round(mode: str, count: int) -> float:
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        state = Path(folder) / "state"
        with running_redis(state) as redis_url:
            database = Database(f"sqlite:///{state / 'hotline.sqlite3'}", pool_size=2)
            upgrade(database)
            _fill(database, state, count)
            queue = Queue("normal", connection=Redis.from_url(redis_url), serializer=JSONSerializer)
            for number in range(1 if mode == "drain" else count):
                name = "bench.drain_jobs.attend_alone" if mode == "shipped" else ATTEND
                queue.enqueue_call(name, args=(str(number),), result_ttl=0, description=ATTEND)
            seconds = _work(mode, state, redis_url, database)
            database.dispose()
    return count / seconds


def _fill(database: Database, state: Path, count: int) -> None:
    keeper = Keeper(database, DoorKeys.load(state))
    for number in range(count):
        text = f"有个厂扣了我们的身份证，半年不发工资，可以出门但没有证走不了，人在叶县，第{number}封"
        new = NewReport(
            channel=Channel.SMS, source="twilio", source_id=f"SM{number}", content=Content(text=text), raw=text.encode()
        )
        keeper.keep(new, urgent=False)


def _work(mode: str, state: Path, redis_url: str, database: Database) -> float:
    environment = {
        **os.environ, "HOTLINE_STATE": str(state), "HOTLINE_REDIS_URL": redis_url, "PYTHONPATH": str(ROOT),
        "HOTLINE_DATABASE_URL": f"sqlite:///{state / 'hotline.sqlite3'}",
        # What is compared is the way of working off a backlog, not how long a text is thought about.
        "HOTLINE_SENTENCE_MODEL": "off",
    }  # fmt: skip
    command = [sys.executable, "-m", "bench.drain_jobs", mode]
    if mode == "shipped":
        rq = [str(Path(sys.executable).parent / "rq"), "worker", "--url", redis_url, "--serializer", "json"]
        command = [*rq, "--burst", "--quiet", "normal"]
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        # Timed from the first report done to the last, so that the worker's own start does not count.
        first = _wait(database, lambda left, whole: left < whole)
        last = _wait(database, lambda left, whole: left == 0)
    finally:
        process.wait(120)
    return max(last - first, 0.001)


def _wait(database: Database, holds: Callable[[int, int], bool]) -> float:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with database.read() as connection:
            whole, done = connection.execute(
                select(func.count(), func.count(reports.c.routed_at)).select_from(reports)
            ).one()
        if holds(whole - done, whole):
            return time.monotonic()
        time.sleep(0.005)
    raise RuntimeError(f"The backlog was not worked off; reports stay {ReportState.RECEIVED}.")
