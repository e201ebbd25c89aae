"""Signing in and out, the language, and proving once more who one is before what needs a fresh proof."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, render_template, request, url_for

from console.access import (
    Access,
    after_password,
    half_or_none,
    language_now,
    own_page,
    session_now,
    session_or_none,
)
from console.devices import Devices
from console.services import Services
from reports.officers import Role
from reports.passwords import LONGEST_PASSWORD
from reports.second_factors import SecondFactors


class SignInPages:
    """GET and POST /sign-in, POST /sign-out, POST /language, GET and POST /step-up."""

    def __init__(self, services: Services, access: Access, factors: SecondFactors, devices: Devices) -> None:
        self._database, self._sessions = services.database, services.sessions
        self._access, self._factors, self._devices = access, factors, devices
        self._wants_factor = services.settings.second_factor

    def add_to(self, app: Flask) -> None:
        """Adds the pages; each guards itself."""
        signed_in = self._access.requires(*Role)
        app.add_url_rule("/sign-in", "sign_in", self.sign_in, methods=["GET", "POST"])
        app.add_url_rule("/sign-out", "sign_out", self.sign_out, methods=["POST"])
        app.add_url_rule("/language", "language", signed_in(self.language), methods=["POST"])
        app.add_url_rule("/step-up", "step_up", signed_in(self.ask_again))
        app.add_url_rule("/step-up", "prove", signed_in(self.prove), methods=["POST"])

    def sign_in(self) -> Response:
        """The form, and what a name and a password lead to: the page one came for."""
        wanted = own_page(request.values.get("next", "/"))
        if request.method == "GET":
            if session_or_none() is not None:
                return make_response(redirect(wanted, 303))
            ended = request.args.get("ended") == "1"
            return make_response(render_template("sign_in.html", refused=False, ended=ended, wanted=wanted))
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        session = self._sessions.sign_in(
            name[:80],
            password[:LONGEST_PASSWORD],
            language_now(),
            wants_factor=self._wants_factor,
            device=self._devices.kind_of(request.headers.get("User-Agent", "")),
        )
        if session is None:
            return make_response(
                render_template("sign_in.html", refused=True, name=name[:80], ended=False, wanted=wanted), 403
            )
        # Whatever cookie the browser came with, from here on it has another one.
        response = make_response(redirect(after_password(session, wanted), 303))
        self._access.set_cookie(response, session.token)
        return response

    def sign_out(self) -> Response:
        """Ends the session, wherever it stands."""
        session = session_or_none() or half_or_none()
        if session is not None:
            self._sessions.sign_out(session)
        response = make_response(redirect(url_for("sign_in"), 303))
        self._access.clear_cookie(response)
        return response

    def language(self) -> Response:
        """Changes the language of the session and goes back to the page one was on."""
        session = session_now()
        self._sessions.set_language(session.token, "en" if session.language == "zh" else "zh")
        return make_response(redirect(own_page(request.form.get("back", "/")), 303))

    def ask_again(self) -> Response:
        """Asks who is there once more, by the second factor of whoever has one. ?next= is where they go on."""
        wanted = own_page(request.args.get("next", "/"))
        if self._has_factor():
            return make_response(redirect(url_for("second_factor", next=wanted), 303))
        return make_response(render_template("step_up.html", refused=False, wanted=wanted))

    def prove(self) -> Response:
        """Takes the proof and goes on to the page that wanted it."""
        wanted, session = own_page(request.form.get("next", "/")), session_now()
        if self._has_factor():
            # A password that somebody else knows is what the second factor is there for.
            return make_response(redirect(url_for("second_factor", next=wanted), 303))
        if not self._sessions.prove(session, request.form.get("password", "")[:LONGEST_PASSWORD]):
            return make_response(render_template("step_up.html", refused=True, wanted=wanted), 403)
        return make_response(redirect(wanted, 303))

    def _has_factor(self) -> bool:
        with self._database.read() as connection:
            return bool(self._factors.of(connection, session_now().officer.id))
