"""Chinese names of places as other scripts spell them: found by how they sound, since there is no one spelling."""

from __future__ import annotations

import math
import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.areas import AreaTree, Level
from routing.finding.place_ears import Ears, Meant, Names
from routing.finding.place_kinds import Kinds
from routing.finding.place_letters import Script, as_folded
from routing.finding.place_names import seats
from routing.finding.place_phonetics import Sound, hangul
from routing.finding.place_scripts import begins_a_syllable, is_hangul

# Pairs that no name is listened for by.
_COARSELY_ONE = frozenset(["XS"])
_SET_OFF, _HANGUL, _DISTANCE, _KINDS, _COMMON = "set_off", "hangul", "distance", "kinds", "common"
_OTHER_TABLES = (_SET_OFF, _DISTANCE, _KINDS, _COMMON)
# How many sounds a name must have, less how far off they are, where only marks set it off, where spaces do, which says
# little in languages that set them between all words, and where words follow it.
_LEAST_BARE = 3.0
_LEAST_IN_SPACES = 4.0
_LEAST_CITY = 5.2
_LEAST_FOLLOWED = 4.0
_MOST_ENDING = 4
_REACH = 16
# Names are listened for this far into a text; the tables of names are read all through.
_MOST_HEARD = 3_000
_MARKS = frozenset(",.!?;:()[]\"'“”‘’«»|/\u104a\u104b\u17d4\u060c\u06d4\u0964。、…\n")
_EDGES = _MARKS | {" ", "\t"}


@dataclass(frozen=True, slots=True)
class Heard:
    """What may be a name, at start to end of the text; SoundTable.meant tells what for.

    is_set_off: set off as a name by marks, or by words that lead to a place or follow one.
    """

    start: int
    end: int
    name: str
    is_set_off: bool


class SoundTable:
    """The names by sound, with the codes they may stand for."""

    def __init__(self, table: Mapping[str, Any], areas: AreaTree) -> None:
        self.kinds = Kinds(table[_KINDS], areas)
        around_seats = seats(areas)
        standing = [area for area in areas.current() if area.code not in around_seats]
        scripts = [script for script in table if script not in _OTHER_TABLES]
        merges = {name: tuple(sorted(set(table[name].get("merge", ())) - _COARSELY_ONE)) for name in scripts}
        names = {merge: Names(standing, merge) for merge in set(merges.values())}
        ears = {name: Ears(table[name], table[_DISTANCE], names[merges[name]]) for name in scripts}
        self._ears = {str(number): ears[name] for number, name in enumerate(scripts)}
        self._numbers = {one: number for number, one in self._ears.items()}
        self._scripts = [(Script(name, table[name]), ears[name]) for name in ears if name != _HANGUL]
        self._hangul = re.compile("[\uac00-\ud7a3]+"), ears[_HANGUL]
        words = {side: as_folded("|".join(patterns)) for side, patterns in table["set_off"].items()}
        self._before, self._after = re.compile(f"(?:{words['before']})$"), re.compile(words["after"])
        self._end, self._never = re.compile(words["end"]), re.compile(words["never"])
        self._never_inside = re.compile(words["never_inside"])
        self._common = frozenset(as_folded(word) for words in table[_COMMON].values() for word in words.split())

    def meant(self, name: str) -> tuple[Meant, ...]:
        """What the name of something heard may stand for."""
        return self._ears[name[0]].meant(*name[1:].split(":"))

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
            yield from self._in_run(text, [*hangul(word[0], word.start())], ears, is_spaced=True)

    def _in_run(self, text: str, exact: list[Sound], ears: Ears, *, is_spaced: bool) -> Iterator[Heard]:
        sounds = ears.coarse(exact)
        starts, ends = [sound.start for sound in exact], [sound.end for sound in exact]
        for first, last, key in ears.listen(sounds):
            start, end = sounds[first].start, sounds[last].end
            if is_spaced and not (_begins_a_word(sounds, first) and _ends_a_word(sounds, last, text[end - 1])):
                continue
            if not begins_a_syllable(text, start) or not begins_a_syllable(text, end):
                continue
            if self._never.match(text, start) or self._never_inside.search(text, start, end):
                continue
            signs = "".join(sound.sign for sound in exact[bisect_left(starts, start) : bisect_right(ends, end)])
            meant = ears.meant(key, signs)
            if meant:
                is_set_off = text[start:end] not in self._common and self._is_set_off(
                    text, start, end, meant, is_spaced=is_spaced
                )
                yield Heard(start, end, f"{self._numbers[ears]}{key}:{signs}", is_set_off)

    def _is_set_off(self, text: str, start: int, end: int, meant: tuple[Meant, ...], *, is_spaced: bool) -> bool:
        weight = max(one.weight for one in meant)
        before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
        if weight >= _LEAST_FOLLOWED and self._after.match(after) and (not before or before[-1] in _EDGES):
            return True
        bare_before, bare_after = before.rstrip(" "), after.lstrip(" ")
        if self._before.search(before) or (not is_spaced and self._before.search(bare_before)):
            return is_spaced or not after or after[0] in _EDGES or bool(self._end.match(after))
        is_bare = (not bare_before or bare_before[-1] in _MARKS) and (not bare_after or bare_after[0] in _MARKS)
        is_signed = not bare_after and bool(bare_before) and before[-1] in _EDGES
        if is_bare or (is_signed and (not is_spaced or is_hangul(text[start]))):
            return weight >= _LEAST_BARE
        in_spaces = (not before or before[-1] in _EDGES) and (not after or after[0] in _EDGES)
        is_city = any(one.is_nearest and one.level is not Level.COUNTY for one in meant)
        return in_spaces and weight >= (_LEAST_IN_SPACES if not is_spaced else _LEAST_CITY if is_city else math.inf)


def _begins_a_word(sounds: list[Sound], place: int) -> bool:
    return place == 0 or sounds[place - 1].end < sounds[place].start


def _ends_a_word(sounds: list[Sound], place: int, character: str) -> bool:
    """Whether a word ends here, or nearly: a case's ending may follow, in Korean anything that begins a syllable."""
    if is_hangul(character):
        return place + 1 == len(sounds) or sounds[place + 1].start >= sounds[place].end
    rest = sounds[place : place + _MOST_ENDING + 2]
    return len(rest) < _MOST_ENDING + 2 or any(one.end < two.start for one, two in zip(rest, rest[1:], strict=False))
