"""Second factors of officers: codes by the clock (RFC 6238), and what two people hand over after a loss.

The secret that codes are made from is sealed like a report's content, under a key of its own. A code serves once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, delete, insert, select, update

from reports.database import database_now, read_now
from reports.identity import new_id
from reports.sealing import OpeningKeys
from reports.tables import second_factors, sessions

_COLUMN = "second_factors.sealed_secret"
_DIGITS, _STEP_SECONDS, _SECRET_BYTES = 6, 30, 20
# A clock may be a step behind or ahead of ours (RFC 6238, 5.2).
_STEPS_ASIDE = (0, -1, 1)
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LETTERS, _RECOVERY_HOURS = 12, 24
ISSUER = "Hotline"


class FactorKind(StrEnum):
    """How somebody proves that it is them, beside their password."""

    CODE = "code"
    PASSKEY = "passkey"
    RECOVERY = "recovery"


# What a session still waits for, as `reports.officers` writes it.
FACTOR, ENROLMENT = "factor", "enrolment"


@dataclass(frozen=True, kw_only=True)
class Factor:
    """A second factor as its owner sees it. host is what a passkey is for, '' for others. Times in milliseconds."""

    factor_id: str
    kind: FactorKind
    host: str
    created_at: int
    used_at: int | None


class SecondFactors:
    """Adds, checks and takes away second factors, each inside the caller's transaction."""

    def __init__(self, opening: OpeningKeys) -> None:
        """opening seals and opens the secrets of codes."""
        self._opening = opening

    def of(self, connection: Connection, officer_id: str) -> tuple[Factor, ...]:
        """An officer's second factors, oldest first."""
        rows = connection.execute(
            select(second_factors)
            .where(second_factors.c.officer_id == officer_id)
            .order_by(second_factors.c.created_at, second_factors.c.id)
        )
        return tuple(
            Factor(
                factor_id=row.id,
                kind=FactorKind(row.kind),
                host=row.host or "",
                created_at=row.created_at,
                used_at=row.used_at,
            )
            for row in rows
        )

    def add_code(self, connection: Connection, officer_id: str, secret: str, code: str) -> bool:
        """Keeps a new secret (base32) once the officer's app gives its code. Returns whether it did."""
        plain = _secret(secret)
        step = _step_of(plain, code, read_now(connection)) if plain else None
        if step is None:
            return False
        factor_id = new_id()
        key, wrapped = self._opening.sealing_key().new_report_key(factor_id)
        connection.execute(
            insert(second_factors).values(
                id=factor_id,
                officer_id=officer_id,
                kind=FactorKind.CODE.value,
                wrapped_key=wrapped,
                sealed_secret=key.seal(_COLUMN, factor_id, plain),
                last_step=step,
                created_at=database_now(),
            )
        )
        end_recovery(connection, officer_id)
        return True

    def takes(self, connection: Connection, officer_id: str, code: str) -> str | None:
        """What is wanted after this code: '' for nothing, "enrolment" after a code of recovery, None if it is wrong."""
        typed = "".join(code.split()).replace("-", "")
        if self._takes_code(connection, officer_id, typed):
            return ""
        return ENROLMENT if self._takes_recovery(connection, officer_id, typed) else None

    def recover(self, connection: Connection, officer_id: str) -> str:
        """Takes every second factor and session away, and gives the code with which the officer sets up a new one."""
        connection.execute(delete(sessions).where(sessions.c.officer_id == officer_id))
        connection.execute(delete(second_factors).where(second_factors.c.officer_id == officer_id))
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_RECOVERY_LETTERS))
        connection.execute(
            insert(second_factors).values(
                id=new_id(),
                officer_id=officer_id,
                kind=FactorKind.RECOVERY.value,
                digest=_digest(code),
                ends_at=database_now() + _RECOVERY_HOURS * 3_600_000,
                created_at=database_now(),
            )
        )
        return "-".join(code[start : start + 4] for start in range(0, _RECOVERY_LETTERS, 4))

    def remove(self, connection: Connection, officer_id: str, factor_id: str) -> bool:
        """Takes one of an officer's factors away. Returns whether there was one."""
        mine = (second_factors.c.id == factor_id, second_factors.c.officer_id == officer_id)
        return connection.execute(delete(second_factors).where(*mine)).rowcount == 1

    def _takes_code(self, connection: Connection, officer_id: str, typed: str) -> bool:
        rows = connection.execute(
            select(second_factors).where(
                second_factors.c.officer_id == officer_id, second_factors.c.kind == FactorKind.CODE.value
            )
        ).all()
        now = read_now(connection)
        for row in rows:
            plain = self._opening.open_report_key(row.id, row.wrapped_key).open(_COLUMN, row.id, row.sealed_secret)
            step = _step_of(plain, typed, now)
            if step is not None and _use(connection, row.id, step):
                return True
        return False

    def _takes_recovery(self, connection: Connection, officer_id: str, typed: str) -> bool:
        taken = connection.execute(
            update(second_factors)
            .where(
                second_factors.c.officer_id == officer_id,
                second_factors.c.kind == FactorKind.RECOVERY.value,
                second_factors.c.digest == _digest(typed.upper()),
                second_factors.c.used_at.is_(None),
                second_factors.c.ends_at > database_now(),
            )
            .values(used_at=database_now())
        )
        return taken.rowcount == 1


def end_recovery(connection: Connection, officer_id: str) -> None:
    """Ends what was handed over after a loss: a new second factor is there."""
    recovery = second_factors.c.kind == FactorKind.RECOVERY.value
    connection.execute(delete(second_factors).where(second_factors.c.officer_id == officer_id, recovery))


def new_secret() -> str:
    """A fresh secret for codes: 160 random bits (RFC 4226, 4) in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def provisioning_address(secret: str, name: str) -> str:
    """The otpauth address that an app reads from a picture. Raises ValueError for what is no secret."""
    return _clock(_secret(secret)).get_provisioning_uri(name, ISSUER)


def code_at(secret: str, milliseconds: int) -> str:
    """The six digits that an app shows at a time. For tests, and for an app of one's own."""
    return _clock(_secret(secret)).generate(milliseconds // 1000).decode("ascii")


def _clock(secret: bytes) -> TOTP:
    # The apps of today know codes by SHA-1 alone; as HMAC it is sound (RFC 6238, 1.2).
    return TOTP(secret, _DIGITS, SHA1(), _STEP_SECONDS)  # noqa: S303


def _secret(written: str) -> bytes:
    try:
        plain = base64.b32decode("".join(written.split()).upper())
    except (binascii.Error, ValueError):
        return b""
    return plain if len(plain) == _SECRET_BYTES else b""


def _step_of(secret: bytes, code: str, now: int) -> int | None:
    """The step of time that a code belongs to, None if to none near now."""
    step = now // 1000 // _STEP_SECONDS
    tries: Sequence[int] = [step + aside for aside in _STEPS_ASIDE]
    typed = "".join(code.split()).encode("utf-8", "replace")
    found = [one for one in tries if hmac.compare_digest(_clock(secret).generate(one * _STEP_SECONDS), typed)]
    return found[0] if found else None


def _use(connection: Connection, factor_id: str, step: int) -> bool:
    """Uses a step's code up: neither it nor an older one serves again."""
    used = connection.execute(
        update(second_factors)
        .where(second_factors.c.id == factor_id, second_factors.c.last_step < step)
        .values(last_step=step, used_at=database_now())
    )
    return used.rowcount == 1


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
