"""Whether the places of a report show that a border was or will be crossed: the circumstance `cross_border`."""

from __future__ import annotations

from collections.abc import Sequence

from reports.values import Place, PlaceRole
from routing.areas import OUTSIDE_MAINLAND
from routing.finding.taxonomy import Taxonomy

CROSS_BORDER = "cross_border"


def with_crossing(matters: tuple[str, ...], places: Sequence[Place], taxonomy: Taxonomy) -> tuple[str, ...]:
    """The matters, with cross_border where the places show it.

    They do where the victim is outside the mainland, is taken through there or there; and where somebody from outside
    was bought, sold or brought (`brought` of `config/taxonomy.toml`). Being foreign alone shows nothing.
    """
    outside = {place.role for place in places if _is_outside(place.code)}
    is_answered = any(taxonomy.family(code) in ("crime", "relief") for code in matters)
    was_brought = PlaceRole.ORIGIN in outside and any(taxonomy.is_brought(code) for code in matters)
    if CROSS_BORDER in matters or not is_answered or not (was_brought or outside - {PlaceRole.ORIGIN}):
        return matters
    return (*matters, CROSS_BORDER)


def _is_outside(code: str) -> bool:
    return code.isalpha() or code in OUTSIDE_MAINLAND
