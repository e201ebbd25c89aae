"""How near the sounds that somebody spelt come to a name's own, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from routing.finding.place_phonetics import VOWELS


class Nearness:
    """Weighs sounds by the table [distance] of place_letters.toml, for the languages of one script.

    merge holds the pairs of sounds that they do not tell apart.
    """

    def __init__(self, table: Mapping[str, Any], merge: Iterable[str] = ()) -> None:
        self._pairs: dict[str, float] = {}
        self._left_out: dict[str, float] = {sign: cost for signs, cost in table["left_out"] for sign in signs}
        self._else, self._else_vowel = float(table["else"]), float(table["else_vowel"])
        self._else_left_out = float(table["else_left_out"])
        for pairs, cost in (*table["mistaken"], (" ".join(merge), table["merged"])):
            for pair in pairs.split():
                self._pairs[pair] = self._pairs[pair[::-1]] = min(cost, self._pairs.get(pair, cost))

    def distance(self, heard: str, name: str) -> float:
        """0 where they are the same; each sound that is another, left out or put in adds its cost."""
        row = [0.0]
        for sign in name:
            row.append(row[-1] + self._alone(sign))
        for one in heard:
            last, alone = row, self._alone(one)
            row = [last[0] + alone]
            for place, two in enumerate(name):
                row.append(
                    min(last[place] + self._apart(one, two), last[place + 1] + alone, row[place] + self._alone(two))
                )
        return row[-1]

    def _apart(self, one: str, two: str) -> float:
        if one == two:
            return 0.0
        is_vowel = one in VOWELS and two in VOWELS
        return self._pairs.get(one + two, self._else_vowel if is_vowel else self._else)

    def _alone(self, sign: str) -> float:
        return self._left_out.get(sign, self._else_left_out)
