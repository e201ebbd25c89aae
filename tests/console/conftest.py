"""The desk on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import update

from config.replies import Replies
from config.settings import PACKAGED_CONFIG, Settings
from console.display import load_outcomes
from console.issued import IssuedNumbers
from console.services import Services
from reports.database import Database
from reports.keys import DoorKeys, InnerKeys
from reports.officers import Officers
from reports.sessions import Sessions
from reports.store import Store
from reports.tables import sessions
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook
from tests.console.house import House
from workers.ring import QuietBell


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The rulebook that comes with this version."""
    return load_rulebook(PACKAGED_CONFIG)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    """The labels that come with this version."""
    return Taxonomy.load(PACKAGED_CONFIG)


@pytest.fixture(scope="session")
def numbers() -> IssuedNumbers:
    """Where numbers were issued, as it comes with this version."""
    return IssuedNumbers.load()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Pages that an earlier test compiled."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("pages")))


@pytest.fixture
def house(
    database_url: str,
    state: Path,
    door_keys: DoorKeys,
    inner_keys: InnerKeys,
    rulebook: Rulebook,
    taxonomy: Taxonomy,
    numbers: IssuedNumbers,
    compiled: BytecodeCache,
) -> Iterator[House]:
    """The desk's app over an empty database, once on SQLite and once on PostgreSQL."""
    database = Database(database_url)
    settings = Settings.read({"HOTLINE_STATE": str(state), "HOTLINE_DATABASE_URL": database_url})
    # The quickest there is: not one of these tests is about how hard a password is to guess.
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    services = Services(
        settings=settings,
        store=Store(database),
        keys=inner_keys,
        officers=Officers(database, quick),
        sessions=Sessions(database, quick),
        rulebook=rulebook,
        taxonomy=taxonomy,
        outcomes=load_outcomes(PACKAGED_CONFIG),
        replies=Replies.load(PACKAGED_CONFIG),
        numbers=numbers,
        bell=QuietBell(),
    )
    yield House(services, door_keys, compiled)
    database.dispose()


@pytest.fixture
def age(house: House) -> Callable[[int], None]:
    """Lets minutes pass since officers proved who they are."""

    def pass_by(minutes: int) -> None:
        with house.database.write() as connection:
            connection.execute(update(sessions).values(proved_at=sessions.c.proved_at - minutes * 60_000))

    return pass_by
