"""Agreeing to what a colleague asks for, or refusing it; what needs no more than that is done at once."""

from __future__ import annotations

from console.recusal_verbs import RecusalVerbs
from console.services import Services
from reports.officers import Officer
from reports.two_person import Act, TwoPeople


class SecondPersonVerbs:
    """Each opens one transaction and commits it, with its audit line. Each raises NotAllowed or NotConfirmed."""

    def __init__(self, services: Services, two_people: TwoPeople, recusals: RecusalVerbs) -> None:
        self._services, self._two_people, self._recusals = services, two_people, recusals

    def confirm(self, officer: Officer, request_id: str) -> None:
        """Agrees. A recusal is lifted with that; an export is then made by who asked for it."""
        with self._services.database.write() as connection:
            request = self._two_people.confirm(connection, officer, request_id)
            if request.act is Act.LIFT_RECUSAL:
                self._recusals.lift(connection, officer, request)
                self._two_people.finish(connection, request_id)

    def refuse(self, officer: Officer, request_id: str) -> None:
        """Refuses."""
        with self._services.database.write() as connection:
            self._two_people.refuse(connection, officer, request_id)
