"""The queue as a page at a time: the most urgent first, then the oldest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, tuple_

from reports.database import database_now
from reports.errors import RecordDamaged
from reports.officers import Officer
from reports.records import finding_from_json
from reports.recusals import counted_for, kept_from, shown_to, visible_to
from reports.states import LIVE_REFERRALS, ReferralState, ReportState, hop_of
from reports.tables import counts, findings, referrals, reports
from reports.values import Finding, Urgency

MOST_PER_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One report in the queue, without content. Times in milliseconds; left is below zero when its clock ran out.

    to_read_at is from when the machine reads it, None where nothing is left to be read.
    """

    report_id: str
    reference: str
    state: ReportState
    urgency: Urgency
    channel: str
    received_at: int
    due_at: int | None
    left: int | None
    language: str
    matters: tuple[str, ...]
    lead_unit: str
    lead_region: str
    flags: tuple[str, ...]
    reminded: bool
    marked: bool
    came_back: bool
    to_read_at: int | None

    @property
    def rank(self) -> int:
        """Where it stands in the queue, 0 first: by its urgency, one step higher where it waited too long; and within a
        step those that came in a flood behind the others."""
        return 2 * (self.urgency.rank + (0 if self.reminded else 1)) + self.marked


@dataclass(frozen=True)
class After:
    """Where the next page begins: behind this report. rank is its place by urgency and mark, 0 first."""

    rank: int
    received_at: int
    report_id: str

    def __str__(self) -> str:
        return f"{self.rank}.{self.received_at}.{self.report_id}"

    @classmethod
    def read(cls, text: str) -> After | None:
        """The place that `str` gave, None for anything else."""
        parts = text.split(".")
        if len(parts) != 3 or not (
            parts[0].isascii() and parts[0].isdigit() and parts[1].isascii() and parts[1].isdigit()
        ):
            return None
        if int(parts[0]) > 2 * len(Urgency) + 1 or int(parts[1]) > 2**53:
            return None
        return cls(int(parts[0]), int(parts[1]), parts[2][:32])


def queue_page(
    connection: Connection,
    states: Sequence[ReportState],
    per_page: int,
    after: After | None = None,
    officer: Officer | None = None,
    *,
    exercise: bool = False,
    only: Sequence[ColumnElement[bool]] = (),
) -> tuple[tuple[QueueRow, ...], After | None]:
    """One page of the reports in these states that an officer may see, and where the next begins (None after the last).

    only are further conditions on `reports`.

    A report whose clock at the desk ran out stands among those that are one step more urgent. What was told and what is
    played for an exercise are never on one page.
    """
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    order = (reports.c.urgency_rank, reports.c.marked, reports.c.received_at, reports.c.id)
    now = database_now()
    rows: list[QueueRow] = []
    for state in states:
        # One state at a time, the desk was reminded of or not, keeps to the index; a page merges at most a few of them.
        for raised in (0, 1):
            query = (
                select(reports, now.label("now"))
                .where(reports.c.state == state.value, reports.c.raised == raised, visible_to(officer))
                .where(reports.c.exercise == int(exercise), *only)
                .order_by(*order)
                .limit(per_page + 1)
            )
            if after is not None:
                place = (after.rank // 2 - 1 + raised, after.rank % 2, after.received_at, after.report_id)
                query = query.where(tuple_(*order) > place)
            rows.extend(row_of(row) for row in connection.execute(query))
    rows.sort(key=lambda row: (row.rank, row.received_at, row.report_id))
    page = tuple(rows[:per_page])
    more = len(rows) > per_page
    last = page[-1] if page else None
    return page, After(last.rank, last.received_at, last.report_id) if more and last else None


def state_counts(
    connection: Connection, officer: Officer | None = None, *, exercise: bool = False
) -> dict[ReportState, dict[Urgency, int]]:
    """How many reports stand in each state, by urgency, without those that the officer is kept from; those of exercises
    by themselves.

    Costs the same however many there are.
    """
    found: dict[ReportState, dict[Urgency, int]] = {state: {} for state in ReportState}
    for row in connection.execute(select(counts).where(counts.c.exercise == int(exercise))):
        found[ReportState(row.state)][Urgency.from_rank(row.urgency_rank)] = row.number
    waiting = connection.execute(
        select(reports.c.urgency_rank, func.count())
        .where(reports.c.state == ReportState.RECEIVED.value, reports.c.exercise == int(exercise))
        .group_by(reports.c.urgency_rank)
    )
    found[ReportState.RECEIVED] = {Urgency.from_rank(rank): number for rank, number in waiting}
    for row in _kept_from(connection, officer, exercise):
        found[ReportState(row.state)][Urgency.from_rank(row.urgency_rank)] -= row.number
    return found


def _kept_from(connection: Connection, officer: Officer | None, exercise: bool) -> Sequence[Row[Any]]:
    """How many reports an officer is kept from, by state and urgency: a handful."""
    if officer is None:
        return ()
    return connection.execute(
        select(reports.c.state, reports.c.urgency_rank, func.count().label("number"))
        .where(reports.c.id.in_(kept_from(officer)), reports.c.exercise == int(exercise))
        .group_by(reports.c.state, reports.c.urgency_rank)
    ).all()


def overdue_counts(connection: Connection, officer: Officer | None = None) -> dict[str, int]:
    """How many clocks of each hop ran out and were not answered since, of reports that count for the officer.
    Exercises are left out."""
    now = database_now()
    at_desk = select(func.count()).where(
        reports.c.state == ReportState.IN_TRIAGE.value,
        reports.c.due_at < now,
        counted_for(officer),
        reports.c.exercise == 0,
    )
    live = [state.value for state in LIVE_REFERRALS]
    with_units = select(
        referrals.c.state,
        referrals.c.accepted_at.is_(None).label("unaccepted"),
        referrals.c.first_action_at.is_(None).label("idle"),
        func.count().label("number"),
    ).where(referrals.c.state.in_(live), referrals.c.due_at < now, shown_to(officer), referrals.c.exercise == 0)
    found = dict.fromkeys(("desk", "delivery", "acceptance", "first_action", "feedback"), 0)
    found["desk"] = connection.execute(at_desk).scalar_one()
    for row in connection.execute(with_units.group_by("state", "unaccepted", "idle")):
        found[hop_of(ReferralState(row.state), not row.unaccepted, not row.idle)] += row.number
    return found


def latest_findings(connection: Connection, report_ids: Sequence[str]) -> dict[str, Finding | None]:
    """The finding that stands of each report that has one; None where it was damaged and cannot be read."""
    rows = connection.execute(
        select(findings.c.report_id, findings.c.body)
        .where(findings.c.report_id.in_(report_ids))
        .order_by(findings.c.number)
    ).all()
    newest = {row.report_id: row.body for row in rows}
    return {report_id: _readable(body) for report_id, body in newest.items()}


def _readable(body: str) -> Finding | None:
    try:
        return finding_from_json(body)
    except RecordDamaged:
        return None


@dataclass(frozen=True, kw_only=True)
class LeadPacket:
    """How far the lead unit's packet of a report has come: its hop, and what that hop's clock has left, in
    milliseconds."""

    state: ReferralState
    hop: str
    left: int | None


def lead_packets(connection: Connection, report_ids: Sequence[str]) -> dict[str, LeadPacket]:
    """The newest packet to the lead unit of each report that has one."""
    rows = connection.execute(
        select(
            referrals.c.report_id,
            referrals.c.state,
            referrals.c.due_at,
            referrals.c.accepted_at,
            referrals.c.first_action_at,
            database_now().label("now"),
        )
        .where(referrals.c.report_id.in_(report_ids), referrals.c.part == "lead")
        .order_by(referrals.c.created_at, referrals.c.id)
    ).all()
    return {
        row.report_id: LeadPacket(
            state=ReferralState(row.state),
            hop=hop_of(ReferralState(row.state), row.accepted_at is not None, row.first_action_at is not None),
            left=None if row.due_at is None else row.due_at - row.now,
        )
        for row in rows
    }


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """One packet in a unit's inbox. matters is empty where the packet may not hold them; renewed_at is when it was
    given what was told since, None where nothing was."""

    referral_id: str
    reference: str
    part: str
    state: ReferralState
    urgency: Urgency
    matters: tuple[str, ...]
    delivered_at: int
    added_at: int | None
    left: int | None
    renewed_at: int | None = None
    marked: bool = False


def inbox_page(
    connection: Connection,
    officer: Officer,
    states: Sequence[ReferralState],
    per_page: int,
    after: After | None = None,
    *,
    exercise: bool = False,
) -> tuple[tuple[InboxRow, ...], After | None]:
    """One page of the packets of an officer's unit in these states, the most urgent first, then the oldest, those that
    came in a flood behind the others; and where the next begins.

    Only packets that reached the unit are in it, whatever states are asked for, and none that were shut. Those of
    exercises are never among the others.
    """
    per_page = max(1, min(per_page, MOST_PER_PAGE))
    order = (referrals.c.urgency_rank, reports.c.marked, referrals.c.delivered_at, referrals.c.id)
    query = (
        select(referrals, reports.c.reference, reports.c.matters, reports.c.marked, database_now().label("now"))
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(
            referrals.c.unit == officer.unit,
            referrals.c.state.in_([state.value for state in states]),
            referrals.c.delivered_at.is_not(None),
            referrals.c.shut == 0,
            shown_to(officer),
            referrals.c.exercise == int(exercise),
        )
        .order_by(*order)
        .limit(per_page + 1)
    )
    if after is not None:
        place = (after.rank // 2, after.rank % 2, after.received_at, after.report_id)
        query = query.where(tuple_(*order) > place)
    rows = connection.execute(query).all()
    page = tuple(_inbox_row(row) for row in rows[:per_page])
    last = page[-1] if len(rows) > per_page else None
    return page, After(2 * last.urgency.rank + last.marked, last.delivered_at, last.referral_id) if last else None


def inbox_counts(connection: Connection, officer: Officer, *, exercise: bool = False) -> dict[ReferralState, int]:
    """How many packets that reached an officer's unit stand in each state; those of exercises by themselves."""
    rows = connection.execute(
        select(referrals.c.state, func.count())
        .where(referrals.c.unit == officer.unit, referrals.c.delivered_at.is_not(None), referrals.c.shut == 0)
        .where(shown_to(officer), referrals.c.exercise == int(exercise))
        .group_by(referrals.c.state)
    )
    return {state: 0 for state in ReferralState} | {ReferralState(state): number for state, number in rows}


def _inbox_row(row: object) -> InboxRow:
    fields = row._mapping  # type: ignore[attr-defined]
    return InboxRow(
        referral_id=fields["id"],
        reference=fields["reference"],
        part=fields["part"],
        state=ReferralState(fields["state"]),
        urgency=Urgency.from_rank(fields["urgency_rank"]),
        matters=tuple((fields["matters"] or "").split()) if "matters" in fields["fields"].split() else (),
        delivered_at=fields["delivered_at"],
        added_at=fields["added_at"],
        left=None if fields["due_at"] is None else fields["due_at"] - fields["now"],
        renewed_at=fields["renewed_at"],
        marked=bool(fields["marked"]),
    )


def row_of(row: object) -> QueueRow:
    """A row of the queue from a row of `reports` with the database's time as "now"."""
    fields = row._mapping  # type: ignore[attr-defined]
    return QueueRow(
        report_id=fields["id"],
        reference=fields["reference"],
        state=ReportState(fields["state"]),
        urgency=Urgency.from_rank(fields["urgency_rank"]),
        channel=fields["channel"],
        received_at=fields["received_at"],
        to_read_at=fields["to_read_at"],
        due_at=fields["due_at"],
        left=None if fields["due_at"] is None else fields["due_at"] - fields["now"],
        language=fields["language"] or "",
        matters=tuple((fields["matters"] or "").split()),
        lead_unit=fields["lead_unit"] or "",
        lead_region=fields["lead_region"] or "",
        flags=tuple(fields["flags"].split()),
        reminded=bool(fields["raised"]),
        marked=bool(fields["marked"]),
        came_back=bool(fields["came_back"]),
    )
