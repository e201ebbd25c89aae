"""Choosing a unit by its kind and its area, as an officer thinks of it."""

from __future__ import annotations

from console.area_search import AreaSearch
from console.entered import BadForm, Fault
from reports.values import UnitKind
from routing.areas import NATION
from routing.rulebook.book import Rulebook
from routing.rulebook.units import Unit

_HELD_HERE = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)


class UnitChoice:
    """Reads a kind and an area as one unit of the directory."""

    def __init__(self, rulebook: Rulebook, search: AreaSearch) -> None:
        self._units, self._search = rulebook.units, search
        existing = rulebook.units.kinds()
        self.kinds = tuple(kind for kind in UnitKind if kind in existing and kind not in _HELD_HERE)

    def choose(self, kind: str, area: str) -> Unit:
        """The live unit that is meant. area may also hold a whole unit id.

        Raises BadForm where there is none there; it then names the unit further up that answers for the area.
        """
        written = self._units.get(area.strip())
        if written is not None and written.live and written.kind not in _HELD_HERE:
            return written
        if kind not in self.kinds:
            raise BadForm(Fault("kind", "fault_kind"))
        if not area.strip():
            raise BadForm(Fault("area", "fault_area_missing"))
        code = self._search.find(area, "area")
        unit = self._units.find(UnitKind(kind), "" if code == NATION else code)
        if unit is None:
            raise BadForm(Fault("area", "fault_no_unit", {"typed": area.strip()[:60]}))
        if unit.region != code:
            # Another unit than the one asked for is never told without the officer's word.
            values = {"typed": area.strip()[:60], "unit_zh": unit.zh, "unit_en": unit.en, "code": unit.region}
            raise BadForm(Fault("area", "fault_unit_above", values))
        return unit
