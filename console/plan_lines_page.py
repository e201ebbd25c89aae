"""The Plan line by line, for the evaluation of its first stage and of its whole time: every line, also with zero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from flask import Flask, render_template, request
from sqlalchemy import Connection

from config.figures import Counting
from console.access import session_now
from console.figure_sheets import TIMES, TOGETHER, WITHIN, By, all_of, figures_seen, half_within
from console.figures_reader import FiguresReader
from console.services import Services
from console.statistics_page import Guard
from reports.disclosure import Key, Table, left_out
from reports.figures import LINE, MEASURES, REPORTED, SOLVED
from reports.figures import WHOLE as ALL_REPORTS
from reports.officers import Officer
from routing.rulebook.plan import Edition, Plan

# The stretches of an edition: its first stage, what came after, and all of it.
STAGE, SINCE, WHOLE = "stage", "since", "whole"
STRETCHES = (STAGE, SINCE, WHOLE)
Numbers = Mapping[str, Mapping[str, int | None]]
Counters = Mapping[str, Counter[str]]


@dataclass(frozen=True, kw_only=True)
class LineFigures:
    """One line of the Plan: numbers by stretch and measure, None where one is left out; and for each of TIMES the
    minutes that half of them took at most, as in console.figure_sheets.Row."""

    measure_id: str
    is_heading: bool
    numbers: Numbers
    halves: Numbers

    def share(self, stretch: str) -> float | None:
        """What was solved in per cent of what was reported."""
        return _share(self.numbers[stretch])


@dataclass(frozen=True, kw_only=True)
class EditionFigures:
    """All lines of an edition. stage is the last year of its first stage, whole what all reports of its years come to
    as far as the pages of the years show them, halves how long half of these took."""

    edition: Edition
    stage: int
    whole: Numbers
    halves: Numbers
    lines: tuple[LineFigures, ...]

    def whole_share(self, stretch: str) -> float | None:
        """The same of all reports."""
        return _share(self.whole[stretch])


class PlanLinesPage:
    """GET /statistics/lines."""

    def __init__(self, services: Services, reader: FiguresReader) -> None:
        self._services, self._reader = services, reader

    def add_to(self, app: Flask, guard: Guard) -> None:
        """Adds the page behind its guard."""
        app.add_url_rule("/statistics/lines", "figures_lines", guard(self.show))

    def show(self) -> str:
        """Every line of an edition, ?stretch= to the end of its first stage or in all its time."""
        plan = self._services.rulebook.plan
        asked = request.args.get("edition", "")
        edition = next((one for one in plan.editions if one.id == asked), None)
        officer = session_now().officer
        with self._services.database.read() as connection:
            years = self._reader.years(connection, officer)
            edition = edition or plan.on(date(years[-1], 1, 1) if years else date.max)
            figures = edition_figures(connection, self._reader, officer, plan, edition)
            head = self._reader.head(connection)
        return render_template(
            "figures_lines.html",
            head=head,
            editions=plan.editions,
            figures=figures,
            stretch=STAGE if request.args.get("stretch") == STAGE else WHOLE,
            stretches=(STAGE, WHOLE),
            smallest=self._reader.counting.smallest,
        )


def edition_figures(
    connection: Connection, reader: FiguresReader, officer: Officer, plan: Plan, edition: Edition
) -> EditionFigures:
    """The figures of an edition as this officer may know them."""
    counting = reader.counting
    first, last = _years(edition)
    stage = counting.stages.get(edition.id, (first + last) // 2)
    years = {STAGE: range(first, stage + 1), SINCE: range(stage + 1, last + 1)}
    by = {s: figures_seen(connection, officer, list(of), [LINE, ALL_REPORTS]) for s, of in years.items()}
    counted = [year for year in reader.years(connection, officer) if first <= year <= last]
    sums = {year: reader.year(connection, officer, year).whole.sum for year in counted}
    of_stretch = {STAGE: [y for y in counted if y <= stage], SINCE: [y for y in counted if y > stage], WHOLE: counted}
    # What a longer time comes to is made of what the pages of its years show: it can tell nothing beyond them.
    whole = {s: {m: _sum([sums[y].numbers[m] for y in of]) for m in MEASURES} for s, of in of_stretch.items()}
    everything = _stretches(by, (ALL_REPORTS, ""))
    unsaid = {(s, time) for s, of in of_stretch.items() for time in TIMES if not any(sums[y].half(time) for y in of)}
    lines = [
        _line(measure.id, not measure.responsible, _stretches(by, (LINE, measure.id)), whole, counting)
        for measure in plan.measures.values()
        if measure.edition == edition.id
    ]
    halves = _halves(everything, unsaid, counting)
    return EditionFigures(edition=edition, stage=stage, whole=whole, halves=halves, lines=tuple(lines))


def _years(edition: Edition) -> tuple[int, int]:
    first, last = edition.period.valid_from, edition.period.valid_to
    return (first.year if first else 1980), (last.year if last else 9999)


def _share(numbers: Mapping[str, int | None]) -> float | None:
    solved, reported = numbers[SOLVED], numbers[REPORTED]
    return None if solved is None or not reported else 100 * solved / reported


def _sum(numbers: list[int | None]) -> int | None:
    return None if None in numbers else sum(number or 0 for number in numbers)


def _stretches(by: Mapping[str, By], key: tuple[str, str]) -> Counters:
    """What is counted under one code in each stretch."""
    stage, since = (by[stretch].get(key, Counter()) for stretch in (STAGE, SINCE))
    return {STAGE: stage, SINCE: since, WHOLE: stage + since}


def _halves(by: Counters, unsaid: Collection[Key], counting: Counting) -> Numbers:
    return {
        stretch: {time: None if (stretch, time) in unsaid else half_within(one, time, counting) for time in TIMES}
        for stretch, one in by.items()
    }


def _line(measure_id: str, is_heading: bool, by: Counters, whole: Numbers, counting: Counting) -> LineFigures:
    told = tuple(stretch for stretch in (STAGE, SINCE) if any(by[stretch].values()))
    # Where the other stretch has no report this one is the whole: there is one row to think over, beside zeros.
    row_of = {one: WHOLE if told == (one,) else one for one in STRETCHES}
    sums = {WHOLE: told} if len(told) > 1 else {}
    rows = {one: all_of(by[one]) for one in (*sums.get(WHOLE, ()), WHOLE)}
    table = Table(numbers=rows, sums=sums, within=WITHIN, together=TOGETHER, enough=TIMES)
    # All reports stand beneath the lines: what they have beyond one of these is read as easily as a row.
    small = frozenset(
        (row_of[stretch], name)
        for stretch in (*told, WHOLE)
        for name in MEASURES
        if 0 < (whole[stretch][name] or 0) - by[stretch][name] < counting.smallest
    )
    hidden = left_out(table, counting.smallest, small) if told else frozenset()
    left = {(one, name) for one in STRETCHES for name in (*MEASURES, *TIMES) if (row_of[one], name) in hidden}
    shown = {
        stretch: {name: None if (stretch, name) in left else counter[name] for name in MEASURES}
        for stretch, counter in by.items()
    }
    return LineFigures(measure_id=measure_id, is_heading=is_heading, numbers=shown, halves=_halves(by, left, counting))
