"""Who settles it when units send a report to each other: the lowest unit that stands above all of them."""

from __future__ import annotations

from collections.abc import Sequence

from reports.values import UnitKind
from routing.rulebook.book import Rulebook
from routing.rulebook.jurisdiction import common_superior, may_be_told
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
