"""How long units take for each hop, in a few classes of times, and which of them are the slowest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, cast, func, select

from config.figures import Counting
from reports.disclosure import Table, left_out
from reports.figures import HOP, LATE, NOT_YET_MEASURE, UNIT
from reports.tables import figures

DESK = "desk"
# Where it is said of a unit how many it had. Beside the number of another hop it would be read how many it has not
# accepted, or not done, by now; the desk has one hop.
SAID_HOW_MANY = frozenset({DESK, "acceptance"})


@dataclass(frozen=True, kw_only=True)
class Times:
    """One unit at one hop, or all of them.

    classes counts the times by Counting.shown, and last those whose clock ran out and that are not done yet; None where
    one is left out. half is the class that half of them reach, late how many clocks ran out, None where that is left
    out. is_counted says whether numbers are shown; else whole per cent, from which they cannot be worked out.
    """

    code: str
    number: int
    classes: tuple[int | None, ...]
    half: int
    late: int | None
    is_counted: bool = False

    def share(self, number: int | None) -> float | None:
        """A number in per cent of all."""
        return None if number is None else 100 * number / self.number


def slowest(
    connection: Connection, year: int, hop: str, counting: Counting, most: int, but: Mapping[str, Mapping[str, int]]
) -> tuple[Times, ...]:
    """The units that take longest for half of what they are to do at a hop, then those whose clock ran out most often.

    Only units that had as many to do as a figure needs to be shown, and of each all of its classes or none: half would
    tell too much beside some. but is what is not counted for whoever looks.
    """
    names = _classes(counting)
    found = []
    for row in connection.execute(_by_unit(year, f"{UNIT}{hop}", counting)):
        not_counted = but.get(row.code, {})
        *classes, late = (row[place + 1] - not_counted.get(name, 0) for place, name in enumerate([*names, LATE]))
        if sum(classes) >= counting.smallest:
            found.append((row.code, classes, late))
    # By what is shown alone: an order tells a number too.
    found.sort(key=lambda one: (-_half(one[1]), -(_shown_late(one[1], one[2], counting) or 0) / sum(one[1]), one[0]))
    times = (_times(code, classes, late, counting) for code, classes, late in found[:most])
    is_counted = hop in SAID_HOW_MANY
    return tuple(
        replace(one, classes=_all_or_none(one.classes), is_counted=is_counted) for one in times if one is not None
    )


def all_together(numbers: Mapping[str, int], hop: str, counting: Counting) -> Times | None:
    """All units together at a hop; None where there are too few to say.

    The desk is one unit, of which it stands beside this how many it had: so all of its classes are shown or none.
    """
    found = _times(hop, [numbers.get(name, 0) for name in _classes(counting)], numbers.get(LATE, 0), counting)
    return replace(found, classes=_all_or_none(found.classes)) if found is not None and hop == DESK else found


def hops_of(connection: Connection, years: Sequence[int]) -> Mapping[str, Mapping[str, int]]:
    """What all units together took, by hop and measure."""
    rows = connection.execute(
        select(figures.c.code, figures.c.measure, func.sum(figures.c.number))
        .where(figures.c.year.in_(years), figures.c.breakdown == HOP)
        .group_by(figures.c.code, figures.c.measure)
    )
    found: dict[str, dict[str, int]] = {}
    for code, measure, number in rows:
        found.setdefault(code, {})[measure] = int(number)
    return found


def _classes(counting: Counting) -> list[str]:
    return [*(f"took.{number}" for number in range(len(counting.shown) + 1)), NOT_YET_MEASURE]


def _by_unit(year: int, breakdown: str, counting: Counting) -> Select[Any]:
    def summed(measure: str) -> ColumnElement[int]:
        return cast(func.sum(case((figures.c.measure == measure, figures.c.number), else_=0)), Integer)

    done = func.sum(case((figures.c.measure != LATE, figures.c.number), else_=0))
    return (
        select(figures.c.code, *(summed(measure) for measure in [*_classes(counting), LATE]))
        .where(figures.c.year == year, figures.c.breakdown == breakdown)
        .group_by(figures.c.code)
        .having(done >= counting.smallest)
    )


def _all_or_none(classes: tuple[int | None, ...]) -> tuple[int | None, ...]:
    return (None,) * len(classes) if None in classes else classes


def _times(code: str, classes: Sequence[int], late: int, counting: Counting) -> Times | None:
    number = sum(classes)
    if number < counting.smallest:
        return None
    rows = {str(place): {"n": one} for place, one in enumerate(classes)}
    table = Table(numbers={**rows, "all": {"n": number}}, sums={"all": tuple(rows)}, within=())
    hidden = {row for row, _ in left_out(table, counting.smallest)}
    return Times(
        code=code,
        number=number,
        half=_half(classes),
        classes=tuple(None if str(place) in hidden else one for place, one in enumerate(classes)),
        late=_shown_late(classes, late, counting),
    )


def _half(classes: Sequence[int]) -> int:
    """The class that half of them reach."""
    return next(place for place, passed in enumerate(accumulate(classes)) if 2 * passed >= sum(classes))


def _shown_late(classes: Sequence[int], late: int, counting: Counting) -> int | None:
    """How many were late, None where that, how many were not, or how many are done by now of those that were is too
    small: each is what is left without another."""
    is_small = any(0 < one < counting.smallest for one in (late, sum(classes) - late, late - classes[-1]))
    return None if is_small else late
