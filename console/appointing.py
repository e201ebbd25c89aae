"""Who becomes an officer, as what, and by which password: asked for by one, done when another agrees."""

from __future__ import annotations

from sqlalchemy import Connection

from console.services import Services
from reports.identity import new_id
from reports.officers import NewOfficer, Officer, OfficerError, Role
from reports.passwords import HandedOver, invented_password
from reports.two_person import Act, NotConfirmed, TwoPeople, TwoPersonRequest

OF_OFFICERS = frozenset({Act.ADD_OFFICER, Act.CHANGE_ROLE, Act.NEW_PASSWORD})


class Appointing:
    """Each verb that asks opens one transaction and commits it; `do` is part of the one in which a second agrees."""

    def __init__(self, services: Services, two_people: TwoPeople) -> None:
        self._database, self._officers, self._two_people = services.database, services.officers, two_people

    def ask_to_add(
        self, officer: Officer, name: str, role: Role, unit: str, known_as: tuple[str, ...], why: str
    ) -> None:
        """Asks for a new officer. Raises OfficerError where the names cannot be theirs, and NotAllowed."""
        with self._database.write() as connection:
            name, names = self._officers.check(connection, _new(name, role, unit, known_as, invented_password()))
            detail = {"name": name, "role": role.value, "unit": unit, "known_as": names}
            self._two_people.ask(connection, officer, Act.ADD_OFFICER, f"officer:{new_id()}", why, detail)

    def ask_to_change(self, officer: Officer, whom: Officer, role: Role, unit: str, why: str) -> None:
        """Asks for another role or unit of an officer. Raises NotAllowed."""
        with self._database.write() as connection:
            detail = {"role": role.value, "unit": unit}
            self._two_people.ask(connection, officer, Act.CHANGE_ROLE, f"officer:{whom.id}", why, detail)

    def ask_for_password(self, officer: Officer, whom: Officer, why: str) -> None:
        """Asks for a new password of an officer who forgot theirs. Raises NotAllowed."""
        with self._database.write() as connection:
            self._two_people.ask(connection, officer, Act.NEW_PASSWORD, f"officer:{whom.id}", why)

    def do(self, connection: Connection, officer: Officer, request: TwoPersonRequest, ready: HandedOver) -> str:
        """Does what was asked for and agreed to. Returns the password to hand over, '' where there is none.

        ready is one that was invented before. Raises NotConfirmed where it cannot be done any more: the name was taken
        meanwhile, or the officer is gone.
        """
        whom, detail = request.about.removeprefix("officer:"), request.detail
        try:
            if request.act is Act.NEW_PASSWORD:
                self._officers.renew_password(connection, whom, ready.kept, officer.id)
                return ready.password
            role, unit = Role(detail["role"]), detail["unit"]
            if request.act is Act.CHANGE_ROLE:
                self._officers.change(connection, whom, role, unit, officer.id)
                return ""
            new = _new(detail["name"], role, unit, tuple(detail["known_as"].split("\n")), ready.password)
            self._officers.admit(connection, new, ready.kept, officer.id, whom)
            return ready.password
        except OfficerError:
            raise NotConfirmed("The name was taken meanwhile, or the officer is not there any more.") from None


def _new(name: str, role: Role, unit: str, known_as: tuple[str, ...], password: str) -> NewOfficer:
    return NewOfficer(name=name, role=role, unit=unit, password=password, known_as=known_as, handed_over=True)
