"""What carriers say about texts of ours: every report is kept, and none takes a text back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest

from reports.database import Database
from reports.text_statuses import DeliveryState, StatusUpdate, TextStatus, note_status, status_of_text

A_TEXT = "SM" + "0" * 32
ACCEPTED, SENT, DELIVERED, UNDELIVERED = DeliveryState


def note(database: Database, state: DeliveryState, code: str = "", source: str = "twilio") -> bool:
    with database.write() as connection:
        return note_status(connection, source, StatusUpdate(message_id=A_TEXT, state=state, code=code))


def status(database: Database, source: str = "twilio") -> TextStatus | None:
    with database.read() as connection:
        return status_of_text(connection, source, A_TEXT)


@pytest.mark.parametrize("order", list(permutations((ACCEPTED, SENT, DELIVERED))))
def test_in_whatever_order_reports_come_the_text_ends_where_it_ended(
    database: Database, order: tuple[DeliveryState, ...]
) -> None:
    for state in order:
        note(database, state)
    found = status(database)
    assert found is not None
    assert found.state is DELIVERED


def test_a_report_that_is_said_again_is_no_news(database: Database) -> None:
    assert [note(database, state) for state in (SENT, SENT, ACCEPTED, UNDELIVERED, UNDELIVERED, DELIVERED)] == [
        True, False, False, True, False, False,
    ]  # fmt: skip
    found = status(database)
    assert found is not None
    assert found.state is UNDELIVERED


def test_why_a_text_did_not_arrive_is_kept_at_its_first_forty_characters(database: Database) -> None:
    note(database, UNDELIVERED, code="30006" + "x" * 100)
    found = status(database)
    assert found is not None
    assert found.code == "30006" + "x" * 35


def test_two_carriers_may_give_out_the_same_id(database: Database) -> None:
    note(database, DELIVERED)
    note(database, SENT, source="carrier:mobile")
    assert [found.state for found in (status(database), status(database, "carrier:mobile")) if found] == [
        DELIVERED,
        SENT,
    ]
    assert status(database, "carrier:other") is None


def test_reports_that_come_at_once_are_one_row(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        news = list(pool.map(lambda _: note(database, DELIVERED), range(24)))
    assert sum(news) == 1
