"""Growing the trees that say how sure the reader may be."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.ensemble import GradientBoostingClassifier

from routing.finding.trees import ALWAYS_LEFT, Floats, Trees

# Few and small trees, each of which may say only a little: more of them fit the corpus and nothing else.
_TREES, _DEPTH, _SHARE, _FEWEST = 200, 3, 0.05, 20
_NODES = 2**_DEPTH - 1


def grown(values: Floats, is_so: npt.NDArray[np.bool_]) -> Trees:
    """Trees that say how likely it is to be so for a row of values. The same every time.

    Where it is always so, or never, there is nothing to tell apart: no trees.
    """
    if is_so.all() or not is_so.any():
        return Trees.none()
    boosted = GradientBoostingClassifier(
        n_estimators=_TREES, max_depth=_DEPTH, learning_rate=_SHARE, min_samples_leaf=_FEWEST, random_state=0
    )
    boosted.fit(values, is_so.astype(int))
    columns, thresholds = np.zeros((_TREES, _NODES), np.int16), np.full((_TREES, _NODES), ALWAYS_LEFT)
    leaves = np.zeros((_TREES, _NODES + 1))
    for row, (one,) in enumerate(boosted.estimators_):
        _fill(one.tree_, 0, 0, columns[row], thresholds[row], leaves[row])
    odds = is_so.mean() / (1 - is_so.mean())
    return Trees(columns, thresholds, leaves * _SHARE, float(np.log(odds)))


def _fill(
    tree: Any,
    here: int,
    node: int,
    columns: npt.NDArray[np.int16],
    thresholds: npt.NDArray[np.float64],
    leaves: npt.NDArray[np.float64],
) -> None:
    """Writes what lies below one node of a grown tree. A leaf above the last row is led to by nodes that go left."""
    if node >= _NODES:
        leaves[node - _NODES] = tree.value[here, 0, 0]
    elif tree.children_left[here] < 0:
        _fill(tree, here, 2 * node + 1, columns, thresholds, leaves)
    else:
        columns[node], thresholds[node] = tree.feature[here], tree.threshold[here]
        _fill(tree, int(tree.children_left[here]), 2 * node + 1, columns, thresholds, leaves)
        _fill(tree, int(tree.children_right[here]), 2 * node + 2, columns, thresholds, leaves)
