"""What an officer decides about details that are kept back: to keep them back on, or to release them to the unit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from console.desk import Asked, given
from console.entered import BadForm, Fault
from console.remarks import remark
from console.repacking import repack
from console.services import Services
from reports.database import read_now
from reports.errors import StaleVersion
from reports.holding import refuse_if_held
from reports.report_view import ReportView, find_report
from reports.withheld import KeptBack, keep_on, release
from routing.rulebook.tokens import CHINA_TIME

# Nobody forgets what is kept back for longer than this.
MOST_DAYS = 366
# The hour of the chosen day at which it is looked at again: when the day shift begins.
_MORNING = time(9)


class WithheldVerbs:
    """Every verb opens one transaction, commits it, and leaves a sealed reason and an audit line.

    Each raises UnknownReport, StaleVersion, MissingReason or BadForm; asked.version is that of the thing kept back.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def keep(self, asked: Asked, withheld_id: str, until: str) -> None:
        """Keeps it back on and looks at it again on the morning of a day (2026-03-01), at most a year from now."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            report, kept = self._found(connection, asked, withheld_id)
            review_at = _morning(until, read_now(connection))
            keep_on(self._services.store, connection, kept, asked.officer.id, review_at)
            remark(self._services, connection, asked.officer, report, "kept_back", reason)

    def release(self, asked: Asked, withheld_id: str) -> None:
        """Gives it to the unit: what it has is made anew with it, what is still to be sent will hold it."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            report, kept = self._found(connection, asked, withheld_id)
            refuse_if_held(connection, report.report_id, asked.officer)
            repack(self._services, connection, release(self._services.store, connection, kept, asked.officer.id))
            remark(self._services, connection, asked.officer, report, "released", reason)

    def _found(self, connection: Connection, asked: Asked, withheld_id: str) -> tuple[ReportView, KeptBack]:
        report = find_report(connection, asked.reference, asked.officer)
        for kept in report.withheld:
            if kept.withheld_id == withheld_id and kept.version == asked.version and kept.ended_at is None:
                return report, kept
        raise StaleVersion(f"What report {report.reference} keeps back was changed meanwhile. Look at it again.")


def _morning(written: str, now: int) -> int:
    """The morning of a day to come in milliseconds since 1970. Raises BadForm for any other day."""
    today = datetime.fromtimestamp(now / 1000, CHINA_TIME).date()
    try:
        day = date.fromisoformat(written.strip())
    except ValueError:
        raise BadForm(Fault("until", "fault_day", {"typed": written.strip()[:20]})) from None
    if not today < day <= today + timedelta(days=MOST_DAYS):
        raise BadForm(Fault("until", "fault_day_far", {"typed": str(day)}))
    return int(datetime.combine(day, _MORNING, CHINA_TIME).timestamp() * 1000)
