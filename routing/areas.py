"""Administrative divisions: the codes of GB/T 2260, what holds what, and what became of the former ones."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

NATION = "000000"
MUNICIPALITIES = frozenset(["110000", "120000", "310000", "500000"])
OUTSIDE_MAINLAND = frozenset(["710000", "810000", "820000"])


class Level(StrEnum):
    """How high a division stands."""

    COUNTY = "county"
    CITY = "city"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Area:
    """A division under one code and one name.

    short_name is the name as people say it (布拖 for 布拖县), pinyin the form used in English (Hohhot, Ruili). parent
    is '' for a province. valid_from is the first year it stood at the year's end (None: since 1980 or before), valid_to
    the first year it no longer did (None: it stands). successor is, for a former one, the code that took it over; ''
    where the record does not say.
    """

    code: str
    level: Level
    name: str
    short_name: str
    pinyin: str
    parent: str
    valid_from: int | None
    valid_to: int | None
    successor: str

    def stood_in(self, year: int) -> bool:
        """Whether it stood at the end of the year."""
        return (self.valid_from is None or self.valid_from <= year) and (self.valid_to is None or year < self.valid_to)


class AreaTree:
    """The divisions standing at one time, by code, with the former and later ones to look up.

    Every question may be asked of any code; a code that nobody knows gets an empty answer, never an exception.
    """

    def __init__(self, areas: Iterable[Area], year: int | None = None) -> None:
        self._all = tuple(areas)
        self._standing: dict[str, Area] = {}
        self._others: dict[str, Area] = {}
        for area in sorted(self._all, key=lambda area: area.valid_to or 0):
            stands = area.valid_to is None if year is None else area.stood_in(year)
            (self._standing if stands else self._others)[area.code] = area
        self._children: dict[str, list[str]] = {}
        for area in sorted(self._standing.values(), key=lambda area: area.code):
            self._children.setdefault(area.parent, []).append(area.code)

    @classmethod
    def load(cls, path: Path) -> AreaTree:
        """Today's divisions from `areas.csv`. Raises ValueError naming the first line that is not as wanted."""
        with path.open(encoding="utf-8", newline="") as file:
            return cls([_area(path, number, row) for number, row in enumerate(csv.DictReader(file), 2)])

    def as_of(self, on: date) -> AreaTree:
        """The divisions as they stood at the end of the year of `on`; the record begins in 1980."""
        return AreaTree(self._all, max(on.year, 1980))

    def get(self, code: str) -> Area | None:
        """The standing division of this code, else the last one that had it, else None."""
        return self._standing.get(code) or self._others.get(code)

    def current(self) -> Iterator[Area]:
        """The standing divisions."""
        return iter(self._standing.values())

    def former(self) -> Iterator[Area]:
        """The divisions that stood once and do not today, under any code or name; a code may come several times."""
        return (area for area in self._all if area.valid_to is not None)

    def successor(self, code: str) -> str:
        """The standing code for a former one; the code itself where it stands; '' where the record does not say."""
        for _ in range(10):
            if code in self._standing:
                return code
            area = self._others.get(code)
            if area is None:
                break
            code = area.successor
        return ""

    def named_then(self, code: str, words: str, year: int) -> Area | None:
        """What words named at the end of a year that today mean this standing division; None where it cannot be told.

        It is itself, or one of those it took over; or one inside it that is written whole, since a county often had the
        name that its prefecture has today. Where words name several (巢湖市居巢区), they mean the smallest.
        """
        stood = [(area, today) for area in self._all if area.stood_in(year) and (today := self._today(area))]
        whole = [area for area, today in stood if area.name in words and code in self.ancestors(today)]
        there = [area for area, today in stood if today == code]
        named = whole or [area for area in there if area.short_name in words] or there
        inmost = [area for area in named if area.level is Level.COUNTY] or named
        return inmost[0] if len(inmost) == 1 else None

    def _today(self, area: Area) -> str:
        return area.code if area.valid_to is None else self.successor(area.successor)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The code itself, then its city where it has one, then its province. Empty for an unknown code."""
        path: list[str] = []
        area = self.get(code)
        while area is not None and area.code not in path:
            path.append(area.code)
            area = self.get(area.parent)
        return tuple(path)

    def level(self, code: str) -> Level | None:
        """The division's level, None for an unknown code."""
        area = self.get(code)
        return area.level if area else None

    def children(self, code: str) -> tuple[str, ...]:
        """The standing codes one step below, in order; with '' the provinces."""
        return tuple(self._children.get(code, ()))

    def nearest_common(self, codes: Iterable[str]) -> str:
        """The lowest division that holds all of them (one of them, where it holds the others); '' if none does."""
        paths = [self.ancestors(code) for code in codes]
        if not paths:
            return ""
        common = set(paths[0]).intersection(*paths[1:])
        return next((code for code in paths[0] if code in common), "")


def _area(path: Path, number: int, row: dict[str, str]) -> Area:
    try:
        return Area(
            code=row["code"],
            level=Level(row["level"]),
            name=row["name"],
            short_name=row["short_name"],
            pinyin=row["pinyin"],
            parent=row["parent"],
            valid_from=int(row["valid_from"]) if row["valid_from"] else None,
            valid_to=int(row["valid_to"]) if row["valid_to"] else None,
            successor=row["successor"],
        )
    except (KeyError, ValueError, TypeError) as fault:
        wanted = "a division with code, level (county, city or province), name, and years or nothing"
        raise ValueError(
            f"{path}, line {number}: wanted {wanted}, got {row!r} ({fault!r}); correct the line or build the file anew "
            "with scripts/build_areas.py."
        ) from fault
