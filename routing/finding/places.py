"""The places of a report: what its names stand for together, and which role each has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from reports.values import Place, PlaceRole
from routing.areas import AreaTree
from routing.finding.folding import Folded
from routing.finding.place_asides import Asides
from routing.finding.place_contexts import Contexts, quoted_names
from routing.finding.place_hints import Hints
from routing.finding.place_meanings import Meanings, Named
from routing.finding.place_mentions import Mention, MentionFinder
from routing.finding.place_names import NameTable
from routing.finding.place_roles import Roles
from routing.finding.place_sounds import SoundTable
from routing.finding.place_toneless import Toneless

# The country itself is no place that a unit answers for.
_CHINA = "CN"
_MOST_HINTS = 10


class PlaceReader:
    """Reads places from folded text."""

    def __init__(
        self, names: NameTable, finder: MentionFinder, contexts: Contexts, asides: Asides, roles: Roles, hints: Hints
    ) -> None:
        self._areas: AreaTree = names.areas
        self._finder = finder
        self._contexts, self._asides, self._roles, self._hints = contexts, asides, roles, hints
        self._meanings = Meanings(names, contexts)

    @classmethod
    def load(cls, config: Path) -> PlaceReader:
        """Reads the tables of names and place_contexts.toml. Raises ValueError naming a file that is not as wanted."""
        areas = AreaTree.load(config / "areas.csv")
        names = NameTable.load(config, areas)
        contexts = Contexts.load(config)
        finder = MentionFinder(names, SoundTable.load(config, areas), Toneless(contexts.toneless, names.senses))
        return cls(names, finder, contexts, Asides.load(config), Roles.load(config), Hints.load(config, areas))

    def read(self, folded: Folded) -> tuple[Place, ...]:
        """The places in the order of the text, spans in the original, each in the role that the words beside it tell.

        An ambiguous name keeps its candidates; its code is then what holds them all, or ''.
        """
        named = self.named(folded)
        return self.placed(folded, named, self.by_words(folded, named))

    def by_words(self, folded: Folded, named: Sequence[Named]) -> tuple[PlaceRole | None, ...]:
        """The role that words tell of each place; None where the report only mentions it on the way."""
        roles = {(one.start, one.end): role for one, role in self._roles.assign(folded, named)}
        return tuple(roles.get((one.start, one.end)) for one in named)

    def placed(self, folded: Folded, named: Sequence[Named], roles: Sequence[PlaceRole | None]) -> tuple[Place, ...]:
        """The places that have a role which is worth telling, each once."""
        given = [(one, role) for one, role in zip(named, roles, strict=True) if role is not None]
        places = [self._place(folded, *one) for one in self._roles.worth_telling(folded, given)]
        return tuple(_distinct(places or list(islice(self._hinted(folded), _MOST_HINTS)), self._areas))

    def named(self, folded: Folded) -> tuple[Named, ...]:
        """The places that the text names, in its order, whatever it says of them but that they are not meant."""
        settled = self._meanings.settle(folded, list(self._mentions(folded)))
        named = [one for one in settled if one.codes != (_CHINA,)]
        return tuple(self._asides.without(folded, named, self._roles.clue))

    def _mentions(self, folded: Folded) -> Iterator[Mention]:
        quoted = quoted_names(folded.text, self._contexts.naming)
        last = -1
        for mention in self._finder.find(folded):
            in_quotes = any(start < mention.start and mention.end < end for start, end in quoted)
            if not in_quotes and not self._contexts.is_inside_a_name(folded, mention, last):
                last = mention.end
                yield mention

    def _place(self, folded: Folded, named: Named, role: PlaceRole) -> Place:
        start, end = folded.span(named.start, named.end)
        codes = named.codes
        if len(codes) == 1:
            return Place(code=codes[0], role=role, start=start, end=end)
        return Place(code=self._areas.nearest_common(codes), role=role, start=start, end=end, candidates=codes)

    def _hinted(self, folded: Folded) -> Iterator[Place]:
        for hint in self._hints.find(folded.text):
            start, end = folded.span(hint.start, hint.end)
            yield Place(code=hint.code, role=hint.role, start=start, end=end)


def _distinct(places: Sequence[Place], areas: AreaTree) -> list[Place]:
    """Each place once: as the occurrence where it is that anywhere, else in its first role.

    What holds a finer place of the same role is the same place, told twice.
    """
    kept: dict[tuple[str, tuple[str, ...]], Place] = {}
    for place in places:
        holds_finer = place.code and any(
            place.code in areas.ancestors(other.code)[1:] and other.role is place.role for other in places
        )
        key = place.code, place.candidates
        if not holds_finer and (key not in kept or place.role is PlaceRole.OCCURRENCE is not kept[key].role):
            kept[key] = place
    return sorted(kept.values(), key=lambda place: place.start)
