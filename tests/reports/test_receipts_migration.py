"""Bringing in receipts: reports that were closed before remember how they ended."""

from __future__ import annotations

from sqlalchemy import select

from reports.database import Database
from reports.keys import DoorKeys
from reports.schema import downgrade, upgrade
from reports.states import ReportState
from reports.store import Store
from reports.tables import reports
from tests.reports.made import a_step, advance, claim, keep, standing_now, standing_of


def test_reports_that_were_closed_before_know_how_they_ended(database: Database, door_keys: DoorKeys) -> None:
    closed, reopened, never = (keep(database, door_keys, number) for number in (1, 2, 3))
    store = Store(database)
    for claimed in claim(database):
        advance(store, a_step(standing_of(claimed), ReportState.IN_TRIAGE))
    for report_id in (closed, reopened):
        step = a_step(
            standing_now(database, report_id), ReportState.CLOSED, action="closed", detail={"outcome": "noise"}
        )
        advance(store, step)
    advance(store, a_step(standing_now(database, reopened), ReportState.IN_TRIAGE))
    downgrade(database, "0005")
    upgrade(database)
    with database.read() as connection:
        outcomes = {row.id: row.outcome for row in connection.execute(select(reports.c.id, reports.c.outcome))}
    assert outcomes == {closed: "noise", reopened: None, never: None}
