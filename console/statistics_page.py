"""Figures for people: how many reports stand where, and how long each hop takes. Nothing about a single report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, render_template
from sqlalchemy import select

from console.access import session_now
from console.hop_times import hop_times, quantile
from console.services import Services
from reports.correspondence import helped_counts
from reports.database import database_now
from reports.queue_view import state_counts
from reports.values import Urgency


class StatisticsPage:
    """GET /statistics."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the page behind its guard."""
        app.add_url_rule("/statistics", "statistics", guard(self.show))

    def show(self) -> str:
        """Counts by state and urgency with their sums, the hops of the last hour, and whether it helped."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            now = connection.execute(select(database_now())).scalar_one()
            numbers = state_counts(connection, officer)
            hops = hop_times(connection, officer)
            helped = helped_counts(connection, officer)
        return render_template(
            "statistics.html",
            now=now,
            helped=helped,
            numbers=numbers,
            urgencies=list(Urgency),
            sums={urgency: sum(by.get(urgency, 0) for by in numbers.values()) for urgency in Urgency},
            hops={hop: (len(times), quantile(times, 0.5), quantile(times, 0.95)) for hop, times in hops.items()},
        )
