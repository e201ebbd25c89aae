"""The names that may stand for a place: divisions under every name they had, towns, landmarks, and places abroad."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from pathlib import Path

from routing.areas import Area, AreaTree, Level
from routing.finding.folding import fold, is_han
from routing.finding.place_scripts import plain, stem

TOWN_KINDS = ("街道", "镇", "乡", "苏木")
_LEAST_LATIN = 4


class Rank(IntEnum):
    """How readily a name is taken for this meaning when nothing around it decides. Equal ranks are a doubt."""

    FORMER = 10
    TOWN = 20
    DISTRICT = 30
    COUNTY = 40
    COUNTY_CITY = 45
    CITY = 50
    LANDMARK = 60
    PROVINCE = 70
    COUNTRY = 80


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a name.

    code is today's. kind is the kind of its line in the tables (division, station, country, people ...), '' for a town.
    is_full: written with its kind of division.
    """

    code: str
    rank: Rank
    kind: str = ""
    is_full: bool = False

    @property
    def is_abroad(self) -> bool:
        """Whether the code is a country's."""
        return self.code.isalpha()


class NameTable:
    """Every name in folded spelling, with its meanings.

    town_parts holds towns without their kind (濮院 for 濮院镇) and the counties that have one; dropped the letters that
    Cyrillic names end in where their case does not change them.
    """

    def __init__(self, areas: AreaTree) -> None:
        self.areas = areas
        self.senses: dict[str, tuple[Sense, ...]] = {}
        self.town_parts: dict[str, tuple[str, ...]] = {}
        self.dropped: dict[str, str] = {}
        self._spelling: dict[str, str] = {}
        self._sounding: dict[str, list[Area]] = {}
        for area in areas.current():
            self._sounding.setdefault(area.pinyin, []).append(area)
        self._former_cities: dict[str, list[Area]] = {}
        for area in areas.former():
            if area.level is Level.CITY:
                self._former_cities.setdefault(area.code, []).append(area)
        self._seats = seats(areas)
        self._shared: dict[tuple[str, Rank, str, bool], tuple[Sense, ...]] = {}

    @classmethod
    def load(cls, config: Path, areas: AreaTree) -> NameTable:
        """Reads towns.csv, landmarks.csv, place_names_*.csv. Raises ValueError naming a code that does not exist."""
        table = cls(areas)
        for area in (*areas.current(), *areas.former()):
            table._add_area(area)
        for row in rows(config / "towns.csv"):
            table._add_town(row["name"], row["county"])
        for path in (config / "landmarks.csv", *sorted(config.glob("place_names_*.csv"))):
            for row in rows(path):
                table._add_row(path, row)
        return table

    def sense_of(self, code: str, *, is_likely: bool) -> Sense:
        """The meaning of a standing division, of the lowest rank where something else is likelier."""
        area = self.areas.get(code)
        return Sense(code, _rank(area) if area and is_likely else Rank.FORMER, "division")

    def holds(self, outer: Sense, inner: Sense) -> bool:
        """Whether one meaning is the division, or the foreign country, that the other lies in; or its own town."""
        if outer.is_abroad or inner.is_abroad:
            return outer.code == inner.code
        return outer.code in self.areas.ancestors(inner.code)

    def homophones(self, sense: Sense) -> tuple[Sense, ...]:
        """The other standing divisions whose names sound the same, but for the tones."""
        area = self.areas.get(sense.code)
        alike = self._sounding.get(area.pinyin, ()) if area else ()
        return tuple(Sense(one.code, _rank(one), "division") for one in alike if one.code != sense.code)

    def _add_area(self, area: Area) -> None:
        today = area.code if area.valid_to is None else self.areas.successor(area.successor)
        if not today:
            return
        rank = _rank(area)
        self._add(area.name, today, rank, "division", is_full=True)
        # 达县, without its kind, is the county of that name and not the prefecture that was called by it.
        if len(area.short_name) >= 2 and area.short_name != area.name and not area.short_name.endswith("县"):
            self._add(area.short_name, today, rank, "division")
        for kind in ("自治州", "自治县"):
            if area.name.endswith(kind):
                self._add(area.short_name + kind[-1], today, rank, "division", is_full=True)
        self._add_below_former_city(area, today)
        if area.valid_to is None:
            for latin in _latin_names(area):
                self._add(latin, today, rank, "division")

    def _add_below_former_city(self, area: Area, today: str) -> None:
        """A county as it was written below the city that held it once and does not today: 巢湖市和县, 巢湖含山."""
        if area.valid_to is None or area.level is not Level.COUNTY:
            return
        for city in self._former_cities.get(area.parent, ()):
            held = city.stood_in(area.valid_to - 1)
            if held and self.areas.successor(city.successor) not in self.areas.ancestors(today):
                for above, below in product((city.name, city.short_name), (area.name, area.short_name)):
                    self._add(above + below, today, Rank.FORMER, "division", is_full=True)

    def _add_town(self, town: str, county: str) -> None:
        if len(town) >= 3:
            self._add(town, county, Rank.TOWN, is_full=True)
        short = next((town.removesuffix(kind) for kind in TOWN_KINDS if town.endswith(kind)), town)
        if len(short) >= 2:
            short = self._spelt(short)
            self.town_parts[short] = (*self.town_parts.get(short, ()), county)

    def _add_row(self, path: Path, row: dict[str, str]) -> None:
        code, kind = row["code"], row["kind"]
        area = self.areas.get(code)
        if area is None and not re.fullmatch("[A-Z]{2}", code):
            raise ValueError(f"{path}: {row['name']} has the code {code!r}; wanted one of areas.csv or two capitals.")
        rank = Rank.COUNTY if code.isalpha() else Rank.LANDMARK
        if kind in ("country", "people"):
            rank = Rank.COUNTRY
        elif kind == "division" and area is not None:
            rank = _rank(area)
        self._add(row["name"], code, rank, kind)

    def _add(self, name: str, code: str, rank: Rank, kind: str = "", *, is_full: bool = False) -> None:
        if code in self._seats and rank is Rank.CITY and not is_full:
            # Dali, without its kind, is the city more often than the prefecture around it.
            rank = Rank.COUNTY
            self._add(name, self._seats[code], Rank.COUNTY_CITY, kind)
        key = self._spelt(name)
        senses = self._shared.setdefault((code, rank, kind, is_full), (Sense(code, rank, kind, is_full),))
        same = [sense for sense in self.senses.get(key, ()) if (sense.code, sense.is_full) == (code, is_full)]
        if any(sense.rank >= rank for sense in same):
            return
        others = tuple(sense for sense in self.senses.get(key, ()) if sense not in same)
        self.senses[key] = (*others, *senses) if others else senses

    def _spelt(self, name: str) -> str:
        """The name as texts are folded. Most names are Chinese, and for them the table of characters is much faster."""
        if not is_han(name[0]):
            whole = plain(fold(name).text)
            key = stem(whole)
            if key != whole:
                self.dropped[key] = self.dropped.get(key, "") + whole[-1]
            return key
        for character in name:
            if character not in self._spelling:
                self._spelling[character] = fold(character).text
        return "".join(map(self._spelling.__getitem__, name))


def _rank(area: Area) -> Rank:
    if area.valid_to is not None:
        return Rank.FORMER
    if area.level is Level.PROVINCE:
        return Rank.PROVINCE
    if area.level is Level.CITY:
        return Rank.CITY
    return {"区": Rank.DISTRICT, "市": Rank.COUNTY_CITY}.get(area.name[-1], Rank.COUNTY)


def seats(areas: AreaTree) -> dict[str, str]:
    """The prefectures that share their name with a city in them, and that city."""
    return {
        area.parent: area.code
        for area in areas.current()
        if area.name.endswith("市")
        and (outer := areas.get(area.parent)) is not None
        and outer.level is Level.CITY
        and outer.short_name == area.short_name
    }


def _latin_names(area: Area) -> Iterator[str]:
    latin = re.sub(r"[^a-z ]", "", area.pinyin.lower())
    if len(latin) >= _LEAST_LATIN:
        yield latin
    if area.level is Level.COUNTY and len(area.name) == 2 and latin.endswith("xian"):
        # 房县 is Fang county, or fang xian, more often than Fangxian.
        yield latin.removesuffix("xian") + " county"
        yield latin.removesuffix("xian") + " xian"


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a table in config/."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def best(senses: Iterable[Sense]) -> tuple[Sense, ...]:
    """The senses of the highest rank among these."""
    listed = tuple(senses)
    top = max((sense.rank for sense in listed), default=None)
    return tuple(sense for sense in listed if sense.rank == top)
