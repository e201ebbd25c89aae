"""Keeping: a delivery is committed once, whoever sends it how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from reports.audit import verify
from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys, InnerKeys
from reports.reading import open_report, sealed_messages
from reports.tables import messages, reports
from reports.values import Channel


def a_text(source_id: str = "SM1", text: str = "被关在砖厂", **changes: object) -> NewReport:
    whole: dict[str, object] = {
        "channel": Channel.SMS,
        "source": "twilio",
        "source_id": source_id,
        "content": Content(text=text, sender="+8613800000000"),
        "raw": f"Body={text}".encode(),
        **changes,
    }
    return NewReport(**whole)  # type: ignore[arg-type]


def count(database: Database, table: object = reports) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_report_is_kept_sealed_and_opens_with_the_inner_keys(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    receipt = Keeper(database, door_keys).keep(a_text(), urgent=True)
    with database.read() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key)).scalar_one()
        sealed = sealed_messages(connection, [receipt.report_id])[receipt.report_id]
    key, contents = open_report(inner_keys, receipt.report_id, wrapped, sealed)
    assert contents == (Content(text="被关在砖厂", sender="+8613800000000"),)
    assert sealed[0].open_raw(key) == "Body=被关在砖厂".encode()
    assert "砖厂".encode() not in sealed[0].sealed_content + sealed[0].sealed_raw


def test_twelve_deliveries_at_once_are_one_report_with_one_answer(database: Database, door_keys: DoorKeys) -> None:
    keeper = Keeper(database, door_keys)
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(lambda _: keeper.keep(a_text(), urgent=False), range(12)))
    assert len({receipt.reference for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1
    assert count(database) == 1


def test_the_same_id_with_another_body_keeps_both_and_flags_them(database: Database, door_keys: DoorKeys) -> None:
    keeper = Keeper(database, door_keys)
    first = keeper.keep(a_text(), urgent=False)
    for _ in range(2):
        second = keeper.keep(a_text(text="没事了"), urgent=False)
        assert second.conflict
        assert second.reference == first.reference
    assert count(database, messages) == 2
    with database.read() as connection:
        flags = connection.execute(select(reports.c.flags).order_by(reports.c.received_at)).scalars().all()
    assert all("conflict" in flag for flag in flags)
    assert len(flags) == 2


def test_every_kept_report_is_in_the_audit_chain(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys, tmp_path: object
) -> None:
    keeper = Keeper(database, door_keys)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: keeper.keep(a_text(f"SM{n}"), urgent=False), range(40)))
    verdict = verify(database, inner_keys.checkpoints, tmp_path / "none")  # type: ignore[operator]
    assert verdict.entries == 40
    assert verdict.faults == ()
