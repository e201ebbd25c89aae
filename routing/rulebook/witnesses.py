"""Reports made up to see whether a row ever decides: what its `when` asks for, and nothing more than must be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product

from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Clause, Condition, Match, Tokens
from routing.rulebook.rules import Row, Track

# Enough to go through every pair of codes of a row's two longest lists.
MOST = 400
_ALWAYS_ONE = {"urgency": ("immediate", "urgent", "standard", "low"), "places": ("mainland_place", "no_mainland_place")}
_USUAL = {"reporter": "unknown", "channel": "sms", "hour": "12"}


class Witnesses:
    """Makes reports that meet a condition."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._families = rulebook.codes.families
        self._periods = tuple(period.code for period in rulebook.rules.periods)

    def of(self, row: Row) -> Iterator[Tokens]:
        """Up to MOST reports that meet the row's condition, each differing in one code it could be met by."""
        return islice((tokens for tokens in self._tried(row.when) if row.when.holds(tokens)), MOST)

    def _tried(self, condition: Condition) -> Iterator[Tokens]:
        choices = self._choices(condition)
        always: dict[str, frozenset[str]] = {
            clause.axis: clause.codes for clause in condition.clauses if clause.match is Match.ALL
        }
        for picked in islice(product(*choices.values()), 20 * MOST):
            tokens = {axis: frozenset([code]) for axis, code in _USUAL.items()}
            for axis, code in zip(choices, picked, strict=True):
                tokens[axis] = frozenset([code]) if code else frozenset()
            for axis, codes in always.items():
                tokens[axis] = tokens.get(axis, frozenset()) | codes
            yield {**tokens, "family": self._family(tokens.get("matters", frozenset()))}

    def _choices(self, condition: Condition) -> Mapping[str, tuple[str, ...]]:
        asked = {clause.axis: clause for clause in condition.clauses if clause.match is Match.ANY}
        choices = {axis: tuple(sorted(clause.codes)) for axis, clause in asked.items() if axis != "family"}
        if "matters" not in choices:
            choices["matters"] = self._matters(asked.get("family"))
        for axis, codes in _ALWAYS_ONE.items():
            choices.setdefault(axis, codes)
        choices.setdefault("track", tuple(track.value for track in Track))
        choices.setdefault("period", ("", *self._periods))
        return choices

    def _matters(self, family: Clause | None) -> tuple[str, ...]:
        """A matter of each family that may be meant, and all of them where one is asked for; '' for none at all."""
        if family is not None:
            return tuple(sorted(code for name in family.codes for code in self._families[name]))
        return (*(min(codes) for codes in self._families.values()), "")

    def _family(self, matters: frozenset[str]) -> frozenset[str]:
        return frozenset(name for name, codes in self._families.items() if not codes.isdisjoint(matters))
