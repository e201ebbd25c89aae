"""A telephone that sends texts, a reader that listens to what they say, and a carrier that takes notes."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any

from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from reports.content import Content, NewReport
from reports.keeping import Keeper
from reports.reading import open_report, sealed_messages, told
from reports.tables import referrals
from reports.values import Channel, Finding, Labels, Place, PlaceRole, Urgency
from routing.finding.reader import Close
from tests.workers.made import Work
from workers.carriers.carrier import Sent

RUILI, YEXIAN = "533102", "410422"
NUMBER, OTHER = "+8613800000000", "+8613800000001"
_PLACES = (("Yexian", YEXIAN), ("Ruili", RUILI))


def words_when(*, is_day: bool) -> Replies:
    """The sentences that may be sent, where it is always day for every number, or always night."""
    words = copy(Replies.load(PACKAGED_CONFIG))
    words.hours = replace(words.hours, begins=0, ends=1440 if is_day else 0)
    return words


@dataclass
class ListeningReader:
    """Knows where it is once a place is named, and that somebody is in danger once that is said; else it is unsure."""

    def read(self, text: str) -> Finding:
        """The finding. Raises ValueError for poison."""
        if "poison" in text:
            raise ValueError("cannot bear it")
        if text.strip() == "noise" or "never mind" in text:
            return _finding("spam", Urgency.LOW, ())
        places = self.places_in(text)[:1]
        matter = "official_complicity" if "police are in it" in text or "退订" in text else "forced_labour"
        finding = _finding(matter, Urgency.IMMEDIATE if "locked in" in text else Urgency.URGENT, places)
        contact = ("unsafe_to_call",) if "do not call" in text else ("text_only",) if "text only" in text else ()
        question = "is_somebody_kept" if places and "maybe" in text else "" if places else "where_is_it"
        doubts = ("weak_evidence",) if not places or "maybe" in text else ()
        return replace(
            finding, labels=replace(finding.labels, contact=contact), question=question, doubts=doubts,
            needs_person=bool(doubts), language="zh" if "中" in text else "ur" if "اردو" in text else "en",
        )  # fmt: skip

    def read_closely(self, text: str) -> Close:
        """The same; it has no sentence model."""
        return Close(self.read(text), None)

    def places_in(self, answer: str) -> tuple[Place, ...]:
        """The places it knows."""
        return tuple(Place(code=code, role=PlaceRole.OCCURRENCE) for name, code in _PLACES if name in answer)


def _finding(matter: str, urgency: Urgency, places: tuple[Place, ...]) -> Finding:
    labels = Labels(matters=(matter,), urgency=urgency, places=places, persons=("migrant_worker",))
    return Finding(labels=labels, language="en", confidence=0.9, needs_person=False, reader="told")


@dataclass
class NotingCarrier:
    """Notes what it was given. meanwhile is called before it takes a text, and may raise."""

    source: str = "noting"
    meanwhile: Callable[[str], None] = lambda to: None
    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, to: str, text: str) -> Sent:
        """Takes it, and names it by its place in the list."""
        self.meanwhile(to)
        self.sent.append((to, text))
        return Sent(source=self.source, message_id=f"M{len(self.sent)}")


@dataclass
class Phone:
    """Somebody's telephone, and the worker at the other end."""

    work: Work
    sent: int = 0

    def send(self, text: str, sender: str = NUMBER, **changes: Any) -> str:
        """One text message; the report it came as."""
        self.sent += 1
        values = {"channel": Channel.SMS, "source": "twilio", "source_id": f"SM{self.sent}", "raw": text.encode()}
        new = NewReport(**{"content": Content(text=text, sender=sender), **values, **changes})
        urgent = "locked in" in text
        return Keeper(self.work.database, self.work.door_keys).keep(new, urgent=urgent).report_id

    def quiet(self) -> None:
        """The quiet time passes."""
        self.work.age(self.work.context.machine.quiet_seconds + 1)

    def triage(self) -> int:
        """Everything that may be read now is read."""
        number = 0
        while claimed := self.work.triage("urgent") + self.work.triage("normal"):
            number += claimed
        return number

    def says(self, report_id: str) -> str:
        """What the report tells, opened with its own key."""
        row = self.work.report(report_id)
        with self.work.database.read() as connection:
            sealed = sealed_messages(connection, [report_id])[report_id]
        return told(open_report(self.work.context.keys, report_id, row.wrapped_key, sealed)[1])

    def live(self, report_id: str) -> dict[str, str]:
        """The live packets of a report: unit and state."""
        rows = [row for row in self.work.all(referrals) if row.report_id == report_id]
        return {row.unit: row.state for row in rows if row.state in ("PENDING", "DELIVERED", "ACCEPTED")}

    def lead(self, report_id: str) -> str:
        """The unit that answers."""
        return str(self.work.report(report_id).lead_unit)
