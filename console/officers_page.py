"""Who may sign in, as what and from where: adding, changing, ending, and helping after a loss."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from console.access import Access, session_now
from console.appointing import Appointing
from console.devices import Devices
from console.entered import BadForm, Entered, Fault
from console.services import Services
from console.unit_choice import UnitChoice
from reports.database import read_now
from reports.officers import Officer, OfficerError, Role
from reports.second_factors import SecondFactors
from reports.two_person import Act, TwoPeople

_AT_THE_DESK = "duty_desk"
_ADD, _CHANGE, _PASSWORD = "add_officer", "change_role", "new_password"  # noqa: S105 the names of forms
_FAULTS = {
    "name": Fault("name", "fault_officer_name"),
    "taken": Fault("name", "fault_officer_taken"),
    "known_as": Fault("known_as", "fault_officer_known_as"),
}


class OfficersPages:
    """GET /officers, GET and POST /officers/new, GET /officers/<officer_id>; under it POST /end_sessions, /disable,
    /recover, /change_role and /new_password."""

    def __init__(
        self,
        services: Services,
        factors: SecondFactors,
        two_people: TwoPeople,
        appointing: Appointing,
        units: UnitChoice,
        devices: Devices,
    ) -> None:
        self._services, self._factors, self._two_people = services, factors, two_people
        self._appointing, self._units, self._devices = appointing, units, devices

    def add_to(self, app: Flask, access: Access) -> None:
        """Adds the pages, for supervisors and administrators. What changes who may do what wants a fresh proof."""
        guard, path = access.requires(Role.SUPERVISOR, Role.ADMINISTRATOR), "/officers/<officer_id>"
        administrator = access.requires(Role.ADMINISTRATOR)

        def post(address: str, endpoint: str, view: Callable[..., Any]) -> None:
            app.add_url_rule(address, endpoint, view, methods=["POST"])

        app.add_url_rule("/officers", "officers", guard(self.list))
        # The form is shown after the proof, so that nobody has to type it twice.
        app.add_url_rule("/officers/new", "new_officer", guard(access.fresh(self.new)))
        post("/officers/new", "add_officer", guard(access.fresh(self.add)))
        app.add_url_rule(path, "officer", guard(self.show))
        post(f"{path}/end_sessions", "end_sessions", guard(self.end_sessions))
        post(f"{path}/disable", "disable_officer", administrator(access.fresh(self.disable)))
        post(f"{path}/recover", "recover", guard(access.fresh(self.recover)))
        post(f"{path}/change_role", "change_role", guard(access.fresh(self.change_role)))
        post(f"{path}/new_password", "new_password", guard(access.fresh(self.new_password)))

    def list(self) -> str:
        """Everybody, with their second factors and open sessions."""
        everybody = self._services.officers.list()
        with self._services.database.read() as connection:
            factors = {one.id: self._factors.of(connection, one.id) for one in everybody}
            now = read_now(connection)
        return render_template(
            "officers.html",
            officers=everybody,
            factors=factors,
            sessions={one.id: self._services.sessions.of(one.id) for one in everybody},
            now=now,
        )

    def show(self, officer_id: str) -> Response:
        """One officer: where they are signed in, and what may be done about it."""
        return self._page(self._find(officer_id), Entered(), 200)

    def new(self) -> Response:
        """The form for a new officer."""
        return self._form(Entered(), 200)

    def add(self) -> Response:
        """Asks a second person for a new officer."""
        form = request.form
        try:
            role, unit = self._role_and_unit()
            known_as = tuple(form.get("known_as", "")[:2000].splitlines())
            name = form.get("name", "")[:200]
            self._appointing.ask_to_add(session_now().officer, name, role, unit, known_as, form.get("ground", ""))
        except BadForm as fault:
            return self._form(self._entered(_ADD, *fault.faults), 422)
        except OfficerError as fault:
            return self._form(self._entered(_ADD, _FAULTS[fault.code]), 422)
        return make_response(redirect(url_for("second_person"), 303))

    def change_role(self, officer_id: str) -> Response:
        """Asks a second person to agree to another role or unit."""
        whom = self._find(officer_id)
        try:
            role, unit = self._role_and_unit()
            if (role, unit) == (whom.role, whom.unit):
                raise BadForm(Fault("role", "fault_officer_same"))
        except BadForm as fault:
            return self._page(whom, self._entered(_CHANGE, *fault.faults), 422)
        self._appointing.ask_to_change(session_now().officer, whom, role, unit, request.form.get("ground", ""))
        return make_response(redirect(url_for("second_person"), 303))

    def new_password(self, officer_id: str) -> Response:
        """Asks a second person to agree to a new password for somebody who forgot theirs."""
        whom = self._find(officer_id)
        self._appointing.ask_for_password(session_now().officer, whom, request.form.get("ground", ""))
        return make_response(redirect(url_for("second_person"), 303))

    def end_sessions(self, officer_id: str) -> Response:
        """Signs an officer out everywhere."""
        officer = self._find(officer_id)
        self._services.sessions.end(officer.id, "", session_now().officer.id)
        return make_response(redirect(url_for("officer", officer_id=officer.id), 303))

    def disable(self, officer_id: str) -> Response:
        """Ends an officer's access for good."""
        officer = self._find(officer_id)
        self._services.officers.disable(officer.name, session_now().officer.id)
        return make_response(redirect(url_for("officers"), 303))

    def recover(self, officer_id: str) -> Response:
        """Asks a second person to let an officer set up a new second factor."""
        officer, ground = self._find(officer_id), request.form.get("ground", "")
        with self._services.database.write() as connection:
            about = f"officer:{officer.id}"
            self._two_people.ask(connection, session_now().officer, Act.RECOVER, about, ground)
        return make_response(redirect(url_for("second_person"), 303))

    def _find(self, officer_id: str) -> Officer:
        """Somebody else who may sign in: nobody does these things to themselves."""
        for one in self._services.officers.list():
            if one.id == officer_id and one.active and one.id != session_now().officer.id:
                return one
        raise NotFound

    def _role_and_unit(self) -> tuple[Role, str]:
        """What was chosen: a unit's officer has a unit, all others sit at the desk. Raises BadForm."""
        form = request.form
        role = next((one for one in Role if one.value == form.get("role", "")), None)
        if role is None:
            raise BadForm(Fault("role", "fault_officer_role"))
        if role is not Role.UNIT_OFFICER:
            return role, _AT_THE_DESK
        return role, self._units.choose(form.get("kind", ""), form.get("area", "")).id

    @staticmethod
    def _entered(verb: str, *faults: Fault) -> Entered:
        return Entered(verb, {name: request.form.getlist(name) for name in request.form}, faults)

    def _form(self, entered: Entered, status: int) -> Response:
        grounds = self._two_people.rule(Act.ADD_OFFICER).reasons
        page = render_template(
            "new_officer.html", roles=list(Role), kinds=self._units.kinds, grounds=grounds, entered=entered
        )
        return make_response(page, status)

    def _page(self, officer: Officer, entered: Entered, status: int) -> Response:
        with self._services.database.read() as connection:
            factors, now = self._factors.of(connection, officer.id), read_now(connection)
        page = render_template(
            "officer.html",
            officer=officer,
            factors=factors,
            sessions=self._services.sessions.of(officer.id),
            devices=self._devices,
            roles=list(Role),
            kinds=self._units.kinds,
            grounds={act: self._two_people.rule(Act(act)).reasons for act in ("recover", _CHANGE, _PASSWORD)},
            entered=entered,
            now=now,
        )
        return make_response(page, status)
