"""What was decided about every report so far, but those of exercises: labels and decisions, never content."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from reports.errors import RecordDamaged
from reports.records import decision_from_json, finding_from_json
from reports.tables import decisions, findings, reports
from reports.values import Channel, Decision, Finding

_PER_READ = 500
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Decided:
    """The newest decision on a report, who made it, and the finding it was made on. received_at is in milliseconds."""

    reference: str
    channel: Channel
    received_at: int
    author: str
    finding: Finding
    decision: Decision


def newest_decided(connection: Connection, most: int) -> Iterator[Decided]:
    """Those of the newest `most` reports that were decided on, in the order they came."""
    before = connection.execute(select(reports.c.id).order_by(reports.c.id.desc()).offset(most).limit(1)).scalar()
    return decided_reports(connection, before or "")


def decided_reports(connection: Connection, after: str = "") -> Iterator[Decided]:
    """Every report that was decided on, in the order they came, a few hundred at a time; those after an id."""
    newest = (
        select(decisions.c.report_id, func.max(decisions.c.number).label("number"))
        .where(decisions.c.report_id > after)
        .group_by(decisions.c.report_id)
    )
    latest = newest.subquery()
    query = (
        select(
            reports.c.id,
            reports.c.reference,
            reports.c.channel,
            reports.c.received_at,
            decisions.c.author,
            decisions.c.body,
            findings.c.body.label("found"),
        )
        .join(latest, latest.c.report_id == reports.c.id)
        .join(decisions, (decisions.c.report_id == reports.c.id) & (decisions.c.number == latest.c.number))
        .join(findings, findings.c.id == decisions.c.finding_id)
        .where(reports.c.exercise == 0)
        .order_by(reports.c.id)
        .limit(_PER_READ)
    )
    last = after
    while rows := connection.execute(query.where(reports.c.id > last)).all():
        yield from (decided for row in rows if (decided := _decided(row)) is not None)
        last = rows[-1].id


def _decided(row: Any) -> Decided | None:
    """None, with a line in the log, where what was found or decided was damaged."""
    try:
        finding, decision = finding_from_json(row.found), decision_from_json(row.body)
    except RecordDamaged:
        log.warning("A damaged record is left out.", extra={"reference": row.reference})
        return None
    return Decided(
        reference=row.reference,
        channel=Channel(row.channel),
        received_at=row.received_at,
        author=row.author,
        finding=finding,
        decision=decision,
    )
