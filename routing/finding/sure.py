"""How sure the reader may be of who must answer and where, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from routing.finding.trees import Trees

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Sure:
    """Trees over the circumstances (sureness.NAMES), and two lines drawn on reports that they had not seen: from the
    first on a report may go to its unit without a person, from the second on hardly any lead is wrong."""

    trees: Trees
    alone: float
    high: float

    @classmethod
    def of_tables(cls, tables: Mapping[str, npt.NDArray[np.generic]], name: str) -> Sure:
        """What tables() wrote under a name. Raises KeyError or ValueError where it is not as wanted."""
        alone, high = (float(line) for line in tables[f"sure_{name}_lines"].astype(np.float64))
        return cls(Trees.of_tables(tables, f"sure_{name}"), alone, high)

    @classmethod
    def always(cls) -> Sure:
        """Every lead is taken for sure: so it must be while it is measured how many are right."""
        return cls(Trees.none(), 0.0, 0.0)

    def tables(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """All of it as arrays, to be kept under a name."""
        return {
            **self.trees.tables(f"sure_{name}"),
            f"sure_{name}_lines": np.array([self.alone, self.high], np.float32),
        }

    def likely(self, circumstances: Floats) -> float:
        """How sure the reader may be, 0 to 1; only its order means something."""
        return self.trees.likely(circumstances)

    def is_sure(self, likely: float) -> bool:
        """Whether a report may go to its unit without a person."""
        return likely >= self.alone

    def band(self, likely: float) -> str:
        """high, middle or low."""
        return "high" if likely >= self.high else "middle" if self.is_sure(likely) else "low"
