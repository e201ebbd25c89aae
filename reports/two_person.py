"""Acts that need two people: one officer asks, another confirms, and who asked may then do it once.

A request holds ids and codes, and of an officer to add the names. Everything happens inside the caller's transaction,
with its audit line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from config.access import AccessRules, TwoPeopleRule
from reports.audit import AuditChain, AuditEntry
from reports.database import Database, database_now
from reports.errors import ReportError
from reports.identity import new_id
from reports.officers import Officer
from reports.recusals import kept_from
from reports.tables import officers, two_person_requests

_HOUR, _MINUTE = 3_600_000, 60_000


class Act(StrEnum):
    """What needs two people."""

    EXPORT = "export"
    LIFT_RECUSAL = "lift_recusal"
    RECOVER = "recover"
    ADD_OFFICER = "add_officer"
    CHANGE_ROLE = "change_role"
    NEW_PASSWORD = "new_password"  # noqa: S105 the name of an act


class Step(StrEnum):
    """How far a request has come."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    USED = "used"


class NotAllowed(ReportError):
    """This officer may not ask for, confirm or do this act."""


class NotConfirmed(ReportError):
    """The act was not confirmed, was done already, or its time is over."""


@dataclass(frozen=True, kw_only=True)
class TwoPersonRequest:
    """What one officer asks another to confirm. about is "kind:id" and detail holds codes.

    ends_at is until when it may be confirmed, and once it was, done; is_over says that this time has passed.
    """

    request_id: str
    act: Act
    about: str
    reason: str
    detail: Mapping[str, str]
    step: Step
    asked_by: str
    asked_by_name: str
    asked_at: int
    ends_at: int
    decided_by: str | None
    is_over: bool


class TwoPeople:
    """Asks, confirms, refuses and uses up requests, by the rules of access.toml."""

    def __init__(self, database: Database, rules: AccessRules) -> None:
        self._chain, self._rules = AuditChain(database.engine), rules

    def rule(self, act: Act) -> TwoPeopleRule:
        """Who may ask for an act and who may confirm it."""
        return self._rules.two_people[act.value]

    def ask(
        self,
        connection: Connection,
        officer: Officer,
        act: Act,
        about: str,
        reason: str,
        detail: Mapping[str, str] | None = None,
    ) -> str:
        """Keeps a request and returns its id. Raises NotAllowed for a role or a reason that the act does not know."""
        rule = self.rule(act)
        if officer.role.value not in rule.asks or reason not in rule.reasons:
            raise NotAllowed("This act is asked for by others, or for other reasons.")
        request_id = new_id()
        connection.execute(
            insert(two_person_requests).values(
                id=request_id,
                act=act.value,
                about=about,
                reason=reason,
                detail=json.dumps(dict(detail or {}), sort_keys=True),
                state=Step.ASKED.value,
                asked_by=officer.id,
                asked_at=database_now(),
                ends_at=database_now() + rule.hours * _HOUR,
            )
        )
        self._note(connection, officer, "two_people_asked", about, act, reason)
        return request_id

    def confirm(self, connection: Connection, officer: Officer, request_id: str) -> TwoPersonRequest:
        """Confirms somebody else's request. Raises NotAllowed for one's own or for another role, and NotConfirmed."""
        return self._decide(connection, officer, request_id, Step.CONFIRMED)

    def refuse(self, connection: Connection, officer: Officer, request_id: str) -> TwoPersonRequest:
        """Refuses somebody else's request. Raises NotAllowed and NotConfirmed."""
        return self._decide(connection, officer, request_id, Step.REFUSED)

    def use(self, connection: Connection, officer: Officer, request_id: str, act: Act) -> TwoPersonRequest:
        """Uses up a confirmed request of this officer: an act that was confirmed once is done once.

        Raises NotConfirmed for any other.
        """
        done = connection.execute(
            update(two_person_requests)
            .where(
                two_person_requests.c.id == request_id,
                two_person_requests.c.act == act.value,
                two_person_requests.c.asked_by == officer.id,
                two_person_requests.c.state == Step.CONFIRMED.value,
                two_person_requests.c.ends_at > database_now(),
            )
            .values(state=Step.USED.value, used_at=database_now())
        ).rowcount
        if done == 0:
            raise NotConfirmed("Nobody confirmed this, it was done already, or its time is over.")
        request = self._find(connection, request_id)
        self._note(connection, officer, "two_people_used", request.about, act, request.reason)
        return request

    def finish(self, connection: Connection, request_id: str) -> None:
        """Marks a confirmed request as done where confirming it was the whole of it."""
        connection.execute(
            update(two_person_requests)
            .where(two_person_requests.c.id == request_id, two_person_requests.c.state == Step.CONFIRMED.value)
            .values(state=Step.USED.value, used_at=database_now())
        )

    def waiting_for(self, connection: Connection, officer: Officer) -> tuple[TwoPersonRequest, ...]:
        """What this officer may confirm, oldest first: nothing of their own, and nothing that is about themselves."""
        acts = [act.value for act in Act if officer.role.value in self.rule(act).confirms]
        query = _requests().where(
            two_person_requests.c.state == Step.ASKED.value,
            two_person_requests.c.act.in_(acts),
            two_person_requests.c.asked_by != officer.id,
            two_person_requests.c.about != f"officer:{officer.id}",
            two_person_requests.c.ends_at > database_now(),
        )
        found = (_request(row) for row in connection.execute(query.order_by(two_person_requests.c.asked_at)))
        kept = _kept_from(connection, officer)
        return tuple(one for one in found if not _concerns(one, officer) and one.about not in kept)

    def asked_by(self, connection: Connection, officer: Officer, most: int = 20) -> tuple[TwoPersonRequest, ...]:
        """The newest requests of this officer."""
        query = _requests().where(two_person_requests.c.asked_by == officer.id)
        rows = connection.execute(query.order_by(two_person_requests.c.asked_at.desc()).limit(most))
        return tuple(_request(row) for row in rows)

    def _decide(self, connection: Connection, officer: Officer, request_id: str, step: Step) -> TwoPersonRequest:
        request = self._find(connection, request_id)
        rule = self.rule(request.act)
        if officer.role.value not in rule.confirms or request.asked_by == officer.id or _concerns(request, officer):
            raise NotAllowed("Somebody else has to confirm this.")
        if request.about in _kept_from(connection, officer):
            # In the words for what is not there: of a report that they are kept from they learn nothing.
            raise NotConfirmed("There is no such request.")
        until = database_now() + rule.minutes * _MINUTE
        decided = connection.execute(
            update(two_person_requests)
            .where(
                two_person_requests.c.id == request_id,
                two_person_requests.c.state == Step.ASKED.value,
                two_person_requests.c.ends_at > database_now(),
            )
            .values(state=step.value, decided_by=officer.id, decided_at=database_now(), ends_at=until)
        ).rowcount
        if decided == 0:
            raise NotConfirmed("Somebody decided about this already, or its time is over.")
        self._note(connection, officer, f"two_people_{step.value}", request.about, request.act, request.reason)
        return self._find(connection, request_id)

    def _find(self, connection: Connection, request_id: str) -> TwoPersonRequest:
        row = connection.execute(_requests().where(two_person_requests.c.id == request_id)).first()
        if row is None:
            raise NotConfirmed("There is no such request.")
        return _request(row)

    def _note(self, connection: Connection, officer: Officer, action: str, about: str, act: Act, reason: str) -> None:
        detail = {"act": act.value, "ground": reason}
        self._chain.append(connection, [AuditEntry(officer.id, action, about, detail)])


def _concerns(request: TwoPersonRequest, officer: Officer) -> bool:
    """Whether the request is about this officer: nobody decides in their own matter."""
    return request.about == f"officer:{officer.id}" or request.detail.get("officer") == officer.id


def _kept_from(connection: Connection, officer: Officer) -> frozenset[str]:
    """What requests about the reports that an officer is kept from are about: they decide nothing there."""
    return frozenset(f"report:{report_id}" for report_id in connection.execute(kept_from(officer)).scalars())


def _requests() -> Any:
    over = (two_person_requests.c.ends_at <= database_now()).label("is_over")
    return select(two_person_requests, officers.c.name, over).join(
        officers, officers.c.id == two_person_requests.c.asked_by
    )


def _request(row: Any) -> TwoPersonRequest:
    return TwoPersonRequest(
        request_id=row.id,
        act=Act(row.act),
        about=row.about,
        reason=row.reason,
        detail=json.loads(row.detail),
        step=Step(row.state),
        asked_by=row.asked_by,
        asked_by_name=row.name,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        decided_by=row.decided_by,
        is_over=bool(row.is_over),
    )
