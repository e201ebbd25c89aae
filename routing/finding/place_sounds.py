"""Chinese names of places as other scripts spell them: found by how they sound, since there is no one spelling."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ahocorasick

from routing.areas import AreaTree, Level
from routing.finding.folding import fold
from routing.finding.place_phonetics import Sound, even, evened, hangul, keys
from routing.finding.place_scripts import is_hangul, is_mark, plain

_SET_OFF, _HANGUL = "set_off", "hangul"
# The sign of a letter that is silent before the sound that follows it.
_SILENT_BEFORE = ">"
_SETTINGS = ("lead", "merge", "near")
_SPACED = ("devanagari", "arabic", "cyrillic", "hangul")
# Urdu and Hindi often set the syllables of a name apart.
_SYLLABLES_APART = ("devanagari", "arabic")
_LEAST = 4
# A name that nothing but marks or spaces sets off must be longer, to be no other word.
_LEAST_BARE = {Level.PROVINCE: 4, Level.CITY: 4, Level.COUNTY: 5}
_LEAST_IN_SPACES = 5
_MOST_ENDING = 4
_REACH = 16
# Names are listened for this far into a text; the tables of names are read all through.
_MOST_HEARD = 3_000
_MARKS = frozenset(",.!?;:()[]\"'“”‘’«»|/\u104a\u104b\u17d4\u060c\u06d4\u0964。、…\n")
_EDGES = _MARKS | {" ", "\t"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What may be a name, at start to end of the text. name is a key of SoundTable.codes.

    is_set_off: set off as a name by marks, or by words that lead to a place or follow one.
    """

    start: int
    end: int
    name: str
    is_set_off: bool


class SoundTable:
    """The names by sound, with the codes they may stand for."""

    def __init__(self, table: Mapping[str, Any], areas: AreaTree) -> None:
        self.areas = areas
        self.codes: dict[str, tuple[str, ...]] = {}
        sounds = [(area.code, key) for area in areas.current() for key in keys(area.pinyin) if len(key) >= _LEAST]
        ears: dict[str, _Ears] = {}
        for number, (script, letters) in enumerate(table.items()):
            if script != _SET_OFF:
                ears[script] = _Ears(str(number), letters, sounds, self)
        self._scripts = [(_Script(name, table[name]), ears[name]) for name in ears if name != _HANGUL]
        self._hangul = re.compile("[\uac00-\ud7a3]+"), ears[_HANGUL]
        words = {side: _as_folded("|".join(patterns)) for side, patterns in table["set_off"].items()}
        self._before, self._after = re.compile(f"(?:{words['before']})$"), re.compile(words["after"])
        self._end, self._never = re.compile(words["end"]), re.compile(words["never"])

    @classmethod
    def load(cls, config: Path, areas: AreaTree) -> SoundTable:
        """Reads place_letters.toml. Raises ValueError where it is not as wanted."""
        path = config / "place_letters.toml"
        try:
            return cls(tomllib.loads(path.read_text(encoding="utf-8")), areas)
        except (tomllib.TOMLDecodeError, KeyError, AttributeError, re.error) as fault:
            raise ValueError(f"{path} should hold the sounds of letters, script by script: {fault!r}") from None

    def find(self, text: str) -> Iterator[Heard]:
        """What may be names in folded text."""
        text = text[:_MOST_HEARD]
        for script, ears in self._scripts:
            for run in script.runs(text):
                yield from self._in_run(text, run, ears, is_spaced=script.is_spaced)
        pattern, ears = self._hangul
        for word in pattern.finditer(text):
            yield from self._in_run(text, even([*hangul(word[0], word.start())]), ears, is_spaced=True)

    def _in_run(self, text: str, sounds: list[Sound], ears: _Ears, *, is_spaced: bool) -> Iterator[Heard]:
        for first, last, name in ears.listen(sounds):
            start, end = sounds[first].start, sounds[last].end
            if is_spaced and not (_begins_a_word(sounds, first) and _ends_a_word(sounds, last, text[end - 1])):
                continue
            if not is_mark(text[start]) and not is_mark(text[end : end + 1]) and not self._never.match(text, start):
                yield Heard(start, end, name, self._is_set_off(text, start, end, name, is_spaced=is_spaced))

    def _is_set_off(self, text: str, start: int, end: int, name: str, *, is_spaced: bool) -> bool:
        before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
        length = len(name) - 1
        if length >= _LEAST_IN_SPACES and self._after.match(after) and (not before or before[-1] in _EDGES):
            return True
        bare_before, bare_after = before.rstrip(" "), after.lstrip(" ")
        if self._before.search(before) or (not is_spaced and self._before.search(bare_before)):
            return is_spaced or not after or after[0] in _EDGES or bool(self._end.match(after))
        is_bare = (not bare_before or bare_before[-1] in _MARKS) and (not bare_after or bare_after[0] in _MARKS)
        is_signed = not bare_after and bool(bare_before) and before[-1] in _EDGES
        if is_bare or (is_signed and (not is_spaced or is_hangul(text[start]))):
            return length >= min(_LEAST_BARE[level] for level in map(self.areas.level, self.codes[name]) if level)
        in_spaces = (not before or before[-1] in _EDGES) and (not after or after[0] in _EDGES)
        return in_spaces and not is_spaced and length >= _LEAST_IN_SPACES


def _as_folded(pattern: str) -> str:
    """A pattern as it meets folded text: some letters fall into two, and loose marks are gone."""
    return plain(fold(pattern).text)


class _Ears:
    """Hears names as the languages of one script do.

    merge holds the pairs of sounds that they do not tell apart, near the provinces that their speakers mostly mean.
    """

    def __init__(
        self, number: str, letters: Mapping[str, Any], sounds: Sequence[tuple[str, str]], table: SoundTable
    ) -> None:
        self._number = number
        self._same = str.maketrans({pair[0]: pair[1] for pair in letters.get("merge", ())})
        self._automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        codes: dict[str, dict[str, None]] = {}
        for code, sound in sounds:
            codes.setdefault(evened(sound.translate(self._same)), {})[code] = None
        for key, meant in codes.items():
            self._automaton.add_word(key)
            table.codes[number + key] = _nearest(tuple(meant), tuple(letters.get("near", ())), table.areas)
        self._automaton.make_automaton()

    def listen(self, sounds: list[Sound]) -> Iterator[tuple[int, int, str]]:
        """First and last sound of each name, and its key."""
        merged = even([Sound(sound.sign.translate(self._same), sound.start, sound.end) for sound in sounds])
        sounds[:] = merged
        signs = "".join(sound.sign for sound in merged)
        for last, length in self._automaton.iter(signs):
            first = last + 1 - length
            yield first, last, self._number + signs[first : last + 1]


def _nearest(codes: tuple[str, ...], near: tuple[str, ...], areas: AreaTree) -> tuple[str, ...]:
    """Of counties that sound the same, those in the provinces near the speakers; a city is meant wherever it is."""
    if any(areas.level(code) is not Level.COUNTY for code in codes):
        return codes
    return tuple(code for code in codes if code.startswith(near)) or codes


def _begins_a_word(sounds: list[Sound], place: int) -> bool:
    return place == 0 or sounds[place - 1].end < sounds[place].start


def _ends_a_word(sounds: list[Sound], place: int, character: str) -> bool:
    """Whether a word ends here, or nearly: a case's ending may follow, in Korean anything that begins a syllable."""
    if is_hangul(character):
        return place + 1 == len(sounds) or sounds[place + 1].start >= sounds[place].end
    rest = sounds[place : place + _MOST_ENDING + 2]
    return len(rest) < _MOST_ENDING + 2 or any(one.end < two.start for one, two in zip(rest, rest[1:], strict=False))


class _Script:
    """The letters of one script."""

    def __init__(self, name: str, table: Mapping[str, str]) -> None:
        self.is_spaced = name in _SPACED
        self._lead = frozenset(table.get("lead", ""))
        self._patterns = [
            (sign.strip("_"), _as_folded(letters)) for sign, letters in table.items() if sign not in _SETTINGS
        ]
        self._letters = re.compile("|".join(f"(?P<s{n}>{pattern})" for n, (_, pattern) in enumerate(self._patterns)))
        between = "" if not self.is_spaced else r"(?:[ \-](?=\w))?" if name in _SYLLABLES_APART else r"(?:-(?=\w))?"
        self._run = re.compile(f"(?:(?:{self._letters.pattern}){between})+".replace("?P<s", "?P<r"))

    def runs(self, text: str) -> Iterator[list[Sound]]:
        """The sounds of each stretch of text in this script."""
        for run in self._run.finditer(text):
            yield even([*self._sounds(text, run.start(), run.end())])

    def _sounds(self, text: str, start: int, end: int) -> Iterator[Sound]:
        """Vowels written before their consonant come after it; a silent letter belongs to a sound beside it."""
        lead, begin = "", -1
        last: Sound | None = None
        for match in self._letters.finditer(text, start, end):
            sign = self._patterns[int(str(match.lastgroup)[1:])][0]
            if not sign:
                last = last and Sound(last.sign, last.start, match.end())
                continue
            begin = match.start() if begin < 0 else begin
            if sign == _SILENT_BEFORE or match[0] in self._lead:
                lead = lead if sign == _SILENT_BEFORE else sign
                continue
            if last:
                yield last
            signs = sign + lead
            yield from (Sound(one, begin, match.end()) for one in signs[:-1])
            last = Sound(signs[-1], begin, match.end())
            lead, begin = "", -1
        if last:
            yield last
