"""Who settles it when units send a report to each other: the lowest unit that stands above all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reports.values import Decision, Facts, UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import common_superior, may_be_told
from routing.rulebook.redirect import redirect
from routing.rulebook.units import Unit


def settled_by(bounced: Sequence[str], recused: str, rulebook: Rulebook) -> Unit | None:
    """The unit that gets a report which these units gave back (ids), after the Joint Opinion of 2010.

    Units of one kind have a superior of that kind; those of several kinds meet in the joint conference's office. None
    while only one gave it back, and where no other unit is left that may know of it: then the duty desk decides.
    """
    found = [unit for unit in map(rulebook.units.get, dict.fromkeys(bounced)) if unit is not None]
    if len(found) < 2:
        return None
    kinds = {unit.kind for unit in found}
    kind = kinds.pop() if len(kinds) == 1 else UnitKind.JOINT_CONFERENCE_OFFICE
    area = common_superior((unit.region for unit in found), rulebook.areas)
    superior = rulebook.units.find(kind, area)
    if superior is None or superior.id in bounced or not may_be_told(superior.region, recused, rulebook.areas):
        return None
    return superior


def settle(facts: Facts, decision: Decision, superior: Unit, rulebook: Rulebook) -> Decision:
    """The decision with that superior in the lead, and why."""
    return replace(
        redirect(facts, decision, superior, rulebook),
        why_zh=f"两个单位先后退回，由它们的共同上级{superior.zh}指定管辖（法发〔2010〕7号）。",
        why_en=f"Two units gave it back, so their common superior, {superior.en}, settles who answers.",
    )
