"""Receipts: found by their digits alone, sealed to without knowing them, swapped once, never told from wrong ones."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select

from reports.database import Database, database_now
from reports.errors import SealBroken
from reports.keys import DoorKeys, InnerKeys
from reports.receipt_digits import new_digits, shown
from reports.receipt_keys import ReceiptKey, seal_to_reporter
from reports.receipts import MOST_FOR_A_REPORT, Presented, ReceiptBook, TooManyReceipts
from reports.tables import audit_entries, note_copies, notes, receipts
from tests.reports.made import count, keep

FIRST, SECOND = "0871631324567890", "5209871234567890"
KNOWN_DIGEST = "64aff9208a38b80e38f027cd082d3ad8b31fee0e164a47096e444a6e314b9b50"
KNOWN_PUBLIC = "8aa41b7b5496af4180d7d75ccf34aaad7c209f79a08ec1b994306d8cb3d96840"
QUICK = ReceiptKey(b"k" * 32, cost=2**4)


def give(database: Database, report_id: str, digits: str, *, temporary: bool = False) -> str:
    book = ReceiptBook(database, QUICK)
    unlocked = book.unlock(digits)
    with database.write() as connection:
        return book.issue(connection, report_id, unlocked, "intake", temporary=temporary)


def present(database: Database, digits: str) -> Presented:
    presented = ReceiptBook(database, QUICK).present(digits)
    assert presented is not None
    return presented


def say(database: Database, report_id: str, receipt_id: str, text: str) -> str:
    """Puts a note beside a report as the desk does, sealed to the receipt's stored public key alone."""
    note_id = f"{text:.32}"
    with database.write() as connection:
        public = connection.execute(select(receipts.c.public_key).where(receipts.c.id == receipt_id)).scalar_one()
        connection.execute(
            insert(notes).values(
                id=note_id, report_id=report_id, officer_id="o", said_at=database_now(), sealed_text=b"x"
            )
        )
        sealed = seal_to_reporter(public, note_id, text)
        connection.execute(insert(note_copies).values(note_id=note_id, receipt_id=receipt_id, sealed_copy=sealed))
    return note_id


def copy_of(database: Database, note_id: str) -> bytes:
    with database.read() as connection:
        return bytes(
            connection.execute(select(note_copies.c.sealed_copy).where(note_copies.c.note_id == note_id)).scalar_one()
        )


def test_a_receipt_finds_its_report_however_it_is_typed(database: Database, door_keys: DoorKeys) -> None:
    mine, other = keep(database, door_keys, 1), keep(database, door_keys, 2)
    give(database, mine, FIRST)
    give(database, other, SECOND)
    book = ReceiptBook(database, QUICK)
    assert book.find(FIRST) == book.find(shown(FIRST)) == book.find("０８７１－６３１３－２４５６－７８９０") == mine
    assert book.find(SECOND) == other
    assert book.find("4209871234567890") is book.find("12") is book.find("") is book.find("字" * 20_000) is None


def test_the_two_sides_know_the_same_receipts(database: Database, door_keys: DoorKeys, inner_keys: InnerKeys) -> None:
    desk, digits = ReceiptBook(database, inner_keys.receipts), new_digits()
    report_id, unlocked = keep(database, door_keys), desk.unlock(digits)
    with database.write() as connection:
        desk.issue(connection, report_id, unlocked, "officer", temporary=True)
    presented = ReceiptBook(database, door_keys.receipts).present(digits)
    assert presented is not None
    assert (presented.report_id, presented.temporary) == (report_id, True)


def test_nothing_that_lies_in_the_store_holds_the_digits(database: Database, door_keys: DoorKeys) -> None:
    give(database, keep(database, door_keys), FIRST)
    with database.read() as connection:
        rows = str(connection.execute(select(receipts)).all()) + str(connection.execute(select(audit_entries)).all())
    assert FIRST not in rows
    assert ReceiptKey(b"j" * 32, cost=2**4).unlock(FIRST).digest not in rows
    assert FIRST not in repr(present(database, FIRST))


def test_the_same_receipt_is_entered_once_and_a_report_has_a_few_at_most(
    database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    assert give(database, report_id, FIRST) == give(database, report_id, FIRST)
    assert count(database, receipts) == 1
    for _ in range(MOST_FOR_A_REPORT - 1):
        give(database, report_id, new_digits())
    with pytest.raises(TooManyReceipts):
        give(database, report_id, new_digits())


def test_only_the_receipt_opens_what_was_sealed_to_it(database: Database, door_keys: DoorKeys) -> None:
    report_id = keep(database, door_keys)
    receipt_id = give(database, report_id, FIRST)
    give(database, report_id, SECOND)
    note_id = say(database, report_id, receipt_id, "在几楼？")
    sealed = copy_of(database, note_id)
    assert present(database, FIRST).unlocked.open(note_id, sealed) == "在几楼？"
    with pytest.raises(SealBroken):
        present(database, SECOND).unlocked.open(note_id, sealed)
    with pytest.raises(SealBroken):
        present(database, FIRST).unlocked.open("another note", sealed)


def test_a_swapped_receipt_keeps_its_notes_and_the_old_one_is_as_if_it_never_was(
    database: Database, door_keys: DoorKeys
) -> None:
    report_id = keep(database, door_keys)
    receipt_id = give(database, report_id, FIRST, temporary=True)
    note_id = say(database, report_id, receipt_id, "在几楼？")
    book, old = ReceiptBook(database, QUICK), present(database, FIRST)
    new = book.unlock(SECOND)
    with database.write() as connection:
        assert book.swap(connection, old, new)
    presented = present(database, SECOND)
    assert (presented.report_id, presented.temporary) == (report_id, False)
    assert presented.unlocked.open(note_id, copy_of(database, note_id)) == "在几楼？"
    assert book.find(FIRST) is None
    with database.write() as connection:
        assert not book.swap(connection, old, book.unlock(new_digits()))


def test_of_many_who_swap_at_once_one_gets_the_receipt(database: Database, door_keys: DoorKeys) -> None:
    give(database, keep(database, door_keys), FIRST, temporary=True)
    book, old = ReceiptBook(database, QUICK), present(database, FIRST)

    def swap(digits: str) -> bool:
        new = book.unlock(digits)
        with database.write() as connection:
            return book.swap(connection, old, new)

    wanted = [new_digits() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(swap, wanted))
    assert won.count(True) == 1
    assert [book.find(digits) is not None for digits in wanted] == won


def test_the_receipt_of_one_occasion_is_always_the_same_and_of_another_is_another() -> None:
    assert QUICK.digits_for("a") == QUICK.digits_for("a") != QUICK.digits_for("b")
    assert QUICK.digits_for("a") != ReceiptKey(b"j" * 32).digits_for("a")


def test_the_known_answer_of_a_receipt() -> None:
    # Made with the command openssl: scrypt (N 16384, r 8, p 1) under the salt HMAC-SHA-256(key, "receipt-salt").
    unlocked = ReceiptKey(bytes(range(32))).unlock(FIRST)
    assert unlocked.digest == KNOWN_DIGEST
    assert unlocked.public_key == KNOWN_PUBLIC


def test_a_mistyped_receipt_takes_as_long_as_an_unknown_one(database: Database, door_keys: DoorKeys) -> None:
    keep(database, door_keys)
    book = ReceiptBook(database, door_keys.receipts)
    typed = {"unknown": "4209871234567890", "short": "12", "empty": "", "letters": "abc", "long": "7" * 60_000}
    taken: dict[str, list[float]] = {name: [] for name in typed}
    # In turns, and by the processor's own clock: what else the machine does is not to count.
    for _ in range(9):
        for name, text in typed.items():
            start = time.thread_time()
            book.find(text)
            taken[name].append(time.thread_time() - start)
    fastest = {name: min(seconds) for name, seconds in taken.items()}
    assert min(fastest.values()) > 0.005, "the digits are not stretched"
    assert max(fastest.values()) < 1.3 * min(fastest.values()), fastest
