"""ILO dimensions and Palermo elements of a report: seen, not seen, or not told, with the indicators that show them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports.values import Dimension, DimensionState, Labels
from routing.finding.cancels import Cancel
from routing.finding.indicators import Hit


@dataclass(frozen=True)
class _Row:
    code: str
    element: str
    matters: frozenset[str]


@dataclass(frozen=True)
class IloIndicator:
    """One operational indicator: its dimension, its strength (strong, medium, weak), and another element it shows."""

    code: str
    dimension: str
    strength: str
    also: str = ""


class Dimensions:
    """The table of dimensions.toml."""

    def __init__(
        self,
        dimensions: Sequence[_Row],
        elements: Mapping[str, frozenset[str]],
        indicators: Mapping[str, IloIndicator],
    ) -> None:
        self._dimensions, self._elements, self.indicators = dimensions, elements, indicators

    @classmethod
    def load(cls, config: Path) -> Dimensions:
        """Reads dimensions.toml. Raises ValueError where it is not as wanted."""
        path = config / "dimensions.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        try:
            rows = [_Row(code, row["element"], frozenset(row["matters"])) for code, row in table["dimensions"].items()]
            elements = {code: frozenset(row["matters"]) for code, row in table["elements"].items()}
            indicators = {code: _indicator(code, row) for code, row in table["indicators"].items()}
        except (KeyError, TypeError) as fault:
            raise ValueError(f"{path} should name each dimension's element and matters: {fault!r}") from None
        lost = sorted({one.dimension for one in indicators.values()} - {row.code for row in rows})
        if lost:
            raise ValueError(f"{path} has indicators of {lost}, which are no dimensions of it.")
        return cls(rows, elements, indicators)

    def of(self, hits: Sequence[Hit], labels: Labels) -> tuple[Dimension, ...]:
        """All dimensions, then the three elements, each with its state and with the indicators seen."""
        ilo = [hit for hit in hits if hit.axis == "ilo"]
        told = {hit.code for hit in ilo if not hit.is_denied}
        denied = {hit.code for hit in ilo if hit.cancelled_by is Cancel.DENIAL}
        matters = set(labels.matters)
        found = [self._dimension(row, told, denied, matters) for row in self._dimensions]
        for element, always in self._elements.items():
            parts = [one for one, row in zip(found, self._dimensions, strict=False) if row.element == element]
            shown = self._in_order(code for code in told if self.indicators[code].also == element)
            shown = (*(code for one in parts for code in one.indicators), *shown)
            states = {one.state for one in parts}
            seen = bool(shown) or DimensionState.SEEN in states or bool(always & matters)
            found.append(Dimension(element, _state(seen, DimensionState.NOT_SEEN in states), shown))
        return tuple(found)

    def _dimension(self, row: _Row, told: set[str], denied: set[str], matters: set[str]) -> Dimension:
        shown = self._in_order(code for code in told if self.indicators[code].dimension == row.code)
        is_denied = any(self.indicators[code].dimension == row.code for code in denied)
        return Dimension(row.code, _state(bool(shown) or bool(row.matters & matters), is_denied), shown)

    def _in_order(self, codes: Iterable[str]) -> tuple[str, ...]:
        wanted = set(codes)
        return tuple(code for code in self.indicators if code in wanted)


def _indicator(code: str, row: Mapping[str, Any]) -> IloIndicator:
    return IloIndicator(code, row["dimension"], row["strength"], row.get("also", ""))


def _state(is_seen: bool, is_denied: bool) -> DimensionState:
    if is_seen:
        return DimensionState.SEEN
    return DimensionState.NOT_SEEN if is_denied else DimensionState.NOT_TOLD
