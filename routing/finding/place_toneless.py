"""Vietnamese names of places written without their marks, as on many phones (o binh tuong, for ở Bằng Tường)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from routing.finding.place_names import Sense

_WORD = re.compile("[a-z]+")
_MOST_WORDS = 4
_DOTLESS = str.maketrans({"đ": "d", "ơ": "o", "ư": "u"})


class Toneless:
    """Finds such names where the text is plainly Vietnamese without marks and a word leads to a place."""

    def __init__(self, table: Mapping[str, Any], senses: Mapping[str, Sequence[Sense]]) -> None:
        """table: [toneless] of place_contexts.toml; senses: every name in folded spelling, with its meanings."""
        self._before = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(table['before'])}) $")
        self._signs = re.compile(rf"\b(?:{'|'.join(table['signs'])})\b")
        self._least = int(table["least_signs"])
        self._never = re.compile("|".join(table["never"]))
        found: dict[str, dict[Sense, None]] = {}
        for name, meant in senses.items():
            bare = without_marks(name)
            if bare != name and bare.isascii() and " " in bare:
                found.setdefault(bare, {}).update(dict.fromkeys(meant))
        self.senses = {name: tuple(meant) for name, meant in found.items() if name not in senses}

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and name of each, in folded text."""
        signs = len(set(self._signs.findall(text))) if text.isascii() else 0
        if not signs:
            return
        words = [match.span() for match in _WORD.finditer(text)]
        for first, (start, _) in enumerate(words):
            if not self._before.search(text, 0, start):
                continue
            for last, (_, end) in enumerate(words[first + 1 : first + _MOST_WORDS], first + 1):
                # In a text that says little else, each other word is a sign.
                others = len(words) - (last - first + 1)
                is_vietnamese = signs >= min(self._least, others)
                if is_vietnamese and text[start:end] in self.senses and not self._never.match(text, start):
                    yield start, end, text[start:end]


def without_marks(text: str) -> str:
    """The text in the letters that a phone without Vietnamese has."""
    letters = unicodedata.normalize("NFD", text.translate(_DOTLESS))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
