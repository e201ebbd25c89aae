"""Notices to deputies of silent units: claimed by the courier, sent, and written down."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from reports.audit import AuditEntry
from reports.database import Database, database_now
from reports.steps import MACHINE
from reports.store import Store
from reports.tables import escalations, reports

WAITING, SENT, FAILED, NOBODY = "WAITING", "SENT", "FAILED", "NOBODY"


@dataclass(frozen=True, kw_only=True)
class DeputyNotice:
    """One notice to be sent: the step it belongs to, the unit whose deputy is told, the report that waits, and which
    try this is. exercise says that nobody outside may be told."""

    step_id: str
    unit: str
    report_id: str
    object: str
    tries: int
    exercise: bool
    step: str


def claim_notices(database: Database, limit: int, lease_seconds: float) -> tuple[DeputyNotice, ...]:
    """Takes up to `limit` notices that are due, those of an exercise when no other is. Whoever dies at one
    leaves it to be sent again after the lease."""
    now = database_now()
    is_played = select(reports.c.exercise).where(reports.c.id == escalations.c.report_id).scalar_subquery()
    due = (
        select(escalations.c.id)
        .where(escalations.c.notice == WAITING, escalations.c.notice_next_at < now)
        .order_by(is_played, escalations.c.notice_next_at)
        .limit(limit)
    )
    with database.read() as connection:
        if connection.execute(due.limit(1)).first() is None:
            return ()
    with database.write() as connection:
        ids = connection.execute(due.with_for_update(skip_locked=True)).scalars().all()
        rows = connection.execute(
            update(escalations)
            .where(escalations.c.id.in_(ids))
            .values(notice_tries=escalations.c.notice_tries + 1, notice_next_at=now + int(lease_seconds * 1000))
            .returning(escalations)
        ).all()
        about = select(reports.c.id).where(reports.c.id.in_([row.report_id for row in rows]), reports.c.exercise == 1)
        exercises = frozenset(connection.execute(about).scalars())
    return tuple(
        DeputyNotice(
            step_id=row.id,
            unit=row.told,
            report_id=row.report_id,
            object=f"referral:{row.referral_id}" if row.referral_id else f"report:{row.report_id}",
            tries=row.notice_tries,
            exercise=row.report_id in exercises,
            step=row.step,
        )
        for row in rows
    )


def record_notice(store: Store, notice: DeputyNotice, way: str, failure: str = "") -> None:
    """Writes down that a deputy was told by a way, or that nobody could be told any more, and why. Once."""
    after = FAILED if failure else SENT
    with store.database.write() as connection:
        moved = connection.execute(
            update(escalations)
            .where(escalations.c.id == notice.step_id, escalations.c.notice == WAITING)
            .values(notice=after)
        ).rowcount
        if moved:
            detail = {"unit": notice.unit, "way": way, "why": failure or None}
            if notice.step == "reminder":
                action = "duty_not_paged" if failure else "duty_paged"
            else:
                action = "deputy_not_told" if failure else "deputy_told"
            store.chain.append(connection, [AuditEntry(MACHINE, action, notice.object, detail)])


def put_notice_off(database: Database, notice: DeputyNotice, seconds: int) -> None:
    """Lets a notice rest after a try that failed."""
    with database.write() as connection:
        connection.execute(
            update(escalations)
            .where(escalations.c.id == notice.step_id, escalations.c.notice == WAITING)
            .values(notice_next_at=database_now() + seconds * 1000)
        )
