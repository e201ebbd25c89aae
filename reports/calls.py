"""What is known of a call beside what was said: whether it is over, and whether the caller spoke with a person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, literal, select, update

from reports.audit import AuditChain, AuditEntry
from reports.database import database_now
from reports.states import ReportState
from reports.step_columns import added_flag
from reports.tables import reports

SILENT = "silent"
_INTAKE = "intake"
# For how long the parts of a call that is over may take to join it before it is read without them.
_JOINING_MILLISECONDS = 5000


@dataclass(frozen=True, kw_only=True)
class PutThrough:
    """That a caller was put through to somebody (duty or emergency), and whether anybody was there."""

    whom: str
    reached: bool

    @property
    def action(self) -> str:
        """What it is called among the flags and in the audit chain."""
        return f"spoke_with_{self.whom}" if self.reached else f"nobody_at_{self.whom}"


def quiet_left(connection: Connection, report_id: str) -> int:
    """For how many seconds more a call is waited for; 0 where it, or a part of it, is being read or was."""
    is_waiting = reports.c.state == ReportState.RECEIVED.value
    pressing = select(reports.c.id).where(
        reports.c.follows == report_id, ~is_waiting | (reports.c.to_read_at <= database_now())
    )
    left = connection.execute(
        select(reports.c.to_read_at - database_now()).where(reports.c.id == report_id, is_waiting, ~pressing.exists())
    ).scalar()
    return max(0, -(-int(left) // 1000)) if left is not None else 0


def call_is_over(chain: AuditChain, connection: Connection, report_id: str) -> tuple[str, ...]:
    """Has what was told in a call read now, and marks the report where nothing was. Returns the queues to ring for.

    Telling it twice has the effect of once.
    """
    # The call first, then its parts, as whoever joins them does it: nobody waits in a circle.
    connection.execute(select(reports.c.id).where(reports.c.id == report_id).with_for_update(key_share=True))
    now = database_now()
    is_held = (reports.c.state == ReportState.RECEIVED.value) & (reports.c.to_read_at > now + _JOINING_MILLISECONDS)
    if not _something_was_told(connection, report_id):
        mark_call(connection, report_id, SILENT)
    parts = connection.execute(
        update(reports).where(reports.c.follows == report_id, is_held).values(to_read_at=now).returning(reports.c.queue)
    ).scalars().all()  # fmt: skip
    # What was told joins the call first, and then the call is read, once and whole.
    begins = connection.execute(
        update(reports)
        .where(reports.c.id == report_id, is_held)
        .values(to_read_at=now + (_JOINING_MILLISECONDS if parts else 0))
        .returning(reports.c.queue)
    ).scalars().all()  # fmt: skip
    if parts or begins:
        chain.append(connection, [AuditEntry(_INTAKE, "call_over", f"report:{report_id}", {})])
    return tuple(sorted(set(parts or begins)))


def mark_call(connection: Connection, report_id: str, *flags: str) -> None:
    """Adds flags to a call's report, each once."""
    for flag in flags:
        connection.execute(update(reports).where(reports.c.id == report_id).values(flags=added_flag(flag)))


def call_adds_to(connection: Connection, report_id: str, earlier: str) -> None:
    """Has a call that nobody has read yet added to an earlier report."""
    connection.execute(
        update(reports)
        .where(reports.c.id == report_id, reports.c.id != earlier, reports.c.state == ReportState.RECEIVED.value)
        .values(follows=earlier)
    )


def note_put_through(chain: AuditChain, connection: Connection, report_id: str, put_through: PutThrough) -> None:
    """Marks the report, and writes down once, that a caller was put through and how it went."""
    flags = literal(" ").concat(reports.c.flags).concat(" ")
    marked = connection.execute(
        update(reports)
        .where(reports.c.id == report_id, flags.not_like(f"% {put_through.action} %"))
        .values(flags=added_flag(put_through.action))
    ).rowcount
    if marked:
        chain.append(connection, [AuditEntry(_INTAKE, put_through.action, f"report:{report_id}", {})])


def _something_was_told(connection: Connection, report_id: str) -> bool:
    # A part keeps its row, and what it follows, when it was joined.
    parts = select(reports.c.id).where(reports.c.follows == report_id).limit(1)
    return connection.execute(parts).first() is not None
