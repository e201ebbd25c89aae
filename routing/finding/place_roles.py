"""Which role each place has, from the words around it: first a clue for each, then one reading of them all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.values import PlaceRole
from routing.areas import OUTSIDE_MAINLAND
from routing.finding.folding import Folded
from routing.finding.place_contexts import made_of_contexts, surroundings
from routing.finding.place_meanings import Named

_REACH = 40
_OPENING = "“「『‘《"
_SENTENCE_END = "。!?;\n"
_ASKED = re.compile(r'([\u4e00-\u9fff]{2,8})["”]?[::] ?["“]?$')
# The clues that code itself gives, where no words do.
ALONE, SIGNED, PLAIN, QUOTED, VENUE, PEOPLE, IGNORED = (
    "alone",
    "signed",
    "plain",
    "quoted",
    "venue",
    "people",
    "searched",
)
# Clues of places that a report only mentions: where somebody looked in vain, and what tells of those who do the harm.
_IGNORED = (IGNORED, "bystander")
_OWN_CLUES = (ALONE, SIGNED, PLAIN, QUOTED, VENUE, PEOPLE)
# Places abroad that are known for holding people from China and elsewhere.
COMPOUND, TOWN = "compound", "town"


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns of one clue: what ends right before a place, what begins right after it, and both at once."""

    clue: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    around: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...]

    def show(self, before: str, text: str, end: int) -> bool:
        """Whether they stand beside the place that ends at end."""
        return bool(
            (self.before and self.before.search(before))
            or (self.after and self.after.match(text, end))
            or any(first.search(before) and last.match(text, end) for first, last in self.around)
        )


@dataclass(frozen=True, slots=True)
class _Clued:
    """A place with the clue to its role, told of others unless the clue says whom (here/oneself)."""

    place: Named
    clue: str

    @property
    def is_outside(self) -> bool:
        """Whether it lies outside the mainland."""
        return self.place.is_abroad or self.place.codes[0] in OUTSIDE_MAINLAND


class Roles:
    """Gives roles by place_contexts.toml."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        filler = table["free"]["filler"]
        self._clues = [_words(clue, entry, filler) for clue, entry in table["clues"].items()]
        self._persons = re.compile("|".join(f"(?P<{who}>{'|'.join(words)})" for who, words in table["who"].items()))
        self._signed, self._unit = re.compile(table["signed"]["after"]), re.compile(table["signed"]["before"])
        reading = table["reading"]
        self._here, self._outside = tuple(reading["mainland"]), tuple(reading["outside"])
        self._firm_outside = frozenset(reading["firm_outside"])
        self._otherwise = {clue: PlaceRole(role) for role, clues in reading["otherwise"].items() for clue in clues}
        self._way_out = frozenset(reading["way_out"])
        self._way_out_of_foreigners = frozenset(reading["way_out_of_foreigners"])
        self._inner = frozenset(reading["inner"])
        self._untold_abroad, self._untold_of_several = (
            frozenset(reading[name]) for name in ("untold_abroad", "untold_of_several")
        )
        told = {*self._here, *self._outside, *self._firm_outside, *self._otherwise, *self._way_out, *self._inner}
        told |= self._untold_abroad | self._untold_of_several
        unknown = {clue for clue in told if clue.split("/")[0] not in (*table["clues"], *_OWN_CLUES)}
        if unknown:
            raise ValueError(f"[reading] names {sorted(unknown)}, which are no clues of [clues]")

    @classmethod
    def load(cls, config: Path) -> Roles:
        """Raises ValueError where the file is not as wanted."""
        return made_of_contexts(config, cls)

    def assign(self, folded: Folded, places: Sequence[Named]) -> list[tuple[Named, PlaceRole]]:
        """Each place with its role; those that the report only mentions on the way are gone."""
        clued = [_Clued(place, self.clue(folded, place)) for place in places]
        clued = [one for one in clued if one.clue not in _IGNORED]
        here = _first((one.clue for one in clued if not one.is_outside), self._here)
        outside = _first((one.clue for one in clued if one.is_outside), self._outside)
        if outside is not None and (here is None or self._is_firm(clued, outside, here)):
            given = self._roles_outside(clued, outside)
        else:
            given = self._roles_here(clued, here)
        return [(one.place, role) for one, role in self._told(given)]

    def worth_telling(self, folded: Folded, places: Sequence[tuple[Named, PlaceRole]]) -> list[tuple[Named, PlaceRole]]:
        """Of places with their roles those that say something: beside where the victim is, little that is vague."""
        given = [(_Clued(place, self.clue(folded, place)), role) for place, role in places]
        return [(one.place, role) for one, role in self._told(given)]

    def clue(self, folded: Folded, place: Named) -> str:
        """The clue of one place, with the person told of behind it where that matters."""
        if place.is_kind(PEOPLE):
            return PEOPLE
        text = folded.text
        is_quoted = text[place.start - 1 : place.start] in _OPENING and place.start > 0
        around = surroundings(folded, place.start - is_quoted, place.end)
        before = around.before if place.mentions[0].is_han else text[max(0, place.start - _REACH) : place.start]
        # In a form what is asked stands before a colon (户籍地:叶县).
        if not before and (asked := _ASKED.search(text, max(0, place.start - _REACH), place.start)):
            before = asked[1]
        for words in self._clues:
            if words.show(before, text, place.end):
                who = self._who(text, place.start)
                told = f"{words.clue}/{who}"
                return told if told in self._here or told in self._otherwise else words.clue
        if place.is_venue:
            return VENUE
        if is_quoted:
            return QUOTED
        if self._signed.match(text, place.end) and (not around.before or self._unit.search(around.before)):
            return SIGNED
        return ALONE if around.stands_alone else PLAIN

    def _who(self, text: str, start: int) -> str:
        """Who the sentence speaks of: the nearest person named before the place."""
        first = max(text.rfind(mark, max(0, start - _REACH), start) for mark in _SENTENCE_END)
        who = "others"
        for match in self._persons.finditer(text, max(first + 1, start - _REACH), start):
            who = str(match.lastgroup)
        return who

    def _is_firm(self, clued: Sequence[_Clued], outside: str, here: str) -> bool:
        """Whether the victim is outside, for all that is told of the mainland.

        A foreigner's own words (from Lao Cai) mostly tell of home, unless the place is known for holding people.
        """
        told = [one.place for one in clued if one.is_outside and one.clue == outside]
        is_known = any(one.is_kind(COMPOUND) for one in told)
        is_in_chinese = any(one.mentions[0].is_han for one in told)
        if not is_known and not is_in_chinese and not any(one.mentions[0].name.isascii() for one in told):
            return outside in self._firm_outside and here in self._way_out_of_foreigners
        weakest = self._here.index(ALONE if is_known else PLAIN) + (not is_known)
        is_firm = outside in self._firm_outside and (is_known or is_in_chinese)
        return is_firm or self._here.index(here) >= weakest

    def _roles_outside(self, clued: Sequence[_Clued], chosen: str) -> list[tuple[_Clued, PlaceRole]]:
        """The victim is outside; what is told of the mainland is the way there, or home."""
        found = []
        for one in clued:
            if one.is_outside:
                role = PlaceRole.OCCURRENCE if one.clue == chosen else self._otherwise.get(one.clue, PlaceRole.TRANSIT)
            else:
                role = PlaceRole.TRANSIT if one.clue in self._way_out else PlaceRole.ORIGIN
            found.append((one, role))
        return found

    def _roles_here(self, clued: Sequence[_Clued], chosen: str | None) -> list[tuple[_Clued, PlaceRole]]:
        chosen_codes = {one.place.codes[0] for one in clued if one.clue == chosen and not one.is_outside}
        found = []
        for one in clued:
            if not one.is_outside and (one.clue == chosen or self._lies_within(one, chosen_codes)):
                found.append((one, PlaceRole.OCCURRENCE))
            elif one.clue in self._otherwise:
                found.append((one, self._otherwise[one.clue]))
            elif one.is_outside and not one.place.mentions[0].is_han:
                found.append((one, PlaceRole.ORIGIN))
        return found

    def _lies_within(self, one: _Clued, chosen: set[str]) -> bool:
        """Whether it is a finer place inside the chosen one, as when a city is told first and its county later."""
        return one.clue in self._inner and any(held in chosen for held in one.place.held_by)

    def _told(self, given: Sequence[tuple[_Clued, PlaceRole]]) -> list[tuple[_Clued, PlaceRole]]:
        """What of them is worth telling: beside a place where the victim is, little that is vague."""
        is_clear = any(role is PlaceRole.OCCURRENCE and not one.is_outside for one, role in given)
        countries = {one.place.codes[0] for one, _ in given if one.is_outside}
        return [
            (one, role)
            for one, role in given
            if role is PlaceRole.OCCURRENCE or not self._is_vague(one, is_clear=is_clear, countries=len(countries))
        ]

    def _is_vague(self, one: _Clued, *, is_clear: bool, countries: int) -> bool:
        if one.is_outside:
            is_people = one.clue in self._untold_abroad and not one.place.is_kind(TOWN)
            return (is_people and (is_clear or countries > 1)) or (
                countries > 1 and one.clue in self._untold_of_several
            )
        return is_clear and one.place.is_a_province


def _first(clues: Iterable[str], order: Sequence[str]) -> str | None:
    told = set(clues)
    return next((clue for clue in order if clue in told), None)


def _words(clue: str, entry: Mapping[str, Any], filler: str) -> _Words:
    before, after = entry.get("before", []), entry.get("after", [])
    return _Words(
        clue,
        re.compile(f"(?:{'|'.join(before)})(?:{filler})*$") if before else None,
        re.compile("|".join(after)) if after else None,
        tuple((re.compile(f"(?:{first})$"), re.compile(last)) for first, last in entry.get("around", ())),
    )
