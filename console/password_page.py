"""A password of one's own: instead of one that was handed over, and whenever its owner wants another."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from console.access import Access, after_password, half_or_none, own_page, session_now
from console.entered import Entered, Fault
from console.services import Services
from reports.officers import Role
from reports.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD, password_fault
from reports.sessions import OWN_PASSWORD, Session

_CHOOSE, _CHANGE = "own_password", "password"
_LENGTHS = {"least": str(SHORTEST_PASSWORD), "most": str(LONGEST_PASSWORD)}
_WRONG = {
    "short": Fault("new", "fault_password_short", _LENGTHS),
    "long": Fault("new", "fault_password_long", _LENGTHS),
}


class PasswordPages:
    """GET and POST /own-password for whoever was handed one; GET and POST /account/password for everybody else."""

    def __init__(self, services: Services, access: Access) -> None:
        self._sessions, self._access = services.sessions, access
        self._wants_factor = services.settings.second_factor

    def add_to(self, app: Flask) -> None:
        """Adds the pages. Somebody else's open session is not enough to change a password."""
        guard, fresh = self._access.requires(*Role), self._access.fresh
        app.add_url_rule("/own-password", "own_password", self.ask)
        app.add_url_rule("/own-password", "choose_password", self.choose, methods=["POST"])
        app.add_url_rule("/account/password", "password", guard(fresh(self.show)))
        app.add_url_rule("/account/password", "change_password", guard(fresh(self.change)), methods=["POST"])

    def ask(self) -> Response:
        """Asks whoever came with a password that somebody else has seen for one of their own."""
        return self._asked(_waiting(), ())

    def choose(self) -> Response:
        """Keeps it and goes on signing in. ?next= is the page they came for."""
        session, faults = _waiting(), _faults()
        if faults:
            return self._asked(session, faults)
        whole = self._sessions.choose_password(session, request.form["new"], wants_factor=self._wants_factor)
        if whole is None:
            return self._asked(session, (Fault("new", "fault_password_same"),))
        response = make_response(redirect(after_password(whole, _wanted()), 303))
        self._access.set_cookie(response, whole.token)
        return response

    def show(self) -> Response:
        """The form for another password."""
        return self._page(_CHANGE, session_now(), ())

    def change(self) -> Response:
        """Keeps another password and ends every other session of this officer."""
        session, form, faults = session_now(), request.form, _faults()
        current = form.get("current", "")[:LONGEST_PASSWORD]
        if not faults and form["new"] == current:
            faults = (Fault("new", "fault_password_same"),)
        if not faults and not self._sessions.change_password(session, current, form["new"]):
            faults = (Fault("current", "fault_password_wrong"),)
        if faults:
            return self._page(_CHANGE, session, faults)
        return make_response(redirect(url_for("account", changed="password"), 303))

    def _asked(self, session: Session, faults: tuple[Fault, ...]) -> Response:
        return self._page(_CHOOSE, session, faults)

    @staticmethod
    def _page(verb: str, session: Session, faults: tuple[Fault, ...]) -> Response:
        # What was typed is not sent back: a password is on no page.
        page = render_template(f"{verb}.html", half=session, entered=Entered(verb, {}, faults), wanted=_wanted())
        return make_response(page, 422 if faults else 200)


def _waiting() -> Session:
    session = half_or_none()
    if session is None or session.waits_for != OWN_PASSWORD:
        raise NotFound
    return session


def _faults() -> tuple[Fault, ...]:
    """What is wrong with the two fields for a new password."""
    new = request.form.get("new", "")
    if wrong := password_fault(new):
        return (_WRONG[wrong],)
    return () if request.form.get("again", "") == new else (Fault("again", "fault_password_again"),)


def _wanted() -> str:
    return own_page(request.values.get("next", "/"))
