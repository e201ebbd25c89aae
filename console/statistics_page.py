"""Figures for people: those of a year for the evaluation of the Plan, and where reports stand now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, render_template, request
from sqlalchemy import Connection, select

from console import charts, figures_now
from console.access import session_now
from console.display import months_begun
from console.figures_reader import FiguresReader
from console.hop_figures import HOPS, hop_figures
from console.hop_times import hop_times
from console.services import Services
from console.tile_map import TileMap
from reports.correspondence import helped_counts
from reports.database import database_now
from reports.figures import MEASURES, RECEIVED, SOLVED, Head
from reports.officers import AT_DESK
from reports.queue_view import state_counts

_MOST_BARS = 12
_EVERY_NUMBER = 1
Guard = Callable[[Callable[..., Any]], Callable[..., Any]]


class StatisticsPages:
    """GET /statistics and, below it, places, machine, units and now."""

    def __init__(self, services: Services, reader: FiguresReader) -> None:
        self._services, self._reader, self._tile_map = services, reader, TileMap.load()

    def add_to(self, app: Flask, guard: Guard) -> None:
        """Adds the pages behind their guard."""
        app.add_url_rule("/statistics", "statistics", guard(self.show))
        app.add_url_rule("/statistics/places", "figures_places", guard(self.places))
        app.add_url_rule("/statistics/machine", "figures_machine", guard(self.machine))
        app.add_url_rule("/statistics/units", "figures_units", guard(self.units))
        app.add_url_rule("/statistics/now", "figures_now", guard(self.now))

    def show(self) -> str:
        """What was reported in a year and what became of it, by month, matter and whom it is about."""
        with self._services.database.read() as connection:
            about = self._about(connection)
            year = self._reader.year(connection, session_now().officer, about["year"])
        matters = year.sheets["matter"]
        return render_template(
            "statistics.html",
            **about,
            whole=year.whole.sum,
            pieces=charts.pieces(year.whole.sum),
            months=charts.months(year.whole, months_begun(about["year"], about["head"].as_of)),
            sheets=year.sheets,
            bars=charts.bars(matters.rows, RECEIVED, SOLVED, _MOST_BARS),
            measures=MEASURES,
        )

    def places(self) -> str:
        """The same by province, language and channel."""
        with self._services.database.read() as connection:
            about = self._about(connection)
            year = self._reader.year(connection, session_now().officer, about["year"])
        return render_template(
            "figures_places.html",
            **about,
            sheets=year.sheets,
            tile_map=self._tile_map,
            tiles=charts.shaded(self._tile_map, year.sheets["province"], RECEIVED),
        )

    def machine(self) -> str:
        """How often officers changed what the machine had found."""
        with self._services.database.read() as connection:
            about = self._about(connection)
            year = self._reader.year(connection, session_now().officer, about["year"])
        return render_template(
            "figures_machine.html", **about, sheets=year.sheets, whole=year.whole.sum, axes=year.axes
        )

    def units(self) -> str:
        """How long each hop takes, and which units are the slowest at one of them."""
        hop = request.args.get("hop", "")
        hop = hop if hop in HOPS else "acceptance"
        with self._services.database.read() as connection:
            about = self._about(connection)
            found = hop_figures(connection, self._reader, session_now().officer, about["year"], [hop])
        return render_template(
            "figures_units.html", **about, hop=hop, hops=found.together, units=found.units[hop], bounds=found.bounds
        )

    def now(self) -> str:
        """Counts by state with their sum, for the desk by urgency too; the hops of the last hour; whether it helped."""
        officer = session_now().officer
        is_at_desk = officer.role in AT_DESK
        smallest = _EVERY_NUMBER if is_at_desk else self._reader.counting.smallest
        with self._services.database.read() as connection:
            now = connection.execute(select(database_now())).scalar_one()
            numbers = figures_now.standing(state_counts(connection, officer), smallest, by_urgency=is_at_desk)
            hops = figures_now.hops(hop_times(connection, officer), smallest)
            helped = figures_now.helped(helped_counts(connection, officer), smallest)
        return render_template(
            "figures_now.html",
            now=now,
            helped=helped,
            numbers=numbers,
            hops=hops,
            is_at_desk=is_at_desk,
            smallest=smallest,
        )

    def _about(self, connection: Connection) -> dict[str, Any]:
        """What every page says: the year asked for, else the newest, the others, and as of when."""
        years = self._reader.years(connection, session_now().officer)
        head: Head = self._reader.head(connection)
        asked = request.args.get("year", "")
        newest = years[-1] if years else 0
        year = int(asked) if asked.isdecimal() and len(asked) == 4 and int(asked) in years else newest
        return {"year": year, "years": years, "head": head, "smallest": self._reader.counting.smallest}
