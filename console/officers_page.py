"""Who may sign in, and from how many places they are: ending sessions and access, and helping after a loss."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from console.access import Access, session_now
from console.services import Services
from reports.database import read_now
from reports.officers import Officer, Role
from reports.second_factors import SecondFactors
from reports.two_person import Act, TwoPeople


class OfficersPages:
    """GET /officers; under /officers/<officer_id>: POST /end_sessions, /disable and /recover."""

    def __init__(self, services: Services, factors: SecondFactors, two_people: TwoPeople) -> None:
        self._services, self._factors, self._two_people = services, factors, two_people

    def add_to(self, app: Flask, access: Access) -> None:
        """Adds the pages, for supervisors and administrators."""
        guard, path = access.requires(Role.SUPERVISOR, Role.ADMINISTRATOR), "/officers/<officer_id>"
        administrator = access.requires(Role.ADMINISTRATOR)
        app.add_url_rule("/officers", "officers", guard(self.list))
        app.add_url_rule(f"{path}/end_sessions", "end_sessions", guard(self.end_sessions), methods=["POST"])
        app.add_url_rule(
            f"{path}/disable", "disable_officer", administrator(access.fresh(self.disable)), methods=["POST"]
        )
        app.add_url_rule(f"{path}/recover", "recover", guard(access.fresh(self.recover)), methods=["POST"])

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
            sessions={one.id: self._services.officers.sessions_of(one.id) for one in everybody},
            grounds=self._two_people.rule(Act.RECOVER).reasons,
            now=now,
        )

    def end_sessions(self, officer_id: str) -> Response:
        """Signs an officer out everywhere."""
        officer = self._find(officer_id)
        self._services.officers.end_session(officer.id, "", session_now().officer.id)
        return make_response(redirect(url_for("officers"), 303))

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
