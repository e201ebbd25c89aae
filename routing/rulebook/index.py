"""Which rows of a table hold for a report, found without trying them one by one.

Each row is one bit of a large integer. For each key and code the index keeps the rows that the code satisfies or
forbids, so a lookup is a handful of `and` and `or` over those integers and stays flat as the table grows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from routing.rulebook.conditions import Clause, Condition, Match, Tokens
from routing.rulebook.rules import Row

AnyRow = TypeVar("AnyRow", bound=Row, covariant=True)


class _Slot:
    """One key of the `when` tables over all rows: the rows that do not use it, and the rows of each code."""

    def __init__(self, axis: str, match: Match, everything: int) -> None:
        self.axis, self.match, self.free, self.rows = axis, match, everything, dict[str, int]()

    def add(self, bit: int, clause: Clause) -> None:
        self.free &= ~bit
        for code in clause.codes:
            self.rows[code] = self.rows.get(code, 0) | bit

    def holding(self, tokens: Tokens, everything: int) -> int:
        present = tokens.get(self.axis, frozenset())
        if self.match is Match.ANY:
            held = self.free
            for code in present:
                held |= self.rows.get(code, 0)
            return held
        failed = 0
        for code in present if self.match is Match.NONE else self.rows.keys() - present:
            failed |= self.rows.get(code, 0)
        return everything & ~failed


class RowIndex:
    """The conditions of a table, in its order."""

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._everything = (1 << len(conditions)) - 1
        slots: dict[str, _Slot] = {}
        for number, condition in enumerate(conditions):
            for clause in condition.clauses:
                if clause.key not in slots:
                    slots[clause.key] = _Slot(clause.axis, clause.match, self._everything)
                slots[clause.key].add(1 << number, clause)
        self._slots = tuple(slots.values())

    def _holding(self, tokens: Tokens) -> int:
        held = self._everything
        for slot in self._slots:
            held &= slot.holding(tokens, self._everything)
            if not held:
                break
        return held

    def first(self, tokens: Tokens) -> int | None:
        """The number of the first row that holds, counted from 0; None where none does."""
        held = self._holding(tokens)
        return (held & -held).bit_length() - 1 if held else None

    def all(self, tokens: Tokens) -> Iterator[int]:
        """The numbers of all rows that hold, in order."""
        held = self._holding(tokens)
        while held:
            lowest = held & -held
            yield lowest.bit_length() - 1
            held ^= lowest


class Table(Generic[AnyRow]):
    """The rows of one table in their order, and which of them hold for a report."""

    def __init__(self, rows: Sequence[AnyRow]) -> None:
        self.rows = tuple(rows)
        self._index = RowIndex([row.when for row in self.rows])

    def first(self, tokens: Tokens) -> AnyRow | None:
        """The first row that holds; None where none does."""
        number = self._index.first(tokens)
        return None if number is None else self.rows[number]

    def all(self, tokens: Tokens) -> tuple[AnyRow, ...]:
        """All rows that hold, in order."""
        return tuple(self.rows[number] for number in self._index.all(tokens))
