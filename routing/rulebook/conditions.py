"""When a row of the rulebook holds: sets of codes on a few axes, nothing more.

A condition is a list of clauses, and all of them must hold. There is no expression language on purpose: what a lawyer
reads in the table is all there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

# The codes a report has on each axis; an axis that is missing is empty.
Tokens = Mapping[str, frozenset[str]]


class Match(StrEnum):
    """How a clause looks at the report's codes on its axis."""

    ANY = "any"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True)
class Clause:
    """One key of a `when` table. key tells two clauses on one axis apart."""

    key: str
    axis: str
    match: Match
    codes: frozenset[str]

    def holds(self, tokens: Tokens) -> bool:
        """Whether the report's codes meet this clause."""
        present = tokens.get(self.axis, frozenset())
        if self.match is Match.ANY:
            return not self.codes.isdisjoint(present)
        if self.match is Match.ALL:
            return self.codes <= present
        return self.codes.isdisjoint(present)


@dataclass(frozen=True)
class Condition:
    """All clauses of a row. Without clauses it always holds."""

    clauses: tuple[Clause, ...] = ()

    def holds(self, tokens: Tokens) -> bool:
        """Whether every clause is met."""
        return all(clause.holds(tokens) for clause in self.clauses)

    def contradicts_itself(self) -> bool:
        """Whether no report could ever meet it: a code wanted on an axis where it must not stand."""
        return any(self._shut_out(clause) for clause in self.clauses if clause.match is not Match.NONE)

    def _shut_out(self, wanted: Clause) -> bool:
        refused = frozenset[str]().union(
            *(clause.codes for clause in self.clauses if clause.match is Match.NONE and clause.axis == wanted.axis)
        )
        return wanted.codes <= refused if wanted.match is Match.ANY else not wanted.codes.isdisjoint(refused)

    def covers(self, other: Condition) -> bool:
        """Whether every report that meets `other` meets this one, as far as clause by clause can tell."""
        return all(any(_implies(theirs, ours) for theirs in other.clauses) for ours in self.clauses)


def _implies(given: Clause, wanted: Clause) -> bool:
    if given.axis != wanted.axis:
        return False
    if wanted.match is Match.NONE:
        return given.match is Match.NONE and wanted.codes <= given.codes
    if wanted.match is Match.ALL:
        return given.match is Match.ALL and wanted.codes <= given.codes
    if given.match is Match.ALL:
        return not given.codes.isdisjoint(wanted.codes)
    return given.match is Match.ANY and given.codes <= wanted.codes
