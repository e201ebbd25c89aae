"""Guessing receipts: how many guesses get through, from one network and from many, and that nobody else is kept out."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from random import Random

from sqlalchemy import select, update

from reports.database import Database
from reports.receipt_digits import POSSIBLE, new_digits
from reports.receipt_gate import ALARMING, FROM_ONE_NETWORK, IN_ALL, Gate
from reports.tables import receipt_gates
from tests.reports.made import count

HERE, THERE = "a" * 32, "b" * 32


def pass_time(database: Database, seconds: float) -> None:
    with database.write() as connection:
        connection.execute(update(receipt_gates).values(free_at=receipt_gates.c.free_at - int(seconds * 1000)))


def test_five_a_minute_get_through_from_one_network(database: Database) -> None:
    gate = Gate(database)
    assert [gate.enter(HERE) for _ in range(7)] == [True] * 5 + [False] * 2
    pass_time(database, 12)
    assert [gate.enter(HERE) for _ in range(2)] == [True, False]
    pass_time(database, 60)
    assert [gate.enter(HERE) for _ in range(6)] == [True] * 5 + [False]


def test_another_network_is_not_kept_out(database: Database) -> None:
    gate = Gate(database)
    while gate.enter(HERE):
        pass
    pass_time(database, 1)
    assert not gate.enter(HERE)
    assert gate.enter(THERE)


def test_right_receipts_are_not_counted(database: Database) -> None:
    gate = Gate(database)
    for _ in range(30):
        assert gate.enter(HERE)
        gate.leave_with_a_right_one(HERE)
    assert not gate.is_alarming()


def test_guesses_from_everywhere_at_once_get_through_five_a_second_and_no_more(database: Database) -> None:
    gate, networks = Gate(database), [f"{number:032x}" for number in range(400)]
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        through = sum(pool.map(gate.enter, networks))
    seconds = time.monotonic() - start
    assert IN_ALL.most <= through <= IN_ALL.most + seconds * IN_ALL.most / IN_ALL.seconds + 1
    # What that means for a year against a hundred thousand live receipts.
    guesses = 365 * 86_400 * IN_ALL.most / IN_ALL.seconds
    assert guesses * 100_000 / POSSIBLE < 0.002


def test_a_hundred_wrong_ones_in_ten_minutes_are_an_alarm_that_ends(database: Database) -> None:
    gate = Gate(database)
    for number in range(ALARMING.most):
        assert not gate.is_alarming()
        assert gate.enter(f"{number:032x}")
        pass_time(database, 0.2)
    pass_time(database, -30)
    assert gate.is_alarming()
    pass_time(database, 20 * 60)
    assert not gate.is_alarming()


def test_nothing_is_kept_of_a_network_once_its_gate_is_free(database: Database) -> None:
    gate = Gate(database)
    gate.enter(HERE)
    gate.forget()
    assert count(database, receipt_gates) > 0
    pass_time(database, FROM_ONE_NETWORK.seconds)
    gate.forget()
    with database.read() as connection:
        assert connection.execute(select(receipt_gates.c.name)).all() == []


def test_all_who_cannot_be_placed_get_two_a_second_together_and_keep_nobody_else_out(database: Database) -> None:
    gate = Gate(database)
    start = time.monotonic()
    entered = [gate.enter("") for _ in range(20)]
    # The database's clock may go a little faster than this one.
    assert 2 <= sum(entered) <= 2 + 2 * (time.monotonic() - start) + 0.2
    assert not all(entered)
    assert gate.enter(HERE)
    assert gate.enter(THERE)
    pass_time(database, 0.5)
    assert gate.enter("")


def test_the_right_receipt_of_somebody_who_cannot_be_placed_is_not_counted(database: Database) -> None:
    gate = Gate(database)
    for _ in range(10):
        assert gate.enter("")
        gate.leave_with_a_right_one("")


def test_row_a19_a_minute_of_guessing_from_everywhere_is_slow_alarms_and_finds_nothing(
    database: Database,
) -> None:
    """Four hundred networks that never tire, played second by second on the gate's own clock."""
    gate, networks = Gate(database), cycle(f"{number:032x}" for number in range(400))
    live = {new_digits() for _ in range(100_000)}
    through, alarmed_after, begun = 0, None, time.monotonic()
    for second in range(60):
        for network in islice(networks, 8):
            if gate.enter(network):
                through += 1
                assert new_digits() not in live
        if alarmed_after is None and gate.is_alarming():
            alarmed_after = second
        pass_time(database, 1)
    seconds = 60 + time.monotonic() - begun
    assert 0 < through <= IN_ALL.most + seconds * IN_ALL.most / IN_ALL.seconds + 1
    # A hundred in ten minutes alarm; at five a second that is a third of a minute.
    assert alarmed_after is not None


def test_row_a19_a_million_guesses_that_were_let_through_would_find_nothing() -> None:
    """At five a second they take more than two days, and the alarm stands for all but the first minute of them."""
    live = set(Random(19).sample(range(POSSIBLE), 100_000))  # noqa: S311
    chance = Random(2008)  # noqa: S311
    assert sum(chance.randrange(POSSIBLE) in live for _ in range(1_000_000)) == 0
    assert 1_000_000 * 100_000 / POSSIBLE < 0.0001
