"""How long each hop took all units of a year together, and which units were the slowest at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from console.figures_reader import FiguresReader
from reports.officers import Officer
from reports.unit_times import Times, all_together, hops_of, slowest

HOPS = ("desk", "delivery", "acceptance", "first_action", "feedback")
_MOST_UNITS = 20


@dataclass(frozen=True, kw_only=True)
class HopFigures:
    """together holds every hop, None where too few took it to say; units the slowest first, by hop that was asked for.

    bounds are those of the classes of Times, in minutes.
    """

    together: Mapping[str, Times | None]
    units: Mapping[str, tuple[Times, ...]]
    bounds: tuple[int, ...]


def hop_figures(
    connection: Connection, reader: FiguresReader, officer: Officer, year: int, of_units: Sequence[str]
) -> HopFigures:
    """The hops of a year as an officer may know them, by unit only those of of_units."""
    counting, not_counted = reader.counting, reader.hops_kept_from(connection, officer, year)
    numbers = hops_of(connection, [year])
    return HopFigures(
        together={hop: all_together(not_counted.left_of(hop, numbers.get(hop, {})), hop, counting) for hop in HOPS},
        units={
            hop: slowest(connection, year, hop, counting, _MOST_UNITS, not_counted.by_unit(hop)) for hop in of_units
        },
        bounds=tuple(counting.shown),
    )
