"""Text folded for matching: one spelling for what a reader reads as the same, with the way back to the original."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import opencc

from routing.finding.burmese import in_one_spelling
from routing.finding.letters import give_letters_for_digits, put_together, take_out_tones

# Longer texts are folded and read this far. It bounds the time too: a single sign can stand for eighteen letters.
MOST_CHARACTERS = 12_000
# Characters that show nothing: zero-width, joiners, direction marks, variation selectors, soft hyphen, byte order mark.
INVISIBLE = frozenset(
    [0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
     *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)  # fmt: skip
# What people put between the characters of a word so that a filter misses it. Sentence marks are not among them.
SEPARATORS = frozenset(" \t\u3000·・•*_-+=~|/\\^'`\"丶.")
_PICTURES = ("So", "Sk")
# Letters of Cyrillic and Greek that look like a Latin one, and the Latin letters that look like a Cyrillic one.
_AS_LATIN = str.maketrans("авекмнорстухіѕјгαβεικνορτυχ", "abekmhopctyxisjrabeikvoptux")
_AS_CYRILLIC = str.maketrans("abekmhopctyx", "авекмнорстух")
_LATIN, _LOOKS_LATIN = re.compile("[a-z]"), re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_WORD = re.compile("[a-z\u0370-\u04ff]+")
_SPELT = re.compile(r"(?<![^\W\d_])(?:[a-z][ ._*·-]){3,40}[a-z](?![^\W\d_])")


@dataclass(frozen=True)
class Folded:
    """The folded text, and for each of its characters the index in the original where it begins.

    offsets has one more entry than text: the length of the original. gaps holds the characters that space was left
    before, and taken out: between Chinese words it is a pause, a dot or a dash there is a trick. is_whole tells that
    nothing of the original was left out because it was too long. ends holds where a letter ends in the original that
    was sent in several parts, by where it begins.
    """

    text: str
    offsets: tuple[int, ...]
    gaps: frozenset[int] = frozenset()
    is_whole: bool = True
    ends: Mapping[int, int] = field(default_factory=dict)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's start and end for folded characters start to end (exclusive)."""
        within = self.offsets[start:end]
        # What was typed in another order was put right, so the first character need not come from the first.
        last = max(within, default=0)
        return (min(within), self.ends.get(last, last + 1)) if within else (self.offsets[start], self.offsets[start])


def fold(text: str) -> Folded:
    """NFKC, simplified characters, lower case, Burmese in one spelling; nothing invisible; look-alikes of other scripts
    and digits as the letters they stand among; pinyin without tones; no separators inside Chinese words.
    """
    characters, offsets, is_whole = _folded_characters(text)
    ends = {offsets[first]: offsets[last] + 1 for first, last in put_together(characters).items()}
    take_out_tones(characters)
    give_letters_for_digits(characters)
    offsets = [offset for offset, character in zip(offsets, characters, strict=True) if character]
    characters = [character for character in characters if character]
    _give_back_letters(characters)
    _join_spelt_words(characters)
    kept = [place for place, character in enumerate(characters) if character and not _splits_a_word(characters, place)]
    gaps = frozenset(
        number
        for number, (before, place) in enumerate(pairwise(kept), 1)
        if any(map(str.isspace, characters[before + 1 : place]))
    )
    folded = "".join(characters[place] for place in kept)
    return Folded(folded, (*(offsets[place] for place in kept), len(text)), gaps, is_whole, ends)


def is_han(character: str) -> bool:
    """Whether this is a Chinese character."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf"


def is_traditional(text: str) -> bool:
    """Whether Chinese is written in traditional characters: a few of them stand in simplified texts too."""
    written = [character for character in text if is_han(character)]
    changed = sum(_TO_SIMPLIFIED.convert(character) != character for character in written)
    return bool(changed * 12 > len(written))


def _folded_characters(text: str) -> tuple[list[str], list[int], bool]:
    """The characters, the index that each came from, and whether that is all of them."""
    characters: list[str] = []
    offsets: list[int] = []
    spelt, places = in_one_spelling(text[:MOST_CHARACTERS])
    for index, character in zip(places, spelt, strict=True):
        if len(characters) >= MOST_CHARACTERS:
            return characters, offsets, False
        for folded in _fold_character(character):
            characters.append(folded)
            offsets.append(index)
    return characters, offsets, len(text) <= MOST_CHARACTERS


def _give_back_letters(characters: list[str]) -> None:
    """In a word of two scripts, puts the letters that only look right into the script of most of its letters."""
    text = "".join(characters)
    if not (_LATIN.search(text) and _LOOKS_LATIN.search(text)):
        return
    for word in _WORD.finditer(text):
        latin = len(_LATIN.findall(word[0]))
        if 0 < latin < len(word[0]):
            table = _AS_LATIN if latin * 2 >= len(word[0]) else _AS_CYRILLIC
            characters[word.start() : word.end()] = word[0].translate(table)


def _join_spelt_words(characters: list[str]) -> None:
    """Takes out what stands between the letters of a word that is spelt letter by letter (j i u m i n g)."""
    for word in _SPELT.finditer("".join(characters)):
        characters[word.start() + 1 : word.end() : 2] = [""] * len(range(word.start() + 1, word.end(), 2))


@lru_cache(maxsize=20_000)
def _fold_character(character: str) -> str:
    if ord(character) in INVISIBLE or unicodedata.category(character) == "Cs":
        return ""
    plain = unicodedata.normalize("NFKC", character)
    if any(is_han(one) for one in plain):
        plain = "".join(_TO_SIMPLIFIED.convert(one) for one in plain)
    return plain.lower()


@lru_cache(maxsize=20_000)
def _separates(character: str) -> bool:
    """Whether it is put inside words so that a filter misses them: some marks, and any picture sign."""
    return character in SEPARATORS or (bool(character) and unicodedata.category(character) in _PICTURES)


def _splits_a_word(characters: list[str], place: int) -> bool:
    if not _separates(characters[place]):
        return False
    before, after = place - 1, place + 1
    while before >= 0 and _separates(characters[before]) and place - before < 4:
        before -= 1
    while after < len(characters) and _separates(characters[after]) and after - place < 4:
        after += 1
    return before >= 0 and after < len(characters) and is_han(characters[before]) and is_han(characters[after])


_TO_SIMPLIFIED = opencc.OpenCC("t2s")
