"""What the desk stands on."""

from __future__ import annotations

from dataclasses import dataclass

from config.machine import Machine
from config.outcomes import Outcomes
from config.replies import Replies
from config.settings import Settings
from console.display import load_outcomes
from console.issued import IssuedNumbers
from reports.database import Database
from reports.keys import InnerKeys
from reports.officers import Officers
from reports.sessions import Sessions
from reports.store import Store
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook
from workers.changeover import RulebookInUse, rulebook_in_use
from workers.ring import BackgroundBell, Bell, QuietBell, RedisBell


@dataclass(frozen=True)
class Services:
    """The store and the keys that open it, the rulebook and the taxonomy, how a report may end, the officers and
    their sessions, and the bell. replies is what reporters may be sent by telephone, numbers where theirs were issued.

    rulebook never changes; rulebooks, where there is one, knows which is in use by now.
    """

    settings: Settings
    store: Store
    keys: InnerKeys
    officers: Officers
    sessions: Sessions
    rulebook: Rulebook
    taxonomy: Taxonomy
    outcomes: Outcomes
    bell: Bell
    replies: Replies
    numbers: IssuedNumbers
    rulebooks: RulebookInUse | None = None

    @property
    def database(self) -> Database:
        """The database behind the store."""
        return self.store.database


def make_services(settings: Settings) -> Services:
    """Loads keys and tables. Raises KeyMissing, RulebookError or SettingsError with one clear line."""
    bell: Bell = QuietBell()
    if settings.redis_url:
        bell = BackgroundBell(RedisBell(settings.redis_url, Machine.load(settings.config)))
    database = Database(settings.database_url)
    rulebooks = rulebook_in_use(settings.state, settings.config, database, "desk")
    return Services(
        settings=settings,
        store=Store(database),
        keys=InnerKeys.load(settings.state),
        officers=Officers(database),
        sessions=Sessions(database),
        rulebook=rulebooks.now(),
        taxonomy=Taxonomy.load(settings.config),
        outcomes=load_outcomes(settings.config),
        bell=bell,
        replies=Replies.load(settings.config),
        numbers=IssuedNumbers.load(),
        rulebooks=rulebooks,
    )
