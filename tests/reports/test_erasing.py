"""Erasing: nothing that was told can be opened any more, and what is left says that it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from config.retention import Retention
from config.settings import PACKAGED_CONFIG
from reports.audit import verify
from reports.content import NewAttachment
from reports.database import Database, database_now
from reports.erasing import Ground, due, erase, hold
from reports.errors import Erased, IllegalTransition
from reports.keeping import Keeper
from reports.keys import DoorKeys, InnerKeys
from reports.notes import say
from reports.receipts import ReceiptBook
from reports.states import ReportState
from reports.store import Store
from reports.tables import (
    attachment_pieces,
    attachments,
    audit_entries,
    correspondents,
    messages,
    metadata,
    note_copies,
    notes,
    receipts,
    remarks,
    reports,
)
from tests.reports.made import a_step, a_text, advance, claim, count, keep, standing_now, standing_of

DIGITS = "0871631324567890"
EMPTIED = (receipts, notes, note_copies, remarks, attachments, attachment_pieces)
RETENTION = Retention.load(PACKAGED_CONFIG)
DAY = 86_400_000


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def close(store: Store, report_id: str, outcome: str = "solved", days_ago: float = 0) -> None:
    for claimed in claim(store.database):
        if claimed.report_id == report_id:
            advance(store, a_step(standing_of(claimed), ReportState.REFERRED))
    standing = standing_now(store.database, report_id)
    advance(store, a_step(standing, ReportState.CLOSED, action="closed", detail={"outcome": outcome}))
    with store.database.write() as connection:
        closed_at = database_now() - int(days_ago * DAY)
        connection.execute(update(reports).where(reports.c.id == report_id).values(closed_at=closed_at))


def with_a_receipt(store: Store, keys: InnerKeys, report_id: str) -> None:
    """A report whose reporter has a receipt and was asked something, and of which an officer said why."""
    book = ReceiptBook(store.database, keys.receipts)
    unlocked = book.unlock(DIGITS)
    with store.database.write() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == report_id)).scalar_one()
        key = keys.opening.open_report_key(report_id, wrapped)
        book.issue(connection, report_id, unlocked, "intake")
        say(connection, report_id, key, "o", "在几楼？", note_id="n" * 32)
        store.remark(connection, report_id, key, "o", "closed", "看过了")


def erased(store: Store, report_id: str, ground: Ground = Ground.REQUEST) -> bool:
    with store.database.write() as connection:
        return erase(store, connection, report_id, "machine", ground)


def due_now(store: Store, retention: Retention = RETENTION) -> list[str]:
    with store.database.read() as connection:
        return [one.report_id for one in due(connection, retention, 10)]


def row(store: Store, report_id: str) -> Any:
    with store.database.read() as connection:
        return connection.execute(select(reports).where(reports.c.id == report_id)).one()


def sealed_bytes(store: Store) -> list[tuple[str, bytes]]:
    """Every sealed value that lies in the store."""
    with store.database.read() as connection:
        return [
            (column.name, bytes(value))
            for table in metadata.sorted_tables
            for column in table.c
            if column.name.startswith(("sealed_", "wrapped_"))
            for value in connection.execute(select(column)).scalars()
            if value
        ]


def test_an_erased_report_cannot_be_opened_and_leaves_a_row(
    store: Store, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    photo = NewAttachment(name="a.jpg", claimed_type="image/jpeg", data=b"\xff\xd8\xff" * 40_000)
    report_id = Keeper(store.database, door_keys).keep(a_text("SM1", attachments=(photo,)), urgent=False).report_id
    with_a_receipt(store, inner_keys, report_id)
    close(store, report_id)
    assert count(store.database, attachment_pieces) > 0
    assert erased(store, report_id)
    left = row(store, report_id)
    assert (left.state, left.outcome, left.wrapped_key) == ("CLOSED", "solved", b"")
    assert left.erased_at is not None
    with pytest.raises(Erased):
        inner_keys.opening.open_report_key(report_id, left.wrapped_key)
    assert sealed_bytes(store) == []
    assert [count(store.database, table) for table in EMPTIED] == [0] * len(EMPTIED)
    assert ReceiptBook(store.database, inner_keys.receipts).find(DIGITS) is None


def test_erasing_twice_has_the_effect_of_once_and_the_chain_stands(
    store: Store, door_keys: DoorKeys, inner_keys: InnerKeys, tmp_path: Path
) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id)
    assert [erased(store, report_id), erased(store, report_id)] == [True, False]
    assert verify(store.database, inner_keys.checkpoints, tmp_path / "none").faults == ()
    with store.database.read() as connection:
        lines = connection.execute(select(audit_entries).where(audit_entries.c.action == "erased")).all()
    assert [line.detail for line in lines] == ['{"ground":"request","reports":1}']


def test_others_are_left_as_they_are(store: Store, door_keys: DoorKeys, inner_keys: InnerKeys) -> None:
    mine, other = keep(store.database, door_keys, 1), keep(store.database, door_keys, 2)
    close(store, mine)
    erased(store, mine)
    wrapped = row(store, other).wrapped_key
    key = inner_keys.opening.open_report_key(other, wrapped)
    with store.database.read() as connection:
        message = connection.execute(select(messages).where(messages.c.report_id == other)).one()
    assert "砖厂" in key.open("messages.sealed_content", message.id, message.sealed_content).decode()


def test_a_number_that_is_not_safe_is_remembered_and_another_is_not(store: Store, door_keys: DoorKeys) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id)
    with store.database.write() as connection:
        for index, unsafe_at in (("a" * 32, 1), ("b" * 32, None)):
            row = {"number_index": index, "report_id": report_id, "wrote_at": 1, "unsafe_at": unsafe_at}
            connection.execute(insert(correspondents).values(row))
    erased(store, report_id)
    with store.database.read() as connection:
        assert connection.execute(select(correspondents.c.number_index)).scalars().all() == ["a" * 32]


def test_what_was_joined_to_it_goes_with_it(store: Store, door_keys: DoorKeys) -> None:
    mine, adding, more = (keep(store.database, door_keys, number) for number in (1, 2, 3))
    with store.database.write() as connection:
        for one, into in ((adding, mine), (more, adding)):
            merged = {"state": "MERGED", "merged_into": into, "to_read_at": None}
            connection.execute(update(reports).where(reports.c.id == one).values(**merged))
    close(store, mine)
    erased(store, mine)
    assert sealed_bytes(store) == []
    assert all(row(store, one).erased_at for one in (mine, adding, more))


def test_a_delivery_that_comes_again_after_it_was_erased_is_known(store: Store, door_keys: DoorKeys) -> None:
    keeper = Keeper(store.database, door_keys)
    first = keeper.keep(a_text("SM1"), urgent=False)
    close(store, first.report_id)
    erased(store, first.report_id)
    again = keeper.keep(a_text("SM1"), urgent=False)
    assert (again.repeated, again.conflict, again.reference) == (True, False, first.reference)
    assert count(store.database) == 1


@pytest.mark.parametrize(
    ("outcome", "days", "is_due"),
    [("solved", 89, False), ("solved", 91, True), ("noise", 29, False), ("noise", 31, True), ("abolished", 91, True)],
)
def test_each_end_has_its_time(store: Store, door_keys: DoorKeys, outcome: str, days: int, is_due: bool) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id, outcome, days)
    assert due_now(store) == ([report_id] if is_due else [])


def test_what_was_set_aside_is_due_after_its_days_and_what_is_open_never_is(store: Store, door_keys: DoorKeys) -> None:
    aside, opened = keep(store.database, door_keys, 1), keep(store.database, door_keys, 2)
    for claimed in claim(store.database):
        after = ReportState.QUARANTINED if claimed.report_id == aside else ReportState.IN_TRIAGE
        advance(store, a_step(standing_of(claimed), after))
    with store.database.write() as connection:
        connection.execute(update(reports).values(received_at=1, routed_at=1))
    assert due_now(store) == [], "an officer set it aside just now"
    with store.database.write() as connection:
        connection.execute(update(audit_entries).values(at=database_now() - 31 * DAY))
    assert due_now(store) == [aside]
    with pytest.raises(IllegalTransition, match="only one that is closed or quarantined"):
        erased(store, opened)


def test_what_is_held_is_kept_until_its_day(store: Store, door_keys: DoorKeys) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id, days_ago=100)

    def held_for(days: float | None) -> None:
        with store.database.write() as connection:
            now = connection.execute(select(database_now())).scalar_one()
            hold(store, connection, report_id, "command-line", None if days is None else now + int(days * DAY))

    held_for(3)
    assert due_now(store) == []
    with pytest.raises(IllegalTransition, match="is held"):
        erased(store, report_id)
    held_for(-1)
    assert due_now(store) == [report_id]
    held_for(3)
    held_for(None)
    assert due_now(store) == [report_id]


def test_what_was_added_and_not_read_yet_is_not_erased(store: Store, door_keys: DoorKeys) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id, days_ago=100)
    with store.database.write() as connection:
        connection.execute(update(reports).values(to_read_at=database_now()))
    assert due_now(store) == []
    with pytest.raises(IllegalTransition, match="still to be read"):
        erased(store, report_id)


def test_a_report_that_is_taken_up_again_is_not_due(store: Store, door_keys: DoorKeys) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id, days_ago=100)
    advance(store, a_step(standing_now(store.database, report_id), ReportState.IN_TRIAGE))
    assert due_now(store) == []


def test_a_table_may_be_shorter_without_a_word_and_longer_with_a_reason(store: Store, door_keys: DoorKeys) -> None:
    report_id = keep(store.database, door_keys)
    close(store, report_id, days_ago=2)
    assert due_now(store, replace(RETENTION, closed=1)) == [report_id]


def test_nothing_of_one_transaction_stays_half_done(store: Store, door_keys: DoorKeys, inner_keys: InnerKeys) -> None:
    report_id = keep(store.database, door_keys)
    with_a_receipt(store, inner_keys, report_id)
    close(store, report_id)
    before = sealed_bytes(store)
    with store.database.write() as connection:
        erase(store, connection, report_id, "machine", Ground.REQUEST)
        connection.rollback()
    assert sealed_bytes(store) == before
