"""What a victim was made to do: where a text tells it, and the text without it. It stays at the desk, sealed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from reports.values import Labels
from routing.rulebook.rules import Track

# What stands in a packet for words that stay at the desk.
MARK = "〔密存〕"
_REST_OF_CLAUSE = re.compile(r"[^。！？；，、,.;!?\n။၊]*")
_NOTHING = re.compile(r"(?!)")
Span = tuple[int, int]


class MadeToDo:
    """The words of packets.toml by which victims tell what they were made to do."""

    def __init__(self, words: Iterable[str]) -> None:
        alternatives = [_pattern(word) for word in sorted(set(words), key=len, reverse=True)]
        self._words = re.compile("|".join(alternatives), re.IGNORECASE) if alternatives else _NOTHING

    def words_in(self, text: str) -> list[Span]:
        """Where the words stand."""
        return [found.span() for found in self._words.finditer(text)]

    def clauses_in(self, text: str) -> list[Span]:
        """Where they stand, each with the rest of its clause: how often, with whom, for how much."""
        found = []
        for start, end in self.words_in(text):
            rest = _REST_OF_CLAUSE.match(text, end)
            found.append((start, rest.end() if rest else end))
        return found


def staying(rule: MadeToDo, text: str, labels: Labels, track: str, taken: Sequence[str]) -> tuple[Span, ...]:
    """What of a report's text no packet holds, as spans in order and apart.

    taken are the passages that officers took out: each stays wherever it stands. Where the person harmed tells, so do
    the words of the rule; with the rest of their clause where nobody is in danger and it goes by that person's wish.
    """
    found = list(spans_of(text, taken))
    if labels.reporter == "victim":
        found += rule.clauses_in(text) if track == Track.OWN.value else rule.words_in(text)
    return _apart(found)


def spans_of(text: str, passages: Sequence[str]) -> tuple[Span, ...]:
    """Wherever the passages stand in a text, in order and apart."""
    return _apart(one.span() for passage in passages for one in re.finditer(re.escape(passage), text))


def without(text: str, spans: Sequence[Span]) -> str:
    """The text with a mark in the place of each span. The spans are in order and apart."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], MARK]
        at = end
    return "".join([*pieces, text[at:]])


def _apart(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _pattern(word: str) -> str:
    """A word as it may be written: with any spaces inside, and not in the middle of another word of letters."""
    spaced = r"\s+".join(map(re.escape, word.split()))
    return rf"(?<![a-z]){spaced}" if word[0].isascii() else spaced
