"""The desk's saved lists: what is mine, what nobody is on, what is late, what came back; and what narrows a list.

Each list is a page at a time from an index of its own, and its number is counted, never guessed. What is kept from an
officer is neither on a page nor in a number, and exercises are always by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal, literal_column, select, tuple_

from reports.database import read_now
from reports.holding import held_ids
from reports.officers import Officer
from reports.queue_view import MOST_PER_PAGE, After, QueueRow, queue_page, row_of, state_counts
from reports.recusals import kept_from, visible_to
from reports.states import ReferralState, ReportState, hop_of
from reports.tables import referrals, reports
from reports.values import Urgency

MOST_ALARMS = 20
OPEN = (ReportState.RECEIVED, ReportState.IN_TRIAGE)
# Word for word the conditions of the indexes: neither database takes an index for a value that it is only handed later.
_AT_DESK = reports.c.state == literal_column("'IN_TRIAGE'")
_GIVEN_BACK = reports.c.came_back == literal_column("1")
_WITH_LEAD = and_(
    referrals.c.part == literal_column("'lead'"),
    referrals.c.state.in_([literal_column("'DELIVERED'"), literal_column("'ACCEPTED'")]),
)
_RANKS = tuple(urgency.rank for urgency in Urgency)


class View(StrEnum):
    """A saved list."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    MY_UNIT = "my_unit"
    OVERDUE = "overdue"
    SILENT = "silent"
    BOUNCED = "bounced"


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """What a list is narrowed to; '' and None for everything. province is the first two digits of a division's code."""

    urgency: Urgency | None = None
    channel: str = ""
    language: str = ""
    province: str = ""

    @property
    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """The same as conditions on `reports`."""
        wanted: list[ColumnElement[bool]] = []
        if self.urgency is not None:
            wanted.append(reports.c.urgency_rank == self.urgency.rank)
        if self.channel:
            wanted.append(reports.c.channel == self.channel)
        if self.language:
            wanted.append(reports.c.language == self.language)
        if self.province:
            wanted.append(reports.c.lead_region.between(f"{self.province}0000", f"{self.province}9999"))
        return tuple(wanted)


@dataclass(frozen=True, kw_only=True)
class SilentUnit:
    """A unit that answers for a report and has let its clock run out: which hop, and what is left, in milliseconds."""

    unit: str
    state: ReferralState
    hop: str
    left: int


@dataclass(frozen=True)
class Found:
    """One page of a list, where the next begins (None after the last), and the silent unit of each row where the list
    is about them: a report stands there once for each."""

    rows: tuple[QueueRow, ...]
    following: After | None
    silent: tuple[SilentUnit, ...] = ()


class DeskViews:
    """The saved lists as one officer of the desk sees them, of what was told or, with exercise, of what is played."""

    def __init__(self, connection: Connection, officer: Officer, *, exercise: bool = False) -> None:
        self._connection, self._officer, self._exercise = connection, officer, exercise
        # Read once and handed in: a clock read for every row keeps PostgreSQL from looking only at what is late.
        self._now = read_now(connection)
        self._seen = (visible_to(officer), reports.c.exercise == int(exercise))

    def page(self, view: View, narrowed: Narrowed, per_page: int, after: After | None = None) -> Found:
        """One page of a list: the most urgent first, then the oldest, or the longest overdue."""
        per_page = max(1, min(per_page, MOST_PER_PAGE))
        if view is View.UNASSIGNED:
            free = reports.c.id.not_in(held_ids(self._connection))
            only = (*narrowed.conditions, free)
            page = queue_page(
                self._connection, OPEN, per_page, after, self._officer, exercise=self._exercise, only=only
            )
            return Found(*page)
        place = reports.c.due_at if view is View.OVERDUE else reports.c.received_at
        if view is View.SILENT:
            return self._silent(narrowed, per_page, after)
        rows: list[Any] = []
        for rank in range(len(Urgency)):
            # One urgency at a time keeps to the index of the list.
            listed = select(reports, literal(self._now).label("now")).where(
                *self._of(view), *self._seen, *narrowed.conditions
            )
            query = _after(listed, rank, place, after)
            if len(rows) <= per_page and query is not None:
                rows += self._connection.execute(query.limit(per_page + 1 - len(rows))).all()
        found = tuple(row_of(row) for row in rows[:per_page])
        last = rows[per_page - 1] if len(rows) > per_page else None
        following = None if last is None else After(2 * last.urgency_rank, getattr(last, place.name), last.id)
        return Found(found, following)

    def counts(self) -> dict[View, int]:
        """How many there are in each list."""
        held = held_ids(self._connection)
        numbers = state_counts(self._connection, self._officer, exercise=self._exercise)
        waiting = sum(sum(numbers[state].values()) for state in OPEN)
        held_here = (reports.c.id.in_(held), reports.c.state.in_([state.value for state in OPEN]), *self._seen)
        found = {View.UNASSIGNED: waiting - self._number(select(func.count()).where(*held_here))}
        mine = (*self._of(View.MINE), *self._seen)
        found[View.MINE] = self._number(select(func.count()).select_from(reports).where(*mine))
        kept = self._connection.execute(kept_from(self._officer)).scalars().all()
        # All of them from the index of the list alone, less the few that this officer is kept from.
        for view in (View.MY_UNIT, View.OVERDUE, View.BOUNCED):
            query = select(func.count()).select_from(reports).where(*self._of(view))
            found[view] = self._number(query)
            if kept:
                found[view] -= self._number(query.where(reports.c.id.in_(kept)))
        silent = select(func.count()).select_from(referrals).where(*self._silent_packets())
        found[View.SILENT] = self._number(silent)
        if kept:
            found[View.SILENT] -= self._number(silent.where(referrals.c.report_id.in_(kept)))
        return {view: found[view] for view in View}

    def _number(self, query: Select[Any]) -> int:
        return int(self._connection.execute(query).scalar_one())

    def new_alarms(self, most: int = MOST_ALARMS) -> tuple[str, ...]:
        """The references of up to `most` reports of somebody in danger that came last and wait or are with a unit.

        What came in a flood is not among them.
        """
        found: list[tuple[int, str]] = []
        for state in (ReportState.IN_TRIAGE, ReportState.REFERRED):
            for raised in (0, 1):
                query = select(reports.c.received_at, reports.c.reference).where(
                    reports.c.state == state.value,
                    reports.c.raised == raised,
                    reports.c.urgency_rank == Urgency.IMMEDIATE.rank,
                    reports.c.marked == 0,
                    *self._seen,
                )
                newest = self._connection.execute(query.order_by(reports.c.received_at.desc()).limit(most))
                found += [(row.received_at, row.reference) for row in newest]
        return tuple(reference for _, reference in sorted(found, reverse=True)[:most])

    def _of(self, view: View) -> tuple[ColumnElement[bool], ...]:
        """The conditions on `reports` of a list of reports."""
        ours = reports.c.exercise == int(self._exercise)
        if view is View.MINE:
            return (reports.c.id.in_(held_ids(self._connection, self._officer.id)),)
        if view is View.BOUNCED:
            return (ours, _GIVEN_BACK)
        if view is View.MY_UNIT:
            return (ours, _AT_DESK, reports.c.lead_unit == self._officer.unit)
        # Every urgency, named one by one: then both databases look only at what is late.
        return (ours, _AT_DESK, reports.c.urgency_rank.in_(_RANKS), reports.c.due_at < self._now)

    def _silent_packets(self) -> tuple[ColumnElement[bool], ...]:
        """The conditions on `referrals` of the packets of units that are silent."""
        return (
            referrals.c.exercise == int(self._exercise),
            _WITH_LEAD,
            referrals.c.urgency_rank.in_(_RANKS),
            referrals.c.due_at < self._now,
        )

    def _silent(self, narrowed: Narrowed, per_page: int, after: After | None) -> Found:
        order = (referrals.c.urgency_rank, referrals.c.due_at, referrals.c.id)
        query = (
            select(referrals, literal(self._now).label("now"))
            .join(reports, reports.c.id == referrals.c.report_id)
            .where(*self._silent_packets(), *self._seen, *narrowed.conditions)
        )
        if after is not None:
            query = query.where(tuple_(*order) > (after.rank // 2, after.received_at, after.report_id))
        packets = self._connection.execute(query.order_by(*order).limit(per_page + 1)).all()
        page, last = packets[:per_page], packets[per_page - 1] if len(packets) > per_page else None
        ids = [packet.report_id for packet in page]
        listed = select(reports, literal(self._now).label("now")).where(reports.c.id.in_(ids))
        rows = {row.id: row_of(row) for row in self._connection.execute(listed)}
        following = None if last is None else After(2 * last.urgency_rank, last.due_at, last.id)
        return Found(tuple(rows[report_id] for report_id in ids), following, tuple(map(_silent_unit, page)))


def _after(query: Select[Any], rank: int, place: ColumnElement[int], after: After | None) -> Select[Any] | None:
    """The reports of one urgency behind a place; None where all of them lie before it."""
    query = query.where(reports.c.urgency_rank == rank).order_by(place, reports.c.id)
    if after is None or rank > after.rank // 2:
        return query
    if rank < after.rank // 2:
        return None
    return query.where(tuple_(place, reports.c.id) > (after.received_at, after.report_id))


def _silent_unit(packet: Any) -> SilentUnit:
    state = ReferralState(packet.state)
    hop = hop_of(state, packet.accepted_at is not None, packet.first_action_at is not None)
    return SilentUnit(unit=packet.unit, state=state, hop=hop, left=packet.due_at - packet.now)
