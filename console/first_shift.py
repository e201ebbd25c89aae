"""A new officer's first shift: ten reports that are played for them alone, on the real desk, and how they did.

Nothing of it is stored but the exercise itself and lines of the audit chain: that it began, and how many were right in
the end. What the officer did is read from the lines that every act leaves. The reports are kept by the code that keeps
every other, and read, decided and told by the same workers; that they are an exercise is what they were kept as.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, select

from console.lessons import ACTS, Lesson, Right
from console.services import Services
from reports.audit import AuditEntry
from reports.content import Content, NewReport
from reports.keeping import Keeper
from reports.keys import DeskKeys
from reports.officers import Officer
from reports.played import FIRST_SHIFT
from reports.receipts import ReceiptBook
from reports.recusals import visible_to
from reports.states import ReportState
from reports.tables import audit_entries, reports
from reports.values import Channel, Urgency


class Answer(StrEnum):
    """How far an officer has answered a lesson: not at all, by one of the acts that it asks for, or by another."""

    OPEN = "open"
    GIVEN = "given"
    OTHER = "other"


@dataclass(frozen=True)
class Point:
    """One thing that was to be right: its name in words.toml, what was wanted and what came, as codes of its axis."""

    name: str
    axis: str
    wanted: tuple[str, ...]
    came: tuple[str, ...]
    is_right: bool


@dataclass(frozen=True, kw_only=True)
class Played:
    """One report of the shift as it stands now. is_read says whether the machine has read it; did are the officer's
    acts in their order, each once; points are what was to be right, empty before there is an act."""

    number: int
    lesson: Lesson
    reference: str
    state: ReportState
    is_read: bool
    did: tuple[str, ...]
    points: tuple[Point, ...] = ()

    @property
    def answer(self) -> Answer:
        """Whether the officer has judged it, and by what the lesson is about."""
        if not self.did:
            return Answer.OPEN
        return Answer.GIVEN if set(self.did) & set(self.lesson.acts) else Answer.OTHER

    @property
    def is_right(self) -> bool:
        """Whether everything about it is."""
        return self.answer is Answer.GIVEN and all(point.is_right for point in self.points)


@dataclass(frozen=True, kw_only=True)
class FirstShift:
    """A shift that was begun: its reports in order, and since when it is over, None while it is not."""

    played: tuple[Played, ...]
    ended_at: int | None

    @property
    def following(self) -> Played | None:
        """The report that comes next; None once all were judged."""
        return next((one for one in self.played if one.answer is Answer.OPEN), None)

    @property
    def judged(self) -> tuple[Played, ...]:
        """Those that the officer has judged, in order."""
        return tuple(one for one in self.played if one.answer is not Answer.OPEN)

    @property
    def right(self) -> int:
        """How many were right."""
        return sum(one.is_right for one in self.played)


class FirstShifts:
    """Begins and ends shifts, and says how they stand. Every verb opens one transaction of its own."""

    def __init__(self, services: Services, lessons: Sequence[Lesson]) -> None:
        self._services, self._lessons = services, lessons

    def begin(self, officer: Officer, chance: str) -> None:
        """Plays the reports of a new shift; once for the same chance, however often it is sent."""
        keeper = Keeper(self._services.database, DeskKeys.of(self._services.keys))
        kept = [keeper.keep(self._report(one, f"{chance}:{number}"), urgent=False)
                for number, one in enumerate(self._lessons)]  # fmt: skip
        if all(one.repeated for one in kept):
            return
        self._hand_out_receipts([one.report_id for one in kept], chance)
        with self._services.database.write() as connection:
            references = " ".join(one.reference for one in kept)
            self._note(connection, officer, "first_shift_begun", {"reports": references, "exercise": 1})
        for one in kept:
            self._services.bell.ring(one.queue, one.report_id)

    def _hand_out_receipts(self, report_ids: Sequence[str], chance: str) -> None:
        """Gives each of the invented reporters a receipt, whose digits nobody is told: so they can be asked."""
        key = self._services.keys.receipts
        book = ReceiptBook(self._services.database, key)
        unlocked = [(one, book.unlock(key.digits_for(f"first_shift|{chance}|{one}"))) for one in report_ids]
        with self._services.database.write() as connection:
            for report_id, receipt in unlocked:
                # As the form's door gives one to whoever wants it.
                book.issue(connection, report_id, receipt, "intake")

    def end(self, officer: Officer) -> None:
        """Writes down how it went, once all were judged; nothing before, and nothing twice."""
        shift = self.of(officer)
        if shift is None or shift.following is not None or shift.ended_at is not None:
            return
        with self._services.database.write() as connection:
            how = {"right": shift.right, "of": len(shift.played), "exercise": 1}
            self._note(connection, officer, "first_shift_ended", how)

    def of(self, officer: Officer) -> FirstShift | None:
        """The officer's newest shift as it stands; None where they never began one."""
        with self._services.database.read() as connection:
            lines = connection.execute(
                select(audit_entries).where(audit_entries.c.object == _about(officer)).order_by(audit_entries.c.number)
            ).all()
            begun = [place for place, line in enumerate(lines) if line.action == "first_shift_begun"]
            if not begun:
                return None
            since = lines[begun[-1] :]
            references = str(json.loads(since[0].detail)["reports"]).split()
            rows = {
                row.reference: row
                for row in connection.execute(
                    select(reports).where(reports.c.reference.in_(references), visible_to(officer))
                )
            }
            did = _acts_of(connection, officer, [row.id for row in rows.values()])
        ended = [line.at for line in since if line.action == "first_shift_ended"]
        # A table of lessons that was shortened since leaves the rest of an older shift without any.
        pairs = list(zip(references, self._lessons, strict=False))
        return FirstShift(
            played=tuple(
                self._played(number, lesson, [rows.get(one) for one in references], did.get(rows[reference].id, ()))
                for number, (reference, lesson) in enumerate(pairs, 1)
                if reference in rows
            ),
            ended_at=ended[-1] if ended else None,
        )

    def _played(self, number: int, lesson: Lesson, rows: Sequence[Any], did: tuple[str, ...]) -> Played:
        row = rows[number - 1]
        return Played(
            number=number,
            lesson=lesson,
            reference=row.reference,
            state=ReportState(row.state),
            is_read=row.state != ReportState.RECEIVED.value,
            did=did,
            points=tuple(self._points(lesson.right, row, rows)) if did else (),
        )

    def _points(self, right: Right, row: Any, rows: Sequence[Any]) -> Sequence[Point]:
        matters = tuple((row.matters or "").split())
        unit = self._services.rulebook.units.get(row.lead_unit or "")
        kind, region = (unit.kind.value, unit.region) if unit else ("", "")
        wrong = tuple(one for one in matters if one in right.not_matters)
        points = [
            _among("col_state", "state", right.states, (row.state,)),
            _among("field_urgency", "urgency", right.urgency, (Urgency.from_rank(row.urgency_rank).value,)),
            _among("field_matters", "matters", right.matters, matters),
            Point("not_matters", "matters", right.not_matters, wrong, is_right=False) if wrong else None,
            _among("outcome", "outcome", right.outcomes, _of(row.outcome)),
            _among("lead_kind", "kind", _of(right.lead), _of(kind)),
            _among("lead_area", "place", _of(right.region), _of(region)),
            _together(row, rows[right.same_as - 1], rows) if right.same_as else None,
        ]
        return [point for point in points if point is not None]

    def _report(self, lesson: Lesson, source_id: str) -> NewReport:
        return NewReport(
            channel=Channel.WEB,
            source=FIRST_SHIFT,
            source_id=source_id,
            content=Content(text=lesson.text),
            raw=lesson.text.encode(),
            exercise=True,
        )

    def _note(
        self, connection: Connection, officer: Officer, action: str, detail: Mapping[str, str | int | None]
    ) -> None:
        self._services.store.chain.append(connection, [AuditEntry(officer.id, action, _about(officer), detail)])


def _about(officer: Officer) -> str:
    return f"first_shift:{officer.id}"


def _of(code: str | None) -> tuple[str, ...]:
    return (code,) if code else ()


def _among(name: str, axis: str, wanted: tuple[str, ...], came: tuple[str, ...]) -> Point | None:
    return Point(name, axis, wanted, came, bool(set(wanted) & set(came))) if wanted else None


def _together(row: Any, other: Any, rows: Sequence[Any]) -> Point | None:
    """Whether two reports of the shift were put together, whichever to the other; None where the other is hidden."""
    if other is None:
        return None
    is_right = row.merged_into == other.id or other.merged_into == row.id
    into = next((one.reference for one in rows if one is not None and one.id == row.merged_into), None)
    return Point("same_case", "reference", (other.reference,), (other.reference,) if is_right else _of(into), is_right)


def _acts_of(connection: Connection, officer: Officer, report_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """What the officer did about each of the reports that they did something about, in its order, each act once."""
    objects = {f"report:{report_id}": report_id for report_id in report_ids}
    rows = connection.execute(
        select(audit_entries.c.object, audit_entries.c.action)
        .where(
            audit_entries.c.object.in_(objects),
            audit_entries.c.actor == officer.id,
            audit_entries.c.action.in_(ACTS),
        )
        .order_by(audit_entries.c.number)
    )
    did: dict[str, tuple[str, ...]] = {}
    for row in rows:
        report_id = objects[row.object]
        did[report_id] = tuple(dict.fromkeys([*did.get(report_id, ()), row.action]))
    return did
