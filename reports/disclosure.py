"""Which numbers of a table are left out, so that no small one can be read in it or worked out from the rest.

A number below the smallest that is shown could point to a person. So could one that stands in no column and is read all
the same: of 54 received 53 are unanswered. Leaving it out alone is not enough: whoever has the sum has it too. So
others are left out beside it, until the best that a reader can work out, from every sum and every "of which" of the
table, leaves each small number open by about as much as the smallest that is shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

# A row and a measure.
Key = tuple[str, str]
_UNBOUNDED = 10**12
# Reasoning ends after a few rounds. Where it does not, nothing is shown: better than what was not thought over.
_MOST_ROUNDS = 500


@dataclass(frozen=True, kw_only=True)
class Table:
    """Numbers by row and measure, and how they hang together.

    sums names rows whose numbers are those of other rows together. within names measures of which others are a part
    each, and together no more: (received, (solved, refused)). together names what stands in no column but is spoken of
    in within: the sum of some measures of a row. enough names measures that stand in no column either: a row says no
    more of them than that there are enough, by telling how long half of them took.
    """

    numbers: Mapping[str, Mapping[str, int]]
    sums: Mapping[str, tuple[str, ...]]
    within: tuple[tuple[str, tuple[str, ...]], ...]
    together: tuple[tuple[str, tuple[str, ...]], ...] = ()
    enough: tuple[str, ...] = ()


def left_out(table: Table, smallest: int, already: frozenset[Key] = frozenset()) -> frozenset[Key]:
    """The numbers that are not shown, those that are left out already among them. A measure of table.enough is among
    them where a row may not say that there are enough.

    Zero is shown: it is about nobody. Only where the sum of a whole table is left out, or one that is small itself,
    every part of it is left out, zeros too. Of numbers that contradict each other none is shown.
    """
    return _Hiding(table, smallest).run(set(already))


@dataclass(frozen=True, eq=False)
class _Relation:
    """That the parts add up to the whole."""

    whole: Key
    parts: tuple[Key, ...]


@dataclass
class _Range:
    """What a number can be, for all that a reader knows."""

    low: int
    high: int

    def narrow(self, low: int, high: int) -> bool:
        """Whether it is narrower now."""
        before = (self.low, self.high)
        self.low, self.high = max(self.low, low), min(self.high, high)
        return before != (self.low, self.high)


class _Hiding:
    def __init__(self, table: Table, smallest: int) -> None:
        self._smallest = smallest
        self._numbers = {(row, measure): one for row, by in table.numbers.items() for measure, one in by.items()}
        self._enough = {key for key in self._numbers if key[1] in table.enough}
        # What stands in no column, such as what a measure has beyond its parts: it adds up from row to row as they do.
        self._rests = set(self._enough)
        # Of these nobody is told more than a bound.
        self._vague = set(self._enough)
        across = [relation for row in table.numbers for relation in self._across(row, table)]
        measures = sorted({measure for _, measure in self._numbers})
        self._down = dict.fromkeys(
            _Relation((whole, measure), tuple((part, measure) for part in parts))
            for whole, parts in table.sums.items()
            for measure in measures
        )
        relations = [*across, *self._down]
        self._of_vague = [one for one in relations if not self._vague.isdisjoint((one.whole, *one.parts))]
        self._relations = [one for one in relations if self._vague.isdisjoint((one.whole, *one.parts))]
        vague = {measure for _, measure in self._vague}
        self._rows, self._measures = table.sums, [one for one in measures if one not in vague]
        rests = [(whole, (*parts, f"{whole} but {' '.join(parts)}")) for whole, parts in table.within]
        self._within = [*table.together, *(one for one in rests if vague.isdisjoint((one[0], *one[1])))]
        self._of: dict[Key, list[_Relation]] = {}
        for relation in self._relations:
            for key in (relation.whole, *relation.parts):
                self._of.setdefault(key, []).append(relation)
        parts = {row for rows in table.sums.values() for row in rows}
        self._tops = {(row, measure) for row in table.sums if row not in parts for measure in measures}

    def run(self, already: set[Key]) -> frozenset[Key]:
        every = frozenset(key for key in self._numbers if key not in self._rests or key in self._enough)
        if not all(self._holds(relation) for relation in (*self._relations, *self._of_vague)):
            return every
        hidden = already - self._enough
        hidden |= {key for key in self._numbers if self._is_small(key) and key not in self._vague}
        known, together = self._hide_beside(hidden)
        if hidden and not known:
            return every
        said = {key for key in self._enough - already if self._numbers[key] >= self._smallest}
        return frozenset((hidden - self._rests) | (self._enough - self._may_be_said(said, hidden, known, together)))

    def _hide_beside(self, hidden: set[Key]) -> tuple[dict[Key, _Range], list[_Relation]]:
        """Hides more until none is told. Returns what a reader knows then, nothing where that cannot be thought to its
        end, and what holds of some rows together."""
        # First what follows from single rows and columns, which is quick; then from several rows together.
        is_thorough = False
        while hidden:
            hidden |= self._below(hidden)
            together = self._together(hidden) if is_thorough else []
            known = self._ranges(hidden, together)
            told = [key for key in sorted(hidden) if known and self._is_told(key, known[key])]
            # What stands in a column first: leaving out beside it often hides a rest of its row as well.
            bad = [key for key in told if key not in self._rests] or told
            more = {found for key in bad if (found := self._beside(key, hidden, known)) is not None}
            if not known or (not more and is_thorough):
                return known, together
            is_thorough = not more
            hidden |= more
        return {}, []

    def _may_be_said(
        self, said: set[Key], hidden: set[Key], plain: dict[Key, _Range], together: list[_Relation]
    ) -> set[Key]:
        """Where it may be said that there are enough: no hidden number follows from it."""
        while hidden and said:
            known = {key: _Range(max(one.low, self._smallest * (key in said)), one.high) for key, one in plain.items()}
            is_open = self._narrow_all(known, self._of_vague, [*together, *self._of_vague])
            told = [key for key in hidden if self._is_told(key, known[key])]
            if is_open and not told:
                break
            # What narrows nothing in its own row tells nothing. First where it tells of a small number.
            narrowing = {key for key in said if any(known.get(one) != plain.get(one) for one in self._around(key))}
            rows = {row for row, measure in told if self._is_small((row, measure))}
            said = said - ({key for key in narrowing if key[0] in rows} or narrowing or said)
        return said

    def _around(self, key: Key) -> set[Key]:
        """What stands in a column beside it, in its row."""
        relations = [one for one in self._of_vague if key in (one.whole, *one.parts) and one not in self._down]
        return {one for relation in relations for one in (relation.whole, *relation.parts)} - self._rests

    def _holds(self, relation: _Relation) -> bool:
        parts = [self._numbers[key] for key in relation.parts]
        return self._numbers[relation.whole] == sum(parts) and min(parts, default=0) >= 0

    def _across(self, row: str, table: Table) -> list[_Relation]:
        relations = []
        for name, parts in table.together:
            self._numbers[row, name] = sum(self._numbers[row, part] for part in parts)
            self._rests.add((row, name))
            relations.append(_Relation((row, name), tuple((row, part) for part in parts)))
        for whole, parts in table.within:
            rest = (row, f"{whole} but {' '.join(parts)}")
            self._numbers[rest] = self._numbers[row, whole] - sum(self._numbers[row, part] for part in parts)
            self._rests.add(rest)
            if self._vague & {(row, one) for one in (whole, *parts)}:
                self._vague.add(rest)
            relations.append(_Relation((row, whole), (*((row, part) for part in parts), rest)))
        for (whole, one), (other_whole, other) in combinations(table.within, 2):
            common = [part for part in one if part in other]
            if whole == other_whole and common and len(common) < min(len(one), len(other)):
                relations += self._without_common(row, whole, common, (one, other))
        return relations

    def _without_common(
        self, row: str, whole: str, common: Sequence[str], both: Sequence[tuple[str, ...]]
    ) -> Iterator[_Relation]:
        """That two sums with a part in common are alike without it, though nobody knew that part: of those who were
        answered at all, as many had an end or none as were accepted or not."""
        left = (row, f"{whole} but {' '.join(common)}")
        self._numbers[left] = self._numbers[row, whole] - sum(self._numbers[row, part] for part in common)
        self._rests.add(left)
        self._vague.add(left)
        yield _Relation((row, whole), (*((row, part) for part in common), left))
        for parts in both:
            others = [(row, part) for part in parts if part not in common]
            yield _Relation(left, (*others, (row, f"{whole} but {' '.join(parts)}")))

    def _ranges(self, hidden: set[Key], together: Sequence[_Relation]) -> dict[Key, _Range]:
        """What a reader can work out of each hidden number, step by step, relation by relation."""
        dark = self._below(hidden)
        # A zero is shown, unless its whole shows nothing of its parts.
        known = {key: _Range(0 if key in dark else 1, _UNBOUNDED) for key in hidden}
        known |= {key: _Range(0, _UNBOUNDED) for key in self._rests}
        mentioned = {key for relation in together for key in (relation.whole, *relation.parts)}
        known |= {key: _Range(0, _UNBOUNDED) for key in mentioned if key not in self._numbers}
        return known if self._narrow_all(known, [*self._relations, *together], together) else {}

    def _narrow_all(self, known: dict[Key, _Range], waiting: Sequence[_Relation], more: Sequence[_Relation]) -> bool:
        """Narrows until nothing narrows any more, from the relations that wait on, and in more than those of single
        rows and columns. Returns whether that came to an end."""
        of = {key: list(relations) for key, relations in self._of.items()}
        for relation in more:
            for key in (relation.whole, *relation.parts):
                of.setdefault(key, []).append(relation)
        for _ in range(_MOST_ROUNDS):
            if not waiting:
                return True
            narrowed = {key for relation in waiting for key in self._narrow(relation, known)}
            waiting = list(dict.fromkeys(relation for key in sorted(narrowed) for relation in of[key]))
        return False

    def _together(self, hidden: set[Key]) -> list[_Relation]:
        """What holds of some rows together: those in which a measure is left out, and those in which it is not.

        A reader has the sum of either from the other's, and with it how much any part of that measure can be in them.
        """
        found = []
        for whole, rows in self._rows.items():
            dark = {frozenset(row for row in rows if (row, measure) in hidden) for measure in self._measures}
            halves = dark | {frozenset(rows) - one for one in dark}
            groups = {one: f"{whole} {sorted(one)}" if len(one) > 1 else min(one) for one in halves if one}
            for group, name in groups.items():
                if not 1 < len(group) < len(rows):
                    continue
                rest = groups[frozenset(rows) - group]
                for measure in self._measures:
                    found.append(_Relation((whole, measure), ((name, measure), (rest, measure))))
                    found.append(_Relation((name, measure), tuple((row, measure) for row in sorted(group))))
                found += [_Relation((name, one), tuple((name, part) for part in parts)) for one, parts in self._within]
        return found

    def _narrow(self, relation: _Relation, known: dict[Key, _Range]) -> list[Key]:
        """Takes from the numbers of a relation what they cannot be. Returns those that are narrower now."""
        whole = self._known(relation.whole, known)
        parts = [self._known(key, known) for key in relation.parts]
        low, high = sum(part.low for part in parts), sum(part.high for part in parts)
        narrowed = [relation.whole] if relation.whole in known and whole.narrow(low, high) else []
        for key, part in zip(relation.parts, parts, strict=True):
            if key in known and part.narrow(whole.low - (high - part.high), whole.high - (low - part.low)):
                narrowed.append(key)
        return narrowed

    def _known(self, key: Key, known: dict[Key, _Range]) -> _Range:
        return known.get(key) or _Range(self._numbers[key], self._numbers[key])

    def _is_small(self, key: Key) -> bool:
        return 0 < self._numbers[key] < self._smallest

    def _is_told(self, key: Key, known: _Range) -> bool:
        """Whether too little is left out beside it."""
        if self._numbers[key] == 0:
            return False
        return known.high - known.low < (self._smallest - 1 if self._is_small(key) else 1)

    def _beside(self, key: Key, hidden: set[Key], known: dict[Key, _Range]) -> Key | None:
        """The one number to leave out next for the sake of this one: where it is held the tightest, else nearby."""
        nearest = next(self._from_near_to_far(key, known), None)
        # What a sum gives away is best hidden in its column. The sum of a whole table stands beside several breakdowns:
        # one of them takes it away only as a last resort.
        for in_column, may_be_top in ((True, False), (False, False), (False, True)):
            if in_column and nearest not in self._down:
                continue
            for relation in self._from_near_to_far(key, known):
                if in_column and (relation not in self._down or relation.whole[1] != key[1]):
                    continue
                may_go = [one for one in relation.parts if self._may_go(one, hidden, may_be_top)]
                if may_go:
                    return min(may_go, key=lambda one: self._numbers[one])
                if self._may_go(relation.whole, hidden, may_be_top):
                    return relation.whole
        return None

    def _from_near_to_far(self, key: Key, known: dict[Key, _Range]) -> Iterator[_Relation]:
        """The relations of a number, the tightest first, then those of the numbers beside it, and so on."""
        queue = deque(sorted(self._of.get(key, ()), key=lambda one: self._room(key, one, known)))
        seen = set(queue)
        while queue:
            relation = queue.popleft()
            yield relation
            for sibling in (*relation.parts, relation.whole):
                more = [one for one in self._of[sibling] if one not in seen]
                seen.update(more)
                queue.extend(more)

    def _may_go(self, key: Key, hidden: set[Key], may_be_top: bool) -> bool:
        may_be = may_be_top or key not in self._tops
        return may_be and key not in hidden and key not in self._rests and self._numbers[key] > 0

    def _room(self, key: Key, relation: _Relation, known: dict[Key, _Range]) -> int:
        """How wide this relation alone leaves a number."""
        # What is known of a rest is known from elsewhere.
        parts = {
            one: _Range(0, _UNBOUNDED) if one in self._rests else self._known(one, known) for one in relation.parts
        }
        if key == relation.whole:
            return sum(part.high - part.low for part in parts.values())
        whole, others = self._known(relation.whole, known), [part for one, part in parts.items() if one != key]
        low = max(1, whole.low - sum(part.high for part in others))
        return whole.high - sum(part.low for part in others) - low

    def _below(self, hidden: set[Key]) -> set[Key]:
        """What is part of a whole that shows nothing of its parts."""
        found: set[Key] = set()
        wholes = {key for key in hidden if key in self._tops or self._is_small(key)}
        while wholes:
            parts = {key for one in self._down if one.whole in wholes for key in one.parts} - self._rests
            wholes = parts - found
            found |= parts
        return found
