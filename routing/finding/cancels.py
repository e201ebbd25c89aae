"""What takes an indicator's meaning away: a denial, a supposition, somebody else's story, a time that is over."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import ahocorasick

from routing.finding.folding import fold, is_han

_BEFORE_HAN, _BEFORE_OTHER = 6, 24
_AFTER = 12
# Without any stop a sentence ends here: nobody supposes for longer.
_LONGEST_HAN, _LONGEST_OTHER = 40, 160
_CLAUSE_END = re.compile("[,。!?;:\n၊။៕…]|\\. ")
_SENTENCE_END = re.compile("[。!?;\n။៕…]|\\. ")
_TITLE = re.compile("《[^《》]{1,40}》")
_NOTHING = "(?!)"
KINDS = ("before", "after", "hypothetical", "asks", "quotation", "past", "still")


class Cancel(StrEnum):
    """Why an indicator does not count."""

    DENIAL = "denial"
    HYPOTHETICAL = "hypothetical"
    QUOTATION = "quotation"
    PAST = "past"


# What somebody is, and what they ask for, nothing takes away. What is over was no less a crime, but presses no more.
_TAKEN_AWAY = frozenset({"matters", "urgency", "ilo"})
_PRESSING = frozenset({("urgency", "immediate"), ("urgency", "urgent")})
_Spans = Sequence[tuple[int, int]]


class Cancels:
    """The tables [cancels] of all languages, compiled once.

    before and after deny an indicator right beside them. hypothetical begins a supposition, which a sentence is only
    where it also asks (asks). quotation begins a clause that tells what was read or seen, as title marks do. past
    begins a clause about a time that is over, and still ends it.
    """

    def __init__(self, tables: Iterable[Mapping[str, Sequence[str]]]) -> None:
        words: dict[str, list[str]] = {}
        for table in tables:
            for kind, phrases in table.items():
                words.setdefault(kind, []).extend(fold(phrase).text for phrase in phrases)
        self._before = re.compile(f"(?:{_any_of(words.get('before', ()))})\\s?$")
        self._after = re.compile(f"\\s?(?:{_any_of(words.get('after', ()))})")
        self._markers = ahocorasick.Automaton()
        for kind in KINDS[2:]:
            for word in words.get(kind, ()):
                self._markers.add_word(word, (*self._markers.get(word, (word,)), kind))
        self._markers.make_automaton()

    def in_text(self, text: str) -> CancelledSpans:
        """Where in a folded text something is supposed, quoted or over."""
        found: dict[str, list[int]] = {}
        for last, (word, *kinds) in self._markers.iter(text) if len(self._markers) else ():
            start = last - len(word) + 1
            if _begins_a_word(text, start):
                for kind in kinds:
                    found.setdefault(kind, []).append(start)
        supposed = [_until(text, start, _SENTENCE_END) for start in found.get("hypothetical", ())]
        asked = sorted([*found.get("asks", ()), *(match.start() for match in re.finditer(r"\?", text))])
        past = [_until(text, start, _CLAUSE_END) for start in found.get("past", ())]
        quoted = [_until(text, start, _CLAUSE_END) for start in found.get("quotation", ())]
        return CancelledSpans(
            {
                Cancel.HYPOTHETICAL: _Merged(span for span in supposed if _first_in(asked, *span) is not None),
                Cancel.QUOTATION: _Merged([*quoted, *(match.span() for match in _TITLE.finditer(text))]),
                Cancel.PAST: _Merged(_cut(span, found.get("still", ())) for span in past),
            }
        )

    def is_denied(self, text: str, start: int, end: int) -> bool:
        """Whether what stands right before or behind says that it is not so."""
        reach = _BEFORE_HAN if is_han(text[start]) else _BEFORE_OTHER
        if self._before.search(text[max(0, start - reach) : start]) is not None:
            return True
        return self._after.match(text[end : end + _AFTER]) is not None


class CancelledSpans:
    """The spans of one text in which indicators lose their meaning."""

    def __init__(self, spans: Mapping[Cancel, _Merged]) -> None:
        self._spans = spans

    def at(self, axis: str, code: str, start: int) -> Cancel | None:
        """What takes away an indicator that begins here and speaks for this label."""
        for kind, merged in self._spans.items():
            if ((axis, code) in _PRESSING if kind is Cancel.PAST else is_taken_away(axis)) and merged.holds(start):
                return kind
        return None


class _Merged:
    """Spans put together, so that each question takes one look."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def holds(self, place: int) -> bool:
        number = bisect_right(self._starts, place) - 1
        return number >= 0 and place < self._ends[number]


def is_taken_away(axis: str) -> bool:
    """Whether indicators of this axis lose their meaning where they are denied."""
    return axis in _TAKEN_AWAY


def _until(text: str, start: int, stop: re.Pattern[str]) -> tuple[int, int]:
    longest = start + (_LONGEST_HAN if is_han(text[start]) else _LONGEST_OTHER)
    end = stop.search(text, start, longest)
    # The mark that ends a sentence belongs to it: it may be what asks.
    return start, end.end() if end else min(longest, len(text))


def _first_in(places: Sequence[int], start: int, end: int) -> int | None:
    number = bisect_right(places, start)
    return places[number] if number < len(places) and places[number] < end else None


def _cut(span: tuple[int, int], places: Sequence[int]) -> tuple[int, int]:
    first = _first_in(places, *span)
    return (span[0], first) if first is not None else span


def _begins_a_word(text: str, start: int) -> bool:
    return not ("a" <= text[start] <= "\u04ff" and start and text[start - 1].isalpha() and not is_han(text[start - 1]))


def _any_of(phrases: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(phrases), key=len, reverse=True))) or _NOTHING


def cancels_of(tables: Iterable[Mapping[str, Any]]) -> Cancels:
    """The [cancels] of each language's table of indicators."""
    return Cancels([table.get("cancels", {}) for table in tables])
