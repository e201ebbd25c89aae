"""What colleagues ask a second person to agree to, and what became of one's own requests."""

from __future__ import annotations

from flask import Flask, Response, make_response, redirect, render_template, url_for
from sqlalchemy import Connection, select

from console.access import Access, session_now
from console.second_person_verbs import SecondPersonVerbs
from console.services import Services
from reports.database import read_now
from reports.officers import Role
from reports.recusals import visible_to
from reports.tables import reports
from reports.two_person import Act, TwoPeople, TwoPersonRequest

# The words with which a code or a password is shown to whoever hands it over.
_HAND_OVER = {
    Act.RECOVER: ("recovery", "recovery_about"),
    Act.ADD_OFFICER: ("first_password", "first_password_about"),
    Act.NEW_PASSWORD: ("first_password", "first_password_about"),
}
_ALL_BUT_UNITS = [role for role in Role if role is not Role.UNIT_OFFICER]


class SecondPersonPages:
    """GET /requests, POST /requests/<request_id>/confirm and /requests/<request_id>/refuse."""

    def __init__(self, services: Services, verbs: SecondPersonVerbs, two_people: TwoPeople) -> None:
        self._services, self._verbs, self._two_people = services, verbs, two_people

    def add_to(self, app: Flask, access: Access) -> None:
        """Adds the pages: agreeing wants a fresh proof of who agrees."""
        guard = access.requires(*_ALL_BUT_UNITS)
        path = "/requests/<request_id>"
        app.add_url_rule("/requests", "second_person", guard(self.list))
        app.add_url_rule(f"{path}/confirm", "confirm_request", guard(access.fresh(self.confirm)), methods=["POST"])
        app.add_url_rule(f"{path}/refuse", "refuse_request", guard(self.refuse), methods=["POST"])

    def list(self) -> str:
        """What waits for this officer's word, and their own requests."""
        officer = session_now().officer
        with self._services.database.read() as connection:
            waiting = self._two_people.waiting_for(connection, officer)
            own = self._two_people.asked_by(connection, officer)
            references = _references(connection, (*waiting, *own))
            now = read_now(connection)
        return render_template(
            "second_person.html",
            waiting=waiting,
            own=own,
            references=references,
            names={one.id: one.name for one in self._services.officers.list()},
            now=now,
        )

    def confirm(self, request_id: str) -> Response:
        """Agrees to a request. A code or a password to hand over is shown this once, to who agreed."""
        request, code = self._verbs.confirm(session_now().officer, request_id)
        if code:
            named = {one.id: one.name for one in self._services.officers.list()}
            name = named.get(request.about.removeprefix("officer:"), "")
            title, about = _HAND_OVER[request.act]
            return make_response(render_template("hand_over.html", code=code, name=name, title=title, about=about))
        return make_response(redirect(url_for("second_person"), 303))

    def refuse(self, request_id: str) -> Response:
        """Refuses a request."""
        self._verbs.refuse(session_now().officer, request_id)
        return make_response(redirect(url_for("second_person"), 303))


def _references(connection: Connection, requests: tuple[TwoPersonRequest, ...]) -> dict[str, str]:
    """The references of the reports that requests are about, where this officer may see them."""
    about = [one.about.removeprefix("report:") for one in requests if one.act is Act.LIFT_RECUSAL]
    query = select(reports.c.id, reports.c.reference).where(reports.c.id.in_(about), visible_to(session_now().officer))
    return {f"report:{row.id}": row.reference for row in connection.execute(query)}
