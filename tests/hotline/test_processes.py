"""The processes for service managers: each refuses in one line what it cannot work with, and ends when it is told."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from hotline.embedded_redis import server_command, socket_path
from reports.database import Database
from reports.schema import current_revision, newest_revision
from tests.hotline.running import ROOT, environment_of, run
from tests.waiting import redis_answers, wait_until
from tests.workers.silence import nobody, redis_that_says


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """A server that throws jobs away when memory is short."""
    state = tmp_path_factory.mktemp("redis")
    command = [word.replace("noeviction", "allkeys-lru") for word in server_command(state)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_until(lambda: redis_answers(state))
    connection = Redis.from_url(f"unix://{socket_path(state)}")
    yield connection
    connection.close()
    server.terminate()
    server.wait(10)


def url_of(connection: Redis) -> str:
    return f"unix://{connection.connection_pool.connection_kwargs['path']}"


def refusal(environment: dict[str, str], *command: str) -> str:
    refused = run(environment, *command)
    assert refused.returncode == 2, refused.stderr
    (line,) = refused.stderr.strip().splitlines()
    assert line.startswith("hotline: ")
    return line


def test_a_worker_refuses_a_redis_that_throws_jobs_away(redis: Redis, state: Path) -> None:
    line = refusal(environment_of(state, HOTLINE_REDIS_URL=url_of(redis)), "worker", "urgent")
    assert "maxmemory-policy allkeys-lru, but noeviction is wanted" in line


def test_up_refuses_a_redis_that_throws_jobs_away(redis: Redis, state: Path) -> None:
    assert "noeviction is wanted" in refusal(environment_of(state, HOTLINE_REDIS_URL=url_of(redis)), "up")


def test_a_worker_refuses_a_redis_that_is_too_old(state: Path) -> None:
    with redis_that_says("redis_version:5.0.14\r\nmaxmemory_policy:noeviction\r\n") as url:
        line = refusal(environment_of(state, HOTLINE_REDIS_URL=url), "worker", "normal")
    assert "Redis is version 5.0.14, but 6.2 or newer is wanted." in line


def test_a_worker_without_redis_ends_with_the_status_of_what_mends_itself(state: Path) -> None:
    ended = run(environment_of(state, HOTLINE_REDIS_URL=nobody()), "worker", "urgent")
    assert ended.returncode == 75, ended.stderr
    (line,) = ended.stderr.splitlines()
    assert json.loads(line)["says"].startswith("Redis does not answer (ConnectionError).")


def test_a_worker_that_redis_fails_says_so_in_its_log(state: Path, sqlite_file: Path, tmp_path: Path) -> None:
    database = shutil.copy(sqlite_file, tmp_path / "worked.sqlite3")
    with redis_that_says("redis_version:7.2.0\r\nmaxmemory_policy:noeviction\r\n") as url:
        environment = environment_of(state, HOTLINE_DATABASE_URL=f"sqlite:///{database}", HOTLINE_REDIS_URL=url)
        ended = run(environment, "worker", "urgent")
    assert ended.returncode == 75, ended.stderr
    assert "Redis went away (ResponseError)." in [json.loads(line)["says"] for line in ended.stderr.splitlines()]


def test_a_worker_that_is_told_of_no_redis_says_which_setting_it_wants(state: Path) -> None:
    assert "HOTLINE_REDIS_URL" in refusal(environment_of(state), "worker", "urgent")


def test_a_sweep_without_keys_says_where_they_should_be(tmp_path: Path) -> None:
    refused = run(environment_of(tmp_path / "state"), "sweep")
    assert refused.returncode == 2
    assert refused.stderr.strip().splitlines()[-1].startswith("hotline: ")
    assert f"{tmp_path / 'state'}/keys/" in refused.stderr


def test_a_sweep_ends_at_once_when_it_is_told(state: Path, sqlite_file: Path, tmp_path: Path) -> None:
    # A copy: the sweep writes, and every other test begins with this file.
    database = shutil.copy(sqlite_file, tmp_path / "swept.sqlite3")
    environment = environment_of(state, HOTLINE_DATABASE_URL=f"sqlite:///{database}")
    process = subprocess.Popen([sys.executable, "-m", "hotline", "sweep"], env=environment, cwd=ROOT)
    wait_until(lambda: (state / "audit-checkpoints.jsonl").is_file())
    process.terminate()
    assert process.wait(10) == 0


def test_migrate_brings_a_new_database_to_the_newest_shape(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
    done = run(environment_of(tmp_path, HOTLINE_DATABASE_URL=url), "migrate")
    assert (done.returncode, done.stdout) == (0, "The database has the newest shape.\n")
    database = Database(url, pool_size=1)
    assert current_revision(database) == newest_revision()
    database.dispose()
