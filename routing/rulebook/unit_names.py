"""How a unit is called, from its area's names and the pattern its office line gives."""

from __future__ import annotations

from collections.abc import Mapping

from routing.areas import MUNICIPALITIES, Area, AreaTree, Level

# Longest endings first: 自治县 ends in 县 too.
_ENGLISH_KINDS = (
    ("特别行政区", "Special Administrative Region"),
    ("自治区", "Autonomous Region"),
    ("自治州", "Autonomous Prefecture"),
    ("自治县", "Autonomous County"),
    ("自治旗", "Autonomous Banner"),
    ("地区", "Prefecture"),
    ("林区", "Forestry District"),
    ("特区", "Special District"),
    ("省", "Province"),
    ("市", "City"),
    ("县", "County"),
    ("区", "District"),
    ("盟", "League"),
    ("旗", "Banner"),
)


def english_area(area: Area) -> str:
    """An area in English: Zhenkang County, Yunnan Province, Beijing Municipality."""
    if area.code in MUNICIPALITIES:
        return f"{area.pinyin} Municipality"
    kind = next((english for ending, english in _ENGLISH_KINDS if area.name.endswith(ending)), "")
    return f"{area.pinyin} {kind}".strip()


def unit_name(patterns: Mapping[str, str], area: Area, areas: AreaTree, language: str) -> str:
    """The name of an office in "zh" or "en": the pattern of the area's sort, or of the nearest sort that has one.

    A district's own sort is `district` where it lies in a city, a municipality's is `municipality`.
    """
    pattern = next(patterns[sort] for sort in _sorts(area, areas) if sort in patterns)
    city = areas.get(area.parent)
    whole = area.name if language == "zh" else english_area(area)
    short = area.short_name if language == "zh" else area.pinyin
    above = (city.name if language == "zh" else english_area(city)) if city else ""
    return pattern.format(area=whole, short=short, city=above)


def _sorts(area: Area, areas: AreaTree) -> tuple[str, ...]:
    if area.code in MUNICIPALITIES:
        return ("municipality", "province", "city", "county")
    if area.level is Level.PROVINCE:
        return ("province", "city", "county")
    if area.level is Level.CITY:
        return ("city", "county", "province")
    in_a_city = area.name.endswith("区") and areas.level(area.parent) is Level.CITY
    return ("district", "county", "city", "province") if in_a_city else ("county", "city", "province")
