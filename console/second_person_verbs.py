"""Agreeing to what a colleague asks for, or refusing it; what needs no more than that is done at once."""

from __future__ import annotations

from sqlalchemy import Connection

from console.recusal_verbs import RecusalVerbs
from console.services import Services
from reports.errors import StaleVersion
from reports.officers import Officer
from reports.second_factors import SecondFactors
from reports.two_person import Act, NotConfirmed, TwoPeople, TwoPersonRequest


class SecondPersonVerbs:
    """Each opens one transaction and commits it, with its audit line. Each raises NotAllowed or NotConfirmed."""

    def __init__(
        self, services: Services, two_people: TwoPeople, recusals: RecusalVerbs, factors: SecondFactors
    ) -> None:
        self._services, self._two_people = services, two_people
        self._recusals, self._factors = recusals, factors

    def confirm(self, officer: Officer, request_id: str) -> tuple[TwoPersonRequest, str]:
        """Agrees, and returns the request. A recusal is lifted with that; an export is then made by who asked for it.

        After a loss, also returns the code to hand over; otherwise ''.
        """
        code = ""
        with self._services.database.write() as connection:
            request = self._two_people.confirm(connection, officer, request_id)
            if request.act is Act.LIFT_RECUSAL:
                self._lift(connection, officer, request)
            elif request.act is Act.RECOVER:
                code = self._factors.recover(connection, request.about.removeprefix("officer:"))
            if request.act is not Act.EXPORT:
                self._two_people.finish(connection, request_id)
        return request, code

    def _lift(self, connection: Connection, officer: Officer, request: TwoPersonRequest) -> None:
        try:
            self._recusals.lift(connection, officer, request)
        except StaleVersion:
            raise NotConfirmed("What was asked for here was lifted meanwhile.") from None

    def refuse(self, officer: Officer, request_id: str) -> None:
        """Refuses."""
        with self._services.database.write() as connection:
            self._two_people.refuse(connection, officer, request_id)
