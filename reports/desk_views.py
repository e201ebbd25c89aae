"""The desk's saved lists: what is mine, what nobody is on, what is late, what came back; and what narrows a list.

Each list is a page at a time from an index of its own, and its number is counted, never guessed. What is kept from an
officer is neither on a page nor in a number, and exercises are always by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, tuple_

from reports.database import database_now
from reports.holding import held_ids
from reports.officers import Officer
from reports.queue_view import MOST_PER_PAGE, After, QueueRow, queue_page, row_of, state_counts
from reports.recusals import visible_to
from reports.states import ReferralState, ReportState, hop_of
from reports.tables import referrals, reports
from reports.values import Urgency

OPEN = (ReportState.RECEIVED, ReportState.IN_TRIAGE)
_WITH_LEAD = (ReferralState.DELIVERED.value, ReferralState.ACCEPTED.value)


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
    """One page of a list, where the next begins (None after the last), and the silent units by report where the list is
    about them."""

    rows: tuple[QueueRow, ...]
    following: After | None
    silent: Mapping[str, SilentUnit]


class DeskViews:
    """The saved lists as one officer sees them, of what was told or, with exercise, of what is played."""

    def __init__(self, connection: Connection, officer: Officer, *, exercise: bool = False) -> None:
        self._connection, self._officer, self._exercise = connection, officer, exercise
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
            return Found(*page, {})
        place = reports.c.due_at if view is View.OVERDUE else reports.c.received_at
        if view is View.SILENT:
            return self._silent(narrowed, per_page, after)
        rows: list[Any] = []
        for rank in range(len(Urgency)):
            # One urgency at a time keeps to the index of the list.
            query = _after(self._of(view, narrowed, select(reports, database_now().label("now"))), rank, place, after)
            if len(rows) <= per_page and query is not None:
                rows += self._connection.execute(query.limit(per_page + 1 - len(rows))).all()
        found = tuple(row_of(row) for row in rows[:per_page])
        last = rows[per_page - 1] if len(rows) > per_page else None
        following = None if last is None else After(2 * last.urgency_rank, getattr(last, place.name), last.id)
        return Found(found, following, {})

    def counts(self) -> dict[View, int]:
        """How many there are in each list."""
        held = held_ids(self._connection)
        numbers = state_counts(self._connection, self._officer, exercise=self._exercise)
        waiting = sum(sum(numbers[state].values()) for state in OPEN)
        held_here = select(func.count()).where(
            reports.c.id.in_(held), reports.c.state.in_([state.value for state in OPEN]), *self._seen
        )
        found = {View.UNASSIGNED: waiting - self._connection.execute(held_here).scalar_one()}
        for view in (View.MINE, View.MY_UNIT, View.OVERDUE, View.BOUNCED):
            query = self._of(view, Narrowed(), select(func.count()).select_from(reports))
            found[view] = self._connection.execute(query).scalar_one()
        silent = self._silent_packets(Narrowed(), select(func.count()).select_from(referrals))
        found[View.SILENT] = self._connection.execute(silent).scalar_one()
        return {view: found[view] for view in View}

    def new_alarms(self, most: int) -> tuple[str, ...]:
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

    def _of(self, view: View, narrowed: Narrowed, query: Select[Any]) -> Select[Any]:
        query = query.where(*self._seen, *narrowed.conditions)
        if view is View.MINE:
            return query.where(reports.c.id.in_(held_ids(self._connection, self._officer.id)))
        if view is View.BOUNCED:
            return query.where(reports.c.came_back == 1)
        query = query.where(reports.c.state == ReportState.IN_TRIAGE.value)
        if view is View.MY_UNIT:
            return query.where(reports.c.lead_unit == self._officer.unit)
        return query.where(reports.c.due_at < database_now())

    def _silent_packets(self, narrowed: Narrowed, query: Select[Any]) -> Select[Any]:
        return query.join(reports, reports.c.id == referrals.c.report_id).where(
            referrals.c.part == "lead",
            referrals.c.state.in_(_WITH_LEAD),
            referrals.c.due_at < database_now(),
            *self._seen,
            *narrowed.conditions,
        )

    def _silent(self, narrowed: Narrowed, per_page: int, after: After | None) -> Found:
        order = (referrals.c.urgency_rank, referrals.c.due_at, referrals.c.id)
        query = self._silent_packets(narrowed, select(referrals, database_now().label("now")))
        if after is not None:
            query = query.where(tuple_(*order) > (after.rank // 2, after.received_at, after.report_id))
        packets = self._connection.execute(query.order_by(*order).limit(per_page + 1)).all()
        page, last = packets[:per_page], packets[per_page - 1] if len(packets) > per_page else None
        ids = [packet.report_id for packet in page]
        rows = {row.id: row_of(row) for row in self._connection.execute(_by_id(ids))}
        silent = {packet.report_id: _silent_unit(packet) for packet in reversed(page)}
        following = None if last is None else After(2 * last.urgency_rank, last.due_at, last.id)
        return Found(tuple(rows[report_id] for report_id in dict.fromkeys(ids)), following, silent)


def _after(query: Select[Any], rank: int, place: ColumnElement[int], after: After | None) -> Select[Any] | None:
    """The reports of one urgency behind a place; None where all of them lie before it."""
    query = query.where(reports.c.urgency_rank == rank).order_by(place, reports.c.id)
    if after is None or rank > after.rank // 2:
        return query
    if rank < after.rank // 2:
        return None
    return query.where(tuple_(place, reports.c.id) > (after.received_at, after.report_id))


def _by_id(report_ids: Sequence[str]) -> Select[Any]:
    return select(reports, database_now().label("now")).where(reports.c.id.in_(report_ids))


def _silent_unit(packet: Any) -> SilentUnit:
    state = ReferralState(packet.state)
    hop = hop_of(state, packet.accepted_at is not None, packet.first_action_at is not None)
    return SilentUnit(unit=packet.unit, state=state, hop=hop, left=packet.due_at - packet.now)
