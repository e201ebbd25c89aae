"""The queue: what matters now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, render_template, request
from werkzeug.exceptions import BadRequest

from console.services import Services
from reports.queue_view import After, queue_page, state_counts
from reports.states import ReportState

_OPEN = (ReportState.RECEIVED, ReportState.IN_TRIAGE)
_PER_PAGE = 50


class QueuePage:
    """GET /queue."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the page behind its guard."""
        app.add_url_rule("/queue", "queue", guard(self.show))

    def show(self) -> str:
        """One page of the queue, with counts. ?state= one state, ?after= where the page begins."""
        asked = request.args.get("state", "")
        if asked and asked not in list(ReportState):
            raise BadRequest
        after_text = request.args.get("after", "")
        after = After.read(after_text) if after_text else None
        if after_text and after is None:
            raise BadRequest
        states = (ReportState(asked),) if asked else _OPEN
        with self._services.database.read() as connection:
            rows, following = queue_page(connection, states, _PER_PAGE, after)
            numbers = state_counts(connection)
        totals = {state: sum(found.values()) for state, found in numbers.items()}
        return render_template(
            "queue.html",
            rows=rows,
            following=str(following) if following else "",
            asked=asked,
            totals=totals,
            by_urgency=numbers[ReportState.IN_TRIAGE],
            states=[state for state in ReportState if state is not ReportState.MERGED],
            paged=bool(after_text),
        )
