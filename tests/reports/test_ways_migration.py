"""The step to a database that knows ways: what was told went to an inbox, and what waits can go back to it."""

from __future__ import annotations

from sqlalchemy import select, text, update

from reports.database import Database
from reports.keys import DoorKeys
from reports.schema import downgrade, upgrade
from reports.states import ReportState
from reports.store import Store
from reports.tables import referrals
from tests.reports.made import a_step, advance, claim, keep, standing_of


def test_packets_keep_their_way_up_and_wait_for_an_inbox_down(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    advance(Store(database), a_step(standing_of(claim(database)[0]), ReportState.REFERRED))
    with database.write() as connection:
        told = {"state": "DELIVERED", "delivered_at": 1, "way": None}
        connection.execute(update(referrals).where(referrals.c.part == "copy").values(**told))
        stuck = {"way": "by_hand", "ways_failed": "webhook:gone", "attempts": 20, "next_try_at": 2**50}
        connection.execute(update(referrals).where(referrals.c.part == "lead").values(**stuck))
    downgrade(database, "0002")
    with database.read() as connection:
        rows = connection.execute(text("SELECT part, attempts, next_try_at FROM referrals ORDER BY part")).all()
    assert [tuple(row) for row in rows] == [("copy", 0, 0), ("lead", 0, 0)]
    upgrade(database)
    with database.read() as connection:
        ways = {row.part: row.way for row in connection.execute(select(referrals.c.part, referrals.c.way))}
    assert ways == {"copy": "inbox", "lead": None}
