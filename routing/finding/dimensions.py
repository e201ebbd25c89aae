"""ILO dimensions and Palermo elements of a report: seen, not seen, or not told."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reports.values import Dimension, DimensionState, Labels
from routing.finding.indicators import Hit


@dataclass(frozen=True)
class _Row:
    code: str
    element: str
    matters: frozenset[str]


class Dimensions:
    """The table of dimensions.toml."""

    def __init__(self, dimensions: Sequence[_Row], elements: Mapping[str, frozenset[str]]) -> None:
        self._dimensions, self._elements = dimensions, elements

    @classmethod
    def load(cls, config: Path) -> Dimensions:
        """Reads dimensions.toml. Raises ValueError where it is not as wanted."""
        path = config / "dimensions.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            rows = [_Row(code, row["element"], frozenset(row["matters"])) for code, row in table["dimensions"].items()]
            elements = {code: frozenset(row["matters"]) for code, row in table["elements"].items()}
        except (KeyError, TypeError) as fault:
            raise ValueError(f"{path} should name each dimension's element and matters: {fault!r}") from None
        return cls(rows, elements)

    def of(self, hits: Sequence[Hit], labels: Labels) -> tuple[Dimension, ...]:
        """All dimensions, then the three elements, each with its state."""
        told = {hit.code for hit in hits if hit.axis == "dimensions" and not hit.is_denied}
        denied = {hit.code for hit in hits if hit.axis == "dimensions" and hit.is_denied}
        matters = set(labels.matters)
        found = [Dimension(row.code, _state(row.code in told or bool(row.matters & matters), row.code in denied))
                 for row in self._dimensions]  # fmt: skip
        states = {one.code: one.state for one in found}
        for element, always in self._elements.items():
            parts = [states[row.code] for row in self._dimensions if row.element == element]
            seen = DimensionState.SEEN in parts or bool(always & matters)
            found.append(Dimension(element, _state(seen, DimensionState.NOT_SEEN in parts)))
        return tuple(found)


def _state(is_seen: bool, is_denied: bool) -> DimensionState:
    if is_seen:
        return DimensionState.SEEN
    return DimensionState.NOT_SEEN if is_denied else DimensionState.NOT_TOLD
