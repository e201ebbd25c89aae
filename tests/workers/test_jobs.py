"""Jobs: whoever can write to Redis can only make a worker do what it does anyway, and finds nobody's words there."""

from __future__ import annotations

import base64
import json
import pickle
import secrets
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.registry import FailedJobRegistry
from rq.serializers import DefaultSerializer, JSONSerializer

from reports.tables import referrals, reports
from tests.workers.made import Redises, TestBell, Work
from workers.jobs import attend, make_worker
from workers.ring import ATTEND, RedisBell

pytestmark = pytest.mark.usefixtures("signals")


def run_worker(work: Work, redis: Redises, queue: str = "urgent") -> None:
    """A real worker, until its queue is empty."""
    make_worker(work.context, queue, redis.url).work(burst=True, logging_level="WARNING")


def run_rqs_own_worker(work: Work, redis: Redises) -> None:
    """The same with nothing but RQ's own classes and its safest serializer."""
    queue = Queue("urgent", connection=redis.connection, serializer=JSONSerializer)
    SimpleWorker([queue], connection=redis.connection, serializer=JSONSerializer).work(
        burst=True, logging_level="CRITICAL"
    )


def put(redis: Redises, name: str, *arguments: Any, serializer: Any = JSONSerializer, **fields: Any) -> Job:
    """A job as an intruder would write it: any name, any fields of its hash."""
    queue = Queue("urgent", connection=redis.connection, serializer=serializer)
    job = queue.enqueue_call(name, args=arguments)
    if fields:
        redis.connection.hset(job.key, mapping=fields)
    return job


def failed(redis: Redises) -> list[str]:
    return FailedJobRegistry("urgent", connection=redis.connection, serializer=JSONSerializer).get_job_ids()


class Trap:
    """Something that an intruder would like to happen, and whether it did."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sprung"
        self.called: list[bytes] = []

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str, ...]]:
        return Path.touch, (self.file,)  # type: ignore[return-value]

    @property
    def is_sprung(self) -> bool:
        return self.file.exists() or bool(self.called)


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


@contextmanager
def listening(trap: Trap) -> Iterator[str]:
    """An address that notes whatever is sent to it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            return
        with connection:
            trap.called.append(connection.recv(4096))


def command(trap: Trap) -> str:
    return f"touch {trap.file}"


@pytest.mark.parametrize(("run", "springs"), [(run_worker, False), (run_rqs_own_worker, True)])
def test_a_function_that_is_not_in_the_table_is_not_run(
    work: Work, redis: Redises, trap: Trap, run: Callable[[Work, Redises], None], springs: bool
) -> None:
    job = put(redis, "os.system", command(trap))
    run(work, redis)
    assert trap.is_sprung is springs
    assert (job.id in failed(redis)) is not springs


@pytest.mark.parametrize("name", ["workers.jobs.attend", "workers.sweep.sweep_once", "attend ", "", "builtins.eval"])
def test_a_name_that_only_looks_like_the_tables_is_refused(work: Work, redis: Redises, name: str) -> None:
    job = put(redis, name or "x", "a" * 32)
    if not name:
        redis.connection.hset(job.key, "data", zlib.compress(json.dumps([None, None, [], {}]).encode()))
    run_worker(work, redis)
    assert failed(redis) == [job.id]


def test_a_pickled_job_is_not_opened(work: Work, redis: Redises, trap: Trap) -> None:
    job = put(redis, ATTEND, trap, serializer=DefaultSerializer)
    assert trap.file.name.encode() in zlib.decompress(redis.connection.hget(job.key, "data"))
    run_worker(work, redis)
    assert not trap.is_sprung
    pickle.loads(pickle.dumps(trap))  # noqa: S301
    assert trap.is_sprung, "the trap must work where it is opened"


def test_a_method_of_an_instance_is_refused(work: Work, redis: Redises) -> None:
    job = put(redis, ATTEND)
    redis.connection.hset(job.key, "data", zlib.compress(json.dumps([ATTEND, "text", ["a" * 32], {}]).encode()))
    run_worker(work, redis)
    assert failed(redis) == [job.id]


@pytest.mark.parametrize("field", ["success_callback_name", "failure_callback_name", "stopped_callback_name"])
@pytest.mark.parametrize("arguments", [("a" * 32,), ()])
def test_a_callback_is_not_called(
    work: Work, redis: Redises, capfd: pytest.CaptureFixture[str], field: str, arguments: tuple[str, ...]
) -> None:
    put(redis, ATTEND, *arguments, **{field: "builtins.print"})
    run_worker(work, redis)
    assert capfd.readouterr().out == ""


def test_rqs_own_worker_calls_a_callback(work: Work, redis: Redises, capfd: pytest.CaptureFixture[str]) -> None:
    put(redis, "builtins.len", "text", success_callback_name="builtins.print")
    run_rqs_own_worker(work, redis)
    assert capfd.readouterr().out != ""


@pytest.mark.parametrize(("run", "springs"), [(run_worker, False), (run_rqs_own_worker, True)])
@pytest.mark.parametrize("status", ["finished", "failed"])
def test_a_web_hook_is_not_sent(
    work: Work, redis: Redises, trap: Trap, run: Callable[[Work, Redises], None], springs: bool, status: str
) -> None:
    name = ATTEND if run is run_worker else "builtins.len"
    with listening(trap) as url:
        hook = {"url": url, "job_status": status, "timeout": 1}
        put(redis, name, *(["text"] if status == "finished" else []), webhooks=json.dumps([hook]))
        run(work, redis)
    assert trap.is_sprung is springs


def test_a_forged_id_makes_the_worker_do_what_it_does_anyway(work: Work, redis: Redises) -> None:
    work.keep(urgent=True)
    put(redis, ATTEND, "../../no-such-report")
    run_worker(work, redis)
    assert work.states() == ["REFERRED"]
    assert failed(redis) == []


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda redis, job: redis.hset(job.key, "data", b"\xff\x00"), id="data that is none"),
        pytest.param(lambda redis, job: redis.delete(job.key), id="an id without a job"),
        pytest.param(lambda redis, job: redis.hset(job.key, "timeout", "-1"), id="no time-out"),
        pytest.param(lambda redis, job: redis.hset(job.key, "created_at", "yesterday"), id="a time that is none"),
        pytest.param(lambda redis, job: redis.hset(job.key, "ttl", "long"), id="a number that is none"),
        pytest.param(lambda redis, job: redis.hset(job.key, "status", "odd"), id="a status that is none"),
        pytest.param(lambda redis, job: redis.hdel(job.key, "data"), id="no data"),
        pytest.param(lambda redis, job: redis.hset(job.key, "meta", b"\x80"), id="meta that is none"),
    ],
)
def test_a_spoilt_job_does_not_keep_the_next_from_being_done(
    work: Work, redis: Redises, spoil: Callable[[Redis, Job], None]
) -> None:
    work.keep(urgent=True)
    spoil(redis.connection, put(redis, ATTEND, "a" * 32))
    put(redis, ATTEND, "b" * 32)
    run_worker(work, redis)
    assert work.states() == ["REFERRED"]


def test_a_job_serves_the_whole_queue_and_tells_the_units(work: Work, redis: Redises) -> None:
    for _ in range(3):
        work.keep(urgent=True)
    other = work.keep()
    RedisBell(redis.url, work.context.machine).ring("urgent", "a" * 32)
    run_worker(work, redis)
    assert [row.state for row in work.all(reports) if row.id != other] == ["REFERRED"] * 3
    assert work.report(other).state == "RECEIVED"
    assert {row.state for row in work.all(referrals)} == {"DELIVERED"}
    assert Queue("urgent", connection=redis.connection).count == 0


@pytest.mark.parametrize(
    ("texts", "rings"),
    [([], 0), (["work"], 0), (["work"] * 3, 0), (["work"] * 4, 1), (["poison", "work"], 1), (["poison"], 0)],
)
def test_a_job_rings_again_only_where_more_waits(work: Work, texts: list[str], rings: int) -> None:
    bell = TestBell()
    small = work.but(bell=bell).with_machine(batch=3)
    for words in texts:
        work.keep(words)
        if words == "poison":
            small.triage()
    attend(small.context, "normal")
    assert len(bell.rung) == rings


def test_a_report_behind_one_that_nobody_can_read_does_not_wait_for_the_sweep(work: Work, redis: Redises) -> None:
    poison = work.keep("poison", urgent=True)
    work.triage("urgent")
    behind = work.keep(urgent=True)
    bell = RedisBell(redis.url, work.context.machine)
    bell.ring("urgent", behind)
    run_worker(work.but(bell=bell), redis)
    assert work.report(behind).state == "REFERRED"
    assert work.report(poison).state == "RECEIVED"


def everything_in(connection: Redis) -> bytes:
    """Every key and value, in every way they may be written: as dumped, as read, unpacked."""
    found = []
    for key in connection.keys("*"):
        kind = connection.type(key)
        read: Any = {
            b"string": lambda key=key: [connection.get(key)],
            b"hash": lambda key=key: sum(map(list, connection.hgetall(key).items()), []),
            b"list": lambda key=key: connection.lrange(key, 0, -1),
            b"set": lambda key=key: list(connection.smembers(key)),
            b"zset": lambda key=key: connection.zrange(key, 0, -1),
            b"stream": lambda key=key: [value for _, entry in connection.xrange(key) for value in entry.values()],
        }[kind]
        values = [key, connection.dump(key), *read()]
        found += values + [plain for value in values if value for plain in unpacked(value)]
    return b"\n".join(value for value in found if value)


def unpacked(value: bytes) -> Iterator[bytes]:
    for opened in (zlib.decompress, lambda packed: zlib.decompress(base64.b64decode(packed))):
        try:
            yield opened(value)
        except (zlib.error, ValueError):
            continue


def test_nobodys_words_are_found_in_redis_whatever_happens(
    work: Work, redis: Redises, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    canaries = [secrets.token_hex(8) for _ in range(5)]
    words, name, contact, place, _ = (f"金丝雀{token}" for token in canaries)
    sender = f"+86138{secrets.randbelow(10**8):08d}"
    bell = RedisBell(redis.url, work.context.machine)
    for text in (words, f"poison {words}"):
        work.keep(text, urgent=True, sender=sender, name=name, contact=contact, place=place)
        bell.ring("urgent", work.all(reports)[-1].id)
    run_worker(work, redis)

    def fail(*_: object) -> int:
        raise ValueError(f"{words} {name} {contact} {place} {sender}")

    monkeypatch.setattr("workers.jobs.triage_waiting", fail)
    bell.ring("urgent", "a" * 32)
    run_worker(work, redis)
    assert len(failed(redis)) == 1
    kept = everything_in(redis.connection)
    assert b"JobFailed: ValueError" in kept, "a failure must be named"
    files = b"".join(path.read_bytes() for path in (redis.state / "redis").rglob("*") if path.is_file())
    for token in (*canaries[:4], sender):
        for where in (kept, files, caplog.text.encode()):
            assert token.encode() not in where
