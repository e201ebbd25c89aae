"""What a rulebook would do to the reports of the past, and to made-up ones, in the place of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from hotline.replay_command import facts_decided
from reports.history import newest_decided
from reports.values import Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.compare import KINDS, OWNER, changes
from routing.rulebook.route import route
from routing.rulebook.samples import samples

# Enough to see what a change does, few enough not to wait for: some seconds. `hotline rules replay` takes all.
MOST_STORED = 5_000


@dataclass(frozen=True)
class Effect:
    """How many reports were tried, how many change, and how many in each way of `compare.KINDS`."""

    tried: int
    changed: int
    by_kind: Counter[str]

    def __str__(self) -> str:
        told = ", ".join(f"{kind} {self.by_kind[kind]}" for kind in KINDS if self.by_kind[kind])
        owners = self.by_kind[OWNER]
        return f"{owners} of {self.tried} would change owner, {self.changed} anything" + (f" ({told})" if told else "")


def effect_on_stored(connection: Connection, before: Rulebook, after: Rulebook) -> Effect:
    """On the newest reports that were decided, by their labels; their content is not read."""
    decided = newest_decided(connection, MOST_STORED)
    return _effect((facts_decided(one) for one in decided), before, after)


def effect_on_samples(before: Rulebook, after: Rulebook) -> Effect:
    """On made-up reports."""
    return _effect((sample.facts for sample in samples(before, after)), before, after)


def _effect(reports: Iterable[Facts], before: Rulebook, after: Rulebook) -> Effect:
    tried = changed = 0
    by_kind = Counter[str]()
    for facts in reports:
        found = changes(route(facts, before), route(facts, after), after.areas)
        tried += 1
        changed += bool(found)
        by_kind.update(change.kind for change in found)
    return Effect(tried, changed, by_kind)
