"""What a Redis must be before jobs are trusted to it, and what a person is told where it is not."""

from __future__ import annotations

import pytest

from tests.workers.made import Redises
from tests.workers.silence import nobody, redis_that_says
from workers.redis_check import redis_faults


def test_the_redis_of_hotline_up_will_do(redis: Redises) -> None:
    assert redis_faults(redis.url) == ()


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_a_redis_that_throws_jobs_away_is_named(redis: Redises, policy: str) -> None:
    redis.connection.config_set("maxmemory-policy", policy)
    (fault,) = redis_faults(redis.url)
    assert f"maxmemory-policy {policy}, but noeviction is wanted" in fault.sentence
    assert not fault.is_away


@pytest.mark.parametrize(
    ("version", "too_old"),
    [("5.0.14", True), ("6.0.20", True), ("6.2.0", False), ("7.0.15", False), ("8.0-rc1", False), ("10.1.0", False),
     ("", True), ("unknown", True)],
)  # fmt: skip
def test_an_old_redis_is_named(version: str, too_old: bool) -> None:
    info = f"# Server\r\nredis_version:{version}\r\nmaxmemory_policy:noeviction\r\n"
    with redis_that_says(info) as url:
        faults = redis_faults(url)
    assert bool(faults) == too_old
    assert all("6.2 or newer is wanted" in fault.sentence for fault in faults)


def test_a_redis_that_is_away_is_named_and_what_happens_meanwhile() -> None:
    (fault,) = redis_faults(nobody())
    assert fault.sentence.startswith("Redis does not answer (ConnectionError).")
    assert "routed by the sweep meanwhile" in fault.sentence
    assert fault.is_away
