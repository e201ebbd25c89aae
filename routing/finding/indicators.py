"""Indicators: the words and phrases of `config/indicators/` and where a text has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import ahocorasick

from routing.finding.cancels import Cancel, cancels_of, is_taken_away
from routing.finding.folding import Folded, fold, is_han
from routing.finding.indicator_files import read_indicators
from routing.finding.pinyin import spellings, stands_in_pinyin
from routing.finding.sexes import SexWords
from routing.finding.taxonomy import Taxonomy

STRONG, WEAK = 1.0, 0.5
# What a person is and who tells is looked for in the text as written, everything else in the text with one sex.
_AS_WRITTEN = ("persons", "reporter")
_NEAR_HAN, _NEAR_OTHER = 12, 40
_MOST_PATTERN_HITS = 20
# Nothing is truer for being said a thousand times, and every hit costs time.
_MOST_HITS = 60


@dataclass(frozen=True)
class Hit:
    """One indicator found: the label it speaks for, with what weight, and where in the original text.

    cancelled_by is what takes its meaning away ("not locked in", "if somebody were sold, whom would I call?").
    """

    axis: str
    code: str
    weight: float
    start: int
    end: int
    cancelled_by: Cancel | None = None

    @property
    def is_denied(self) -> bool:
        """Whether it does not count."""
        return self.cancelled_by is not None


class Indicators:
    """All indicators of all languages, compiled once."""

    def __init__(self, tables: Iterable[Mapping[str, Any]], sexes: SexWords) -> None:
        self._neutral, self._written = _Matcher(), _Matcher()
        listed = list(tables)
        for table in listed:
            for axis, codes in table.items():
                if axis in _AS_WRITTEN:
                    self._written.take(axis, codes, _folded)
                elif axis != "cancels":
                    self._neutral.take(axis, codes, lambda phrase: sexes.neutral(fold(phrase)).text)
        self._neutral.compile()
        self._written.compile()
        self._cancels = cancels_of(listed)

    @classmethod
    def load(cls, config: Path, sexes: SexWords, taxonomy: Taxonomy) -> Indicators:
        """Reads every file of indicators/. Raises ValueError, a line for each fault in any of them."""
        return cls(read_indicators(config, taxonomy), sexes)

    def hits(self, neutral: Folded, written: Folded) -> tuple[Hit, ...]:
        """Every indicator the text has, in its order; neutral is the text with one sex, written the text as it is."""
        found = [*self._found(self._neutral, neutral), *self._found(self._written, written)]
        return tuple(sorted(found, key=lambda hit: (hit.start, hit.end, hit.axis, hit.code)))

    def _found(self, matcher: _Matcher, text: Folded) -> Iterator[Hit]:
        cancelled = self._cancels.in_text(text.text)
        found: Counter[tuple[str, str]] = Counter()
        for axis, code, weight, start, end in matcher.matches(text.text):
            found[axis, code] += 1
            if found[axis, code] > _MOST_HITS:
                continue
            by = cancelled.at(axis, code, start)
            if by is None and is_taken_away(axis) and self._cancels.is_denied(text.text, start, end):
                by = Cancel.DENIAL
            yield Hit(axis, code, weight, *text.span(start, end), by)


class _Matcher:
    """Phrases, phrases in pinyin, pairs of phrases near each other, and patterns, over one reading of the text."""

    def __init__(self) -> None:
        self._phrases: dict[str, list[tuple[str, str, float]]] = {}
        self._pinyin: dict[str, list[tuple[str, str, float]]] = {}
        self._nears: dict[str, list[tuple[str, str, str]]] = {}
        self._patterns: list[tuple[str, str, re.Pattern[str]]] = []

    def take(self, axis: str, codes: Mapping[str, Any], read: Any) -> None:
        for code, entry in codes.items():
            for kind, weight in (("strong", STRONG), ("weak", WEAK)):
                for phrase in entry.get(kind, ()):
                    self._phrases.setdefault(read(phrase), []).append((axis, code, weight))
            for kind, weight in (("pinyin", STRONG), ("pinyin_weak", WEAK)):
                for phrase in entry.get(kind, ()):
                    for spelling in spellings(phrase):
                        self._pinyin.setdefault(read(spelling), []).append((axis, code, weight))
            for first, second in entry.get("near", ()):
                self._nears.setdefault(read(first), []).append((read(second), axis, code))
            self._patterns += [(axis, code, re.compile(pattern)) for pattern in entry.get("pattern", ())]

    def compile(self) -> None:
        self._automaton = _automaton([*self._phrases, *self._pinyin, *self._nears])

    def matches(self, text: str) -> Iterator[tuple[str, str, float, int, int]]:
        """Axis, code, weight, start and end of each, in no order."""
        seen: set[tuple[str, str, int]] = set()
        for match in chain(self._words(text), self._by_pattern(text)):
            # Two phrases that end in the same place are one observation.
            if (match[0], match[1], match[4]) not in seen:
                seen.add((match[0], match[1], match[4]))
                yield match

    def _words(self, text: str) -> Iterator[tuple[str, str, float, int, int]]:
        for last, phrase in self._automaton.iter(text):
            start, end = last - len(phrase) + 1, last + 1
            if phrase in self._pinyin and stands_in_pinyin(text, start, end):
                for axis, code, weight in self._pinyin[phrase]:
                    yield axis, code, weight, start, end
            if not _is_whole(text, start, end):
                continue
            for axis, code, weight in self._phrases.get(phrase, ()):
                yield axis, code, weight, start, end
            for second, axis, code in self._nears.get(phrase, ()):
                reach = _NEAR_HAN if is_han(phrase[0]) else _NEAR_OTHER
                place = text.find(second, end, end + reach + len(second))
                if place >= 0:
                    yield axis, code, STRONG, start, place + len(second)

    def _by_pattern(self, text: str) -> Iterator[tuple[str, str, float, int, int]]:
        for axis, code, pattern in self._patterns:
            for number, match in enumerate(pattern.finditer(text)):
                if number == _MOST_PATTERN_HITS:
                    break
                yield axis, code, STRONG, match.start(), match.end()


def _is_whole(text: str, start: int, end: int) -> bool:
    """A phrase in Latin or Cyrillic letters begins at a word's beginning; its end may carry an ending."""
    first = text[start]
    return not ("a" <= first <= "\u04ff" and start and text[start - 1].isalpha() and not is_han(text[start - 1]))


def _folded(phrase: str) -> str:
    return fold(phrase).text


def _automaton(phrases: Iterable[str]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for phrase in set(phrases):
        if phrase:
            automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    return automaton
