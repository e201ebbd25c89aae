"""A partner's own reports: where each stands, never what it says, and never another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from reports.identity import read_reference
from reports.states import ReportState
from reports.tables import reports

MOST_LISTED = 1000


@dataclass(frozen=True, kw_only=True)
class OwnReport:
    """One report as its partner may see it. Times in milliseconds; service is the code it was filed under, outcome the
    one it was closed with; '' for none."""

    report_id: str
    reference: str
    state: ReportState
    received_at: int
    closed_at: int | None
    outcome: str
    service: str


def own_report(connection: Connection, partner: str, reference: str) -> OwnReport | None:
    """The partner's report of this reference, however it was typed; None if there is none or it is another's."""
    exact = read_reference(reference)
    found = own_reports(connection, partner, references=[exact]) if exact else ()
    return found[0] if found else None


def own_reports(
    connection: Connection,
    partner: str,
    *,
    references: Sequence[str] | None = None,
    services: Sequence[str] | None = None,
    since: int | None = None,
    until: int | None = None,
    closed: bool | None = None,
) -> tuple[OwnReport, ...]:
    """The partner's reports, the newest first, 1,000 at most; those of given references, services, times or state.

    What was played for an exercise is found by its reference alone.
    """
    # What was joined to another report stands where that one does.
    into = reports.alias()
    stands = func.coalesce(into.c.state, reports.c.state).label("stands")
    alone = into.c.id.is_(None)
    ended_at = case((alone, reports.c.closed_at), else_=into.c.closed_at).label("ended_at")
    ended_with = case((alone, reports.c.outcome), else_=into.c.outcome).label("ended_with")
    # By name: the public app's role may read these columns and no others.
    own = (reports.c.id, reports.c.reference, reports.c.received_at, reports.c.service)
    query = (
        select(*own, stands, ended_at, ended_with)
        .outerjoin(into, into.c.id == reports.c.merged_into)
        .where(reports.c.partner == partner)
    )
    if references is not None:
        query = query.where(reports.c.reference.in_(references))
    else:
        query = query.where(reports.c.exercise == 0)
    if services is not None:
        query = query.where(reports.c.service.in_(services))
    if since is not None:
        query = query.where(reports.c.received_at >= since)
    if until is not None:
        query = query.where(reports.c.received_at <= until)
    if closed is not None:
        is_closed = stands == ReportState.CLOSED.value
        query = query.where(is_closed if closed else ~is_closed)
    rows = connection.execute(query.order_by(reports.c.received_at.desc(), reports.c.id.desc()).limit(MOST_LISTED))
    return tuple(
        OwnReport(
            report_id=row.id,
            reference=row.reference,
            state=ReportState(row.stands),
            received_at=row.received_at,
            closed_at=row.ended_at,
            outcome=row.ended_with or "",
            service=row.service or "",
        )
        for row in rows
    )
