"""Workers' surroundings made by hand: a reader that reads as it is told, a bell and a sender that take notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import select, update

from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.referrals import open_packet
from reports.tables import audit_entries, messages, referrals, replies, reports
from reports.values import Channel, Finding, Labels, Place, PlaceRole, Urgency
from routing.finding.reader import Close
from routing.rulebook.units import Unit
from workers.context import Context
from workers.senders.packet import Packet
from workers.triage import triage_waiting

RUILI = "533102"
LEAD = f"public_security-{RUILI}"
SENDER = "+8613800000000"


def a_finding(matter: str = "forced_labour", urgency: Urgency = Urgency.URGENT, **changes: Any) -> Finding:
    """What a reader says of a report from Ruili that is plain to it."""
    place = Place(code=RUILI, role=PlaceRole.OCCURRENCE, start=0, end=3)
    labels = Labels(matters=(matter,), urgency=urgency, persons=("migrant_worker",), places=(place,))
    return replace(Finding(labels=labels, language="zh", confidence=0.9, needs_person=False, reader="told"), **changes)


@dataclass
class ToldReader:
    """Reads a text by its first word: noise, doubt or poison; anything else is forced labour in Ruili.

    meanwhile is called with each text before it is read.
    """

    meanwhile: Callable[[str], None] = lambda text: None
    texts: list[str] = field(default_factory=list)

    def read(self, text: str) -> Finding:
        """The finding. Raises ValueError, quoting the text, for poison."""
        self.texts.append(text)
        self.meanwhile(text)
        if text.startswith("poison"):
            raise ValueError(f"cannot bear {text}")
        if text.startswith("noise"):
            return a_finding("spam", Urgency.LOW)
        if text.startswith("doubt"):
            return a_finding("abduction", Urgency.IMMEDIATE, needs_person=True, doubts=("conflicting_evidence",))
        if text.startswith("weak"):
            return a_finding("abduction", Urgency.IMMEDIATE, needs_person=True, doubts=("weak_evidence",))
        return a_finding()

    def read_closely(self, text: str) -> Close:
        """The same; it has no sentence model."""
        return Close(self.read(text), None)


@dataclass
class TestBell:
    """Notes who it was rung for. answers says whether anybody hears."""

    __test__ = False
    answers: bool = True
    rung: list[tuple[str, str]] = field(default_factory=list)

    def ring(self, queue_name: str, report_id: str) -> bool:
        """What `answers` says."""
        self.rung.append((queue_name, report_id))
        return self.answers


@dataclass
class RecordingSender:
    """Keeps every packet it was given. meanwhile is called before it is taken, and may raise."""

    meanwhile: Callable[[Packet], None] = lambda packet: None
    sent: list[Packet] = field(default_factory=list)

    def send(self, packet: Packet, unit: Unit) -> str:
        """The receipt of the unit."""
        self.meanwhile(packet)
        self.sent.append(packet)
        return f"receipt-{unit.id}"


@dataclass(frozen=True)
class Redises:
    """A running Redis: its folder, its address and a connection."""

    state: Path
    url: str
    connection: Redis


@dataclass(frozen=True)
class Work:
    """A worker's context, and a door to put reports in by."""

    context: Context
    door_keys: DoorKeys

    @property
    def database(self) -> Database:
        """The database behind it."""
        return self.context.database

    @property
    def reader(self) -> Any:
        """The reader, to be told something."""
        return self.context.reader

    @property
    def sender(self) -> Any:
        """The sender of inboxes, to be told something."""
        return self.context.senders["inbox"]

    def but(self, **changes: Any) -> Work:
        """The same with another bell, another machine ..."""
        return replace(self, context=replace(self.context, **changes))

    def with_machine(self, **changes: Any) -> Work:
        """The same with other times."""
        return self.but(machine=replace(self.context.machine, **changes))

    def keep(
        self,
        text: str = "work",
        *,
        urgent: bool = False,
        flags: tuple[str, ...] = (),
        exercise: bool = False,
        **content: Any,
    ) -> str:
        """Keeps one report and returns its id."""
        number = len(self.all(reports))
        new = NewReport(
            channel=Channel.SMS,
            source="twilio",
            source_id=f"SM{number}",
            # Each from a number of its own: what one number sends is one report.
            content=Content(**{"text": text, "sender": f"+86138000{number:05d}", **content}),
            raw=text.encode(),
            flags=flags,
            exercise=exercise,
        )
        return Keeper(self.database, self.door_keys).keep(new, urgent=urgent).report_id

    def triage(self, queue: str = "normal") -> int:
        """One job's worth of triage."""
        return triage_waiting(self.context, queue, self.context.machine.batch)

    def all(self, table: Any) -> list[Any]:
        """Every row of a table, in the order in which they were made."""
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)).all())

    def report(self, report_id: str) -> Any:
        """The row of one report."""
        with self.database.read() as connection:
            return connection.execute(select(reports).where(reports.c.id == report_id)).one()

    def states(self) -> list[str]:
        """The state of every report, sorted."""
        return sorted(row.state for row in self.all(reports))

    def set_all(self, table: Any, **values: Any) -> None:
        """Writes columns of every row."""
        with self.database.write() as connection:
            connection.execute(update(table).values(**values))

    def lapse(self) -> None:
        """Every lease runs out and every pause ends."""
        self.set_all(reports, lease_until=0, next_ring_at=0)
        self.set_all(referrals, lease_until=0, next_try_at=0)

    def age(self, seconds: float) -> None:
        """Everything that was received is so much older."""
        earlier = int(seconds * 1000)
        times = {name: reports.c[name] - earlier for name in ("received_at", "to_read_at", "next_ring_at")}
        self.set_all(reports, **times)
        self.set_all(replies, asked_at=replies.c.asked_at - earlier, claimed_at=replies.c.claimed_at - earlier)
        self.set_all(messages, received_at=messages.c.received_at - earlier)
        self.set_all(referrals, created_at=referrals.c.created_at - int(seconds * 1000))

    def audited(self, action: str) -> list[Any]:
        """The audit lines with this action, in order."""
        with self.database.read() as connection:
            query = select(audit_entries).where(audit_entries.c.action == action).order_by(audit_entries.c.number)
            return list(connection.execute(query).all())

    def packet_of(self, row: Any) -> bytes:
        """The sealed packet of a referral, opened."""
        key = self.context.keys.opening.open_report_key(row.report_id, self.report(row.report_id).wrapped_key)
        return open_packet(key, row.id, row.sealed_packet)
