"""Putting a report that was sent back before a duty officer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row

from reports.database import read_now
from reports.states import ReportState
from reports.steps import MACHINE, Outcome, Standing
from reports.values import Urgency
from workers.context import Context


def put_before_a_person(
    context: Context,
    connection: Connection,
    report: Row[Any],
    action: str,
    *,
    failure: str | None = None,
    detail: Mapping[str, str] | None = None,
) -> bool:
    """Puts a row of `reports` in triage, with action in the audit chain and the desk's clock started.

    Returns False, and changes nothing, where the report is with no unit any more.
    """
    if report.state != ReportState.REFERRED.value:
        return False
    urgency = Urgency.from_rank(report.urgency_rank)
    outcome = Outcome(
        standing=Standing(
            report_id=report.id,
            reference=report.reference,
            state=ReportState.REFERRED,
            urgency=urgency,
            version=report.version,
        ),
        after=ReportState.IN_TRIAGE,
        urgency=urgency,
        actor=MACHINE,
        action=action,
        due_in_minutes=context.rulebook.desk_wait(urgency, read_now(connection)),
        failure=failure,
        detail=dict(detail or {}),
    )
    context.store.advance(connection, [outcome])
    return True
