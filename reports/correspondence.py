"""What the desk sees of its reporter: whether they can come back, what they were asked, and whether it helped them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from reports.notes import SealedNote, notes_of
from reports.officers import Officer
from reports.recusals import told_to
from reports.tables import feedback, receipts, reports


@dataclass(frozen=True, kw_only=True)
class Helped:
    """What the reporter said about one end of the report. said_at in milliseconds."""

    outcome: str
    helped: bool
    said_at: int


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """receipts counts the live ones of the report's own reporter, temporary those of them that they have not swapped
    yet."""

    receipts: int
    temporary: int
    notes: tuple[SealedNote, ...]
    helped: tuple[Helped, ...]


def correspondence(connection: Connection, report_id: str) -> Correspondence:
    """All of it, oldest first; the notes still sealed."""
    live = connection.execute(
        select(func.count(), func.coalesce(func.sum(receipts.c.temporary), 0)).where(receipts.c.report_id == report_id)
    ).one()
    said = connection.execute(
        select(feedback).where(feedback.c.report_id == report_id).order_by(feedback.c.closed_at)
    ).all()
    return Correspondence(
        receipts=live[0],
        temporary=int(live[1]),
        notes=notes_of(connection, report_id),
        helped=tuple(Helped(outcome=row.outcome, helped=row.helped == 1, said_at=row.said_at) for row in said),
    )


def helped_counts(connection: Connection, officer: Officer | None = None) -> Mapping[str, tuple[int, int]]:
    """How many reporters said that it helped and that it did not, by outcome. Nobody who played one in an exercise."""
    rows = connection.execute(
        select(feedback.c.outcome, func.sum(feedback.c.helped), func.count())
        .join(reports, reports.c.id == feedback.c.report_id)
        .where(told_to(officer, feedback.c.report_id), reports.c.exercise == 0)
        .group_by(feedback.c.outcome)
    )
    return {row[0]: (int(row[1]), row[2] - int(row[1])) for row in rows}
