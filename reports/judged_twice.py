"""Reports that the machine judged and an officer after it: what learning from the desk begins with.

Nothing is learned from exercises, where whoever judges may be new to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from reports.records import finding_from_json
from reports.steps import MACHINE
from reports.tables import findings, remarks, reports
from reports.values import Channel, Finding, Labels

# What an officer did who had looked at the labels, whether or not they changed them.
_LOOKED_AT = ("confirmed", "corrected", "rerouted")


@dataclass(frozen=True, kw_only=True)
class JudgedTwice:
    """One report with what the machine found and what an officer made of it.

    received_at is in milliseconds. Codes alone: no word of the reporter and no name of the officer.
    """

    reference: str
    channel: Channel
    received_at: int
    found: Finding
    labels: Labels


def judged_twice(connection: Connection) -> Iterator[JudgedTwice]:
    """Every such report, oldest first.

    found is what the officer saw, the machine's last finding before theirs. Where they confirmed it, labels are its
    own. Raises RecordDamaged for a finding that cannot be read.
    """
    looked_at = select(remarks.c.report_id).where(remarks.c.verb.in_(_LOOKED_AT))
    rows = connection.execute(
        select(reports.c.id, reports.c.reference, reports.c.channel, reports.c.received_at, findings.c.author,
               findings.c.body)
        .join(findings, findings.c.report_id == reports.c.id)
        .where(reports.c.id.in_(looked_at), reports.c.exercise == 0)
        .order_by(reports.c.received_at, reports.c.id, findings.c.number)
    )  # fmt: skip
    report: list[Any] = []
    for row in rows:
        if report and report[0].id != row.id:
            yield from _pair(report)
            report = []
        report.append(row)
    if report:
        yield from _pair(report)


def _pair(rows: list[Any]) -> Iterator[JudgedTwice]:
    theirs = next((number for number, row in reversed([*enumerate(rows)]) if row.author != MACHINE), len(rows))
    machine = [row for row in rows[:theirs] if row.author == MACHINE]
    if not machine:
        return
    found = finding_from_json(machine[-1].body)
    labels = finding_from_json(rows[theirs].body).labels if theirs < len(rows) else found.labels
    first = rows[0]
    yield JudgedTwice(
        reference=first.reference,
        channel=Channel(first.channel),
        received_at=first.received_at,
        found=found,
        labels=labels,
    )
