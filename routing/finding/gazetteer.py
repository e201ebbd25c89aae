"""The names of places: divisions with their short, former and pinyin names, towns, landmarks and countries."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import ahocorasick

from routing.areas import AreaTree, Level
from routing.finding.folding import fold, is_han

# How much a name says by itself. A full name hardly means anything else; a short county name often does.
FULL, SHORT, FORMER, TOWN, PINYIN = 3.0, 2.0, 1.8, 1.4, 1.5


@dataclass(frozen=True)
class Mention:
    """A name found in the folded text, and the codes it may stand for. is_full: written with its kind of division."""

    start: int
    end: int
    name: str
    codes: tuple[str, ...]
    weight: float
    is_full: bool


class Gazetteer:
    """Finds the names of places, longest first."""

    def __init__(self, areas: AreaTree, config: Path, common_words: frozenset[str]) -> None:
        self.areas = areas
        self._names: dict[str, tuple[float, set[str]]] = {}
        for name, code, weight in _names(areas, config, common_words):
            folded = fold(name).text
            known = self._names.get(folded)
            if known is None or known[0] < weight:
                self._names[folded] = (weight, {code})
            elif known[0] == weight:
                known[1].add(code)
        self._automaton = ahocorasick.Automaton()
        for name in self._names:
            self._automaton.add_word(name, name)
        self._automaton.make_automaton()

    def mentions(self, folded: str) -> tuple[Mention, ...]:
        """The names in the text that do not overlap, longer ones first where they do, in the order of the text."""
        found = sorted(
            ((last - len(name) + 1, last + 1, name) for last, name in self._automaton.iter(folded)),
            key=lambda hit: (hit[0] - hit[1], hit[0]),
        )
        taken: list[tuple[int, int, str]] = []
        covered = bytearray(len(folded))
        for start, end, name in found:
            if any(covered[start:end]) or not _is_whole_word(folded, start, end):
                continue
            covered[start:end] = b"\1" * (end - start)
            taken.append((start, end, name))
        return tuple(self._mention(*hit) for hit in sorted(taken))

    def _mention(self, start: int, end: int, name: str) -> Mention:
        weight, codes = self._names[name]
        return Mention(start, end, name, tuple(sorted(codes)), weight, weight >= FULL)


def _is_whole_word(folded: str, start: int, end: int) -> bool:
    if is_han(folded[start]) or not folded[start].isascii():
        return True
    before = folded[start - 1] if start else " "
    after = folded[end] if end < len(folded) else " "
    return not (before.isalpha() and not is_han(before)) and not (after.isalpha() and not is_han(after))


def _names(areas: AreaTree, config: Path, common: frozenset[str]) -> Iterator[tuple[str, str, float]]:
    for area in areas.current():
        yield area.name, area.code, FULL
        if len(area.short_name) >= 2 and area.short_name != area.name:
            is_county = area.level is Level.COUNTY
            if not (is_county and area.short_name in common):
                yield area.short_name, area.code, SHORT if is_county else FULL - 0.5
        yield from _pinyin_names(area.pinyin, area.code, area.level)
    for area in areas.former():
        code = areas.successor(area.code) if area.successor != area.code else area.code
        if code:
            yield area.name, code, FORMER
            if len(area.short_name) >= 2 and area.short_name not in common:
                yield area.short_name, code, FORMER - 0.1
    for row in _rows(config / "towns.csv"):
        if len(row["name"]) >= 3 and not row["name"].endswith("街道"):
            yield row["name"], row["county"], TOWN
    for row in _rows(config / "landmarks.csv"):
        if row["code"] != "CN":
            yield row["name"], row["code"], FULL + 1


def _pinyin_names(pinyin: str, code: str, level: Level) -> Iterator[tuple[str, str, float]]:
    plain = re.sub(r"[^a-z ]", "", pinyin.lower())
    if len(plain) >= 5 or level is Level.PROVINCE:
        # Cities and provinces are written in pinyin much more often than counties of the same name.
        yield plain, code, PINYIN if level is Level.COUNTY else PINYIN + 0.3


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
