"""Whether a name that was found is a place of the report, or a piece of another name or of ordinary words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

from routing.finding.folding import Folded
from routing.finding.place_mentions import Mention, has_gap
from routing.finding.place_names import Rank

_REACH = 20
# One of these before a gap still belongs to the name behind it (人在 贵阳).
_POINTING = frozenset("在到去从往是于")
_MOST_QUOTED = 14
_QUOTES = re.compile('[“「『"]([^”」』"“「『]{1,60})[”」』"]|«([^»]{1,60})»|《[^》]{1,60}》')


Made = TypeVar("Made")


class Freedom(Enum):
    """How far a name stands by itself."""

    NONE = "part of other words"
    BESIDE_ITS_CITY = "a common word, which its city in the text can make a place"
    FREE = "a name"


@dataclass(frozen=True)
class Surroundings:
    """What stands before and after a name in its clause, up to a gap, as far as it can matter."""

    before: str
    after: str

    @property
    def stands_alone(self) -> bool:
        """Whether nothing but gaps or marks stands on both sides."""
        return not self.before and not self.after


def made_of_contexts(config: Path, make: Callable[[dict[str, Any]], Made]) -> Made:
    """What is made of the tables of place_contexts.toml. Raises ValueError where the file is not as wanted."""
    path = config / "place_contexts.toml"
    try:
        return make(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, KeyError, ValueError, re.error) as fault:
        raise ValueError(f"{path} should hold the words around names of places: {fault!r}") from None


class Contexts:
    """Judges names by place_contexts.toml."""

    def __init__(self, table: dict[str, Any]) -> None:
        inside, persons, words, free = table["inside"], table["persons"], table["words"], table["free"]
        self.toneless = table["toneless"]
        self._roads = _begins(inside["roads"])
        self._wholes = _begins(inside["wholes"])
        self._venues = _begins(inside["venues"])
        self._latin = re.compile(" (?:" + "|".join(inside["latin"]) + r")\b")
        self._latin_venues = re.compile(" (?:" + "|".join(inside["latin_venues"]) + r")\b")
        latin = table["latin_words"]
        self._latin_words = frozenset(latin["names"].split())
        self._latin_before = re.compile(r"\b(?:" + "|".join(latin["before"]) + ") $")
        self._latin_after = re.compile(",? (?:" + "|".join(latin["after"]) + r")\b")
        self._not_latin = re.compile(",? (?:" + "|".join(latin["not_after"]) + r")\b")
        self._so_called = _ends(inside["before"])
        self.naming = _ends(inside["naming"])
        self._surname = re.compile(f"(?:^|{'|'.join(persons['before'])}){persons['surnames']}$")
        self._first_surname, self._acting = re.compile(persons["surnames"]), re.compile(persons["acting"])
        self._called = re.compile(f"(?:{'|'.join(persons['called'])})$")
        self._a_place = _begins(persons["but_a_place"])
        self._with_city = frozenset(words["with_its_city"].split())
        self._alone = frozenset(words["alone"].split())
        self._one_side = frozenset(words["one_side"].split())
        self._pointing = _ends(free["pointing"])
        self._bounding = _begins(free["bounding"], or_nothing=True)
        self._longer = _holders(words["longer"].split())
        self._never_latin = frozenset(words["never_latin"].split())
        self._before = re.compile(f"(?:^|[{free['before']}]|{'|'.join(free['before_words'])})$")
        self._after = _begins(free["after"], or_nothing=True)
        self._denied = re.compile(table["denied"]["before"])

    @classmethod
    def load(cls, config: Path) -> Contexts:
        """Raises ValueError where the file is not as wanted."""
        return made_of_contexts(config, cls)

    def is_inside_a_name(self, folded: Folded, mention: Mention, last: int) -> bool:
        """Whether it is part of the name of something else: a road, a dish, a firm, a person.

        last is where the name of a place before it ends; right behind one, a surname is none (和田 墨玉).
        """
        text = folded.text
        if not mention.is_han:
            is_bare = len(text[mention.start : mention.end].replace(" ", "")) == len(mention.name)
            if (is_bare and mention.name in self._never_latin) or self._latin.match(text, mention.end):
                return True
            return mention.name in self._latin_words and not self._is_pointed_at_in_latin(text, mention)
        around = surroundings(folded, mention.start, mention.end)
        if self._roads.match(around.after) or self._is_in_a_word(text, mention):
            return True
        if self._so_called.search(around.before) and not self._a_place.match(around.after):
            return True
        if mention.is_full or mention.is_before_its_town:
            return False
        if self._wholes.match(around.after):
            return True
        return mention.start != last and self._is_a_person(around, mention)

    def names_a_venue(self, folded: Folded, mention: Mention) -> bool:
        """Whether it is part of the name of a school, inn or hospital, which mostly lies there but need not."""
        if not mention.is_han:
            return bool(self._latin_venues.match(folded.text, mention.end))
        return bool(self._venues.match(surroundings(folded, mention.start, mention.end).after)) and not mention.is_full

    def is_denied(self, text: str, start: int) -> bool:
        """Whether the text says right before a name that this is not what it means."""
        return self._denied.search(text, max(0, start - _REACH), start) is not None

    def freedom(self, folded: Folded, mention: Mention) -> Freedom:
        """Whether the words beside it leave it a name by itself, as far as this name needs that."""
        if not mention.is_han:
            return Freedom.FREE
        around = surroundings(folded, mention.start, mention.end)
        sides = bool(self._before.search(around.before)) + bool(self._after.match(around.after))
        if mention.name in self._with_city:
            return Freedom.BESIDE_ITS_CITY if sides == 2 else Freedom.NONE
        if mention.name in self._alone:
            return Freedom.FREE if around.stands_alone or self._is_pointed_at(around) else Freedom.NONE
        needs_a_side = mention.name in self._one_side or all(sense.rank is Rank.FORMER for sense in mention.senses)
        return Freedom.NONE if needs_a_side and not sides else Freedom.FREE

    def _is_pointed_at(self, around: Surroundings) -> bool:
        return bool(self._pointing.search(around.before) and self._bounding.match(around.after))

    def _is_pointed_at_in_latin(self, text: str, mention: Mention) -> bool:
        before, after = text[: mention.start], text[mention.end :]
        if self._not_latin.match(after):
            return False
        is_alone = not any(map(str.isalnum, before + after))
        return is_alone or bool(self._latin_before.search(before) or self._latin_after.match(after))

    def _is_in_a_word(self, text: str, mention: Mention) -> bool:
        """Whether the name is only what a longer word, or two words side by side, happen to hold."""
        held_in = self._longer.get(mention.name, ())
        return any(text.startswith(word, mention.start - first) for word, first in held_in if first <= mention.start)

    def _is_a_person(self, around: Surroundings, mention: Mention) -> bool:
        if self._a_place.match(around.after):
            return False
        if around.before.endswith(("小", "老", "阿")) and not around.before.endswith(("从小", "大小")):
            return True
        is_short = len(mention.name) == 2
        if is_short and self._surname.search(around.before):
            return True
        if (
            is_short
            and not around.before
            and self._first_surname.match(mention.name)
            and self._acting.match(around.after)
        ):
            return True
        return self._called.search(around.before) is not None


def quoted_names(text: str, naming: re.Pattern[str]) -> list[tuple[int, int]]:
    """Stretches of text in quotes that name something else: a title, or a short quote after a word of naming."""
    found = []
    for quote in _QUOTES.finditer(text):
        said = quote[1] or quote[2]
        is_short = said is not None and len(said) <= _MOST_QUOTED
        if said is None or (is_short and naming.search(text, max(0, quote.start() - _REACH), quote.start())):
            found.append(quote.span())
    return found


def surroundings(folded: Folded, start: int, end: int) -> Surroundings:
    """The clause's text beside start to end, up to a mark or a gap somebody wrote."""
    text = folded.text
    first = start
    if has_gap(folded, first) and text[first - 1 : first] in _POINTING:
        first -= 1
    while first > max(0, start - _REACH) and not has_gap(folded, first) and text[first - 1].isalnum():
        first -= 1
    last = end
    while last < min(len(text), end + _REACH) and not has_gap(folded, last) and text[last].isalnum():
        last += 1
    return Surroundings(text[first:start], text[end:last])


def _begins(words: Iterable[str], *, or_nothing: bool = False) -> re.Pattern[str]:
    listed = "|".join(sorted(words, key=len, reverse=True))
    return re.compile(f"(?:{listed}{'|$' if or_nothing else ''})")


def _ends(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")$")


def _holders(words: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """For each piece of each word, the words that hold it and where in them it begins."""
    found: dict[str, list[tuple[str, int]]] = {}
    for word in words:
        for start in range(len(word)):
            for end in range(start + 2, len(word) + 1):
                if end - start < len(word):
                    found.setdefault(word[start:end], []).append((word, start))
    return found
