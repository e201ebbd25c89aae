"""Where a report belongs: from the places told to the area whose unit answers.

The order is the one of the joint opinion of 2010 (法发〔2010〕7号) read for rescue: where the victim is comes first.
Where that is unknown: where they were to be taken, the way there, their home. Where it lies abroad their home answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.values import Place, PlaceRole
from routing.areas import MUNICIPALITIES, NATION, OUTSIDE_MAINLAND, AreaTree, Level

_WHERE_UNKNOWN = (PlaceRole.DESTINATION, PlaceRole.TRANSIT, PlaceRole.ORIGIN)
_WHERE_ABROAD = (PlaceRole.ORIGIN, PlaceRole.TRANSIT, PlaceRole.DESTINATION)
# A county's code, and those of the towns and villages that begin with it.
_CODE_LENGTHS = (6, 9, 12)
_DEPTH = {Level.COUNTY: 0, Level.CITY: 1, Level.PROVINCE: 2}
# How high the unit complained of stands, as the cues of a report tell it.
LEVEL_CUES = {
    "complained_unit_township": Level.COUNTY,
    "complained_unit_county": Level.COUNTY,
    "complained_unit_city": Level.CITY,
    "complained_unit_province": Level.PROVINCE,
}


@dataclass(frozen=True)
class Whereabouts:
    """The places of a report as today's codes in the mainland.

    lead is the area whose unit answers, '' where none in the mainland is known. occurrences and others are the further
    areas, in the order told. relations are codes of `codes.PLACE_RELATIONS`.
    """

    lead: str
    occurrences: tuple[str, ...]
    others: tuple[str, ...]
    provinces: tuple[str, ...]
    relations: frozenset[str]


@dataclass(frozen=True)
class _Told:
    role: PlaceRole
    area: str
    outside: bool


def locate(places: Sequence[Place], areas: AreaTree) -> Whereabouts:
    """Where the report belongs, and how its places stand to each other. Never fails, whatever the codes are."""
    told = [_told(place, areas) for place in places]
    lead = _lead(told, areas)
    inside = tuple(dict.fromkeys(one.area for one in told if one.area))
    occurrences = tuple(dict.fromkeys(_of(told, PlaceRole.OCCURRENCE)))
    provinces = tuple(dict.fromkeys(areas.ancestors(code)[-1] for code in inside))
    return Whereabouts(
        lead=lead,
        occurrences=_apart(occurrences, lead, areas),
        others=_apart((code for code in inside if code not in occurrences), lead, areas),
        provinces=provinces,
        relations=_relations(places, told, occurrences, provinces),
    )


def one_level_up(region: str, cues: Iterable[str], areas: AreaTree) -> tuple[str, str]:
    """(the area of the unit complained of, the area one level above it) for a complaint told with these cues.

    region is a known area. Without a cue the unit complained of is the one of the place told. 000000 stands above a
    province. A township's unit counts as its county's, since townships have no units of their own here.
    """
    path = areas.ancestors(region)
    wanted = max((_DEPTH[LEVEL_CUES[cue]] for cue in cues if cue in LEVEL_CUES), default=None)
    if wanted is not None and _depth(region, areas) > wanted:
        # Only a larger area is told than the unit's own, and that area already stands above the unit.
        return "", region
    accused = region if wanted is None else _at_depth(path, wanted, areas)
    above = path[path.index(accused) + 1 :]
    return accused, above[0] if above else NATION


def common_superior(regions: Iterable[str], areas: AreaTree) -> str:
    """The lowest area that stands above all of these: who settles it when units send a report to each other.

    An area that refused is no superior of its own, so of a county and its city it is the province. 000000 where they
    share no province, or one of them is a province or unknown.
    """
    refused = {areas.successor(code) or code for code in regions}
    paths = [areas.ancestors(code) for code in refused]
    shared = set(paths[0]).intersection(*paths[1:]) - refused if paths else set()
    return next((code for code in paths[0] if code in shared), NATION) if shared else NATION


def may_be_told(region: str, recused: str, areas: AreaTree) -> bool:
    """Whether a unit of this area may hear of a report in which the unit of the area `recused` is accused.

    Neither the area itself nor what lies below it may; recused is '' where nobody is accused.
    """
    return not recused or recused not in areas.ancestors(region)


def _told(place: Place, areas: AreaTree) -> _Told:
    code = place.code
    if not code.isascii() or not code.isdigit():
        return _Told(place.role, "", outside=bool(code))
    if len(code) not in _CODE_LENGTHS:
        return _Told(place.role, "", outside=False)
    # A county that nobody knows still lies in its city or province.
    tries = (code[:6], code[:4] + "00", code[:2] + "0000")
    area = next((found for found in map(areas.successor, tries) if found), "")
    outside = area in OUTSIDE_MAINLAND
    return _Told(place.role, "" if outside else area, outside)


def _lead(told: Sequence[_Told], areas: AreaTree) -> str:
    here = _of(told, PlaceRole.OCCURRENCE)
    if here:
        return _lowest(here, areas)
    abroad = any(one.outside and one.role is PlaceRole.OCCURRENCE for one in told)
    for role in _WHERE_ABROAD if abroad else _WHERE_UNKNOWN:
        if found := _of(told, role):
            return _lowest(found, areas)
    return ""


def _of(told: Sequence[_Told], role: PlaceRole) -> list[str]:
    return [one.area for one in told if one.role is role and one.area]


def _depth(code: str, areas: AreaTree) -> int:
    level = areas.level(code)
    return _DEPTH[level] if level else len(_DEPTH)


def _at_depth(path: Sequence[str], wanted: int, areas: AreaTree) -> str:
    """The area of this depth on the way up. A city's unit in a municipality is the municipality's; where a county lies
    directly under its province, and people call it a city, it is the county's own."""
    exact = [code for code in path if _depth(code, areas) == wanted]
    if exact:
        return exact[0]
    return path[-1] if path[-1] in MUNICIPALITIES else path[0]


def _lowest(codes: Sequence[str], areas: AreaTree) -> str:
    return min(codes, key=lambda code: _depth(code, areas))


def _apart(codes: Iterable[str], lead: str, areas: AreaTree) -> tuple[str, ...]:
    """The codes that neither are nor hold the lead's area: a city told beside its own county adds nobody."""
    path = areas.ancestors(lead)
    return tuple(code for code in codes if code not in path)


def _relations(
    places: Sequence[Place], told: Sequence[_Told], occurrences: Sequence[str], provinces: Sequence[str]
) -> frozenset[str]:
    outside = {one.role for one in told if one.outside}
    standing = {
        "mainland_place": bool(provinces),
        "no_mainland_place": not provinces,
        "no_occurrence": all(one.role is not PlaceRole.OCCURRENCE for one in told),
        "several_occurrences": len(occurrences) > 1,
        "several_provinces": len(provinces) > 1,
        "occurrence_abroad": any(place.role is PlaceRole.OCCURRENCE and place.code.isalpha() for place in places),
        "destination_outside": PlaceRole.DESTINATION in outside,
        "origin_outside": PlaceRole.ORIGIN in outside,
    }
    return frozenset(name for name, holds in standing.items() if holds)
