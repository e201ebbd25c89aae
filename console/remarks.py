"""The reason an officer gives for what they do, kept with the report and sealed under its key."""

from __future__ import annotations

from sqlalchemy import Connection

from console.services import Services
from reports.officers import Officer
from reports.report_view import ReportView


def remark(
    services: Services, connection: Connection, officer: Officer, report: ReportView, verb: str, reason: str
) -> None:
    """Keeps the reason of what was done, in the caller's transaction. Raises KeyMissing, SealBroken and Erased."""
    key = services.keys.opening.open_report_key(report.report_id, report.wrapped_key)
    services.store.remark(connection, report.report_id, key, officer.id, verb, reason)
