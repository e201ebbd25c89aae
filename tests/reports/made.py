"""Reports, findings and decisions made by hand: only what a test is about differs from these."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from reports.claims import Claim, claim_waiting
from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.steps import MACHINE, Outcome, Standing
from reports.store import Store
from reports.tables import counts, reports
from reports.values import Channel, Copied, Decision, Finding, Labels, UnitKind, Urgency

LEASE_SECONDS, ATTEMPTS = 15, 5
RUILI, MANGSHI = "public_security-533102", "civil_affairs-533103"


def a_text(source_id: str = "SM1", text: str = "被关在砖厂", **changes: Any) -> NewReport:
    """A text message as the door hands it in."""
    whole: dict[str, Any] = {
        "channel": Channel.SMS,
        "source": "twilio",
        "source_id": source_id,
        "content": Content(text=text, sender="+8613800000000"),
        "raw": f"Body={text}".encode(),
        **changes,
    }
    return NewReport(**whole)


def a_finding(urgency: Urgency = Urgency.URGENT) -> Finding:
    """What the machine read."""
    labels = Labels(matters=("forced_labour",), urgency=urgency)
    return Finding(labels=labels, language="zh", confidence=0.9, needs_person=False, reader="test")


def a_decision(**changes: Any) -> Decision:
    """A lead unit and one copy."""
    copy = Copied(
        kind=UnitKind.CIVIL_AFFAIRS, region="533103", unit=MANGSHI, fields=("reference", "person"), why="copy-relief"
    )
    decision = Decision(
        lead_kind=UnitKind.PUBLIC_SECURITY,
        lead_region="533102",
        lead_unit=RUILI,
        lead_fields=("reference", "text", "places"),
        copies=(copy,),
        rule="forced-labour",
        measures=("4.3.2-2",),
        rulebook="0" * 64,
        why_zh="强迫劳动由公安机关查处。",
        why_en="Forced labour is for public security.",
    )
    return replace(decision, **changes)


def keep(database: Database, keys: DoorKeys, number: int = 1, urgent: bool = False) -> str:
    """Keeps one text and returns its report's id."""
    return Keeper(database, keys).keep(a_text(f"SM{number}"), urgent=urgent).report_id


def claim(
    database: Database, queue: str = "normal", batch: int = 50, seconds: float = LEASE_SECONDS
) -> tuple[Claim, ...]:
    """Takes what waits, as a worker does."""
    return claim_waiting(database, queue, batch, seconds, ATTEMPTS)


def standing_of(claimed: Claim) -> Standing:
    """Where a worker's claim stands."""
    return Standing(
        report_id=claimed.report_id,
        reference=claimed.reference,
        state=claimed.state,
        urgency=claimed.urgency,
        lease_token=claimed.token,
        to_read_at=claimed.to_read_at,
    )


def standing_now(database: Database, report_id: str) -> Standing:
    """Where a report stands for a person who reads it now."""
    with database.read() as connection:
        row = connection.execute(select(reports).where(reports.c.id == report_id)).one()
    return Standing(
        report_id=row.id,
        reference=row.reference,
        state=ReportState(row.state),
        urgency=Urgency.from_rank(row.urgency_rank),
        version=row.version,
    )


def a_step(standing: Standing, after: ReportState, **changes: Any) -> Outcome:
    """One step to `after`, with a finding and decision where the report is referred."""
    whole: dict[str, Any] = {
        "standing": standing,
        "after": after,
        "urgency": standing.urgency,
        "actor": MACHINE,
        "action": "stepped",
        **changes,
    }
    if after is ReportState.REFERRED:
        whole = {"finding": a_finding(), "decision": a_decision()} | whole
    return Outcome(**whole)


def advance(store: Store, *outcomes: Outcome) -> tuple[Outcome, ...]:
    """Writes the steps in a transaction of their own."""
    with store.database.write() as connection:
        return store.advance(connection, outcomes)


def count(database: Database, table: Any = reports) -> int:
    """How many rows a table has."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def stored_counts(database: Database) -> dict[tuple[str, int], int]:
    """The counts that are kept, without zeros."""
    with database.read() as connection:
        rows = connection.execute(select(counts).where(counts.c.number != 0)).all()
    return {(row.state, row.urgency_rank): row.number for row in rows}


def counted(database: Database) -> dict[tuple[str, int], int]:
    """The same, counted one by one; reports that wait to be read are not kept in the counts."""
    columns = (reports.c.state, reports.c.urgency_rank)
    with database.read() as connection:
        rows = connection.execute(
            select(*columns, func.count()).where(reports.c.state != ReportState.RECEIVED.value).group_by(*columns)
        ).all()
    return {(row[0], row[1]): row[2] for row in rows}
