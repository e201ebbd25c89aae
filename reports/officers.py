"""Who may sign in, as what and by which password."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import Connection, Row, delete, insert, select, update

from reports.audit import AuditChain, AuditEntry
from reports.content import keepable
from reports.database import Database, database_now
from reports.errors import ReportError
from reports.identity import new_id
from reports.passwords import SHORTEST_PASSWORD, HandedOver, Passwords, invented_password, password_fault
from reports.tables import officers, sessions


class Role(StrEnum):
    """What an officer may do.

    Duty officers and supervisors see every report that they are not kept from; a reviewer only recused cases, a unit
    officer only what went to their unit. A privacy officer sees who looked at what, an administrator who may sign in:
    neither sees content.
    """

    DUTY_OFFICER = "duty_officer"
    UNIT_OFFICER = "unit_officer"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"


# Who sits at the duty desk, before every report.
AT_DESK = frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR})


class OfficerError(ReportError):
    """An officer cannot be added or changed like this. code says why, for whoever has words of their own for it."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class NewOfficer:
    """An officer to add. unit is a unit's id; for those at the duty desk it is "duty_desk".

    known_as are names by which reporters may know them: what says one is kept from them. handed_over says that somebody
    else has seen the password: at the first sign-in its owner chooses another.
    """

    name: str
    role: Role
    unit: str
    password: str
    known_as: tuple[str, ...] = ()
    handed_over: bool = False


@dataclass(frozen=True, kw_only=True)
class Officer:
    """Somebody who may sign in."""

    id: str
    name: str
    role: Role
    unit: str
    active: bool


class Officers:
    """Adds, changes and ends officers. Every step is in the audit chain."""

    def __init__(self, database: Database, hasher: PasswordHasher | None = None) -> None:
        """hasher is how hard a password is to guess; the library's own choice unless another is given."""
        self._database = database
        self._chain = AuditChain(database.engine)
        self._passwords = Passwords(hasher)

    def add(self, new: NewOfficer, actor: str) -> Officer:
        """Adds an officer. Raises OfficerError for a name that is taken or a short password."""
        kept = self._passwords.kept(new.password)
        with self._database.write() as connection:
            return self.admit(connection, new, kept, actor)

    def to_hand_over(self) -> HandedOver:
        """A password that was invented for somebody else. It takes long: outside of any transaction."""
        password = invented_password()
        return HandedOver(password, self._passwords.kept(password))

    def admit(self, connection: Connection, new: NewOfficer, kept: str, actor: str, officer_id: str = "") -> Officer:
        """Adds an officer inside the caller's transaction, under an id that was given out before, if it was.

        kept is what is kept of the password. Raises OfficerError as `add` does.
        """
        name, known_as = self.check(connection, new)
        officer = Officer(id=officer_id or new_id(), name=name, role=new.role, unit=new.unit, active=True)
        connection.execute(
            insert(officers).values(
                id=officer.id,
                name=name,
                role=officer.role.value,
                unit=officer.unit,
                active=True,
                password_hash=kept,
                handed_over=int(new.handed_over),
                created_at=database_now(),
                known_as=known_as,
            )
        )
        detail = {"role": officer.role.value, "unit": officer.unit}
        self._chain.append(connection, [AuditEntry(actor, "officer_added", f"officer:{officer.id}", detail)])
        return officer

    @staticmethod
    def check(connection: Connection, new: NewOfficer) -> tuple[str, str]:
        """The name and the lines of names known as, as they would be kept. Raises OfficerError where they cannot be."""
        name = new.name.strip()
        if not name or len(name) > 80 or keepable(name) != name:
            raise OfficerError("An officer's name should have 1 to 80 letters, and no control characters.", "name")
        if password_fault(new.password) == "short":
            wanted = f"A password should have at least {SHORTEST_PASSWORD} letters; this one has fewer."
            raise OfficerError(wanted, "password")
        known_as = [keepable(one.strip()) for one in new.known_as if one.strip()]
        if any(len(one) < 2 or "\n" in one for one in known_as):
            wanted = "A name that an officer is known by should have at least 2 letters, on one line."
            raise OfficerError(wanted, "known_as")
        if connection.execute(select(officers.c.id).where(officers.c.name == name)).first() is not None:
            raise OfficerError(f"There is an officer called {name} already. Choose another name.", "taken")
        return name, "\n".join(known_as)

    def change(self, connection: Connection, officer_id: str, role: Role, unit: str, actor: str) -> None:
        """Gives an officer another role or unit, in the caller's transaction. They sign in anew to it.

        Raises OfficerError for one who is not there or whose access ended.
        """
        row = self._active(connection, officer_id)
        connection.execute(update(officers).where(officers.c.id == officer_id).values(role=role.value, unit=unit))
        connection.execute(delete(sessions).where(sessions.c.officer_id == officer_id))
        detail = {"role": role.value, "unit": unit, "role_before": row.role, "unit_before": row.unit}
        self._chain.append(connection, [AuditEntry(actor, "officer_changed", f"officer:{officer_id}", detail)])

    def renew_password(self, connection: Connection, officer_id: str, kept: str, actor: str) -> None:
        """Gives an officer who forgot theirs another password, in the caller's transaction, and ends their sessions.

        It serves once, to choose one of their own; kept is what is kept of it. Raises OfficerError as `change` does.
        """
        self._active(connection, officer_id)
        keep_password(connection, officer_id, kept, handed_over=True)
        connection.execute(delete(sessions).where(sessions.c.officer_id == officer_id))
        self._chain.append(connection, [AuditEntry(actor, "password_renewed", f"officer:{officer_id}", {})])

    def list(self) -> tuple[Officer, ...]:
        """All officers, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(officers).order_by(officers.c.name)).all()
        return tuple(officer_of(row) for row in rows)

    def disable(self, name: str, actor: str) -> None:
        """Ends an officer's access and every session at once. Raises OfficerError for an unknown name."""
        with self._database.write() as connection:
            row = connection.execute(select(officers).where(officers.c.name == keepable(name))).first()
            if row is None:
                unknown = f"There is no officer called {name}. `hotline officer list` shows who there is."
                raise OfficerError(unknown, "unknown")
            connection.execute(update(officers).where(officers.c.id == row.id).values(active=False))
            connection.execute(delete(sessions).where(sessions.c.officer_id == row.id))
            self._chain.append(connection, [AuditEntry(actor, "officer_disabled", f"officer:{row.id}", {})])

    @staticmethod
    def _active(connection: Connection, officer_id: str) -> Row[Any]:
        query = select(officers).where(officers.c.id == officer_id, officers.c.active)
        row = connection.execute(query.with_for_update()).first()
        if row is None:
            raise OfficerError("There is no such officer, or their access ended.", "unknown")
        return row


def known_officers(connection: Connection) -> dict[str, tuple[str, ...]]:
    """The names that reporters may know active officers by, by the officer's id; only of those who have any."""
    rows = connection.execute(
        select(officers.c.id, officers.c.known_as).where(officers.c.active, officers.c.known_as != "")
    )
    return {row.id: tuple(row.known_as.split("\n")) for row in rows}


def keep_password(connection: Connection, officer_id: str, kept: str, *, handed_over: bool) -> None:
    """Keeps a password of an officer; handed_over where somebody else has seen it. In the caller's transaction."""
    values = {"password_hash": kept, "handed_over": int(handed_over)}
    connection.execute(update(officers).where(officers.c.id == officer_id).values(**values))


def officer_of(row: object) -> Officer:
    """The officer of a row of their table, or of one that a session was read with."""
    return Officer(
        id=row.officer_id if hasattr(row, "officer_id") else row.id,  # type: ignore[attr-defined]
        name=row.name,  # type: ignore[attr-defined]
        role=Role(row.role),  # type: ignore[attr-defined]
        unit=row.unit,  # type: ignore[attr-defined]
        active=row.active,  # type: ignore[attr-defined]
    )
