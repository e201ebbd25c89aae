"""Finding a division by what an officer types: its code, or its name with or without those above it."""

from __future__ import annotations

import re
import unicodedata

from console.entered import BadForm, Fault
from routing.areas import NATION, Area, AreaTree
from routing.rulebook.unit_names import english_area

_BETWEEN = re.compile(r"[\s,，、/.·'’-]+")
_CODE = re.compile("[0-9]{6}")
_NATION_NAMES = ("全国", "中国", "nation", "china")
_MOST_SHOWN = 8


class AreaSearch:
    """An index of the standing divisions by every name they go by."""

    def __init__(self, areas: AreaTree) -> None:
        self._areas = areas
        self._by_name: dict[str, list[Area]] = {}
        for area in areas.current():
            for name in _names(area):
                self._by_name.setdefault(name, []).append(area)

    def find(self, typed: str, field: str) -> str:
        """The code of the one division that is meant; 000000 for the nation.

        Raises BadForm, naming `field`, where none or several could be meant.
        """
        shown = unicodedata.normalize("NFKC", typed).strip()
        if shown == NATION or _fold(shown) in _NATION_NAMES:
            return NATION
        if _CODE.fullmatch(shown):
            standing = self._areas.successor(shown)
            if not standing:
                raise BadForm(Fault(field, "fault_area_code", {"typed": shown}))
            return standing
        found = self._named(shown)
        if not found:
            raise BadForm(Fault(field, "fault_area_unknown", {"typed": shown[:60]}))
        if len(found) > 1:
            values = {"typed": shown[:60], "found_zh": self._listed(found, "zh"), "found_en": self._listed(found, "en")}
            raise BadForm(Fault(field, "fault_area_several", values))
        return found[0].code

    def _named(self, shown: str) -> list[Area]:
        parts = [_fold(part) for part in _BETWEEN.split(shown) if part]
        # Chinese names go from the large to the small, English ones from the small to the large.
        for whole in dict.fromkeys(("".join(parts), "".join(reversed(parts)))):
            found = self._ending(whole)
            if found:
                return found
        return []

    def _ending(self, whole: str) -> list[Area]:
        """The divisions one of whose names ends the text, while those above it make up the rest. Whole names win."""
        for start in range(len(whole)):
            name, rest = whole[start:], whole[:start]
            fitting = [area for area in self._by_name.get(name, ()) if self._above(area, rest)]
            exact = [area for area in fitting if name in (_fold(area.name), _fold(english_area(area)))]
            if fitting:
                return sorted(exact or fitting, key=lambda area: area.code)
        return []

    def _above(self, area: Area, rest: str) -> bool:
        for code in self._areas.ancestors(area.code)[1:]:
            above = self._areas.get(code)
            ending = next((n for n in _names(above) if rest.endswith(n)), "") if above is not None else ""
            rest = rest.removesuffix(ending)
        return not rest

    def _listed(self, found: list[Area], language: str) -> str:
        names = []
        for area in found[:_MOST_SHOWN]:
            above = [self._areas.get(code) for code in reversed(self._areas.ancestors(area.code))]
            parts = [one.name if language == "zh" else one.pinyin for one in above if one is not None]
            names.append(f"{''.join(parts) if language == 'zh' else ', '.join(parts)} {area.code}")
        return ("；" if language == "zh" else "; ").join(names) + (" …" if len(found) > _MOST_SHOWN else "")


def _names(area: Area) -> tuple[str, ...]:
    """Longest first, so that a whole name is taken before the short one inside it."""
    names = {_fold(name) for name in (area.name, area.short_name, area.pinyin, english_area(area)) if name}
    return tuple(sorted(names, key=len, reverse=True))


def _fold(text: str) -> str:
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()
