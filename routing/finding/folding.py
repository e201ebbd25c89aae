"""Text folded for matching: one spelling for what a reader reads as the same, with the way back to the original."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import opencc

# Characters that show nothing: zero-width, joiners, direction marks, variation selectors, soft hyphen, byte order mark.
_INVISIBLE = frozenset(
    [0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
     *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)  # fmt: skip
# What people put between the characters of a word so that a filter misses it. Sentence marks are not among them.
_SEPARATORS = frozenset(" \t\u3000·・•*_-+=~|/\\^'`\"丶.")


@dataclass(frozen=True)
class Folded:
    """The folded text, and for each of its characters the index in the original where it begins.

    offsets has one more entry than text: the length of the original. gaps holds the characters that space was left
    before, and taken out: between Chinese words it is a pause, a dot or a dash there is a trick.
    """

    text: str
    offsets: tuple[int, ...]
    gaps: frozenset[int] = frozenset()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's start and end for folded characters start to end (exclusive)."""
        return self.offsets[start], self.offsets[end - 1] + 1 if end > start else self.offsets[start]


def fold(text: str) -> Folded:
    """NFKC, simplified characters, lower case; nothing invisible; no separators inside Chinese words."""
    characters: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        for folded in _fold_character(character):
            characters.append(folded)
            offsets.append(index)
    kept = [place for place in range(len(characters)) if not _splits_a_word(characters, place)]
    gaps = frozenset(
        number
        for number, (before, place) in enumerate(pairwise(kept), 1)
        if any(map(str.isspace, characters[before + 1 : place]))
    )
    return Folded("".join(characters[place] for place in kept), (*(offsets[place] for place in kept), len(text)), gaps)


def is_han(character: str) -> bool:
    """Whether this is a Chinese character."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"


def is_traditional(text: str) -> bool:
    """Whether Chinese is written in traditional characters: a few of them stand in simplified texts too."""
    written = [character for character in text if is_han(character)]
    changed = sum(_TO_SIMPLIFIED.convert(character) != character for character in written)
    return bool(changed * 12 > len(written))


@lru_cache(maxsize=20_000)
def _fold_character(character: str) -> str:
    if ord(character) in _INVISIBLE or unicodedata.category(character) == "Cs":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if any(is_han(one) for one in plain):
        plain = "".join(_TO_SIMPLIFIED.convert(one) for one in plain)
    return plain.lower()


def _splits_a_word(characters: list[str], place: int) -> bool:
    if characters[place] not in _SEPARATORS:
        return False
    before, after = place - 1, place + 1
    while before >= 0 and characters[before] in _SEPARATORS and place - before < 4:
        before -= 1
    while after < len(characters) and characters[after] in _SEPARATORS and after - place < 4:
        after += 1
    return before >= 0 and after < len(characters) and is_han(characters[before]) and is_han(characters[after])


_TO_SIMPLIFIED = opencc.OpenCC("t2s")
