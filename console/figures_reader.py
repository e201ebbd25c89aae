"""Reading the figures for one officer: of which years there are any, the sheets of a year, and as of when."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select

from config.figures import Counting
from console.figure_sheets import Sheet, figures_kept_from, figures_seen, sheets
from reports.database import read_now
from reports.facts import scheme_of
from reports.figures import (
    AXIS,
    CORRECTED,
    HOP,
    PARTS,
    RECEIVED,
    UNIT,
    WHOLE,
    Head,
    changes_of,
    head_now,
    years_counted,
)
from reports.officers import Officer
from reports.recusals import kept_from
from reports.tables import figures_head

_MOST_KEPT = 32


@dataclass(frozen=True, kw_only=True)
class YearFigures:
    """The sheets of one year by breakdown, and how often officers changed each axis of what the machine had found, None
    where that is left out."""

    year: int
    sheets: Mapping[str, Sheet]
    axes: Mapping[str, int | None]

    @property
    def whole(self) -> Sheet:
        """The sheet whose sum all others share."""
        return self.sheets["month"]


def year_figures(year: int, by_part: Mapping[str, Sheet], axes: Mapping[str, int], counting: Counting) -> YearFigures:
    """The figures of a year, given how often each axis was changed."""
    corrected = by_part["month"].sum.numbers[CORRECTED]

    def is_shown(number: int) -> bool:
        # All that was corrected stands above the axes: what it has beyond one of them is read as easily, and where it
        # is left out itself it must not follow from them.
        if number == 0 or corrected is None:
            return number == 0
        return number >= counting.smallest and not 0 < corrected - number < counting.smallest

    return YearFigures(
        year=year,
        sheets=by_part,
        axes={axis: number if is_shown(number) else None for axis, number in axes.items()},
    )


@dataclass(frozen=True)
class NotCounted:
    """What units and hops were counted for reports that the reader is kept from, by breakdown and code."""

    numbers: Mapping[tuple[str, str], Counter[str]]

    def by_unit(self, hop: str) -> Mapping[str, Counter[str]]:
        """What is not counted of each unit at a hop."""
        return {code: by for (breakdown, code), by in self.numbers.items() if breakdown == f"{UNIT}{hop}"}

    def left_of(self, hop: str, numbers: Mapping[str, int]) -> Mapping[str, int]:
        """All units' numbers at a hop without what is not counted."""
        kept = self.numbers.get((HOP, hop), Counter())
        return {measure: number - kept[measure] for measure, number in numbers.items()}


class FiguresReader:
    """Reads figures. What was worked out for the same figures and the same reader is kept for the next page."""

    def __init__(self, counting: Counting) -> None:
        self.counting = counting
        self._kept: OrderedDict[object, YearFigures] = OrderedDict()

    def head(self, connection: Connection) -> Head:
        """As of when the figures are."""
        return head_now(connection, scheme_of(self.counting), read_now(connection))

    def years(self, connection: Connection, officer: Officer) -> tuple[int, ...]:
        """The years that there are figures of for this officer, oldest first."""
        years = years_counted(connection)
        kept = figures_kept_from(connection, officer, years)
        if not kept:
            return years
        return tuple(
            year
            for year in years
            if figures_seen(connection, officer, [year], [WHOLE]).get((WHOLE, ""), Counter())[RECEIVED]
        )

    def year(self, connection: Connection, officer: Officer, year: int) -> YearFigures:
        """The figures of a year as this officer may know them."""
        counting_round = connection.execute(select(figures_head.c.round)).scalar_one()
        kept_away = tuple(sorted(connection.execute(kept_from(officer)).scalars()))
        key = (year, counting_round, changes_of(connection).get(year, 0), kept_away)
        found = self._kept.get(key)
        if found is None:
            by = figures_seen(connection, officer, [year], [WHOLE, *PARTS, AXIS])
            axes = {code: by[AXIS, code][CORRECTED] for breakdown, code in by if breakdown == AXIS}
            found = self._kept[key] = year_figures(year, sheets(by, self.counting), axes, self.counting)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def hops_kept_from(self, connection: Connection, officer: Officer, year: int) -> NotCounted:
        """What the hops of a year hold of reports that this officer is kept from."""
        return NotCounted(figures_kept_from(connection, officer, [year]))
