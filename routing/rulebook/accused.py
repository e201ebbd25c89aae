"""Whether a unit is the one complained of, or stands below it."""

from __future__ import annotations

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import may_be_told


def is_accused(unit_id: str, decision: Decision, rulebook: Rulebook) -> bool:
    """Whether this unit may not hear of a report that was decided so."""
    unit = rulebook.units.get(unit_id)
    # Of a unit that the directory does not have any more nobody can say where it stood.
    return bool(decision.recused) and (unit is None or not may_be_told(unit.region, decision.recused, rulebook.areas))
