"""One's own sign-in: second factors and open sessions."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, render_template, request, url_for

from console.access import Access, session_now
from console.devices import Devices
from console.services import Services
from reports.audit import AuditEntry
from reports.database import read_now
from reports.officers import Role
from reports.second_factors import SecondFactors


class AccountPages:
    """GET /account, POST /account/end_session, POST /account/remove_factor."""

    def __init__(self, services: Services, access: Access, factors: SecondFactors, devices: Devices) -> None:
        self._services, self._access = services, access
        self._factors, self._devices = factors, devices

    def add_to(self, app: Flask) -> None:
        """Adds the pages. What takes a protection away wants a fresh proof."""
        guard = self._access.requires(*Role)
        fresh = self._access.fresh
        app.add_url_rule("/account", "account", guard(self.show))
        app.add_url_rule("/account/end_session", "end_session", guard(self.end_session), methods=["POST"])
        app.add_url_rule("/account/remove_factor", "remove_factor", guard(fresh(self.remove)), methods=["POST"])

    def show(self) -> Response:
        """The factors and the sessions."""
        return self._page()

    def end_session(self) -> Response:
        """Ends one of one's own sessions, or all of them, this one too."""
        officer_id = session_now().officer.id
        self._services.sessions.end(officer_id, request.form.get("session", "")[:16], officer_id)
        return make_response(redirect(url_for("account"), 303))

    def remove(self) -> Response:
        """Takes a second factor away; the last one stays where one is required."""
        officer_id, factor_id = session_now().officer.id, request.form.get("factor", "")
        with self._services.database.write() as connection:
            have = self._factors.of(connection, officer_id)
            if self._services.settings.second_factor and len(have) < 2:
                return self._page(status=422)
            if self._factors.remove(connection, officer_id, factor_id):
                entry = AuditEntry(officer_id, "factor_removed", f"officer:{officer_id}", {})
                self._services.store.chain.append(connection, [entry])
        return make_response(redirect(url_for("account"), 303))

    def _page(self, status: int = 200) -> Response:
        sessions, officer = self._services.sessions, session_now().officer
        with self._services.database.read() as connection:
            factors, now = self._factors.of(connection, officer.id), read_now(connection)
        page = render_template(
            "account.html",
            factors=factors,
            sessions=sessions.of(officer.id),
            this_one=sessions.name_of(session_now()),
            devices=self._devices,
            now=now,
            password_changed=request.args.get("changed") == "password",
            is_last=status != 200,
        )
        return make_response(page, status)
