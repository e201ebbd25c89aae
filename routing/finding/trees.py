"""Small decision trees that together say how likely something is, as gradient boosting leaves them.

Friedman, "Greedy function approximation: a gradient boosting machine" (2001). Every tree is filled up to one depth, so
that all of them are walked at once: below node n lie 2n+1, where a value is at most the node's threshold, and 2n+2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
# No value is above this threshold: a node that only fills a tree up leads to the left.
ALWAYS_LEFT = np.inf
_MOST = 30.0


@dataclass(frozen=True)
class Trees:
    """The trees: a row a tree. columns and thresholds have a column a node, leaves a column a leaf, in log-odds; start
    is what they are added to."""

    columns: npt.NDArray[np.int16]
    thresholds: npt.NDArray[np.float64]
    leaves: npt.NDArray[np.float64]
    start: float

    def __post_init__(self) -> None:
        trees, nodes = self.columns.shape
        if self.thresholds.shape != (trees, nodes) or self.leaves.shape != (trees, nodes + 1):
            raise ValueError(
                f"{trees} trees of {nodes} nodes need as many thresholds and {nodes + 1} leaves each, but have "
                f"{self.thresholds.shape} and {self.leaves.shape}."
            )

    @classmethod
    def of_tables(cls, tables: Mapping[str, npt.NDArray[np.generic]], name: str) -> Trees:
        """The trees that tables() wrote under a name. Raises KeyError or ValueError where they are not as wanted."""
        return cls(
            tables[f"{name}_columns"].astype(np.int16),
            tables[f"{name}_thresholds"].astype(np.float64),
            tables[f"{name}_leaves"].astype(np.float64),
            float(tables[f"{name}_start"].astype(np.float64)),
        )

    @classmethod
    def none(cls) -> Trees:
        """No trees, which find everything as likely as not."""
        return cls(np.zeros((0, 1), np.int16), np.zeros((0, 1)), np.zeros((0, 2)), 0.0)

    def tables(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """The trees as arrays, to be kept under a name."""
        return {
            f"{name}_columns": self.columns,
            f"{name}_thresholds": self.thresholds,
            f"{name}_leaves": self.leaves,
            f"{name}_start": np.array(self.start),
        }

    def likely(self, values: Floats) -> float:
        """How likely it is for one row of values, 0 to 1."""
        trees, nodes = self.columns.shape
        every = np.arange(trees)
        node = np.zeros(trees, np.int64)
        for _ in range((nodes + 1).bit_length() - 1):
            node = 2 * node + 1 + (values[self.columns[every, node]] > self.thresholds[every, node])
        total = self.start + float(self.leaves[every, node - nodes].sum())
        return 1 / (1 + math.exp(-max(-_MOST, min(_MOST, total))))
