"""Agreeing to what a colleague asks for, or refusing it; what needs no more than that is done at once."""

from __future__ import annotations

from sqlalchemy import Connection

from console.appointing import OF_OFFICERS, Appointing
from console.recusal_verbs import RecusalVerbs
from console.services import Services
from reports.errors import StaleVersion
from reports.officers import Officer
from reports.passwords import HandedOver
from reports.second_factors import SecondFactors
from reports.two_person import Act, NotConfirmed, TwoPeople, TwoPersonRequest


class SecondPersonVerbs:
    """Each opens one transaction and commits it, with its audit line. Each raises NotAllowed or NotConfirmed."""

    def __init__(
        self,
        services: Services,
        two_people: TwoPeople,
        recusals: RecusalVerbs,
        factors: SecondFactors,
        appointing: Appointing,
    ) -> None:
        self._services, self._two_people = services, two_people
        self._recusals, self._factors, self._appointing = recusals, factors, appointing

    def confirm(self, officer: Officer, request_id: str) -> tuple[TwoPersonRequest, str]:
        """Agrees, and returns the request. An export is then made by who asked for it; all else is done with that.

        Also returns the code or the password to hand over, after a loss and to a new officer; otherwise ''.
        """
        # Before it is known whether one is wanted: inventing it takes too long for a transaction.
        ready = self._services.officers.to_hand_over()
        with self._services.database.write() as connection:
            request = self._two_people.confirm(connection, officer, request_id)
            handed_over = self._do(connection, officer, request, ready)
            if request.act is not Act.EXPORT:
                self._two_people.finish(connection, request_id)
        return request, handed_over

    def _do(self, connection: Connection, officer: Officer, request: TwoPersonRequest, ready: HandedOver) -> str:
        if request.act is Act.LIFT_RECUSAL:
            self._lift(connection, officer, request)
        elif request.act is Act.RECOVER:
            return self._factors.recover(connection, request.about.removeprefix("officer:"))
        elif request.act in OF_OFFICERS:
            return self._appointing.do(connection, officer, request, ready)
        return ""

    def _lift(self, connection: Connection, officer: Officer, request: TwoPersonRequest) -> None:
        try:
            self._recusals.lift(connection, officer, request)
        except StaleVersion:
            raise NotConfirmed("What was asked for here was lifted meanwhile.") from None

    def refuse(self, officer: Officer, request_id: str) -> None:
        """Refuses."""
        with self._services.database.write() as connection:
            self._two_people.refuse(connection, officer, request_id)
