"""A new officer's first shift: ten reports that are played for them alone, on the real desk, and how they did.

Nothing of it is stored but the exercise itself and lines of the audit chain: that it began, what was left as it was,
and how many were right in the end. The reports are kept by the code that keeps every other, and read, decided and told
by the same workers; that they are an exercise is what they were kept as.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from config.first_shift import Lesson, Right
from console.services import Services
from reports.audit import AuditEntry
from reports.content import Content, NewReport
from reports.errors import UnknownReport
from reports.keeping import Keeper
from reports.keys import DeskKeys
from reports.officers import Officer
from reports.recusals import visible_to
from reports.states import ReportState
from reports.tables import audit_entries, reports
from reports.values import Channel, Urgency

SOURCE = "first_shift"
# What an officer does about a report beside looking at it.
_DECIDED = frozenset(
    {"confirmed", "corrected", "rerouted", "quarantined", "closed", "reopened", "asked_reporter", "first_shift_left"}
)


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
    """One report of the shift as it stands now. is_read says whether the machine has read it; is_decided whether the
    officer has decided or left it; points are what was to be right, empty before."""

    number: int
    lesson: Lesson
    reference: str
    state: ReportState
    is_read: bool
    is_decided: bool
    points: tuple[Point, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether everything about it is."""
        return self.is_decided and all(point.is_right for point in self.points)


@dataclass(frozen=True, kw_only=True)
class FirstShift:
    """A shift that was begun: its reports in order, and since when it is over, None while it is not."""

    played: tuple[Played, ...]
    ended_at: int | None

    @property
    def following(self) -> Played | None:
        """The report that comes next; None once all were decided."""
        return next((one for one in self.played if not one.is_decided), None)

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
        with self._services.database.write() as connection:
            references = " ".join(one.reference for one in kept)
            self._note(connection, officer, "first_shift_begun", {"reports": references, "exercise": 1})
        for one in kept:
            self._services.bell.ring(one.queue, one.report_id)

    def leave(self, officer: Officer, reference: str) -> None:
        """The officer has looked at a report of their shift and leaves it as it is. Raises UnknownReport."""
        shift = self.of(officer)
        one = next((one for one in shift.played if one.reference == reference), None) if shift else None
        if one is None:
            raise UnknownReport("There is no such report in your first shift.")
        with self._services.database.write() as connection:
            self._note(connection, officer, "first_shift_left", {"report": reference, "exercise": 1})

    def end(self, officer: Officer) -> None:
        """Writes down how it went, once all were decided; nothing before, and nothing twice."""
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
            decided = _decided_by(connection, officer, [row.id for row in rows.values()])
        left = {str(json.loads(line.detail)["report"]) for line in since if line.action == "first_shift_left"}
        ended = [line.at for line in since if line.action == "first_shift_ended"]
        # A table of lessons that was shortened since leaves the rest of an older shift without any.
        pairs = list(zip(references, self._lessons, strict=False))
        return FirstShift(
            played=tuple(
                self._played(number, lesson, rows[reference], reference in left or rows[reference].id in decided)
                for number, (reference, lesson) in enumerate(pairs, 1)
                if reference in rows
            ),
            ended_at=ended[-1] if ended else None,
        )

    def _played(self, number: int, lesson: Lesson, row: Any, is_decided: bool) -> Played:
        return Played(
            number=number,
            lesson=lesson,
            reference=row.reference,
            state=ReportState(row.state),
            is_read=row.state != ReportState.RECEIVED.value,
            is_decided=is_decided,
            points=tuple(self._points(lesson.right, row)) if is_decided else (),
        )

    def _points(self, right: Right, row: Any) -> Sequence[Point]:
        matters = tuple((row.matters or "").split())
        urgency = (Urgency.from_rank(row.urgency_rank).value,)
        unit = self._services.rulebook.units.get(row.lead_unit or "")
        kind, region = (unit.kind.value, unit.region) if unit else ("", "")
        points = [
            Point("col_state", "state", right.states, (row.state,), row.state in right.states)
            if right.states
            else None,
            _among("field_urgency", "urgency", right.urgency, urgency),
            _among("field_matters", "matters", right.matters, matters),
            _among("lead_kind", "kind", (right.lead,) if right.lead else (), (kind,)),
            _among("lead_area", "place", (right.region,) if right.region else (), (region,)),
        ]
        wrong = tuple(one for one in matters if one in right.not_matters)
        if wrong:
            points.append(Point("not_matters", "matters", right.not_matters, wrong, is_right=False))
        return [point for point in points if point is not None]

    def _report(self, lesson: Lesson, source_id: str) -> NewReport:
        return NewReport(
            channel=Channel.WEB,
            source=SOURCE,
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


def _among(name: str, axis: str, wanted: tuple[str, ...], came: tuple[str, ...]) -> Point | None:
    return Point(name, axis, wanted, came, bool(set(wanted) & set(came))) if wanted else None


def _decided_by(connection: Connection, officer: Officer, report_ids: Sequence[str]) -> frozenset[str]:
    """Those of the reports that the officer did something about."""
    objects = {f"report:{report_id}": report_id for report_id in report_ids}
    rows = connection.execute(
        select(audit_entries.c.object).where(
            audit_entries.c.object.in_(objects),
            audit_entries.c.actor == officer.id,
            audit_entries.c.action.in_(_DECIDED),
        )
    ).scalars()
    return frozenset(objects[one] for one in rows)
