"""Which deliveries are kept already, asked for many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from reports.database import database_now
from reports.states import ReportState
from reports.tables import messages, reports


def kept_already(connection: Connection, source: str, source_ids: Sequence[str]) -> frozenset[str]:
    """Those of one provider's ids that a message was kept under. A few hundred ids at a time."""
    same = (messages.c.source == source, messages.c.source_id.in_(source_ids))
    return frozenset(connection.execute(select(messages.c.source_id).where(*same)).scalars())


def kept_as(connection: Connection, source: str, source_ids: Sequence[str]) -> Mapping[str, str]:
    """The report that each of these ids came as, where it is kept. A few hundred ids at a time."""
    came_as = func.coalesce(messages.c.came_as, messages.c.report_id)
    same = (messages.c.source == source, messages.c.source_id.in_(source_ids), messages.c.variant == "")
    rows = connection.execute(select(messages.c.source_id, came_as).where(*same))
    return {source_id: report_id for source_id, report_id in rows}


def still_waiting(connection: Connection, report_ids: Sequence[str]) -> frozenset[str]:
    """Those of these reports of which more is expected before they are read."""
    waits = (reports.c.state == ReportState.RECEIVED.value) & (reports.c.to_read_at > database_now())
    return frozenset(connection.execute(select(reports.c.id).where(reports.c.id.in_(report_ids), waits)).scalars())
