"""What each source may send unmarked, and what a source is: a keyed digest that is another one tomorrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Request

from config.limits import Limits, Rate
from config.settings import Network
from intake.networks import network_of
from intake.problems import Refused
from reports.database import Database
from reports.errors import StoreUnavailable
from reports.partners import Partner
from reports.sealing import BlindIndex
from reports.tallies import Allowance, Tallies

# More than comes in any window.
_NO_LIMIT = 2**31


class Limiter:
    """Says what a sender, a network and a partner may send. Knows nobody: it keeps digests of the day, no address."""

    def __init__(
        self,
        limits: Limits,
        database: Database,
        key: BlindIndex,
        proxies: tuple[Network, ...],
        now: Callable[[], datetime],
    ) -> None:
        """key makes the digests; proxies are our own, whose X-Forwarded-For is believed; now gives the day."""
        self._limits, self._database, self._key = limits, database, key
        self._proxies, self._now = proxies, now
        self._tallies = Tallies(database.engine, limits.total)
        # Partners who asked too often, and until when they are told so without asking the store again.
        self._resting: dict[str, float] = {}

    @property
    def work_bits(self) -> int:
        """How many leading zero bits a proof of work has."""
        return self._limits.work_bits

    def of_sender(self, number: str) -> Allowance | None:
        """What one telephone number may send; None where the carrier gave none."""
        return self._allowance("sender", number, self._limits.sender, 1) if number else None

    def of_network(self, asked: Request, *, worked: bool) -> Allowance | None:
        """What the network of a form's sender may send; None where nothing limits it. worked says that the form brought
        proof of work.

        While all sources together are over their limit, a form without such proof may nothing. A network that nobody
        can tell has no limit of its own.
        """
        network = self._network(asked)
        if worked:
            rate = self._limits.work
            return self._allowance("worked", network, rate, rate.most) if network else None
        rate = self._limits.network if network else Rate(most=_NO_LIMIT, seconds=self._limits.network.seconds)
        return self._allowance("network", network, rate, 0)

    def guessing_from(self, asked: Request) -> str:
        """What wrong receipts from one network are counted by: a keyed digest of the day; '' where nobody can tell."""
        network = self._network(asked)
        return self._digest("guesses", network) if network else ""

    def of_partner(self, partner: Partner) -> Allowance:
        """What one partner may send. Whoever has a key is known, so that a flood of others does not count for them."""
        most = partner.per_minute or self._limits.partner.most
        seconds = 60 if partner.per_minute else self._limits.partner.seconds
        return Allowance(source=partner.id, rate=Rate(most=most, seconds=seconds), most_in_flood=most)

    def wants_work(self, asked: Request) -> bool:
        """Whether the next form from there would be marked without proof of work. Without a store: no."""
        try:
            with self._database.read() as connection:
                return self._tallies.would_be_over(connection, self.of_network(asked, worked=False))
        except StoreUnavailable:
            return False

    def check_look_up(self, partner: Partner) -> None:
        """Counts a partner's question. Raises Refused (429) beyond the limit: nothing is lost by asking later."""
        rate = self._limits.look_up
        moment = self._now().timestamp()
        if moment < self._resting.get(partner.id, 0.0):
            raise _too_often(int(self._resting[partner.id] - moment) + 1)
        source = f"look:{partner.id}"
        with self._database.write() as connection:
            over = self._tallies.count(connection, source, rate) > rate.most
        if over:
            left = rate.seconds - moment % rate.seconds
            self._resting[partner.id] = moment + left
            raise _too_often(int(left) + 1)

    def _allowance(self, kind: str, value: str, rate: Rate, most_in_flood: int) -> Allowance:
        return Allowance(source=self._digest(kind, value), rate=rate, most_in_flood=most_in_flood)

    def _digest(self, kind: str, value: str) -> str:
        return self._key.of(f"limit-{kind}", f"{self._now().date().isoformat()}|{value}")

    def _network(self, asked: Request) -> str:
        return network_of(asked.remote_addr or "", asked.headers.get("X-Forwarded-For", ""), self._proxies)


def _too_often(seconds: int) -> Refused:
    return Refused(429, f"You ask too often. Come again in {seconds} seconds.", wait=seconds)
