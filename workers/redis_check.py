"""What a Redis must be before jobs are trusted to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

_OLDEST = (6, 2)


@dataclass(frozen=True, kw_only=True)
class RedisFault:
    """One thing that is wrong with a server, and what to do.

    is_away: it does not answer, and the sweep does the workers' part until it does. Any other fault loses jobs silently
    or breaks them, and such a server may not be used at all.
    """

    sentence: str
    remedy: str
    is_away: bool = False


def redis_faults(redis_url: str) -> tuple[RedisFault, ...]:
    """Everything that is wrong with the server, nothing if it will do."""
    # The old protocol, since a server that is too old does not know the new one and could not even say its version.
    connection = Redis.from_url(
        redis_url,
        socket_timeout=2,
        socket_connect_timeout=2,
        decode_responses=True,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        server, memory = connection.info("server"), connection.info("memory")
    except (RedisError, OSError) as fault:
        away = f"Redis does not answer ({type(fault).__name__}). Reports are kept and routed by the sweep meanwhile."
        return (RedisFault(sentence=away, remedy="Start it; `hotline up` brings its own.", is_away=True),)
    finally:
        connection.close()
    faults = []
    version = str(server.get("redis_version", ""))
    # A release candidate is called 8.0-rc1.
    numbers = re.match(r"(\d+)\.(\d+)", version)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < _OLDEST:
        old = f"Redis is version {version or 'unknown'}, but 6.2 or newer is wanted."
        faults.append(RedisFault(sentence=old, remedy="Install a newer one, or Valkey."))
    policy = memory.get("maxmemory_policy")
    if policy != "noeviction":
        # Any other policy throws queued jobs away silently when memory is short (measured: 3,668 of 5,000).
        wrong = f"Redis has maxmemory-policy {policy}, but noeviction is wanted: set it in its configuration."
        faults.append(RedisFault(sentence=wrong, remedy="CONFIG SET maxmemory-policy noeviction, and in its file too."))
    return tuple(faults)
