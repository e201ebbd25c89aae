"""The kind of division that is written beside a name: Fushun county is not Fushun city."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from routing.areas import AreaTree
from routing.finding.folding import fold
from routing.finding.place_names import Rank, Sense

_REACH = 16


class Kinds:
    """Reads kinds by the table [kinds] of place_letters.toml; a kind is the character that names in Chinese end in."""

    def __init__(self, table: Mapping[str, Mapping[str, list[str]]], areas: AreaTree) -> None:
        self._areas = areas
        self._before = [(kind, re.compile(f"(?:{_either(words['before'])})$")) for kind, words in table.items()]
        self._after = [(kind, re.compile(_either(words["after"]))) for kind, words in table.items()]
        self._named: dict[tuple[str, str], list[str]] = {}
        for area in areas.current():
            if area.name[-1] in table:
                self._named.setdefault((area.pinyin, area.name[-1]), []).append(area.code)

    def narrowed(self, senses: Sequence[Sense], text: str, start: int, end: int) -> tuple[Sense, ...]:
        """The senses of the kind that stands beside the name at start to end; all of them where none does."""
        before = text[max(0, start - _REACH) : start]
        for kind, words in self._before:
            if words.search(before):
                return self._of_kind(senses, kind)
        for kind, words in self._after:
            if words.match(text, end):
                return self._of_kind(senses, kind)
        return tuple(senses)

    def _of_kind(self, senses: Sequence[Sense], kind: str) -> tuple[Sense, ...]:
        fitting = tuple(sense for sense in senses if self._ends_in(sense.code, kind))
        return fitting or self._sisters(senses, kind) or tuple(senses)

    def _ends_in(self, code: str, kind: str) -> bool:
        area = self._areas.get(code)
        return area is not None and area.name.endswith(kind)

    def _sisters(self, senses: Sequence[Sense], kind: str) -> tuple[Sense, ...]:
        """Divisions of the kind that share the name and lie in the one that the name alone stands for."""
        found = []
        for sense in senses:
            area = self._areas.get(sense.code)
            named = self._named.get((area.pinyin, kind), []) if area else []
            found += [code for code in named if sense.code in self._areas.ancestors(code)]
        return tuple(Sense(code, Rank.COUNTY, "division") for code in dict.fromkeys(found))


def _either(patterns: Sequence[str]) -> str:
    return fold("|".join(patterns)).text
