"""Receipts that went along with a merge are put back to the reports they were given for."""

from __future__ import annotations

from sqlalchemy import insert, select

from reports.database import Database
from reports.keys import DoorKeys
from reports.schema import downgrade, upgrade
from reports.tables import merged_rows, merges, receipts
from tests.reports.made import keep


def test_receipts_go_back_to_the_reports_they_were_given_for(database: Database, door_keys: DoorKeys) -> None:
    first, second, third = (keep(database, door_keys, number) for number in (1, 2, 3))
    put = [("m1", third, second, 10, None), ("m2", second, first, 20, None), ("m0", second, third, 5, 6)]
    went = [("m0", "of-second"), ("m1", "of-third"), ("m2", "of-third"), ("m2", "of-second")]
    downgrade(database, "0028")
    with database.write() as connection:
        for merge_id, report_id, into_id, merged_at, ended_at in put:
            row = {"id": merge_id, "report_id": report_id, "into_id": into_id, "officer_id": "x", "finding": 0}
            connection.execute(insert(merges).values(**row, merged_at=merged_at, ended_at=ended_at))
        for receipt in ("of-first", "of-second", "of-third"):
            row = {"id": receipt, "report_id": first, "digest": receipt, "public_key": "x", "made_at": 1}
            connection.execute(insert(receipts).values(**row))
        for merge_id, receipt in went:
            connection.execute(insert(merged_rows).values(merge_id=merge_id, table_name="receipts", row_id=receipt))
    upgrade(database)
    with database.read() as connection:
        lie = {row.id: row.report_id for row in connection.execute(select(receipts.c.id, receipts.c.report_id))}
        assert connection.execute(select(merged_rows)).all() == []
    assert lie == {"of-first": first, "of-second": second, "of-third": third}
