"""The doors, open on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reports.keys import InnerKeys
from tests.intake.doors import Doors, ListeningBell, front_of


@pytest.fixture
def bell() -> ListeningBell:
    """Notes who was rung for."""
    return ListeningBell()


@pytest.fixture
def doors(database_url: str, state: Path, inner_keys: InnerKeys, bell: ListeningBell) -> Iterator[Doors]:
    """The public app over an empty database, once on SQLite and once on PostgreSQL."""
    front = replace(front_of(state, database_url), bell=bell)
    yield Doors(front, inner_keys)
    front.database.dispose()
