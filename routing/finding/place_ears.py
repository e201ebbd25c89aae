"""Hears the names of divisions in sounds: coarsely first, then the nearest of those that sound alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ahocorasick

from routing.areas import Area, Level
from routing.finding.place_nearness import Nearness
from routing.finding.place_phonetics import Sound, coarse, even, evened, keys, single, spelt

_LEAST = 3
# A name that is further off for each sound spelt, in costs of the table [distance], is not the one meant; nor is one
# that has fewer sounds left when its distance is taken off.
_FURTHEST = 0.16
_LEAST_WEIGHT = 3.4
# Names that come this near to each other are a doubt.
_MARGIN = 0.12
# A text that repeats a spelling has it weighed once.
_MOST_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Meant:
    """A division that a heard name may stand for.

    weight is how many sounds were spelt, less how far off they are; is_nearest: none other comes nearer to them.
    """

    code: str
    level: Level
    weight: float
    is_nearest: bool


class Names:
    """The names of all divisions by their coarse sounds, for languages that do not tell the pairs of merge apart."""

    def __init__(self, areas: Sequence[Area], merge: Sequence[str]) -> None:
        self.same = str.maketrans({pair[0]: pair[1] for pair in merge})
        self.automaton = ahocorasick.Automaton(ahocorasick.STORE_LENGTH)
        self.areas: dict[str, list[tuple[Area, str]]] = {}
        for area in areas:
            spelling = spelt(area.pinyin)
            for key in {evened(one.translate(self.same)) for one in keys(area.pinyin)}:
                if len(key) >= _LEAST:
                    self.areas.setdefault(key, []).append((area, spelling))
        for key in self.areas:
            self.automaton.add_word(key)
        self.automaton.make_automaton()


class Ears:
    """Hears names as the languages of one script do.

    merge holds the pairs of sounds that they do not tell apart, near the provinces that their speakers mostly mean.
    """

    def __init__(self, letters: Mapping[str, Any], distance: Mapping[str, Any], names: Names) -> None:
        self._names = names
        self._nearness = Nearness(distance, letters.get("merge", ()))
        self._near = tuple(letters.get("near", ()))
        self._less_likely: Mapping[str, float] = distance["less_likely"]
        self._meant: dict[tuple[str, str], tuple[Meant, ...]] = {}

    def coarse(self, exact: Sequence[Sound]) -> list[Sound]:
        """The sounds as names are listened for."""
        return even(Sound(coarse(sound.sign).translate(self._names.same), sound.start, sound.end) for sound in exact)

    def listen(self, sounds: Sequence[Sound]) -> Iterator[tuple[int, int, str]]:
        """First and last of the coarse sounds of each name, and its key."""
        signs = "".join(sound.sign for sound in sounds)
        for last, length in self._names.automaton.iter(signs):
            first = last + 1 - length
            yield first, last, signs[first : last + 1]

    def meant(self, key: str, exact: str) -> tuple[Meant, ...]:
        """The divisions that a key may stand for where it was spelt like this."""
        if (key, exact) not in self._meant:
            if len(self._meant) >= _MOST_REMEMBERED:
                self._meant.clear()
            self._meant[key, exact] = self._weighed(self._names.areas[key], single(exact))
        return self._meant[key, exact]

    def _weighed(self, named: Sequence[tuple[Area, str]], exact: str) -> tuple[Meant, ...]:
        weighed = []
        for area, name in named:
            distance = self._nearness.distance(exact, name)
            if distance <= min(_FURTHEST * len(exact), len(exact) - _LEAST_WEIGHT):
                weighed.append((distance + self._unlikeliness(area), distance, area))
        least = min((one[0] for one in weighed), default=0.0)
        return tuple(
            Meant(area.code, area.level, len(exact) - distance, is_nearest=total <= least + _MARGIN)
            for total, distance, area in weighed
        )

    def _unlikeliness(self, area: Area) -> float:
        if area.level is not Level.COUNTY:
            return self._less_likely[area.level]
        is_near = not self._near or area.code.startswith(self._near)
        cost = self._less_likely["county_city" if area.name.endswith("市") else "county"]
        return cost + (0.0 if is_near else self._less_likely["far"])
