"""The second factor: asked for after the password and wherever a fresh proof is wanted, and set up by its owner."""

from __future__ import annotations

from collections.abc import Callable

import segno
from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import NotFound

from console.access import Access, after_password, half_or_none, own_page, session_or_none
from console.services import Services
from reports.passkeys import answers, ask, ask_for_new, keep_new
from reports.second_factors import FACTOR, SecondFactors, end_recovery, new_secret, provisioning_address
from reports.sessions import OWN_PASSWORD, Session

_LONGEST_ANSWER = 20_000


class SecondFactorPages:
    """GET, POST /second-factor, POST /second-factor/passkey; GET /second-factor/new, POST …/new/code, …/new/passkey."""

    def __init__(self, services: Services, access: Access, factors: SecondFactors) -> None:
        self._database, self._sessions = services.database, services.sessions
        self._access, self._factors = access, factors

    def add_to(self, app: Flask) -> None:
        """Adds the pages. They are for whoever gave a password, and nobody else."""
        path = "/second-factor"
        app.add_url_rule(path, "second_factor", self.ask)
        app.add_url_rule(path, "give_code", self.give_code, methods=["POST"])
        app.add_url_rule(f"{path}/passkey", "give_passkey", self.give_passkey, methods=["POST"])
        app.add_url_rule(f"{path}/new", "new_factor", self.new)
        app.add_url_rule(f"{path}/new/code", "new_code", self.new_code, methods=["POST"])
        app.add_url_rule(f"{path}/new/passkey", "new_passkey", self.new_passkey, methods=["POST"])

    def ask(self) -> Response:
        """Asks for the second factor. ?next= is the page one came for."""
        session = _anybody()
        if session.waits_for and session.waits_for != FACTOR:
            return make_response(redirect(after_password(session, _wanted()), 303))
        return self._asked(session)

    def give_code(self) -> Response:
        """Takes six digits, or the code that two colleagues handed over."""
        session, code = _anybody(), request.form.get("code", "")[:40]
        return self._given(session, lambda connection: self._factors.takes(connection, session.officer.id, code))

    def give_passkey(self) -> Response:
        """Takes what a device signed."""
        session, answer = _anybody(), request.form.get("answer", "")[:_LONGEST_ANSWER]
        site = self._access.site()
        return self._given(session, lambda connection: "" if answers(connection, session, site, answer) else None)

    def new(self) -> Response:
        """What a new second factor is set up with: a picture for an app, or a button for a device."""
        refused = self._may_not_set_up()
        return refused or self._setting_up(_anybody(), new_secret())

    def new_code(self) -> Response:
        """Keeps the secret once the app gives its code."""
        refused, form = self._may_not_set_up(), request.form
        if refused:
            return refused
        session, secret = _anybody(), form.get("secret", "")[:80]

        def takes(connection: Connection) -> str | None:
            return "" if self._factors.add_code(connection, session.officer.id, secret, form.get("code", "")) else None

        return self._set_up(session, takes, secret)

    def new_passkey(self) -> Response:
        """Keeps the passkey that the browser made."""
        refused = self._may_not_set_up()
        if refused:
            return refused
        session, site = _anybody(), self._access.site()
        answer = request.form.get("answer", "")[:_LONGEST_ANSWER]

        def takes(connection: Connection) -> str | None:
            if not keep_new(connection, session, site, answer):
                return None
            end_recovery(connection, session.officer.id)
            return ""

        return self._set_up(session, takes, new_secret())

    def _may_not_set_up(self) -> Response | None:
        """Where whoever asks is to go instead: nobody adds a factor to somebody else's open session."""
        session = _anybody()
        if session.waits_for == FACTOR:
            return make_response(redirect(after_password(session, _wanted()), 303))
        if not session.waits_for and not self._access.is_fresh(session):
            return make_response(redirect(url_for("step_up", next=url_for("new_factor")), 303))
        return None

    def _given(self, session: Session, takes: Callable[[Connection], str | None]) -> Response:
        whole = self._sessions.give_factor(session, takes)
        if whole is None:
            return self._asked(session, status=403)
        response = make_response(redirect(after_password(whole, _wanted()), 303))
        self._access.set_cookie(response, whole.token)
        return response

    def _set_up(self, session: Session, takes: Callable[[Connection], str | None], secret: str) -> Response:
        whole = self._sessions.give_factor(session, takes)
        if whole is None:
            return self._setting_up(session, secret, status=422)
        wanted = _wanted() if session.waits_for else url_for("account")
        response = make_response(redirect(wanted, 303))
        self._access.set_cookie(response, whole.token)
        return response

    def _asked(self, session: Session, status: int = 200) -> Response:
        with self._database.write() as connection:
            question = ask(connection, session, self._access.site())
        page = render_template(
            "second_factor.html", half=session, question=question, wanted=_wanted(), refused=status != 200
        )
        return make_response(page, status)

    def _setting_up(self, session: Session, secret: str, status: int = 200) -> Response:
        with self._database.write() as connection:
            question = ask_for_new(connection, session, self._access.site())
        try:
            address = provisioning_address(secret, session.officer.name)
        except ValueError:
            # What came back is not what was given out: begin anew.
            secret = new_secret()
            address = provisioning_address(secret, session.officer.name)
        page = render_template(
            "new_factor.html",
            half=session,
            secret=secret,
            picture=segno.make(address).svg_data_uri(scale=4, border=2, dark="#000", light="#fff"),
            question=question,
            wanted=_wanted(),
            refused=status != 200,
        )
        return make_response(page, status)


def _anybody() -> Session:
    """Whoever gave a password of their own, whether or not more is wanted of them."""
    session = session_or_none() or half_or_none()
    if session is None or session.waits_for == OWN_PASSWORD:
        raise NotFound
    return session


def _wanted() -> str:
    return own_page(request.values.get("next", "/"))
