"""Where a report's messages and files lie by now: with itself, or with the report that it was joined to."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from reports.tables import reports

# Longer chains of reports that were joined to one another do not come about; the bound is against a ring.
MOST_STEPS = 20


def where_it_lies(connection: Connection, report_id: str) -> str | None:
    """The report that has a report's messages now: itself, or what it was joined to. None if there is no such one."""
    for _ in range(MOST_STEPS):
        row = connection.execute(select(reports.c.id, reports.c.merged_into).where(reports.c.id == report_id)).first()
        if row is None or row.merged_into is None:
            return row and str(row.id)
        report_id = row.merged_into
    return None


def lying_together(connection: Connection, report_id: str) -> tuple[str, ...]:
    """The reports whose words stand together with this one's, itself among them: all that were joined or put to one."""
    lies_in = where_it_lies(connection, report_id) or report_id
    together = select(reports.c.id).where(
        or_(reports.c.id.in_([report_id, lies_in]), reports.c.merged_into.in_([report_id, lies_in]))
    )
    return tuple(connection.execute(together.order_by(reports.c.id)).scalars())
