"""Figures as files: the tables of the pages, the times of hops and units, and the rows of the tables under the names
of two international standards.

A file holds what the pages show and nothing else: what is left out there is an empty cell here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.figure_sheets import SUM, TIMES, Row
from console.figures_reader import YearFigures
from console.hop_figures import HopFigures
from console.plan_lines_page import STRETCHES, EditionFigures
from reports.figures import MEASURES
from reports.unit_times import Times

_FILE = Path(__file__).resolve().parent / "standards.toml"
# No number of reports without how long they took: a share that rises because nobody looks is told by that.
_COLUMNS = (*MEASURES, "half_accepted_within_minutes", "half_closed_within_minutes")
Cells = Sequence[object]


@dataclass(frozen=True, kw_only=True)
class Export:
    """What goes into a file: the figures of a year, the lines of the edition of the Plan in force then, its hops with
    the slowest units of each, as of when in ISO 8601, and what a row is called in the language of whoever takes it."""

    year: YearFigures
    edition: EditionFigures
    hops: HopFigures
    as_of: str
    name: Callable[[str, str], str]


def all_tables(export: Export) -> Iterator[Cells]:
    """Every table of a year, one row after another, and the Plan line by line."""
    yield ("as_of", "period", "breakdown", "code", "name", *_COLUMNS)
    period = str(export.year.year)
    for breakdown, sheet in export.year.sheets.items():
        for row in sheet.rows:
            yield (export.as_of, period, breakdown, row.code, export.name(breakdown, row.code), *_numbers(row))
    whole = export.year.whole.sum
    yield (export.as_of, period, "whole", "", "", *_numbers(whole))
    for axis, corrected in export.year.axes.items():
        by_measure = {"corrected": corrected}
        yield (export.as_of, period, "axis", axis, axis, *(by_measure.get(one) for one in MEASURES), None, None)
    for line in export.edition.lines:
        for stretch in STRETCHES:
            numbers = [line.numbers[stretch][one] for one in MEASURES]
            period = f"{export.edition.edition.id}:{stretch}"
            yield (
                export.as_of,
                period,
                "line",
                line.measure_id,
                export.name("line", line.measure_id),
                *numbers,
                *(line.halves[stretch][time] for time in TIMES),
            )


def times(export: Export) -> Iterator[Cells]:
    """How long each hop took, and the slowest units at it in the order of the page.

    half_within names the class that half of them reach. Of all units together there are whole per cent alone: how many
    they are would tell of a unit that is too small to be named; and so it is of one unit where how many it had at this
    hop would tell, beside another hop, what lies between them.
    """
    classes = [*(f"within_{bound}_minutes" for bound in export.hops.bounds), "longer", "overdue_not_done"]
    head = ("as_of", "period", "breakdown", "hop", "code", "name", "half_within")
    yield (*head, "packets", *classes, *(f"percent_{one}" for one in classes), "percent_overdue")
    period = str(export.year.year)
    for hop, together in export.hops.together.items():
        row = (export.as_of, period, "hop", hop, hop, export.name("hop", hop))
        if together is None:
            yield (*row, *[None] * (2 * len(classes) + 3))
        else:
            yield (*row, classes[together.half], *[None] * (len(classes) + 1), *_per_cent(together, None))
        for unit in export.hops.units[hop]:
            row = (export.as_of, period, "unit", hop, unit.code, export.name("unit", unit.code))
            counts = [unit.number, *unit.classes] if unit.is_counted else [None] * (len(classes) + 1)
            yield (*row, classes[unit.half], *counts, *_per_cent(unit, 1 if unit.is_counted else None))


def htcds(export: Export) -> Iterator[Cells]:
    """Rows that the Human Trafficking Case Data Standard has a field and a value for."""
    standard = _standards()["htcds"]
    yield ("as_of", "year", "standard", "field", "value", "code", *_COLUMNS)
    for breakdown, field in standard["fields"].items():
        values: Mapping[str, str] = standard["values"].get(breakdown, {})
        for row in export.year.sheets[breakdown].rows:
            value = values.get(row.code, "" if breakdown in standard["values"] else export.name(breakdown, row.code))
            if value and row.code != SUM:
                head = (export.as_of, export.year.year, f"HTCDS {standard['version']}", field, value, row.code)
                yield (*head, *_numbers(row))


def ic_tip(export: Export) -> Iterator[Cells]:
    """Rows under the element of IC-TIP that they belong to."""
    yield ("as_of", "year", "standard", "element", "variable", "code", "name", *_COLUMNS)
    for breakdown, element in _standards()["ic_tip"]["elements"].items():
        for row in export.year.sheets[breakdown].rows:
            head = (export.as_of, export.year.year, "IC-TIP", element, breakdown, row.code)
            yield (*head, export.name(breakdown, row.code), *_numbers(row))


def _numbers(row: Row) -> Cells:
    return (*(row.numbers[one] for one in MEASURES), row.answered, row.ended)


def _per_cent(of: Times, digits: int | None) -> Cells:
    shares = [of.share(one) for one in (*of.classes, of.late)]
    return [None if share is None else round(share, digits) for share in shares]


def _standards() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


FILES: Mapping[str, Callable[[Export], Iterator[Cells]]] = {
    "csv": all_tables,
    "times": times,
    "htcds": htcds,
    "ic_tip": ic_tip,
}
