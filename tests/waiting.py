"""Waiting for what other processes and threads do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from redis import Redis
from redis.exceptions import RedisError

from hotline.embedded_redis import socket_path

_PAUSE_SECONDS = 0.05
_Found = TypeVar("Found")


def wait_until(
    look: Callable[[], _Found], seconds: float = 30, otherwise: Callable[[], str] = lambda: "it did not happen"
) -> _Found:
    """What `look` finds once it finds something. Raises AssertionError, saying `otherwise`, if it never does."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, otherwise()
        time.sleep(_PAUSE_SECONDS)
    return found


def redis_answers(state: Path) -> bool:
    """Whether the Redis of this state folder is there."""
    connection = Redis.from_url(f"unix://{socket_path(state)}", socket_timeout=1)
    try:
        return bool(connection.ping())
    except (RedisError, OSError):
        return False
    finally:
        connection.close()
