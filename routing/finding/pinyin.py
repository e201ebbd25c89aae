"""Pinyin as people type it: its syllables apart, together, or anything between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from routing.finding.letters import SYLLABLE

# What people put between syllables to keep a word from a filter, or because they learned to.
_BETWEEN = "-'._"
# Whoever types without any space runs a word into what stands around it. So many syllables are looked at on each side,
# and none is longer than six letters.
_MOST_BESIDE, _LONGEST = 4, 6
_REACH = _MOST_BESIDE * _LONGEST + 1
_BEFORE = re.compile(rf"(?<![^\W_])(?:{SYLLABLE}){{1,{_MOST_BESIDE}}}\Z")
_BEHIND = re.compile(rf"(?:{SYLLABLE}){{1,{_MOST_BESIDE}}}(?![^\W\d_])")
# Whoever sets words apart adds no more than an ending: "mai yinhang" is a bank, "bei maile" somebody sold.
_ENDING = re.compile(r"(?:le|de|zhe|dao|zai|gei|zou|diao|qilai)(?![^\W\d_])")

_PHRASE = re.compile(f"{SYLLABLE}(?: {SYLLABLE}){{1,7}}")


def is_phrase(phrase: str) -> bool:
    """Whether this is two to eight syllables without tones, a space between any two."""
    return _PHRASE.fullmatch(phrase) is not None


def spellings(phrase: str) -> Iterator[str]:
    """Every way to type such a phrase (bei guan zai, beiguan zai, beiguanzai, bei-guan-zai)."""
    syllables = phrase.split(" ")
    for spaces in product(("", " "), repeat=len(syllables) - 1):
        yield "".join(map("".join, zip(syllables, (*spaces, ""), strict=True)))
    yield from (mark.join(syllables) for mark in _BETWEEN)


def stands_in_pinyin(text: str, start: int, end: int) -> bool:
    """Whether what is found here is no part of other words: of another language's none at all, of pinyin typed without
    spaces any.
    """
    before, behind = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    is_one_word = text[start:end].isalpha()
    if _is_letter(before[-1:]) and not (is_one_word and _BEFORE.search(before)):
        return False
    return not _is_letter(behind[:1]) or (_BEHIND if is_one_word else _ENDING).match(behind) is not None


def _is_letter(character: str) -> bool:
    """Whether it may belong to the same word; a Chinese character beside pinyin does not."""
    return character.isalpha() and character < "\u2e80"
