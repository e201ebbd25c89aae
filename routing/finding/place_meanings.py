"""What names mean together: a county beside its province, a district whose city stands elsewhere in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from routing.areas import MUNICIPALITIES, AreaTree, Level
from routing.finding.folding import Folded
from routing.finding.place_contexts import Contexts, Freedom
from routing.finding.place_mentions import Mention
from routing.finding.place_names import NameTable, Rank, Sense, best
from routing.finding.place_scripts import is_by_sound

# What may stand between the name of a division and the name of what it holds.
_BETWEEN = re.compile(r"[\s,,、.·(\-省市州盟]{0,3}(?:的|那边的|这边的|下面的|那边|这边)?[\s,,]?")
_BETWEEN_LATIN = re.compile(
    r"(?:ပြည်နယ်|မြို့|ခရိုင်|성)?[\s,.()\-'/]{0,3}(?:in |of |side,? |(?:province|муж|хот),? |tỉnh |huyện |tinh |huyen |сити |"
    r"(?:провинци[яию]|город|уезд) |มณฑล|เมือง|อำเภอ|ແຂວງ|ເມືອງ|ខេត្ត|ក្រុង|ស្រុក)? ?"
)
# People say 镇 of what is a 街道 today, and the other way round.
_TOWN = re.compile("(?:街道|镇|乡)$")
_NEAR = 16
_MOST_CANDIDATES = 40
_MOST_LATIN_CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Named:
    """Mentions that together name one place, and the senses left for it: one where it is clear.

    held_by holds the codes of the divisions above it, where it is clear.
    """

    mentions: tuple[Mention, ...]
    senses: tuple[Sense, ...]
    end: int
    is_venue: bool = False
    needs_its_city: bool = False
    held_by: tuple[str, ...] = ()

    @property
    def start(self) -> int:
        """Where the first of its mentions begins."""
        return self.mentions[0].start

    @property
    def codes(self) -> tuple[str, ...]:
        """Today's codes, each once."""
        return tuple(dict.fromkeys(sense.code for sense in self.senses))

    @property
    def is_abroad(self) -> bool:
        """Whether it lies outside China."""
        return all(sense.is_abroad for sense in self.senses)

    @property
    def is_a_province(self) -> bool:
        """Whether it is a whole province, which a municipality is not."""
        return len(self.codes) == 1 and self.codes[0].endswith("0000") and self.codes[0] not in MUNICIPALITIES

    def is_kind(self, kind: str) -> bool:
        """Whether the tables say so of it."""
        senses = (sense for mention in self.mentions for sense in mention.senses)
        return any(sense.kind == kind and sense.code in self.codes for sense in senses)


class Meanings:
    """Settles what names mean by hierarchy first, by neighbours next, by rank last."""

    def __init__(self, names: NameTable, contexts: Contexts) -> None:
        self._names = names
        self._areas: AreaTree = names.areas
        self._contexts = contexts

    def settle(self, folded: Folded, mentions: Sequence[Mention]) -> list[Named]:
        """The places the mentions name, in the order of the text; what is no place by itself is gone."""
        chains = self._chains(folded, mentions)
        chains = self._without_denied(folded.text, [self._with_town(folded, chain) for chain in chains])
        ready = [{sense.code for sense in best(chain.senses)} for chain in chains]
        anchors = [next(iter(codes)) for codes in ready if len(codes) == 1]
        settled = [self._by_neighbours(folded, chain, anchors) for chain in chains]
        return [self._with_holders(one) for one in settled if self._is_a_place(one, anchors)]

    def _without_denied(self, text: str, chains: Sequence[Named]) -> list[Named]:
        """The chains without the senses that lie in what the text denies (太和, 不是安徽那个, is the one elsewhere)."""
        denied = {code for one in chains if self._contexts.is_denied(text, one.start) for code in one.codes}
        return [self._outside(one, denied) for one in chains] if denied else list(chains)

    def _outside(self, chain: Named, denied: set[str]) -> Named:
        left = tuple(sense for sense in chain.senses if denied.isdisjoint(self._areas.ancestors(sense.code)))
        return replace(chain, senses=left) if left else chain

    def _chains(self, folded: Folded, mentions: Sequence[Mention]) -> list[Named]:
        chains: list[Named] = []
        for mention in mentions:
            joined = self._joined(folded.text, chains[-1], mention) if chains else None
            freedom = Freedom.FREE if joined else self._contexts.freedom(folded, mention)
            if joined:
                chains[-1] = joined
            elif freedom is not Freedom.NONE:
                venue = self._contexts.names_a_venue(folded, mention)
                needs_city = freedom is Freedom.BESIDE_ITS_CITY
                chains.append(Named((mention,), mention.senses, mention.end, venue, needs_city))
        return chains

    def _joined(self, text: str, chain: Named, mention: Mention) -> Named | None:
        between = _BETWEEN if mention.is_han else _BETWEEN_LATIN
        if not between.fullmatch(text, chain.end, mention.start):
            return None
        inner = tuple(sense for sense in mention.senses if any(self._names.holds(one, sense) for one in chain.senses))
        outer = tuple(sense for sense in chain.senses if any(self._names.holds(one, sense) for one in mention.senses))
        if not inner and not outer and is_by_sound(mention.name):
            inner = self._heard_in(chain.senses, mention.senses)
            outer = self._heard_in(mention.senses, chain.senses) if is_by_sound(chain.mentions[-1].name) else ()
        if not inner and not outer:
            parts = self._names.town_parts
            counties = parts.get(mention.name) or parts.get(_TOWN.sub("", mention.name), ())
            within = tuple(sense for sense in chain.senses if sense.code in counties)
            return Named((*chain.mentions, mention), within, mention.end) if within else None
        return Named((*chain.mentions, mention), inner or outer, mention.end)

    def _heard_in(self, outer: Sequence[Sense], inner: Sequence[Sense]) -> tuple[Sense, ...]:
        """What sounds like the inner names and lies in an outer one: Suzhou beside Anhui is the one in Anhui."""
        alike = (sister for sense in inner for sister in self._names.homophones(sense))
        return tuple(sense for sense in alike if any(self._names.holds(one, sense) for one in outer))

    def _with_town(self, folded: Folded, chain: Named) -> Named:
        """A town named right behind, with or without its kind, settles the county (舟山沈家门 is 普陀区)."""
        text = folded.text
        skip = 1 if text[chain.end : chain.end + 1] in ",, 的" else 0
        for length in (4, 3, 2):
            part = text[chain.end + skip : chain.end + skip + length]
            counties = self._names.town_parts.get(part, ()) if len(part) == length else ()
            within = [
                code for code in counties if any(code == c or c in self._areas.ancestors(code) for c in chain.codes)
            ]
            if within and (len(chain.codes) > 1 or self._is_city(chain)) and len(set(within)) == 1:
                return replace(chain, senses=(Sense(within[0], Rank.TOWN),), end=chain.end + skip + length)
        return chain

    def _is_city(self, chain: Named) -> bool:
        return self._areas.level(chain.codes[0]) is Level.CITY

    def _by_neighbours(self, folded: Folded, chain: Named, anchors: Sequence[str]) -> Named:
        ready = best(chain.senses)
        if len(chain.codes) < 2 or ready[0].rank >= Rank.PROVINCE or len(chain.mentions) > 1:
            return self._near_town(folded, replace(chain, senses=ready))
        named = {code for code in anchors if code not in chain.codes}
        around = {code for one in named for code in self._areas.ancestors(one)}
        cities = {code for code in around if not code.endswith("0000") or code in MUNICIPALITIES}
        # A city that the text names itself decides even for a lesser sense of the name; cities and provinces that it
        # only touches decide among equals.
        for senses, near in ((chain.senses, named & cities), (ready, cities), (ready, around)):
            fitting = tuple(sense for sense in senses if near.intersection(self._areas.ancestors(sense.code)[1:]))
            if fitting:
                return self._near_town(folded, replace(chain, senses=best(fitting)))
        return self._near_town(folded, replace(chain, senses=self._best_known(chain, ready)))

    def _best_known(self, chain: Named, ready: tuple[Sense, ...]) -> tuple[Sense, ...]:
        """Of cities that a foreign spelling does not tell apart, the capital of a province is meant."""
        capitals = tuple(sense for sense in ready if sense.code.endswith("0100"))
        return capitals if len(capitals) == 1 and not chain.mentions[-1].is_han else ready

    def _near_town(self, folded: Folded, chain: Named) -> Named:
        """Among the counties of one name, the one that has a town which is named close by."""
        codes = set(chain.codes)
        if len(codes) < 2:
            return chain
        for start in range(chain.end, min(len(folded.text), chain.end + _NEAR)):
            for length in (4, 3, 2):
                fitting = codes & set(self._names.town_parts.get(folded.text[start : start + length], ()))
                if len(fitting) == 1:
                    return replace(chain, senses=tuple(sense for sense in chain.senses if sense.code in fitting))
        return chain

    def _is_a_place(self, one: Named, anchors: Sequence[str]) -> bool:
        """A common word needs its city in the text; a town or a Latin name that several share says nothing."""
        if one.needs_its_city and not set(self._cities(one.codes[0])).intersection(anchors):
            return False
        if len(one.codes) == 1:
            return True
        if one.senses[0].rank is Rank.TOWN or len(one.codes) > _MOST_CANDIDATES:
            return False
        return one.mentions[-1].is_han or one.senses[0].rank >= Rank.CITY or len(one.codes) <= _MOST_LATIN_CANDIDATES

    def _cities(self, code: str) -> tuple[str, ...]:
        above = self._areas.ancestors(code)[1:]
        return tuple(one for one in above if self._areas.level(one) is Level.CITY or one in MUNICIPALITIES)

    def _with_holders(self, one: Named) -> Named:
        return replace(one, held_by=self._areas.ancestors(one.codes[0])[1:]) if len(one.codes) == 1 else one
