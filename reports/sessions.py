"""Signing officers in and out. Sessions are on the server, on the database's clock."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from argon2 import PasswordHasher
from sqlalchemy import Connection, Row, delete, insert, select, update

from reports.audit import AuditChain, AuditEntry
from reports.content import keepable
from reports.database import Database, database_now
from reports.officers import Officer, keep_password, officer_of
from reports.passwords import Passwords
from reports.tables import officers, second_factors, sessions

IDLE_MINUTES, LONGEST_MINUTES = 30, 8 * 60
_TRIES, _LOCK_MINUTES = 5, 15
# Whom the audit chain names where a sign-in was refused and there is no officer of that name.
_NOBODY = "nobody"
# How long somebody whose password was right has for the second factor, and for setting one up.
_MINUTES_TO_GIVE = 10
_NAME_LETTERS = 16
# What a session waits for whose password somebody else has seen: one of the officer's own.
OWN_PASSWORD = "password"  # noqa: S105 what is wanted, not one


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in officer. csrf_token must come back with everything that changes something.

    proved_ago is how many milliseconds ago the person proved who they are, None where they never did. waits_for is what
    is still wanted before they are signed in, '' where nothing is.
    """

    officer: Officer
    csrf_token: str
    language: str
    token: str
    proved_ago: int | None = field(default=None, compare=False)
    waits_for: str = ""


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A session that has not ended, under a name that signs nobody in. Times in milliseconds.

    device is the kind of browser and of system it began at, as whoever signed them in called it; '' if nobody knows.
    """

    name: str
    device: str
    started_at: int
    seen_at: int


class Sessions:
    """Signs officers in and out, and asks them anew who they are. Every step is in the audit chain."""

    def __init__(self, database: Database, hasher: PasswordHasher | None = None) -> None:
        """hasher is how hard a password is to guess; the library's own choice unless another is given."""
        self._database = database
        self._chain = AuditChain(database.engine)
        self._passwords = Passwords(hasher)
        # Checked for names that do not exist, so that their answer takes as long as the others'.
        self._nobodys = self._passwords.kept(secrets.token_urlsafe(16))

    def sign_in(
        self, name: str, password: str, language: str, *, wants_factor: bool = False, device: str = ""
    ) -> Session | None:
        """A new session, or None for a wrong name or password, a disabled officer, or too many tries lately.

        It waits for a password of the officer's own where somebody handed them this one, then for a second factor where
        they have one, and for setting one up where wants_factor says so. device is what the session is known by later.
        """
        with self._database.read() as connection:
            row = connection.execute(select(officers).where(officers.c.name == keepable(name))).first()
        fits = self._passwords.fits(row.password_hash if row is not None else self._nobodys, password)
        officer_id = row.id if row is not None else _NOBODY
        with self._database.write() as connection:
            # Read again, now that nobody else can change it: guesses that came at the same time count too. A name that
            # nobody has is asked for and written down alike, or the time would tell which names there are.
            locked = (officers.c.locked_until > database_now()).label("locked")
            now = connection.execute(
                select(officers.c.active, officers.c.failed_tries, officers.c.handed_over, locked)
                .where(officers.c.id == officer_id)
                .with_for_update()
            ).first()
            if row is None or now is None:
                self._count_failure(connection, officer_id, 0, False)
                return None
            if not fits or now.locked or not now.active:
                self._count_failure(connection, officer_id, now.failed_tries, now.locked)
                return None
            token = secrets.token_urlsafe(32)
            csrf_token = secrets.token_urlsafe(32)
            waits_for = OWN_PASSWORD if now.handed_over else _wanted(connection, row.id, wants_factor)
            if not waits_for:
                # With a second factor to come, wrong codes count on: a right password must not forgive them.
                values = {"failed_tries": 0, "locked_until": 0}
                connection.execute(update(officers).where(officers.c.id == row.id).values(**values))
            connection.execute(
                insert(sessions).values(
                    token_digest=token_digest(token),
                    officer_id=row.id,
                    csrf_token=csrf_token,
                    language=language,
                    started_at=database_now(),
                    seen_at=database_now(),
                    proved_at=None if waits_for else database_now(),
                    waits_for=waits_for,
                    device=device,
                )
            )
            action = "gave_password" if waits_for else "signed_in"
            self._chain.append(connection, [AuditEntry(row.id, action, f"officer:{row.id}", {})])
        return Session(
            officer=officer_of(row),
            csrf_token=csrf_token,
            language=language,
            token=token,
            proved_ago=None if waits_for else 0,
            waits_for=waits_for,
        )

    def session(self, token: str, *, by_hand: bool = True) -> Session | None:
        """The session of a cookie's token, kept alive; None once it is idle too long, too old, or ended.

        by_hand False is a page that keeps itself up to date: whoever has left their desk is signed out all the same.
        """
        now = database_now()
        with self._database.read() as connection:
            row = connection.execute(
                select(sessions, officers, now.label("now"))
                .join(officers, officers.c.id == sessions.c.officer_id)
                .where(
                    sessions.c.token_digest == token_digest(token),
                    sessions.c.seen_at > now - IDLE_MINUTES * 60_000,
                    sessions.c.started_at > now - LONGEST_MINUTES * 60_000,
                    (sessions.c.waits_for == "") | (sessions.c.started_at > now - _MINUTES_TO_GIVE * 60_000),
                    officers.c.active,
                )
            ).first()
        if row is None:
            return None
        # Written at most once a minute: reading pages must not queue behind every writer.
        if by_hand and row.now - row.seen_at > 60_000:
            with self._database.write() as connection:
                connection.execute(
                    update(sessions).where(sessions.c.token_digest == row.token_digest).values(seen_at=database_now())
                )
        return Session(
            officer=officer_of(row),
            csrf_token=row.csrf_token,
            language=row.language,
            token=token,
            proved_ago=None if row.proved_at is None else row.now - row.proved_at,
            waits_for=row.waits_for,
        )

    def give_factor(self, session: Session, takes: Callable[[Connection], str | None]) -> Session | None:
        """Lets `takes` look at a second factor, in one transaction with what follows from it.

        It says what is wanted next, '' for nothing, or None for a wrong one; wrong ones count as wrong passwords do,
        and too many of either lock. A session that was waiting goes on under a new token; one that was none is fresh.
        Returns it, or None for a wrong factor.
        """
        officer_id, mine = session.officer.id, sessions.c.token_digest == token_digest(session.token)
        with self._database.write() as connection:
            now = _tries(connection, officer_id)
            next_wanted = None if now.locked else takes(connection)
            if next_wanted is None:
                self._count_failure(connection, officer_id, now.failed_tries, now.locked)
                return None
            connection.execute(update(officers).where(officers.c.id == officer_id).values(failed_tries=0))
            token, csrf_token = session.token, session.csrf_token
            if session.waits_for:
                token, csrf_token = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            connection.execute(
                update(sessions)
                .where(mine)
                .values(
                    token_digest=token_digest(token),
                    csrf_token=csrf_token,
                    waits_for=next_wanted,
                    proved_at=None if next_wanted else database_now(),
                )
            )
            action = "signed_in" if session.waits_for and not next_wanted else "proved_anew"
            self._chain.append(connection, [AuditEntry(officer_id, action, f"officer:{officer_id}", {})])
        return replace(session, token=token, csrf_token=csrf_token, waits_for=next_wanted, proved_ago=0)

    def of(self, officer_id: str) -> tuple[OpenSession, ...]:
        """The sessions of an officer that have not ended, the newest first."""
        now = database_now()
        with self._database.read() as connection:
            rows = connection.execute(
                select(sessions)
                .where(
                    sessions.c.officer_id == officer_id,
                    sessions.c.seen_at > now - IDLE_MINUTES * 60_000,
                    sessions.c.started_at > now - LONGEST_MINUTES * 60_000,
                )
                .order_by(sessions.c.started_at.desc())
            ).all()
        return tuple(
            OpenSession(
                name=row.token_digest[:_NAME_LETTERS],
                device=row.device,
                started_at=row.started_at,
                seen_at=row.seen_at,
            )
            for row in rows
        )

    @staticmethod
    def name_of(session: Session) -> str:
        """The name under which a session stands in `of`."""
        return token_digest(session.token)[:_NAME_LETTERS]

    def end(self, officer_id: str, name: str, actor: str) -> None:
        """Ends the session of this name of an officer, or with '' all of them."""
        which = sessions.c.token_digest.startswith(name, autoescape=True)
        with self._database.write() as connection:
            ended = connection.execute(delete(sessions).where(sessions.c.officer_id == officer_id, which)).rowcount
            if ended:
                detail = {"number": ended}
                self._chain.append(connection, [AuditEntry(actor, "sessions_ended", f"officer:{officer_id}", detail)])

    def prove(self, session: Session, password: str) -> bool:
        """Whether whoever sits at this session gave the officer's password. Wrong ones count as at signing in."""
        officer_id = session.officer.id
        with self._database.read() as connection:
            stored = connection.execute(
                select(officers.c.password_hash).where(officers.c.id == officer_id)
            ).scalar_one()
        fits = self._passwords.fits(stored, password)
        with self._database.write() as connection:
            now = _tries(connection, officer_id)
            if not fits or now.locked:
                self._count_failure(connection, officer_id, now.failed_tries, now.locked)
                return False
            connection.execute(update(officers).where(officers.c.id == officer_id).values(failed_tries=0))
            mine = sessions.c.token_digest == token_digest(session.token)
            connection.execute(update(sessions).where(mine).values(proved_at=database_now()))
            self._chain.append(connection, [AuditEntry(officer_id, "proved_anew", f"officer:{officer_id}", {})])
        return True

    def change_password(self, session: Session, current: str, new: str) -> bool:
        """Keeps another password for whoever sits at this session and gave the current one, and ends their others.

        Returns whether the current one was right; wrong ones count as at signing in. `password_fault` looks at new.
        """
        if not self.prove(session, current):
            return False
        officer_id, others = session.officer.id, sessions.c.token_digest != token_digest(session.token)
        kept = self._passwords.kept(new)
        with self._database.write() as connection:
            keep_password(connection, officer_id, kept, handed_over=False)
            connection.execute(delete(sessions).where(sessions.c.officer_id == officer_id, others))
            self._chain.append(connection, [AuditEntry(officer_id, "password_changed", f"officer:{officer_id}", {})])
        return True

    def choose_password(self, session: Session, new: str, *, wants_factor: bool = False) -> Session | None:
        """Keeps the officer's own password instead of the one that they were handed, and goes on signing them in.

        Returns the session under a new token, or None where new is the one they were handed.
        """
        officer_id = session.officer.id
        with self._database.read() as connection:
            query = select(officers.c.password_hash).where(officers.c.id == officer_id)
            handed_over = connection.execute(query).scalar_one()
        is_same, kept = self._passwords.fits(handed_over, new), self._passwords.kept(new)

        def takes(connection: Connection) -> str | None:
            if is_same:
                return None
            keep_password(connection, officer_id, kept, handed_over=False)
            self._chain.append(connection, [AuditEntry(officer_id, "password_changed", f"officer:{officer_id}", {})])
            return _wanted(connection, officer_id, wants_factor)

        return self.give_factor(session, takes)

    def set_language(self, token: str, language: str) -> None:
        """Keeps the language a person chose for this session."""
        with self._database.write() as connection:
            connection.execute(
                update(sessions).where(sessions.c.token_digest == token_digest(token)).values(language=language)
            )

    def sign_out(self, session: Session) -> None:
        """Ends a session."""
        with self._database.write() as connection:
            connection.execute(delete(sessions).where(sessions.c.token_digest == token_digest(session.token)))
            officer_id = session.officer.id
            self._chain.append(connection, [AuditEntry(officer_id, "signed_out", f"officer:{officer_id}", {})])

    def _count_failure(self, connection: Connection, officer_id: str, failed: int, locked: bool) -> None:
        values: dict[str, object] = {"failed_tries": officers.c.failed_tries + 1}
        if failed + 1 >= _TRIES and not locked:
            values = {"failed_tries": 0, "locked_until": database_now() + _LOCK_MINUTES * 60_000}
        connection.execute(update(officers).where(officers.c.id == officer_id).values(**values))
        detail = {"locked": int(locked)}
        self._chain.append(connection, [AuditEntry("desk", "sign_in_refused", f"officer:{officer_id}", detail)])


def _tries(connection: Connection, officer_id: str) -> Row[tuple[int, bool]]:
    """How often an officer failed, and whether they are locked out (locked); nobody else counts until this is over."""
    locked = (officers.c.locked_until > database_now()).label("locked")
    return connection.execute(
        select(officers.c.failed_tries, locked).where(officers.c.id == officer_id).with_for_update()
    ).one()


def _wanted(connection: Connection, officer_id: str, wants_factor: bool) -> str:
    """What is wanted after the right password. Whoever ever had a second factor sets up no new one without it."""
    has_one = select(second_factors.c.id).where(second_factors.c.officer_id == officer_id).limit(1)
    if connection.execute(has_one).first() is not None:
        return "factor"
    return "enrolment" if wants_factor else ""


def token_digest(token: str) -> str:
    """The SHA-256 of a cookie's token, by which its session is kept."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
