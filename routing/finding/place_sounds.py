"""Chinese names of places as other scripts spell them: found by how they sound, since there is no one spelling."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ahocorasick

from routing.areas import Area, AreaTree, Level
from routing.finding.place_scripts import is_mark, plain

# Pinyin's initials and finals in the coarse sounds of place_letters.toml.
_INITIALS = {
    "zh": "C", "ch": "C", "sh": "S", "b": "P", "p": "P", "m": "M", "f": "F", "d": "T", "t": "T", "n": "N", "l": "L",
    "g": "K", "k": "K", "h": "H", "j": "C", "q": "C", "x": "S", "r": "R", "z": "C", "c": "C", "s": "S", "y": "I",
    "w": "O", "": "",
}  # fmt: skip
_FINALS = {
    "iang": "IAN", "iong": "ION", "uang": "OAN", "ang": "AN", "eng": "EN", "ing": "IN", "ong": "ON", "ian": "IAN",
    "uan": "OAN", "iao": "IAO", "uai": "OAI", "ai": "AI", "ei": "EI", "ao": "AO", "ou": "O", "an": "AN", "en": "EN",
    "in": "IN", "un": "ON", "ia": "IA", "ie": "IE", "iu": "IO", "ua": "OA", "uo": "O", "ui": "OI", "ue": "OE",
    "er": "ER", "a": "A", "e": "E", "i": "I", "o": "O", "u": "O",
}  # fmt: skip
_SYLLABLE = re.compile(
    f"({'|'.join(sorted(_INITIALS, key=len, reverse=True))})({'|'.join(sorted(_FINALS, key=len, reverse=True))})"
)
_SPACED = ("devanagari", "arabic", "cyrillic", "hangul")
_LEAST = {Level.PROVINCE: 4, Level.CITY: 4, Level.COUNTY: 5}
# A name that nothing but marks sets off must be longer, to be no other word.
_LEAST_BARE = 5
_MOST_ENDING = 4
_REACH = 16
# Names are listened for this far into a text; the tables of names are read all through.
_MOST_HEARD = 6_000
_MARKS = frozenset(",.!?;:()[]\"'“”‘’«»|/\u104a\u104b\u17d4\u060c\u06d4\u0964。、…\n")
_MARKS_AND_SPACES = _MARKS | {" ", "\t"}
# Hangul syllables are composed of these, in the order of Unicode.
_HANGUL_FIRST = ("K", "K", "N", "T", "T", "L", "M", "P", "P", "S", "S", "", "C", "C", "C", "K", "T", "P", "H")
_HANGUL_MIDDLE = (
    "A", "A", "IA", "IA", "E", "E", "IE", "IE", "O", "OA", "OA", "O", "IO", "O", "O", "OE", "OI", "IO", "O", "I", "I",
)  # fmt: skip
_HANGUL_LAST = (
    "", "K", "K", "K", "N", "N", "N", "T", "L", "L", "L", "L", "L", "L", "L", "L", "M", "P", "P", "S", "S", "N", "C",
    "C", "K", "T", "P", "H",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Sound:
    """One sound, and the characters of the text that spell it."""

    sign: str
    start: int
    end: int


class SoundTable:
    """The names by sound, with the codes they may stand for."""

    def __init__(self, table: Mapping[str, Any], areas: AreaTree) -> None:
        self._scripts = [_Script(name, letters) for name, letters in table.items() if name != "set_off"]
        words = {side: plain("|".join(patterns)) for side, patterns in table["set_off"].items()}
        self._before, self._after = re.compile(f"(?:{words['before']})$"), re.compile(words["after"])
        self._end = re.compile(words["end"])
        self._hangul = re.compile("[\uac00-\ud7a3]+")
        self.codes: dict[str, tuple[str, ...]] = {}
        for area in areas.current():
            for key in _keys(area):
                if len(key) >= _LEAST[area.level]:
                    self.codes[key] = (*self.codes.get(key, ()), area.code)
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        for key in self.codes:
            self._automaton.add_word(key)
        self._automaton.make_automaton()

    @classmethod
    def load(cls, config: Path, areas: AreaTree) -> SoundTable:
        """Reads place_letters.toml. Raises ValueError where it is not as wanted."""
        path = config / "place_letters.toml"
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), areas)
        except (tomllib.TOMLDecodeError, AttributeError, re.error) as fault:
            raise ValueError(f"{path} should hold the sounds of letters, script by script: {fault!r}") from None

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Start, end and sound of what may be a name, in folded text."""
        text = text[:_MOST_HEARD]
        for script in self._scripts:
            for run in script.runs(text):
                yield from self._in_run(text, run, is_spaced=script.is_spaced)
        for word in self._hangul.finditer(text):
            yield from self._in_run(text, _even([*_hangul(word[0], word.start())]), is_spaced=True)

    def _in_run(self, text: str, sounds: list[_Sound], *, is_spaced: bool) -> Iterator[tuple[int, int, str]]:
        signs = "".join(sound.sign for sound in sounds)
        for last, length in self._automaton.iter(signs):
            first = last + 1 - length
            if is_spaced and not (_begins_a_word(sounds, first) and _ends_a_word(sounds, last)):
                continue
            start, end = sounds[first].start, sounds[last].end
            if self._is_set_off(text, start, end, length, is_spaced=is_spaced):
                yield start, end, signs[first : last + 1]

    def _is_set_off(self, text: str, start: int, end: int, length: int, *, is_spaced: bool) -> bool:
        """Whether it is set off as a name: by marks, or by words that lead to a place or follow one."""
        if is_mark(text[start]) or is_mark(text[end : end + 1]):
            return False
        before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
        if self._after.match(after) and (not before or before[-1] in _MARKS_AND_SPACES):
            return True
        if self._before.search(before):
            return is_spaced or not after or after[0] in _MARKS_AND_SPACES or bool(self._end.match(after))
        if is_spaced:
            before, after = before.rstrip(" "), after.lstrip(" ")
        edges = _MARKS if is_spaced else _MARKS_AND_SPACES
        is_bare = (not before or before[-1] in edges) and (not after or after[0] in edges)
        return is_bare and length >= _LEAST_BARE


def _begins_a_word(sounds: list[_Sound], place: int) -> bool:
    return place == 0 or sounds[place - 1].end < sounds[place].start


def _ends_a_word(sounds: list[_Sound], place: int) -> bool:
    """Whether a word ends here, or nearly: a case's ending may follow."""
    rest = sounds[place : place + _MOST_ENDING + 2]
    return len(rest) < _MOST_ENDING + 2 or any(one.end < two.start for one, two in zip(rest, rest[1:], strict=False))


class _Script:
    """The letters of one script."""

    def __init__(self, name: str, table: Mapping[str, str]) -> None:
        self.is_spaced = name in _SPACED
        self._lead = frozenset(table.get("lead", ""))
        self._patterns = [(sound.strip("_"), letters) for sound, letters in table.items() if sound != "lead"]
        self._letters = re.compile("|".join(f"(?P<s{n}>{pattern})" for n, (_, pattern) in enumerate(self._patterns)))
        between = r"(?:[ \-](?=\w))?" if self.is_spaced else ""
        self._run = re.compile(f"(?:(?:{self._letters.pattern}){between})+".replace("?P<s", "?P<r"))

    def runs(self, text: str) -> Iterator[list[_Sound]]:
        """The sounds of each stretch of text in this script."""
        for run in self._run.finditer(text):
            yield _even([*self._sounds(text, run.start(), run.end())])

    def _sounds(self, text: str, start: int, end: int) -> Iterator[_Sound]:
        """Vowels written before their consonant come after it; a silent letter belongs to a sound beside it."""
        lead, begin, silent = "", -1, -1
        last: _Sound | None = None
        for match in self._letters.finditer(text, start, end):
            sign = self._patterns[int(str(match.lastgroup)[1:])][0]
            if not sign:
                silent = match.end()
                begin = match.start() if begin < 0 and not self.is_spaced else begin
                continue
            if last:
                yield _Sound(last.sign, last.start, max(last.end, silent) if self.is_spaced else last.end)
            last, begin = None, match.start() if begin < 0 else begin
            if match[0] in self._lead:
                lead = sign
                continue
            signs = sign + lead
            yield from (_Sound(one, begin, match.end()) for one in signs[:-1])
            last = _Sound(signs[-1], begin, match.end())
            lead, begin = "", -1
        if last:
            yield _Sound(last.sign, last.start, max(last.end, silent))


def _even(sounds: list[_Sound]) -> list[_Sound]:
    """One sign for what languages hear alike: no doubles, no glide after a hissing sound, ian for ien."""
    even: list[_Sound] = []
    for number, sound in enumerate(sounds):
        after = sounds[number + 1].sign if number + 1 < len(sounds) else ""
        before = even[-1].sign if even else ""
        if sound.sign == before:
            even[-1] = _Sound(before, even[-1].start, sound.end)
        elif sound.sign == "I" and before in ("C", "S") and after in ("A", "E", "O"):
            continue
        elif sound.sign == "E" and before == "I" and after == "N":
            even.append(_Sound("A", sound.start, sound.end))
        elif sound.sign == "I" and before == "E" and after == "N":
            continue
        elif sound.sign == "I" and before == "E" and after == "A":
            even[-1] = sound
        else:
            even.append(sound)
    return even


def _keys(area: Area) -> Iterator[str]:
    """The sounds of a name; two where a sound has no fixed spelling abroad."""
    pinyin = re.sub("[^a-z']", "", area.pinyin.lower())
    signs = []
    for part in pinyin.split("'"):
        place = 0
        while place < len(part):
            syllable = _syllable(part, place)
            if syllable is None:
                return
            signs.append(syllable)
            place += len(syllable[0]) + len(syllable[1])
    if len(signs) < 2:
        return
    full = "".join(_INITIALS[first] + _final(first, last) for first, last in signs)
    short = "".join(_INITIALS[first] + ("N" if last == "ong" else _final(first, last)) for first, last in signs)
    for key in {full, short, full.replace("F", "P"), full.replace("ER", "E")}:
        yield "".join(sound.sign for sound in _even([_Sound(sign, 0, 0) for sign in key]))


def _syllable(part: str, place: int) -> tuple[str, str] | None:
    """The longest syllable here after which another can begin (cha ngan is none, chan gan is)."""
    for end in range(min(len(part), place + 6), place, -1):
        match = _SYLLABLE.fullmatch(part, place, end)
        if (
            match
            and (end == len(part) or _SYLLABLE.match(part, end))
            and (end == len(part) or part[end] not in "aeiou")
        ):
            return match[1], match[2]
    return None


def _final(first: str, last: str) -> str:
    if first in ("j", "q", "x", "y") and last in ("u", "uan", "un", "ue"):
        return "I" + _FINALS[last]
    return _FINALS[last]


def _hangul(run: str, start: int) -> Iterator[_Sound]:
    for number, syllable in enumerate(run, start):
        place = ord(syllable) - 0xAC00
        first, middle, last = place // 588, place % 588 // 28, place % 28
        for sign in _HANGUL_FIRST[first] + _HANGUL_MIDDLE[middle] + _HANGUL_LAST[last]:
            yield _Sound(sign, number, number + 1)
