"""What a worker or sweep process holds: made once at its entry point and handed to the jobs."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config.machine import Machine
from config.replies import Replies
from config.settings import Settings
from reports.database import Database
from reports.keys import InnerKeys
from reports.store import Store
from routing.finding.reader import Reader
from routing.rulebook.book import Rulebook
from routing.rulebook.units import Unit
from routing.rulebook.ways import INBOX
from workers.carriers.carrier import CarrierRefused, Outgoing, Sent
from workers.changeover import RulebookInUse, rulebook_in_use, rulebook_now
from workers.read_with import note_reader
from workers.ring import Bell
from workers.senders.packet import Packet
from workers.senders.sender import Sender
from workers.stand_in import StandIn

log = logging.getLogger(__name__)
NUMBER_PURPOSE, EXERCISE_NUMBER_PURPOSE = "phone", "phone of an exercise"


@dataclass(frozen=True)
class Context:
    """The store, the keys that open it, the reader, the rulebook, and the ways to tell a unit and to text a reporter.

    replies is what reporters may be sent; answers says whether anything is sent to them; carrier sends it, and only the
    process that does has one; stand_in takes what would leave in an exercise. rulebook never changes: whoever holds a
    context decides by one version. rulebooks, where there is one, knows which is in use by now.
    """

    store: Store
    keys: InnerKeys
    reader: Reader
    rulebook: Rulebook
    machine: Machine
    bell: Bell
    senders: Mapping[str, Sender]
    replies: Replies
    answers: bool = False
    carrier: Outgoing | None = None
    stand_in: StandIn = field(default_factory=StandIn)
    rulebooks: RulebookInUse | None = None

    def renewed(self) -> Context:
        """The same with the rulebook that is in use now: for the beginning of a job or a pass, never in the middle."""
        return replace(self, rulebook=self.rulebooks.now()) if self.rulebooks is not None else self

    def number_index(self, number: str, *, exercise: bool) -> str:
        """What a telephone number in E.164 form is known by in the store. In an exercise it is another's: whoever has
        it writes to nobody's report, and is neither texted less nor more for what is played."""
        return self.keys.numbers.of(EXERCISE_NUMBER_PURPOSE if exercise else NUMBER_PURPOSE, number)

    def tell(self, way: str, packet: Packet, unit: Unit) -> str:
        """Tells a unit in one way, and returns its receipt. Raises DeliveryFailed.

        What is played for an exercise reaches the inbox of this product, and else the stand-in alone, whatever ways are
        set up here. Nothing else may call a sender.
        """
        sender = self.stand_in if packet.exercise and way != INBOX else self.senders[way]
        return sender.send(packet, unit)

    def text(self, number: str, words: str, *, exercise: bool) -> Sent:
        """Texts a person. Raises CarrierRefused, CarrierUnknown; see `tell`."""
        carrier = self.stand_in.carrier if exercise else self.carrier
        if carrier is None:
            raise CarrierRefused("not_set_up", is_final=True)
        return carrier.send(number, words)

    @property
    def database(self) -> Database:
        """The database behind the store."""
        return self.store.database


@dataclass(frozen=True)
class Minds:
    """What takes long to load and is the same for every process: loaded once, before processes are forked."""

    reader: Reader
    rulebook: Rulebook

    @classmethod
    def load(cls, settings: Settings) -> Minds:
        """The reader, and the rulebook in use. Raises RulebookError or ValueError with one clear line."""
        reader = Reader.load(settings.config, sentences=settings.sentence_model)
        if not reader.model.has_sentences:
            log.warning("Reports are read without the sentence model, which is less right; `hotline doctor` says more.")
        return cls(reader, rulebook_now(settings.state, settings.config))


def make_context(
    settings: Settings, bell: Bell, senders: Mapping[str, Sender], minds: Minds, process: str = "worker"
) -> Context:
    """Connects, and loads keys. process is what this one is called by whoever watches.

    Raises KeyMissing, RulebookError or SettingsError with one clear line.
    """
    database = Database(settings.database_url, pool_size=4)
    rulebooks = rulebook_in_use(settings.state, settings.config, database, process, minds.rulebook)
    note_reader(database, process, has_sentences=minds.reader.model.has_sentences)
    return Context(
        store=Store(database),
        keys=InnerKeys.load(settings.state),
        reader=minds.reader,
        rulebook=rulebooks.now(),
        machine=Machine.load(settings.config),
        bell=bell,
        senders=senders,
        replies=Replies.load(settings.config),
        answers=settings.replies,
        rulebooks=rulebooks,
    )
