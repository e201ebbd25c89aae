"""The queue: what matters now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template, request
from sqlalchemy import Connection
from werkzeug.exceptions import BadRequest

from console.access import session_now
from console.queue_lines import QueueLine, queue_lines
from console.services import Services
from reports.browsing import unseen_alerts
from reports.database import read_now
from reports.desk_views import MOST_ALARMS, OPEN, DeskViews, Found, Narrowed, View
from reports.holding import holds_of
from reports.officers import Officer, Role
from reports.queue_view import After, latest_findings, lead_packets, queue_page, state_counts
from reports.states import ReportState
from reports.stuck import stuck_count
from reports.values import Channel, Urgency
from reports.withheld import due_again_count
from routing.areas import Level
from workers.read_with import lacks_sentences

_PER_PAGE = 40
_STATES = tuple(state for state in ReportState if state is not ReportState.MERGED)
_LANGUAGE = "language_"


@dataclass(frozen=True, kw_only=True)
class AskedFor:
    """What of the queue is asked for. state and view are None for everything that waits; at most one of them is set."""

    state: ReportState | None = None
    view: View | None = None
    narrowed: Narrowed = Narrowed()
    exercise: bool = False
    after: After | None = None

    @property
    def states(self) -> tuple[ReportState, ...]:
        """The states of the reports in it."""
        return OPEN if self.state is None else (self.state,)

    def address(self, after: After | None = None, **changes: Any) -> str:
        """The address of this list, or of one that differs by these fields, from its first page or a later one."""
        asked = replace(self, after=after, **changes)
        narrowed = asked.narrowed
        values = {
            "view": asked.view, "state": asked.state, "exercise": "1" if asked.exercise else "",
            "urgency": narrowed.urgency, "channel": narrowed.channel, "language": narrowed.language,
            "province": narrowed.province, "after": asked.after,
        }  # fmt: skip
        query = urlencode({name: str(value) for name, value in values.items() if value})
        return f"/queue?{query}" if query else "/queue"


class QueuePage:
    """GET /queue."""

    def __init__(self, services: Services, words: Mapping[str, Mapping[str, str]]) -> None:
        self._services = services
        areas = services.rulebook.areas
        self._provinces = tuple(area.code[:2] for area in areas.current() if area.level is Level.PROVINCE)
        self._languages = tuple(
            name.removeprefix(_LANGUAGE) for name in words["zh"] if name.startswith(_LANGUAGE)
        )  # fmt: skip

    def add_to(self, app: Flask, guard: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Adds the page behind its guard."""
        app.add_url_rule("/queue", "queue", guard(self.show))

    def show(self) -> str:
        """One page of the queue, with counts.

        ?view= a saved list or ?state= one state; ?urgency=, ?channel=, ?language= and ?province= narrow it; ?exercise=1
        shows what is played; ?after= is where the page begins.
        """
        asked = self._asked()
        officer = session_now().officer
        with self._services.database.read() as connection:
            views = DeskViews(connection, officer, exercise=asked.exercise)
            found = self._found(connection, views, asked, officer)
            numbers = state_counts(connection, officer, exercise=asked.exercise)
            shown = {
                "lines": _lines(connection, found),
                "views": views.counts(),
                "alarms": views.new_alarms() if not asked.exercise else (),
                "stuck": stuck_count(connection, officer),
                "look_again": due_again_count(connection, officer),
                "unseen": unseen_alerts(connection, officer) if officer.role is Role.SUPERVISOR else 0,
                "lacks_sentences": lacks_sentences(connection),
                "now": read_now(connection),
            }
        return render_template(
            "queue.html",
            **shown,
            asked=asked,
            nothing=Narrowed(),
            most_alarms=MOST_ALARMS,
            following=asked.address(found.following) if found.following else "",
            totals={state: sum(by.values()) for state, by in numbers.items()},
            by_urgency={urgency: sum(numbers[state].get(urgency, 0) for state in OPEN) for urgency in Urgency},
            states=_STATES,
            urgencies=tuple(Urgency),
            channels=tuple(Channel),
            languages=self._languages,
            provinces=self._provinces,
        )

    def _found(self, connection: Connection, views: DeskViews, asked: AskedFor, officer: Officer) -> Found:
        if asked.view is not None:
            return views.page(asked.view, asked.narrowed, _PER_PAGE, asked.after)
        only = asked.narrowed.conditions
        page = queue_page(
            connection, asked.states, _PER_PAGE, asked.after, officer, exercise=asked.exercise, only=only
        )  # fmt: skip
        return Found(*page)

    def _asked(self) -> AskedFor:
        """Raises BadRequest for what the page itself never asks for."""
        given = {name: value for name, value in request.args.items() if value}
        after = After.read(given["after"]) if "after" in given else None
        try:
            asked = AskedFor(
                state=ReportState(given["state"]) if "state" in given else None,
                view=View(given["view"]) if "view" in given else None,
                narrowed=Narrowed(
                    urgency=Urgency(given["urgency"]) if "urgency" in given else None,
                    channel=Channel(given["channel"]).value if "channel" in given else "",
                    language=_one_of(given.get("language", ""), self._languages),
                    province=_one_of(given.get("province", ""), self._provinces),
                ),
                exercise=_one_of(given.get("exercise", ""), ("1",)) == "1",
                after=after,
            )
        except ValueError:
            raise BadRequest from None
        if (asked.state and asked.view) or ("after" in given and after is None):
            raise BadRequest
        return asked


def _one_of(given: str, known: tuple[str, ...]) -> str:
    if given and given not in known:
        raise ValueError
    return given


def _lines(connection: Connection, found: Found) -> tuple[QueueLine, ...]:
    ids = [row.report_id for row in found.rows]
    packets = lead_packets(connection, [row.report_id for row in found.rows if row.state is ReportState.REFERRED])
    findings, holds = latest_findings(connection, ids), holds_of(connection, ids)
    return queue_lines(found.rows, findings, packets, found.silent, holds)
