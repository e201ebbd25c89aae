"""The roster of the duty desk: seen by everybody who sits there, kept by its supervisors, a line at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection, select

from console.access import session_now
from console.entered import BadForm, Entered, Fault
from console.services import Services
from reports.database import read_now
from reports.officers import AT_DESK
from reports.phone import normal_number
from reports.roster import NewShift, Overlaps, Part, Reach, add_shift, gaps, remove_shift, shifts_between
from reports.tables import officers
from routing.rulebook.addresses import MAIL, MOBILE
from routing.rulebook.tokens import CHINA_TIME

_DAY = 86_400_000
_SHOWN = 14 * _DAY
# Nobody sits at the desk for longer than this; whoever is on call or in charge may be for some weeks.
_LONGEST = {Part.ON_DUTY: _DAY, Part.ON_CALL: 31 * _DAY, Part.DEPUTY: 31 * _DAY}
_FURTHEST = 366 * _DAY
_MOMENT = "%Y-%m-%dT%H:%M"
_ADD = "add_shift"
Guard = Callable[[Callable[..., Any]], Callable[..., Any]]


class RosterPages:
    """GET /roster, POST /roster/add, POST /roster/<shift_id>/remove."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def add_to(self, app: Flask, guard: Guard, keeper: Guard) -> None:
        """Adds the pages behind their guards: whoever sits at the desk sees it, its supervisors keep it."""
        app.add_url_rule("/roster", "roster", guard(self.show))
        app.add_url_rule("/roster/add", "roster_add", keeper(self.add), methods=["POST"])
        app.add_url_rule("/roster/<shift_id>/remove", "roster_remove", keeper(self.remove), methods=["POST"])

    def show(self) -> Response:
        """The next two weeks, and when nobody is there."""
        return self._page(Entered(), 200)

    def add(self) -> Response:
        """Puts a line on the roster; where it cannot be, shows the page with what was typed and what was wrong."""
        form, officer = request.form, session_now().officer
        try:
            with self._services.database.write() as connection:
                new = self._read(connection, form)
                add_shift(self._services.store.chain, connection, self._services.keys, new, officer.id)
        except BadForm as fault:
            return self._refused(*fault.faults)
        except Overlaps:
            return self._refused(Fault("officer", "fault_overlaps"))
        return make_response(redirect(url_for("roster"), 303))

    def remove(self, shift_id: str) -> Response:
        """Takes a line away; one that a colleague took away before is away all the same."""
        with self._services.database.write() as connection:
            remove_shift(self._services.store.chain, connection, shift_id, session_now().officer.id)
        return make_response(redirect(url_for("roster"), 303))

    def _read(self, connection: Connection, form: Mapping[str, str]) -> NewShift:
        """What was typed as a line. Raises BadForm with everything that is wrong with it."""
        people, now = _people(connection), read_now(connection)
        faults: list[Fault] = []
        officer_id = form.get("officer", "")
        if officer_id not in people:
            faults.append(Fault("officer", "fault_officer"))
        part = next((one for one in Part if one.value == form.get("part", "")), None)
        if part is None:
            faults.append(Fault("part", "fault_part"))
        starts_at = _moment(form.get("starts", ""), "starts", faults)
        ends_at = _moment(form.get("ends", ""), "ends", faults)
        reach = _reach(form.get("sms", ""), form.get("mail", ""), faults)
        if not faults and part is not None:
            faults += _span_faults(part, starts_at, ends_at, now)
        if faults or part is None:
            raise BadForm(*faults)
        return NewShift(officer_id=officer_id, part=part, starts_at=starts_at, ends_at=ends_at, reach=reach)

    def _refused(self, *faults: Fault) -> Response:
        typed = {name: request.form.getlist(name) for name in request.form}
        return self._page(Entered(_ADD, typed, faults), 422)

    def _page(self, entered: Entered, status: int) -> Response:
        with self._services.database.read() as connection:
            now = read_now(connection)
            lines, people = shifts_between(connection, now, now + _SHOWN), _people(connection)
        page = render_template(
            "roster.html",
            lines=lines,
            people=people,
            parts_of_shift=list(Part),
            gaps={part: gaps([one for one in lines if one.part is part], now, now + _SHOWN) for part in Part},
            entered=entered,
            now=now,
        )
        return make_response(page, status)


def _people(connection: Connection) -> dict[str, str]:
    """Who may be on the roster: whoever sits at the desk and may sign in. Names by id."""
    rows = connection.execute(
        select(officers.c.id, officers.c.name)
        .where(officers.c.active, officers.c.role.in_([role.value for role in AT_DESK]))
        .order_by(officers.c.name)
    )
    return {row.id: row.name for row in rows}


def _moment(typed: str, about: str, faults: list[Fault]) -> int:
    """A time in China as a browser writes it, 2026-03-01T09:00, in milliseconds; 0 with a fault for anything else."""
    try:
        read = datetime.strptime(typed.strip().replace(" ", "T")[:16], _MOMENT).replace(tzinfo=CHINA_TIME)
    except ValueError:
        faults.append(Fault(about, "fault_moment", {"typed": typed.strip()[:40]}))
        return 0
    return int(read.timestamp() * 1000)


def _reach(sms: str, mail: str, faults: list[Fault]) -> Reach:
    number = normal_number(sms) if sms.strip() else ""
    if sms.strip() and not re.fullmatch(MOBILE, number):
        faults.append(Fault("sms", "fault_sms"))
    if mail.strip() and not re.fullmatch(MAIL, mail.strip()):
        faults.append(Fault("mail", "fault_mail"))
    return Reach(sms=number, mail=mail.strip())


def _span_faults(part: Part, starts_at: int, ends_at: int, now: int) -> list[Fault]:
    if ends_at <= starts_at:
        return [Fault("ends", "fault_ends_first")]
    if ends_at <= now:
        return [Fault("ends", "fault_over")]
    if starts_at > now + _FURTHEST:
        return [Fault("starts", "fault_far")]
    if ends_at - starts_at > _LONGEST[part]:
        return [Fault("ends", "fault_long", {"days": str(_LONGEST[part] // _DAY)})]
    return []
