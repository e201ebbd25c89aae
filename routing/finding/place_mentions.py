"""Finds the names of places in folded text: the longest first, whole words only, none across a gap somebody wrote."""

from __future__ import annotations

from dataclasses import dataclass

import ahocorasick

from routing.finding.folding import Folded, is_han
from routing.finding.place_names import NameTable, Rank, Sense
from routing.finding.place_scripts import is_whole, plain_text


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the folded text, start to end, with all its meanings.

    stands_alone: nothing but gaps or marks on both sides, as in a text message that ends with the bare name.
    """

    start: int
    end: int
    name: str
    senses: tuple[Sense, ...]
    stands_alone: bool

    @property
    def rank(self) -> Rank:
        """The rank of its readiest meaning."""
        return max(sense.rank for sense in self.senses)

    @property
    def is_full(self) -> bool:
        """Whether the name is written with its kind of division, so that it hardly means anything else."""
        return any(sense.is_full for sense in self.senses) and (len(self.name) > 2 or not is_han(self.name[0]))


class MentionFinder:
    """Finds names from a table."""

    def __init__(self, names: NameTable) -> None:
        self._senses = names.senses
        self._automaton = ahocorasick.Automaton()
        for name in names.senses:
            self._automaton.add_word(name, name)
        self._automaton.make_automaton()

    def find(self, folded: Folded) -> tuple[Mention, ...]:
        """Names that do not overlap, in the order of the text."""
        plain = plain_text(folded.text)
        hits = []
        for last, name in self._automaton.iter(plain.text):
            start, end = last + 1 - len(name), last + 1
            if is_whole(plain.text, start, end):
                hits.append((*plain.span(start, end), name))
        ranked = sorted(hits, key=lambda hit: (-len(hit[2]), -self._rank(hit[2]), hit[0]))
        covered = bytearray(len(folded.text))
        kept = []
        for start, end, name in ranked:
            if any(covered[start:end]) or _is_torn(folded, start, end):
                continue
            covered[start:end] = b"\1" * (end - start)
            kept.append(Mention(start, end, name, self._senses[name], _stands_alone(folded, start, end)))
        return tuple(sorted(kept, key=lambda mention: mention.start))

    def _rank(self, name: str) -> int:
        return max(sense.rank for sense in self._senses[name])


def has_gap(folded: Folded, place: int) -> bool:
    """Whether the writer left something between the folded characters place - 1 and place (both inside the text)."""
    if not 0 < place < len(folded.text):
        return True
    return folded.offsets[place] - folded.offsets[place - 1] > 1


def _is_torn(folded: Folded, start: int, end: int) -> bool:
    """Whether a gap runs through the name without all of it being spelt out with gaps (云 南 is, 在云 南边 is not)."""
    if not is_han(folded.text[start]):
        return False
    gaps = [has_gap(folded, place) for place in range(start + 1, end)]
    if not any(gaps):
        return False
    return not (all(gaps) and has_gap(folded, start) and has_gap(folded, end))


def _stands_alone(folded: Folded, start: int, end: int) -> bool:
    before = start == 0 or not folded.text[start - 1].isalnum() or has_gap(folded, start)
    after = end == len(folded.text) or not folded.text[end].isalnum() or has_gap(folded, end)
    return before and after
