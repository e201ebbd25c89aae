"""What a unit above may be told when it gets a packet over the head of a silent one."""

from __future__ import annotations

from collections.abc import Sequence

from reports.values import Decision, Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import locate
from routing.rulebook.tokens import china_time, tokens_of
from routing.rulebook.units import Unit


def fields_above(
    fields: Sequence[str], unit: Unit, facts: Facts, decision: Decision, rulebook: Rulebook
) -> tuple[str, ...]:
    """The silent unit's fields without those that the rules keep from any of the kinds that this unit answers for.

    Never more than the silent unit had: what was kept from it stays kept.
    """
    tokens = {
        **tokens_of(facts, locate(facts.labels.places, rulebook.areas), china_time(facts.received_at), rulebook),
        "track": frozenset([decision.track]),
        "lead": frozenset([decision.lead_kind.value]),
    }
    kinds = rulebook.units.kinds_of(unit)
    kept_back = {
        field
        for row in rulebook.rules.withholds.all(tokens)
        if not row.kinds or not row.kinds.isdisjoint(kinds)
        for field in row.fields
    }
    return tuple(field for field in fields if field not in kept_back)
