"""The places of a report: what its names stand for together, and which role each has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reports.values import Place, PlaceRole
from routing.areas import AreaTree
from routing.finding.folding import Folded
from routing.finding.gazetteer import Gazetteer, Mention

_MERGE_GAP = 4
_ROLE_REACH = 6


@dataclass(frozen=True)
class _Resolved:
    """Mentions that together name one place."""

    mentions: tuple[Mention, ...]
    codes: tuple[str, ...]

    @property
    def start(self) -> int:
        return self.mentions[0].start

    @property
    def end(self) -> int:
        return self.mentions[-1].end


class PlaceReader:
    """Reads places from folded text."""

    def __init__(self, gazetteer: Gazetteer, roles: dict[str, dict[str, list[str]]]) -> None:
        self._gazetteer = gazetteer
        self._areas: AreaTree = gazetteer.areas
        inside = roles["inside_names"]
        self._inside_after = _starts(inside["after"])
        self._surnames = frozenset(inside["surnames"])
        self._name_cue = re.compile("(?:" + "|".join(map(re.escape, inside["name_cues"])) + "|^|[,。,.!! ])$")
        self._before = [(PlaceRole(role), _ends(words)) for role, words in roles["before"].items()]
        self._after = [(PlaceRole(role), _starts(words)) for role, words in roles["after"].items()]

    @classmethod
    def load(cls, config: Path) -> PlaceReader:
        """Reads the gazetteer's tables and place_roles.toml. Raises ValueError naming a file that is not as wanted."""
        roles = tomllib.loads((config / "place_roles.toml").read_text(encoding="utf-8"))
        areas = AreaTree.load(config / "areas.csv")
        return cls(Gazetteer(areas, config, frozenset(roles["inside_names"]["common_words"])), roles)

    def read(self, folded: Folded) -> tuple[Place, ...]:
        """The places in the order of the text, spans in the original. An ambiguous name keeps its candidates."""
        mentions = [m for m in self._gazetteer.mentions(folded.text) if not self._is_inside_a_name(folded.text, m)]
        resolved = self._merge(mentions, folded.text)
        resolved = [self._by_context(one, resolved) for one in resolved]
        places = [self._place(folded, one) for one in resolved]
        return tuple(_settle(_distinct([place for place in places if place is not None], self._areas)))

    def _is_inside_a_name(self, text: str, mention: Mention) -> bool:
        if mention.is_full and len(mention.name) > 3:
            return False
        if self._inside_after.match(text, mention.end) and not mention.name.isascii():
            return True
        if len(mention.name) == 2 and mention.start and text[mention.start - 1] in self._surnames:
            return self._name_cue.search(text, 0, mention.start - 1) is not None
        return False

    def _merge(self, mentions: Sequence[Mention], text: str) -> list[_Resolved]:
        merged: list[_Resolved] = []
        for mention in mentions:
            codes = mention.codes
            last = merged[-1] if merged else None
            if (
                last is not None
                and mention.start - last.end <= _MERGE_GAP
                and _one_phrase(text[last.end : mention.start])
            ):
                # "临沧镇康县" is one place: the second name lies inside the first. "广州,广东" is one the other way round.
                inside = tuple(code for code in codes if set(self._areas.ancestors(code)) & set(last.codes))
                around = tuple(code for code in last.codes if set(self._areas.ancestors(code)) & set(codes))
                if inside or around:
                    merged[-1] = _Resolved((*last.mentions, mention), inside or around)
                    continue
            merged.append(_Resolved((mention,), codes))
        return merged

    def _by_context(self, one: _Resolved, others: Sequence[_Resolved]) -> _Resolved:
        if len(one.codes) < 2:
            return one
        known = {code for other in others if other is not one for code in other.codes if len(other.codes) == 1}
        fitting = tuple(code for code in one.codes if set(self._areas.ancestors(code)) & known)
        if not fitting:
            cities = {ancestor for code in known for ancestor in self._areas.ancestors(code)[1:]}
            fitting = tuple(code for code in one.codes if set(self._areas.ancestors(code)[1:]) & cities)
        # A city's name is its city before it is a county of the same name.
        if not fitting:
            higher = tuple(c for c in one.codes if any(c in self._areas.ancestors(o)[1:] for o in one.codes))
            fitting = higher if len(higher) == 1 else ()
        return replace(one, codes=fitting or one.codes)

    def _place(self, folded: Folded, one: _Resolved) -> Place | None:
        start, end = folded.span(one.start, one.end)
        role = self._role(folded.text, one)
        if len(one.codes) == 1:
            return Place(code=one.codes[0], role=role, start=start, end=end)
        if len(one.codes) > 12 or all(mention.weight < 2 for mention in one.mentions):
            # A town's or pinyin name that a dozen counties share says nothing of where it is.
            return None
        common = self._areas.nearest_common(one.codes)
        return Place(code=common, role=role, start=start, end=end, candidates=one.codes)

    def _role(self, text: str, one: _Resolved) -> PlaceRole:
        for role, words in self._after:
            if words.match(text, one.end):
                return role
        before = text[max(0, one.start - _ROLE_REACH * 3) : one.start]
        for role, words in self._before:
            if words.search(before):
                return role
        return PlaceRole.OCCURRENCE


def _one_phrase(between: str) -> bool:
    return not re.search(r"[。!?;!?;\n到去往从来和跟、]|\bto\b|\bfrom\b", between)


def _settle(places: Sequence[Place]) -> list[Place]:
    """A report that tells one place only, with a hint of coming from there, is still about that place."""
    if any(place.role is PlaceRole.OCCURRENCE for place in places):
        return list(places)
    abroad_or_origin = [place for place in places if place.role is PlaceRole.DESTINATION]
    if len(abroad_or_origin) == 1 and len(places) == 1:
        return list(places)
    return list(places)


def _distinct(places: Sequence[Place], areas: AreaTree) -> list[Place]:
    """Each place once. A city named beside its own county in the same role is the same place, told twice."""
    kept: list[Place] = []
    for place in places:
        finer = next((o for o in places if o is not place and place.code and place.code in areas.ancestors(o.code)[1:]
                      and o.role is place.role), None)  # fmt: skip
        known = any(place.code == other.code and (place.role is other.role) for other in kept)
        if finer is None and not known:
            kept.append(place)
    return kept


def _starts(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def _ends(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(
        "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ") ?(?:the )?$"
    )
