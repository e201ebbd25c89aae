"""The queue: what matters now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, render_template, request
from sqlalchemy import select
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.services import Services
from reports.database import database_now
from reports.queue_view import After, latest_findings, lead_packets, queue_page, state_counts
from reports.states import ReportState
from reports.stuck import stuck_count
from reports.values import Finding, Place, PlaceRole
from reports.withheld import due_again_count

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
        officer = session_now().officer
        with self._services.database.read() as connection:
            rows, following = queue_page(connection, states, _PER_PAGE, after, officer)
            ids = [row.report_id for row in rows]
            found = latest_findings(connection, ids)
            packets = lead_packets(connection, [row.report_id for row in rows if row.state is ReportState.REFERRED])
            numbers = state_counts(connection, officer)
            stuck, look_again = stuck_count(connection, officer), due_again_count(connection, officer)
            now = connection.execute(select(database_now())).scalar_one()
        return render_template(
            "queue.html",
            rows=rows,
            found=found,
            damaged={report_id for report_id, finding in found.items() if finding is None},
            places={report_id: main_place(finding) for report_id, finding in found.items() if finding is not None},
            packets=packets,
            stuck=stuck,
            look_again=look_again,
            now=now,
            following=str(following) if following else "",
            asked=asked,
            totals={state: sum(by.values()) for state, by in numbers.items()},
            by_urgency={
                urgency: sum(numbers[state].get(urgency, 0) for state in states)
                for urgency in sorted({urgency for by in numbers.values() for urgency in by}, key=lambda one: one.rank)
            },
            states=[state for state in ReportState if state is not ReportState.MERGED],
            paged=bool(after_text),
        )


def main_place(finding: Finding) -> Place | None:
    """Where it happens, else the first place that is told; None if none is."""
    places = finding.labels.places
    return next((one for one in places if one.role is PlaceRole.OCCURRENCE), places[0] if places else None)
