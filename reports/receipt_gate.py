"""How often receipts may be guessed: 5 a minute from one network, 2 a second from all that cannot be told apart
together, 5 a second in all; right ones are not counted.

Each gate is one row that says when it is free again (the generic cell rate algorithm, ITU-T I.371, with the database's
clock): whoever comes sooner is asked to wait, whether the receipt is right or wrong. So all processes share the limits,
a restart forgets none, and a person who comes back with the right receipt never meets them.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import Database, database_now, read_now
from reports.tables import receipt_gates

TOTAL, UNPLACED, ALARM = "total", "unplaced", "alarm"


@dataclass(frozen=True)
class Rate:
    """At most `most` in `seconds`, evenly after the first `most`."""

    most: int
    seconds: float

    @property
    def interval(self) -> int:
        """Milliseconds that one takes up."""
        return int(self.seconds * 1000 / self.most)


FROM_ONE_NETWORK = Rate(5, 60)
# Tor, onion services and proxies that nobody named look like one network: whoever guesses there keeps the others there
# waiting, and leaves room for everybody else.
FROM_UNPLACED = Rate(2, 1)
IN_ALL = Rate(5, 1)
# More wrong receipts than people mistype: somebody is guessing.
ALARMING = Rate(100, 600)


class Gate:
    """Lets a look at a receipt through, or says to wait. Each call is one short transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, network: str) -> bool:
        """Whether this network may look up a receipt now; counts as a wrong one until `leave_with_a_right_one`.

        network is a keyed digest of at most 32 signs, or "" where nobody knows it: all of those are one.
        """
        with self._database.read() as connection:
            # Who is refused costs a read: a flood of guesses must not keep writers from their turn.
            if not all(_is_free(connection, name, rate) for name, rate in _gates(network)):
                return False
        with self._database.write() as connection:
            taken = [(name, rate) for name, rate in _gates(network) if _take(connection, self._database, name, rate)]
            if len(taken) == len(_gates(network)):
                _take(connection, self._database, ALARM, ALARMING, always=True)
                return True
            for name, rate in taken:
                _give_back(connection, name, rate)
        return False

    def leave_with_a_right_one(self, network: str) -> None:
        """Takes the look back: it was no guess."""
        with self._database.write() as connection:
            for name, rate in (*_gates(network), (ALARM, ALARMING)):
                _give_back(connection, name, rate)

    def is_alarming(self) -> bool:
        """Whether there were more wrong receipts in the last ten minutes than people mistype."""
        with self._database.read() as connection:
            return not _is_free(connection, ALARM, ALARMING)

    def forget(self) -> None:
        """Deletes the gates that have been free for a while, and with them all that is known of those networks."""
        with self._database.write() as connection:
            connection.execute(delete(receipt_gates).where(receipt_gates.c.free_at < database_now()))


def _gates(network: str) -> tuple[tuple[str, Rate], ...]:
    return ((network, FROM_ONE_NETWORK) if network else (UNPLACED, FROM_UNPLACED), (TOTAL, IN_ALL))


def _is_free(connection: Connection, name: str, rate: Rate) -> bool:
    free_at = connection.execute(select(receipt_gates.c.free_at).where(receipt_gates.c.name == name)).scalar()
    return free_at is None or free_at - read_now(connection) <= (rate.most - 1) * rate.interval


def _take(connection: Connection, database: Database, name: str, rate: Rate, *, always: bool = False) -> bool:
    dialect = sqlite if database.is_sqlite else postgresql
    connection.execute(
        dialect.insert(receipt_gates).values(name=name, free_at=0).on_conflict_do_nothing(index_elements=["name"])
    )
    now, free_at = read_now(connection), receipt_gates.c.free_at
    wanted = [receipt_gates.c.name == name]
    if not always:
        wanted.append(free_at <= now + (rate.most - 1) * rate.interval)
    later = case((free_at > now, free_at), else_=now) + rate.interval
    # What only counts and stops nobody must not run ahead for days.
    furthest = now + 2 * rate.most * rate.interval
    values = {"free_at": case((later > furthest, furthest), else_=later)}
    return bool(connection.execute(update(receipt_gates).where(*wanted).values(values)).rowcount)


def _give_back(connection: Connection, name: str, rate: Rate) -> None:
    connection.execute(
        update(receipt_gates)
        .where(receipt_gates.c.name == name)
        .values(free_at=receipt_gates.c.free_at - rate.interval)
    )
