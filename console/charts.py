"""The measures of charts: how wide a bar is, where a line goes. What they show stands in the tables beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from console.figure_sheets import Row, Sheet
from console.tile_map import Tile, TileMap
from reports.figures import RECEIVED, REFUSED, REPORTED, SAFE, SOLVED, UNANSWERED

WIDTH, HEIGHT = 320, 120
# What became of what was reported, in this order.
ENDS = (SOLVED, SAFE, REFUSED, UNANSWERED)


@dataclass(frozen=True)
class Bar:
    """One bar: a row, and its width and that of its part, of WIDTH; the part is 0 where its number is left out."""

    row: Row
    width: float
    part: float


def bars(rows: Iterable[Row], whole: str, part: str, most: int) -> tuple[Bar, ...]:
    """The first rows whose number is shown, the longest as wide as there is room. The table tells of those left out."""
    chosen = [(row, number) for row in rows if (number := row.numbers[whole])][:most]
    longest = max((number for _, number in chosen), default=1)
    return tuple(Bar(row, _scaled(number, longest), _scaled(row.numbers[part] or 0, longest)) for row, number in chosen)


def _scaled(number: int, longest: int) -> float:
    return round(number / longest * WIDTH, 1)


@dataclass(frozen=True)
class Piece:
    """A piece of a bar that is cut by what became of reports: what, how many, from where and how wide, of WIDTH."""

    measure: str
    number: int
    start: float
    width: float


def pieces(row: Row) -> tuple[Piece, ...]:
    """What became of reports, one piece for each of ENDS that is shown; the rest of the bar is all the others."""
    whole = row.numbers[RECEIVED]
    found: list[Piece] = []
    for measure in ENDS:
        number = row.numbers[measure]
        if whole and number:
            start = found[-1].start + found[-1].width if found else 0.0
            found.append(Piece(measure, number, start, round(number / whole * WIDTH, 1)))
    return tuple(found)


@dataclass(frozen=True)
class Line:
    """A line over the months: its corners as `points` of SVG, in runs without a month that is left out."""

    measure: str
    runs: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Months:
    """Lines over the months of a year, and the number at the top of the scale."""

    lines: tuple[Line, ...]
    top: int


def months(sheet: Sheet, last: int = 12, measures: Sequence[str] = (RECEIVED, REPORTED, SOLVED)) -> Months:
    """The months of a year up to the last that has begun. One without a report is zero, one that is left out a gap."""
    by_month = {row.code: row.numbers for row in sheet.rows}
    top = _round_up(max((by[measure] or 0 for by in by_month.values() for measure in measures), default=0))
    return Months(tuple(_line(measure, by_month, top, last) for measure in measures), top)


def _line(measure: str, by_month: Mapping[str, Mapping[str, Any]], top: int, last: int) -> Line:
    dots: list[tuple[float, float]] = []
    runs: list[list[tuple[float, float]]] = [[]]
    for month in range(1, last + 1):
        number = by_month.get(f"{month:02d}", {}).get(measure, 0)
        if number is None:
            runs.append([])
            continue
        dot = (round((month - 0.5) * WIDTH / 12, 1), round(HEIGHT - number / top * HEIGHT, 1))
        runs[-1].append(dot)
        dots.append(dot)
    return Line(measure, tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1), tuple(dots))


def _round_up(number: int) -> int:
    """A round number at or above this one, for the top of a scale."""
    size = 10
    while size < number:
        size *= 10
    return next(one for one in (size // 10, size // 5, size // 4, size // 2, size) if one >= max(number, 1))


@dataclass(frozen=True)
class Shaded:
    """A tile of the map: a number, None where it is left out, and how dark it is, from 0 to 4."""

    tile: Tile
    number: int | None
    shade: int


def shaded(tile_map: TileMap, sheet: Sheet, measure: str) -> tuple[Shaded, ...]:
    """Every province with its number of reports."""
    by_code = {row.code: row.numbers[measure] for row in sheet.rows}
    most = max((number or 0 for code, number in by_code.items() if code.isdigit()), default=0)
    found = [(tile, by_code.get(tile.code, 0)) for tile in tile_map.tiles]
    return tuple(Shaded(tile, number, _shade(number, most)) for tile, number in found)


def _shade(number: int | None, most: int) -> int:
    return 0 if not number else min(4, 1 + 4 * number // (most + 1))
