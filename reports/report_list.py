"""The list of reports for the command line: ids, states, times and units, never content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from reports.errors import RecordDamaged
from reports.records import decision_from_json
from reports.states import ReferralState, ReportState
from reports.tables import decisions, referrals, reports
from reports.values import Decision, Urgency

_PER_READ = 500


@dataclass(frozen=True, kw_only=True)
class ListedReferral:
    """One packet of a listed report. Times in milliseconds; attempts counts the tries of the way it is told by."""

    referral_id: str
    unit: str
    part: str
    state: ReferralState
    attempts: int
    way: str
    delivered_at: int | None


@dataclass(frozen=True, kw_only=True)
class ListedReport:
    """One report, without content. Times in milliseconds; decision is the newest, None before there is one."""

    report_id: str
    reference: str
    state: ReportState
    urgency: Urgency
    channel: str
    received_at: int
    routed_at: int | None
    closed_at: int | None
    due_at: int | None
    attempts: int
    flags: tuple[str, ...]
    exercise: bool
    decision: Decision | None
    referrals: tuple[ListedReferral, ...]


def list_reports(
    connection: Connection, state: ReportState | None = None, reference: str | None = None
) -> Iterator[ListedReport]:
    """Every report, those in one state, or the one of a reference; in the order they came, a few hundred at a time."""
    last = ""
    while True:
        query = select(reports).where(reports.c.id > last).order_by(reports.c.id).limit(_PER_READ)
        if state is not None:
            query = query.where(reports.c.state == state.value)
        if reference is not None:
            query = query.where(reports.c.reference == reference)
        rows = connection.execute(query).mappings().all()
        if not rows:
            return
        ids = [row["id"] for row in rows]
        decided, sent = _decisions(connection, ids), _referrals(connection, ids)
        for row in rows:
            yield ListedReport(
                report_id=row["id"],
                reference=row["reference"],
                state=ReportState(row["state"]),
                urgency=Urgency.from_rank(row["urgency_rank"]),
                channel=row["channel"],
                received_at=row["received_at"],
                routed_at=row["routed_at"],
                closed_at=row["closed_at"],
                due_at=row["due_at"],
                attempts=row["attempts"],
                flags=tuple(row["flags"].split()),
                exercise=bool(row["exercise"]),
                decision=decided.get(row["id"]),
                referrals=tuple(sent.get(row["id"], ())),
            )
        last = ids[-1]


def _decisions(connection: Connection, ids: Sequence[str]) -> dict[str, Decision | None]:
    rows = connection.execute(
        select(decisions.c.report_id, decisions.c.body)
        .where(decisions.c.report_id.in_(ids))
        .order_by(decisions.c.number)
    )
    return {row.report_id: _readable(row.body) for row in rows}


def _readable(body: str) -> Decision | None:
    """None for a decision that was damaged: the report is listed all the same."""
    try:
        return decision_from_json(body)
    except RecordDamaged:
        return None


def _referrals(connection: Connection, ids: Sequence[str]) -> dict[str, list[ListedReferral]]:
    found: dict[str, list[ListedReferral]] = {}
    rows = connection.execute(
        select(referrals).where(referrals.c.report_id.in_(ids)).order_by(referrals.c.created_at, referrals.c.id)
    )
    for row in rows:
        one = ListedReferral(
            referral_id=row.id,
            unit=row.unit,
            part=row.part,
            state=ReferralState(row.state),
            attempts=row.attempts,
            way=row.way or "",
            delivered_at=row.delivered_at,
        )
        found.setdefault(row.report_id, []).append(one)
    return found
