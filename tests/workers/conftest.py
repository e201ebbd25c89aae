"""What workers stand on: both databases, a real Valkey, the real rulebook, and a reader that reads as it is told."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest
from redis import Redis

from config.machine import Machine
from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from hotline.embedded_redis import server_command, socket_path
from reports.database import Database
from reports.keys import DoorKeys, InnerKeys
from reports.store import Store
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook
from tests.waiting import redis_answers, wait_until
from tests.workers.made import RecordingSender, Redises, TestBell, ToldReader, Work
from tests.workers.phone import ListeningReader, NotingCarrier, Phone, words_when
from workers.context import Context


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The rulebook that comes with this version."""
    return load_rulebook(PACKAGED_CONFIG)


@pytest.fixture(scope="session")
def machine() -> Machine:
    """The machine's own times."""
    return Machine.load(PACKAGED_CONFIG)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redises]:
    """The Redis that `hotline up` starts, one for the whole run."""
    state = tmp_path_factory.mktemp("redis-state")
    server = subprocess.Popen(server_command(state), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: redis_answers(state))
    connection = Redis.from_url(f"unix://{socket_path(state)}")
    yield Redises(state=state, url=f"unix://{socket_path(state)}", connection=connection)
    connection.close()
    server.terminate()
    server.wait(10)


@pytest.fixture
def redis(redis_server: Redises) -> Redises:
    """That server, empty and with the settings it started with."""
    redis_server.connection.config_set("maxmemory-policy", "noeviction")
    redis_server.connection.flushall()
    return redis_server


@pytest.fixture
def work(database: Database, door_keys: DoorKeys, inner_keys: InnerKeys, rulebook: Rulebook, machine: Machine) -> Work:
    """What a worker holds, and a door to put reports in by; once on SQLite and once on PostgreSQL."""
    context = Context(
        store=Store(database),
        keys=inner_keys,
        reader=ToldReader(),  # type: ignore[arg-type]
        rulebook=rulebook,
        machine=machine,
        bell=TestBell(),
        senders={"inbox": RecordingSender()},
        replies=Replies.load(PACKAGED_CONFIG),
    )
    return Work(context=context, door_keys=door_keys)


@pytest.fixture
def signals() -> Iterator[None]:
    """A worker listens to signals; whoever runs one inside a test gives them back afterwards."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def carrier() -> NotingCarrier:
    """Whoever would bring our texts."""
    return NotingCarrier()


@pytest.fixture
def phone(work: Work, carrier: NotingCarrier) -> Phone:
    """A telephone at a hotline that answers texts."""
    return Phone(work.but(reader=ListeningReader(), answers=True, carrier=carrier, replies=words_when(is_day=True)))
