"""No small number can be read in a table, or worked out from all that it shows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.disclosure import Key, Table, left_out

SMALLEST = 11
TOGETHER = (("ended", ("solved", "refused")),)
WITHIN = (
    ("received", ("reported",)),
    ("reported", ("ended",)),
    ("received", ("ended", "unanswered")),
    ("received", ("accepted", "unanswered")),
)
MEASURES = ("received", "reported", "solved", "refused", "unanswered")
# How long half of these took is said where there are enough.
ENOUGH = ("accepted",)


def a_column(*parts: int) -> Table:
    """Rows with their sum."""
    numbers = {str(row): {"received": part} for row, part in enumerate(parts)}
    return Table(numbers={**numbers, "sum": {"received": sum(parts)}}, sums={"sum": tuple(numbers)}, within=())


def rows_left_out(*parts: int) -> set[str]:
    """Which rows of a column are not shown."""
    return {row for row, _ in left_out(a_column(*parts), SMALLEST)}


def test_a_table_of_large_numbers_and_zeros_is_whole() -> None:
    assert rows_left_out(11, 0, 40) == set()


def test_beside_one_small_number_the_next_smallest_goes_too() -> None:
    assert rows_left_out(3, 50, 20, 0) == {"0", "2"}


def test_two_small_numbers_that_add_up_to_little_take_a_third_with_them() -> None:
    assert rows_left_out(1, 1, 30, 40) == {"0", "1", "2"}


def test_many_ones_do_not_give_each_other_away() -> None:
    """Eleven rows left out that add up to eleven are one each."""
    assert rows_left_out(*[1] * 11, 90) == {str(row) for row in range(12)}


def test_of_a_small_sum_nothing_is_shown_not_even_zeros() -> None:
    assert rows_left_out(1, 0, 4) == {"0", "1", "2", "sum"}


def test_what_a_row_cannot_hide_is_not_shown_in_it() -> None:
    """Of twelve eleven were refused: so one at most was solved, whatever the column says."""
    rows = {"a": {"reported": 12, "refused": 11, "solved": 1}, "b": {"reported": 90, "refused": 40, "solved": 40}}
    rows["sum"] = {name: rows["a"][name] + rows["b"][name] for name in rows["a"]}
    within = (("reported", ("solved", "refused")),)
    hidden = left_out(Table(numbers=rows, sums={"sum": ("a", "b")}, within=within), SMALLEST)
    assert {("a", "solved"), ("a", "refused"), ("b", "solved"), ("b", "refused")} <= hidden


def test_what_a_measure_leaves_of_another_is_a_small_number_too() -> None:
    """Of 54 received 53 are unanswered: that one is being worked on stands in no column, and is read all the same."""
    rows = {"a": {"received": 54, "unanswered": 53}, "b": {"received": 90, "unanswered": 40}}
    rows["sum"] = {name: rows["a"][name] + rows["b"][name] for name in rows["a"]}
    table = Table(numbers=rows, sums={"sum": ("a", "b")}, within=(("received", ("unanswered",)),))
    assert left_out(table, SMALLEST) == {("a", "unanswered"), ("b", "unanswered")}


def test_of_numbers_that_contradict_each_other_none_is_shown() -> None:
    rows = {"a": {"n": 40}, "b": {"n": 50}, "sum": {"n": 91}}
    assert len(left_out(Table(numbers=rows, sums={"sum": ("a", "b")}, within=()), SMALLEST)) == 3


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Rows of reports with some of their outcomes, their sums, and a group of rows with its own."""
    # Numbers near the smallest that is shown, and rows where all had the same end, are where a table gives itself away.
    size = st.one_of(st.integers(0, 3), st.integers(8, 14), st.integers(0, 60))
    rows: dict[str, dict[str, int]] = {}
    for row in range(draw(st.integers(2, 4))):
        reported, beside = draw(size), draw(size)
        solved = min(reported, draw(st.one_of(size, st.just(reported))))
        refused = min(reported - solved, draw(st.one_of(size, st.just(reported - solved))))
        rest = reported + beside - solved - refused
        unanswered = min(rest, draw(st.one_of(size, st.just(rest))))
        accepted = min(reported + beside - unanswered, draw(st.one_of(size, st.just(reported + beside - unanswered))))
        numbers = (reported + beside, reported, solved, refused, unanswered, accepted)
        rows[str(row)] = dict(zip(MEASURES + ENOUGH, numbers, strict=True))
    grouped = ("0", "1") if len(rows) > 2 and draw(st.booleans()) else ()
    tops = tuple(row for row in rows if row not in grouped)
    sums = {}
    if grouped:
        sums["group"] = grouped
        rows["group"] = {name: sum(rows[row][name] for row in grouped) for name in MEASURES + ENOUGH}
        tops += ("group",)
    sums["sum"] = tops
    rows["sum"] = {name: sum(rows[row][name] for row in tops) for name in MEASURES + ENOUGH}
    return Table(numbers=rows, sums=sums, within=WITHIN, together=TOGETHER, enough=ENOUGH)


@settings(max_examples=80, deadline=None)
@given(tables())
def test_no_number_left_out_can_be_worked_out(table: Table) -> None:
    hidden = left_out(table, SMALLEST)
    numbers = {(row, name): by[name] for row, by in table.numbers.items() for name in MEASURES}
    assert {key for key, number in numbers.items() if 0 < number < SMALLEST} <= hidden
    reader = Reader(table, hidden)
    for key in hidden & numbers.keys():
        least, most = reader.extremes(key)
        assert least < numbers[key] + 0.5
        assert most > numbers[key] - 0.5
        # That nobody is in a row is no secret.
        assert most - least > 0.5 or numbers[key] == 0, (key, numbers[key])
    for row, by in table.numbers.items():
        for whole, parts in (("received", ("reported",)), ("reported", ("solved", "refused"))):
            rest = by[whole] - sum(by[part] for part in parts)
            least, most = reader.rest((row, whole), [(row, part) for part in parts])
            assert most - least > 0.5 or not 0 < rest < SMALLEST, (row, whole, rest)


def test_two_sums_with_a_part_in_common_give_no_number_away() -> None:
    """Whoever was answered was solved, in every row, and at least eleven were accepted in one of them: of twelve solved
    one is left for the other."""
    rows = {"a": (3, 1, 1, 0, 2, 1), "b": (21, 11, 11, 0, 10, 11)}
    numbers = {row: dict(zip(MEASURES + ENOUGH, by, strict=True)) for row, by in rows.items()}
    numbers["sum"] = {name: numbers["a"][name] + numbers["b"][name] for name in MEASURES + ENOUGH}
    table = Table(numbers=numbers, sums={"sum": ("a", "b")}, within=WITHIN, together=TOGETHER, enough=ENOUGH)
    least, most = Reader(table, left_out(table, SMALLEST)).extremes(("a", "solved"))
    assert most - least > 0.5


@pytest.mark.parametrize(
    "rows",
    [
        ((8, 8, 8, 0, 0), (8, 8, 8, 0, 0), (16, 8, 0, 8, 8), (16, 8, 1, 7, 8)),
        ((13, 12, 12, 0, 1), (12, 12, 0, 1, 0), (11, 11, 11, 0, 0), (11, 1, 1, 0, 0)),
    ],
)
def test_what_several_rows_come_to_together_gives_no_number_away(rows: tuple[tuple[int, ...], ...]) -> None:
    numbers = {str(place): dict(zip(MEASURES, row, strict=True)) for place, row in enumerate(rows)}
    whole = {measure: sum(row[measure] for row in numbers.values()) for measure in MEASURES}
    table = Table(numbers={**numbers, "sum": whole}, sums={"sum": tuple(numbers)}, within=WITHIN[:3], together=TOGETHER)
    hidden = left_out(table, SMALLEST)
    reader = Reader(table, hidden)
    for row, measure in hidden:
        least, most = reader.extremes((row, measure))
        assert most - least > 0.5 or table.numbers[row][measure] == 0, (row, measure)


class Reader:
    """Somebody who knows all that is shown and all relations, and works out what each hidden number can be: by linear
    programming over all of them at once (the simplex method, Bland's rule)."""

    def __init__(self, table: Table, hidden: Collection[Key]) -> None:
        vague = {(row, measure) for row in table.numbers for measure in table.enough}
        self._least = {key: int(not is_dark(key, table, hidden)) for key in hidden}
        self._least |= {key: 0 if key in hidden else SMALLEST for key in vague}
        self._columns = {key: number for number, key in enumerate(sorted(self._least))}
        self._of = table
        together = dict(table.together)
        equal = [
            self._constraint(table, (whole, measure), [(part, measure) for part in parts])
            for whole, parts in table.sums.items()
            for measure in table.numbers[whole]
        ]
        at_most = [
            self._constraint(table, (row, whole), [(row, one) for part in parts for one in together.get(part, (part,))])
            for row in table.numbers
            for whole, parts in table.within
        ]
        self._begin(equal, at_most)

    def _constraint(self, table: Table, whole: Key, parts: Sequence[Key]) -> tuple[Any, int]:
        left, right = np.zeros(len(self._columns)), 0
        for key, sign in [(whole, -1), *((part, 1) for part in parts)]:
            if key in self._columns:
                left[self._columns[key]] += sign
            right -= sign * (self._least[key] if key in self._columns else table.numbers[key[0]][key[1]])
        return left, right

    def extremes(self, key: Key) -> tuple[float, float]:
        """The least and the most that it can be."""
        wanted = np.zeros(self._table.shape[1] - 1)
        wanted[self._columns[key]] = 1
        return self._least[key] - self._most(-wanted), self._least[key] + self._most(wanted)

    def rest(self, whole: Key, parts: Sequence[Key]) -> tuple[float, float]:
        """The least and the most that a whole can have beyond its parts."""
        left, right = self._constraint(self._of, whole, parts)
        wanted = np.zeros(self._table.shape[1] - 1)
        wanted[: len(left)] = -left
        return right - self._most(-wanted), right + self._most(wanted)

    def _begin(self, equal: list[tuple[Any, int]], at_most: list[tuple[Any, int]]) -> None:
        """A table of the constraints that stands at some solution."""
        rows, slacks = [*equal, *at_most], len(at_most)
        variables = len(self._columns)
        table = np.zeros((len(rows), variables + slacks + len(rows) + 1))
        for number, (left, right) in enumerate(rows):
            table[number, :variables], table[number, -1] = left, right
            if number >= len(equal):
                table[number, variables + number - len(equal)] = 1
            table[number] *= -1 if right < 0 else 1
            table[number, variables + slacks + number] = 1
        self._table, self._basis = table, list(range(variables + slacks, variables + slacks + len(rows)))
        artificial = np.zeros(table.shape[1] - 1)
        artificial[variables + slacks :] = -1
        assert self._most(artificial) > -1e-6, "what is shown contradicts itself"
        self._drop_artificial(variables + slacks)

    def _drop_artificial(self, real: int) -> None:
        for row, column in enumerate(self._basis):
            if column >= real:
                others = [other for other in range(real) if abs(self._table[row, other]) > 1e-9]
                if others:
                    self._pivot(row, others[0])
        kept = [row for row, column in enumerate(self._basis) if column < real]
        self._table = np.hstack([self._table[kept, :real], self._table[kept, -1:]])
        self._basis = [self._basis[row] for row in kept]

    def _most(self, wanted: Any) -> float:
        while True:
            gains = wanted - wanted[self._basis] @ self._table[:, :-1]
            entering = next((column for column, gain in enumerate(gains) if gain > 1e-9), None)
            if entering is None:
                return float(wanted[self._basis] @ self._table[:, -1])
            steps = [
                (self._table[row, -1] / self._table[row, entering], self._basis[row], row)
                for row in range(len(self._basis))
                if self._table[row, entering] > 1e-9
            ]
            if not steps:
                return 10.0**9
            self._pivot(min(steps)[2], entering)

    def _pivot(self, row: int, column: int) -> None:
        self._table[row] /= self._table[row, column]
        for other in range(len(self._basis)):
            if other != row:
                self._table[other] -= self._table[other, column] * self._table[row]
        self._basis[row] = column


def is_dark(key: Key, table: Table, hidden: Collection[Key]) -> bool:
    """Whether even a zero is left out here: a sum above shows nothing of its parts."""
    row, measure = key
    wholes = [(whole, measure) for whole, parts in table.sums.items() if row in parts]
    return any(
        whole in hidden
        and (whole[0] == "sum" or 0 < table.numbers[whole[0]][measure] < SMALLEST or is_dark(whole, table, hidden))
        for whole in wholes
    )
