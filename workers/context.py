"""What a worker or sweep process holds: made once at its entry point and handed to the jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.machine import Machine
from config.settings import Settings
from reports.database import Database
from reports.keys import InnerKeys
from reports.store import Store
from routing.finding.reader import Reader
from routing.rulebook.book import Rulebook
from routing.rulebook.load import load_rulebook
from workers.ring import Bell
from workers.senders.sender import Sender


@dataclass(frozen=True)
class Context:
    """The store, the keys that open it, the reader, the rulebook, and the ways to tell a unit."""

    store: Store
    keys: InnerKeys
    reader: Reader
    rulebook: Rulebook
    machine: Machine
    bell: Bell
    senders: Mapping[str, Sender]

    @property
    def database(self) -> Database:
        """The database behind the store."""
        return self.store.database


def make_context(settings: Settings, bell: Bell, senders: Mapping[str, Sender]) -> Context:
    """Loads keys, reader and rulebook. Raises KeyMissing, RulebookError or SettingsError with one clear line."""
    return Context(
        store=Store(Database(settings.database_url, pool_size=4)),
        keys=InnerKeys.load(settings.state),
        reader=Reader.load(settings.config),
        rulebook=load_rulebook(settings.config),
        machine=Machine.load(settings.config),
        bell=bell,
        senders=senders,
    )
