"""What whoever presents a receipt may know: how their report stands, what they are asked, and nothing else.

No unit, no officer, no person, no place and no time but the days that are left to ask for more; not even what they
wrote themselves, for a receipt can be found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import Database, database_now, read_now
from reports.notes import Note, mark_seen, notes_for
from reports.receipts import Presented
from reports.states import ReportState
from reports.tables import feedback, reports

_DAY = 86_400_000


@dataclass(frozen=True, kw_only=True)
class ReporterView:
    """How a report stands for its reporter.

    outcome is a code of outcomes.toml where the report is closed. helped is what the reporter answered about this end,
    None before they did. days_to_reopen is how many days a closed report may still be taken up again, the last one
    counted whole; 0 where it may not.
    """

    state: ReportState
    outcome: str | None
    notes: tuple[Note, ...]
    helped: bool | None
    days_to_reopen: int


def view(connection: Connection, presented: Presented, reopening_days: int) -> ReporterView:
    """How the report of a presented receipt stands. Raises SealBroken."""
    row = _standing(connection, presented)
    is_closed = row.state == ReportState.CLOSED.value
    helped = None
    if is_closed:
        said = select(feedback.c.helped).where(
            feedback.c.report_id == presented.own_report_id, feedback.c.closed_at == row.closed_at
        )
        helped = connection.execute(said).scalar()
    return ReporterView(
        state=ReportState(row.state),
        outcome=row.outcome if is_closed else None,
        notes=notes_for(connection, presented),
        helped=None if helped is None else helped == 1,
        days_to_reopen=_days_left(connection, row.closed_at, reopening_days) if is_closed else 0,
    )


def seen(connection: Connection, presented: Presented, shown: ReporterView) -> None:
    """Notes that the reporter has read what they are asked. Writes nothing where there was nothing new to read."""
    if any(note.is_open for note in shown.notes):
        mark_seen(connection, presented)


def say_whether_it_helped(database: Database, connection: Connection, presented: Presented, helped: bool) -> None:
    """Keeps the reporter's answer about how the report ended; the last one counts. Nothing while it is not closed."""
    row = _standing(connection, presented)
    if row.state != ReportState.CLOSED.value:
        return
    said = {"outcome": row.outcome or "", "helped": int(helped), "said_at": database_now()}
    dialect = sqlite if database.is_sqlite else postgresql
    connection.execute(
        dialect.insert(feedback)
        .values(report_id=presented.own_report_id, closed_at=row.closed_at, **said)
        .on_conflict_do_update(index_elements=["report_id", "closed_at"], set_=said)
    )


def _days_left(connection: Connection, closed_at: int, reopening_days: int) -> int:
    left = closed_at + reopening_days * _DAY - read_now(connection)
    return max(0, math.ceil(left / _DAY))


def _standing(connection: Connection, presented: Presented) -> Any:
    columns = (reports.c.state, reports.c.outcome, reports.c.closed_at)
    return connection.execute(select(*columns).where(reports.c.id == presented.report_id)).one()
