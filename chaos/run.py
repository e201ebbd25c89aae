"""One run: a carrier that sends, a nemesis that breaks, then quiet, then the count."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from chaos.carrier import Carrier
from chaos.faults import Nemesis
from chaos.system import System, Tally
from config.settings import PACKAGED_CONFIG
from reports.errors import StoreUnavailable
from routing.areas import AreaTree


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much to break: at least so many faults that hit and accepted reports. Times in seconds, rate a second."""

    faults: int
    reports: int
    rate: float
    seed: int
    shortest_pause: float = 0.6
    longest_pause: float = 1.8
    settle: float = 120.0


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run did and found."""

    system: str
    faults: Counter[str]
    deliveries: int
    tally: Tally
    seconds: float


def run(system: System, plan: Plan, show: Callable[[int, int], None]) -> Outcome:
    """Breaks the system as planned. show is told faults and accepted reports as they grow."""
    started = time.monotonic()
    carrier = Carrier(system, AreaTree.load(PACKAGED_CONFIG / "areas.csv"), plan.rate, plan.seed)
    nemesis = Nemesis(system, plan.seed)
    pauses = random.Random(plan.seed)  # noqa: S311
    system.start()
    try:
        carrier.start()
        try:
            while sum(nemesis.hits.values()) < plan.faults or len(carrier.accepted) < plan.reports:
                time.sleep(pauses.uniform(plan.shortest_pause, plan.longest_pause))
                if sum(nemesis.hits.values()) < plan.faults:
                    nemesis.strike()
                show(sum(nemesis.hits.values()), len(carrier.accepted))
        finally:
            nemesis.wake_everything()
            carrier.stop()
        tally = _settled(system, carrier.accepted, plan.settle)
    finally:
        system.stop()
    return Outcome(
        system=system.name,
        faults=nemesis.hits,
        deliveries=carrier.deliveries,
        tally=tally,
        seconds=time.monotonic() - started,
    )


def _settled(system: System, accepted: list[str], settle: float) -> Tally:
    """The tally once nothing is lost any more, or once the time to settle is over.

    Raises StoreUnavailable where the store is still away then.
    """
    deadline = time.monotonic() + settle
    while True:
        try:
            tally = system.tally(accepted)
        except StoreUnavailable:
            # The last fault may have been the store's own.
            if time.monotonic() > deadline:
                raise
        else:
            if not tally.lost or time.monotonic() > deadline:
                return tally
        time.sleep(0.5)
