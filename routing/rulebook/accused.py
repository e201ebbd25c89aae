"""Whether a unit is the one complained of, or stands below it."""

from __future__ import annotations

from dataclasses import replace

from reports.values import Decision
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import may_be_told


def is_accused(unit_id: str, decision: Decision, rulebook: Rulebook) -> bool:
    """Whether this unit may not hear of a report that was decided so."""
    unit = rulebook.units.get(unit_id)
    # Of a unit that the directory does not have any more nobody can say where it stood.
    return bool(decision.recused) and (unit is None or not may_be_told(unit.region, decision.recused, rulebook.areas))


def unless_lifted(decision: Decision, lifted: frozenset[str]) -> Decision:
    """The decision without an area whose units two reviewers let be told again."""
    return replace(decision, recused="") if decision.recused in lifted else decision


def under_recusal(decision: Decision, area: str, rulebook: Rulebook) -> Decision:
    """The decision where the units of an area are kept from the report already; '' for none.

    It may widen that, never end or narrow it. No copy goes to a unit there; whom it leads to is for the caller to ask.
    """
    widens = not area or decision.recused in rulebook.areas.ancestors(area)
    bound = decision if decision.recused and widens else replace(decision, recused=area)
    copies = tuple(copy for copy in bound.copies if not is_accused(copy.unit, bound, rulebook))
    return replace(bound, copies=copies)
