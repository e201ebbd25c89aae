"""How names are written in each script: where words end, and which marks and endings do not change a name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from routing.finding.folding import is_han

# Marks that people leave out, or set differently, in names of foreign places: Thai and Lao tone marks and the marks of
# silent or short letters; Khmer register shifters and silent marks.
_LOOSE_MARKS = frozenset(
    "\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0ec8\u0ec9\u0eca\u0ecb\u0ecc\u17c9\u17ca\u17cb\u17cc\u17cd\u17d0"
)
# Apostrophes and dots inside names, and the joiner of Burmese numerals, are dropped too.
_LOOSE_SIGNS = frozenset("'’‘ʼ`´")
# Vietnamese sets the tone of oa, oe and uy over either vowel (Thụy Lệ, Thuỵ Lệ): one spelling for both.
_EARLY_TONE = re.compile(r"([òóỏõọ])([ae])(?!\w)|([ùúủũụ])(y)(?!\w)")
_CYRILLIC_ENDINGS = "аяоеыийюуьъэ"
_LEAST_STEMMED = 5
_MOST_ENDING = 5
# Mongolian sets its cases right behind a name, and they are longer than Russian ones (Эрээнээр, Бээжингээс).
_MONGOLIAN_CASES = re.compile(
    "(?:г?(?:аа|ээ|оо|өө)[срт]?|г?ийн|г?ын|[дт](?:аа|ээ|оо|өө|ах|эх|ох|өх)?|руу|рүү|луу|лүү|т[аэоө]й|ийг|ыг)(?![а-яёүө])"
)
_LEAST_BEFORE_CASES = 5
# A Burmese letter without a vowel; the signs that hang the next letter under the one before, in Burmese and Khmer.
_CLOSING = re.compile("[\u1000-\u1021]\u1037?\u103a")
_HANGING = frozenset("\u1039\u17d2")


@dataclass(frozen=True)
class PlainText:
    """Text without loose marks, and for each character its index in the text it came from (None: as it was)."""

    text: str
    places: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Start and end in the text it came from, dropped marks at the end included."""
        if self.places is None:
            return start, end
        within = self.places[start:end]
        return min(within), max(within) + 1


def plain(text: str) -> str:
    """The text without the marks and signs that do not tell names apart."""
    return plain_text(text).text


def plain_text(text: str) -> PlainText:
    """The same, with the way back."""
    text = _EARLY_TONE.sub(_late_tone, text)
    if any(map(_is_loose, text)):
        kept = [number for number, character in enumerate(text) if not _is_loose(character)]
        return PlainText("".join(text[number] for number in kept), tuple(kept))
    return PlainText(text, None)


def _late_tone(vowels: re.Match[str]) -> str:
    first, tone = tuple(unicodedata.normalize("NFD", vowels[1] or vowels[3]))
    return first + unicodedata.normalize("NFC", (vowels[2] or vowels[4]) + tone)


def stem(name: str) -> str:
    """A Cyrillic name without the vowel or sign that changes with the case; any other name as it is."""
    last = name[-1:]
    if len(name) >= _LEAST_STEMMED and last in _CYRILLIC_ENDINGS and is_cyrillic(last):
        return name[:-1]
    return name


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether the name at start to end stands as words of its own, as far as its script shows that.

    Chinese, Thai, Lao, Khmer and Burmese write words together; Korean sets its particles and Russian and Mongolian
    their endings right behind a name.
    """
    first, last = text[start], text[end - 1]
    before, after = text[start - 1 : start], text[end : end + 1]
    if is_han(first):
        return True
    if is_unspaced(first):
        return not is_mark(after)
    if before and _is_letter(before):
        return False
    if is_hangul(last):
        return True
    if is_cyrillic(last):
        is_case = end - start >= _LEAST_BEFORE_CASES and _MONGOLIAN_CASES.match(text, end) is not None
        # A short name that keeps its vowel changes it for another (Чита, Читы), but читал goes on behind it.
        is_short = end - start < _LEAST_STEMMED and last in _CYRILLIC_ENDINGS
        most = 0 if is_short else max(1, min(_MOST_ENDING, end - start - 3))
        return is_case or _ending(text, end) <= most
    return not (after and _is_letter(after))


def is_cyrillic(character: str) -> bool:
    """Whether this is a Cyrillic letter."""
    return "\u0400" <= character <= "\u052f"


def _ending(text: str, end: int) -> int:
    length = 0
    while end + length < len(text) and is_cyrillic(text[end + length]):
        length += 1
    return length


def _is_loose(character: str) -> bool:
    return character in _LOOSE_MARKS or character in _LOOSE_SIGNS


def is_unspaced(character: str) -> bool:
    """Whether this is a letter of a script that sets no spaces between words."""
    return "\u0e00" <= character <= "\u0eff" or "\u1000" <= character <= "\u109f" or "\u1780" <= character <= "\u17ff"


def is_by_sound(name: str) -> bool:
    """Whether this is spelt in letters of another script than Chinese or Latin."""
    return is_cyrillic(name[0]) or is_hangul(name[0]) or is_unspaced(name[0])


def is_hangul(character: str) -> bool:
    """Whether this is a syllable of Korean."""
    return "\uac00" <= character <= "\ud7a3"


def _is_letter(character: str) -> bool:
    return (character.isalpha() or is_mark(character)) and not is_han(character)


def begins_a_syllable(text: str, start: int) -> bool:
    """Whether a syllable can begin here, or the text ends.

    None does at a mark, nor in Burmese and Khmer at a letter that closes one or hangs under the letter before it.
    """
    here, before = text[start : start + 1], text[start - 1 : start]
    return not is_mark(here) and before not in _HANGING and not _CLOSING.match(text, start)


def is_mark(character: str) -> bool:
    """Whether this is a mark that belongs to the letter before it."""
    return bool(character) and unicodedata.category(character) in ("Mn", "Mc")
