"""Trees that a reader of their tables would follow by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hotline.model_trees import grown
from routing.finding.trees import ALWAYS_LEFT, Trees

# Is it over 5? Then, is it the other over 1? A leaf above the last row is led to by a node that goes left.
ONE = Trees(
    columns=np.array([[0, 0, 1]], np.int16),
    thresholds=np.array([[5.0, ALWAYS_LEFT, 1.0]]),
    leaves=np.array([[-2.0, 0.0, 1.0, 3.0]]),
    start=0.5,
)


@pytest.mark.parametrize(("values", "total"), [((5.0, 9.0), -1.5), ((6.0, 1.0), 1.5), ((6.0, 1.1), 3.5)])
def test_a_row_of_values_is_led_to_its_leaf(values: tuple[float, float], total: float) -> None:
    assert ONE.likely(np.array(values)) == pytest.approx(1 / (1 + math.exp(-total)))


def test_what_trees_say_adds_up() -> None:
    twice = Trees(np.vstack([ONE.columns] * 2), np.vstack([ONE.thresholds] * 2), np.vstack([ONE.leaves] * 2), ONE.start)
    assert twice.likely(np.array([6.0, 1.1])) == pytest.approx(1 / (1 + math.exp(-6.5)))


def test_trees_find_what_hangs_together() -> None:
    chance = np.random.default_rng(0)
    values = chance.normal(size=(800, 3)).astype(np.float32)
    # Neither number tells anything alone, as no weighed sum of them does.
    is_so = (values[:, 0] > 0) == (values[:, 1] > 0)
    trees = grown(values, is_so)
    assert np.mean([(trees.likely(row) > 0.5) == so for row, so in zip(values, is_so, strict=True)]) > 0.95


def test_trees_are_the_same_after_they_were_kept() -> None:
    kept = Trees.of_tables(ONE.tables("sure"), "sure")
    assert kept.likely(np.array([6.0, 1.1])) == ONE.likely(np.array([6.0, 1.1]))


def test_where_nothing_differs_everything_is_as_likely_as_not() -> None:
    assert grown(np.ones((50, 2), np.float32), np.ones(50, bool)).likely(np.ones(2)) == 0.5


def test_tables_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="thresholds"):
        Trees(ONE.columns, ONE.thresholds[:, :2], ONE.leaves, 0.0)
