"""Indicators: the words and phrases of `config/indicators/` and where a text has them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ahocorasick

from routing.finding.folding import fold, is_han

STRONG, WEAK = 1.0, 0.5
_NEAR_HAN, _NEAR_OTHER = 12, 40
_BEFORE = 6
_MOST_PATTERN_HITS = 20


@dataclass(frozen=True)
class Hit:
    """One indicator found: the label it speaks for, with what weight, and where in the folded text."""

    axis: str
    code: str
    weight: float
    start: int
    end: int


class Indicators:
    """All indicators of all languages, compiled once."""

    def __init__(self, tables: Iterable[Mapping[str, Any]]) -> None:
        self._phrases: dict[str, list[tuple[str, str, float]]] = {}
        self._nears: dict[str, list[tuple[str, str, str]]] = {}
        self._patterns: list[tuple[str, str, re.Pattern[str]]] = []
        self._before: set[str] = set()
        self._hypothetical: set[str] = set()
        for table in tables:
            self._take(table)
        self._automaton = _automaton([*self._phrases, *self._nears])
        self._before_pattern = re.compile("(?:" + "|".join(map(re.escape, sorted(self._before))) + ")$")

    @classmethod
    def load(cls, config: Path) -> Indicators:
        """Reads every file of indicators/. Raises ValueError naming a file that is not as wanted."""
        tables = []
        for path in sorted((config / "indicators").glob("*.toml")):
            try:
                tables.append(tomllib.loads(path.read_text(encoding="utf-8")))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
                raise ValueError(f"{path} should be a TOML file of indicators: {fault}") from None
        if not tables:
            raise ValueError(f"{config / 'indicators'} should hold at least one file of indicators, but is empty.")
        return cls(tables)

    def hits(self, folded: str) -> tuple[Hit, ...]:
        """Every indicator the folded text has that nothing cancels, in the order of the text."""
        found = [hit for hit in self._all(folded) if not self._is_cancelled(folded, hit)]
        return tuple(sorted(found, key=lambda hit: (hit.start, hit.end)))

    def is_hypothetical(self, folded: str) -> bool:
        """Whether the text speaks of something that might happen to someone, not of something that did."""
        return any(phrase in folded for phrase in self._hypothetical)

    def _take(self, table: Mapping[str, Any]) -> None:
        cancels = table.get("cancels", {})
        self._before.update(_folded(phrase) for phrase in cancels.get("before", ()))
        self._hypothetical.update(_folded(phrase) for phrase in cancels.get("hypothetical", ()))
        for axis, codes in table.items():
            if axis == "cancels":
                continue
            for code, entry in codes.items():
                for kind, weight in (("strong", STRONG), ("weak", WEAK)):
                    for phrase in entry.get(kind, ()):
                        self._phrases.setdefault(_folded(phrase), []).append((axis, code, weight))
                for first, second in entry.get("near", ()):
                    self._nears.setdefault(_folded(first), []).append((_folded(second), axis, code))
                self._patterns += [(axis, code, re.compile(pattern)) for pattern in entry.get("pattern", ())]

    def _all(self, folded: str) -> Iterator[Hit]:
        for last, phrase in self._automaton.iter(folded):
            start, end = last - len(phrase) + 1, last + 1
            for axis, code, weight in self._phrases.get(phrase, ()):
                yield Hit(axis, code, weight, start, end)
            for second, axis, code in self._nears.get(phrase, ()):
                reach = _NEAR_HAN if is_han(phrase[0]) else _NEAR_OTHER
                place = folded.find(second, end, end + reach + len(second))
                if place >= 0:
                    yield Hit(axis, code, STRONG, start, place + len(second))
        for axis, code, pattern in self._patterns:
            for number, match in enumerate(pattern.finditer(folded)):
                if number == _MOST_PATTERN_HITS:
                    break
                yield Hit(axis, code, STRONG, match.start(), match.end())

    def _is_cancelled(self, folded: str, hit: Hit) -> bool:
        # What a person is, and what they ask for, is not taken away by a "not" before it; what happened is.
        if hit.axis not in ("matters", "urgency"):
            return False
        return self._before_pattern.search(folded[max(0, hit.start - _BEFORE) : hit.start]) is not None


def _folded(phrase: str) -> str:
    return fold(phrase).text


def _automaton(phrases: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for phrase in set(phrases):
        automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    return automaton
