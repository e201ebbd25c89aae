"""Conditions, and the index that finds the rows that hold without trying them."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from routing.rulebook.conditions import Clause, Condition, Match, Tokens
from routing.rulebook.index import RowIndex

AXES = ("matters", "persons")
CODES = st.frozensets(st.sampled_from(("a", "b", "c")), min_size=1)
CLAUSES = st.builds(
    lambda axis, match, codes: Clause(f"{axis}_{match.value}", axis, match, codes),
    st.sampled_from(AXES),
    st.sampled_from(Match),
    CODES,
)
CONDITIONS = st.builds(Condition, st.lists(CLAUSES, max_size=3, unique_by=lambda clause: clause.key).map(tuple))
TOKENS = st.dictionaries(st.sampled_from(AXES), st.frozensets(st.sampled_from(("a", "b", "c", "d"))))


@given(st.lists(CONDITIONS, max_size=12), TOKENS)
def test_the_index_finds_what_trying_each_row_finds(conditions: list[Condition], tokens: Tokens) -> None:
    held = [number for number, condition in enumerate(conditions) if condition.holds(tokens)]
    index = RowIndex(conditions)
    assert list(index.all(tokens)) == held
    assert index.first(tokens) == (held[0] if held else None)


def _sets(codes: str) -> list[frozenset[str]]:
    return [frozenset(chosen) for size in range(len(codes) + 1) for chosen in combinations(codes, size)]


# All conditions of one or two clauses on one axis of three codes, and all reports there can be for them.
ONE = [Clause(match.value, "axis", match, codes) for match in Match for codes in _sets("abc") if codes]
ALL = [Condition(clauses) for clauses in [*((one,) for one in ONE), *combinations(ONE, 2)]]
REPORTS: list[Tokens] = [{"axis": codes} for codes in _sets("abc")]
HELD = {condition: [condition.holds(tokens) for tokens in REPORTS] for condition in ALL}


def test_a_condition_that_covers_another_holds_whenever_it_does() -> None:
    covering = [(one, other) for one, other in product(ALL, repeat=2) if one.covers(other)]
    assert len(covering) > len(ALL)
    for one, other in covering:
        assert all(ours for ours, theirs in zip(HELD[one], HELD[other], strict=True) if theirs), (one, other)


def test_a_condition_that_contradicts_itself_never_holds() -> None:
    contradicting = [condition for condition in ALL if condition.contradicts_itself()]
    assert contradicting
    assert not any(any(HELD[condition]) for condition in contradicting)
