"""Rules of a province or city of its own: which areas and days they hold in, and the document they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from routing.rulebook.periods import Period


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """A file of overlays/. document names what issued it, source where it was read."""

    id: str
    zh: str
    en: str
    document: str
    source: str
    areas: frozenset[str]
    period: Period
    file: str


class Overlays:
    """All overlays by area. There need be none."""

    def __init__(self, overlays: Sequence[Overlay]) -> None:
        self.all = tuple(overlays)
        by_area: dict[str, list[Overlay]] = {}
        for overlay in self.all:
            for area in overlay.areas:
                by_area.setdefault(area, []).append(overlay)
        self._by_area: Mapping[str, Sequence[Overlay]] = by_area

    def in_force(self, areas: Iterable[str], day: date) -> frozenset[str]:
        """The ids of the overlays that hold in any of the areas on a day."""
        found = (overlay for area in areas for overlay in self._by_area.get(area, ()))
        return frozenset(overlay.id for overlay in found if overlay.period.covers(day))
