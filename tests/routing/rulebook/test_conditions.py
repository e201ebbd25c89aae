"""Conditions, and the index that finds the rows that hold without trying them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from routing.rulebook.conditions import Clause, Condition, Match, Tokens
from routing.rulebook.index import RowIndex

AXES = ("matters", "persons", "urgency")
CODES = st.frozensets(st.sampled_from(("a", "b", "c", "d")), min_size=1)
CLAUSES = st.builds(
    lambda axis, match, codes: Clause(f"{axis}_{match.value}", axis, match, codes),
    st.sampled_from(AXES),
    st.sampled_from(Match),
    CODES,
)
CONDITIONS = st.builds(Condition, st.lists(CLAUSES, max_size=3, unique_by=lambda clause: clause.key).map(tuple))
TOKENS = st.dictionaries(st.sampled_from(AXES), st.frozensets(st.sampled_from(("a", "b", "c", "d", "e"))))


@given(st.lists(CONDITIONS, max_size=12), TOKENS)
def test_the_index_finds_what_trying_each_row_finds(conditions: list[Condition], tokens: Tokens) -> None:
    held = [number for number, condition in enumerate(conditions) if condition.holds(tokens)]
    index = RowIndex(conditions)
    assert list(index.all(tokens)) == held
    assert index.first(tokens) == (held[0] if held else None)


@given(CONDITIONS, CONDITIONS, TOKENS)
def test_a_condition_that_covers_another_holds_whenever_it_does(
    one: Condition, other: Condition, tokens: Tokens
) -> None:
    if one.covers(other) and other.holds(tokens):
        assert one.holds(tokens)


@given(CONDITIONS, TOKENS)
def test_a_condition_that_contradicts_itself_never_holds(condition: Condition, tokens: Tokens) -> None:
    if condition.contradicts_itself():
        assert not condition.holds(tokens)
