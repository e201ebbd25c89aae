"""The names that may stand for a place: divisions under every name they had, towns, landmarks, and places abroad."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from routing.areas import Area, AreaTree, Level
from routing.finding.folding import fold
from routing.finding.place_scripts import plain, stem

TOWN_KINDS = ("街道", "镇", "乡", "苏木")


class Rank(IntEnum):
    """How readily a name is taken for this meaning when nothing around it decides. Equal ranks are a doubt."""

    FORMER = 10
    TOWN = 20
    DISTRICT = 30
    COUNTY = 40
    CITY = 50
    LANDMARK = 60
    PROVINCE = 70
    COUNTRY = 80


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a name. code is today's; area is None for what is no division. people: the name of its people."""

    code: str
    rank: Rank
    area: Area | None = None
    is_full: bool = False
    is_people: bool = False


class NameTable:
    """Every name in folded spelling, with its meanings."""

    def __init__(self, areas: AreaTree) -> None:
        self.senses: dict[str, tuple[Sense, ...]] = {}
        self.town_parts: dict[str, tuple[str, ...]] = {}
        self._areas = areas

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

    def _add_area(self, area: Area) -> None:
        today = area.code if area.valid_to is None else area.successor
        if not today:
            return
        rank = _rank(area)
        self._add(area.name, Sense(today, rank, area, is_full=True))
        if len(area.short_name) >= 2 and area.short_name != area.name:
            self._add(area.short_name, Sense(today, rank, area))
        latin = re.sub(r"[^a-z ]", "", area.pinyin.lower())
        if len(latin) >= 4:
            self._add(latin, Sense(today, rank, area))

    def _add_town(self, town: str, county: str) -> None:
        if len(town) >= 3:
            self._add(town, Sense(county, Rank.TOWN, is_full=True))
        short = next((town.removesuffix(kind) for kind in TOWN_KINDS if town.endswith(kind)), town)
        if len(short) >= 2:
            self.town_parts[short] = (*self.town_parts.get(short, ()), county)

    def _add_row(self, path: Path, row: dict[str, str]) -> None:
        code, kind = row["code"], row["kind"]
        area = self._areas.get(code)
        if area is None and not re.fullmatch("[A-Z]{2}", code):
            raise ValueError(f"{path}: {row['name']} has the code {code!r}; wanted one of areas.csv or two capitals.")
        rank = Rank.COUNTRY if code.isalpha() else Rank.LANDMARK
        if kind == "division" and area is not None:
            rank = _rank(area)
        # A foreign name of a division is only as good as the division's own short name.
        self._add(row["name"], Sense(code, rank, area if kind == "division" else None, is_people=kind == "people"))

    def _add(self, name: str, sense: Sense) -> None:
        key = stem(plain(fold(name).text))
        known = self.senses.get(key, ())
        if all((other.code, other.rank) != (sense.code, sense.rank) for other in known):
            self.senses[key] = (*known, sense)
        elif sense.is_full:
            self.senses[key] = tuple(
                sense if (other.code, other.rank) == (sense.code, sense.rank) else other for other in known
            )


def _rank(area: Area) -> Rank:
    if area.valid_to is not None:
        return Rank.FORMER
    if area.level is Level.PROVINCE:
        return Rank.PROVINCE
    if area.level is Level.CITY:
        return Rank.CITY
    return Rank.DISTRICT if area.name.endswith("区") else Rank.COUNTY


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The lines of a table in config/."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def best(senses: Iterable[Sense]) -> tuple[Sense, ...]:
    """The senses of the highest rank among these."""
    listed = tuple(senses)
    top = max((sense.rank for sense in listed), default=None)
    return tuple(sense for sense in listed if sense.rank == top)
