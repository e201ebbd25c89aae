"""Partners: schools, hospitals, shelters, other hotlines and city platforms that file reports with a key of their own.

A key is shown once, when it is made. The store holds its SHA-256: a key has 256 random bits, so that nobody who reads
the table finds one by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, or_, select, update

from reports.audit import AuditChain, AuditEntry
from reports.content import keepable
from reports.database import Database, database_now
from reports.errors import ReportError
from reports.identity import new_id
from reports.tables import partner_keys, partners

# What a key looks like; anything else is none, and the store is not asked.
_KEY = re.compile(r"[0-9A-Za-z_-]{32,128}")
_PREFIX = "hotline_"
_NO_DIGEST = "0" * 64


class PartnerError(ReportError):
    """A partner cannot be added or changed like this."""


class PartnerKind(StrEnum):
    """What a partner is."""

    SCHOOL = "school"
    HOSPITAL = "hospital"
    SHELTER = "shelter"
    HOTLINE = "hotline"
    CITY_PLATFORM = "city_platform"


class Scope(StrEnum):
    """What a key may be used for. follow sees the state of the partner's own reports, receipt asks for signed ones."""

    FILE = "file"
    FOLLOW = "follow"
    RECEIPT = "receipt"
    OPEN311 = "open311"


# Whoever must report by law (Law on the Protection of Minors, article 11) wants proof that they did.
USUAL_SCOPES: dict[PartnerKind, tuple[Scope, ...]] = {
    PartnerKind.SCHOOL: (Scope.FILE, Scope.FOLLOW, Scope.RECEIPT),
    PartnerKind.HOSPITAL: (Scope.FILE, Scope.FOLLOW, Scope.RECEIPT),
    PartnerKind.SHELTER: (Scope.FILE, Scope.FOLLOW, Scope.RECEIPT),
    PartnerKind.HOTLINE: (Scope.FILE, Scope.FOLLOW),
    PartnerKind.CITY_PLATFORM: (Scope.FOLLOW, Scope.OPEN311),
}


@dataclass(frozen=True, kw_only=True)
class NewPartner:
    """A partner to add. per_minute is how many reports a minute come unmarked; None for the limit of them all."""

    name: str
    kind: PartnerKind
    scopes: tuple[Scope, ...]
    per_minute: int | None = None


@dataclass(frozen=True, kw_only=True)
class Partner:
    """Somebody who files reports with a key. source is what their deliveries are known by."""

    id: str
    name: str
    kind: PartnerKind
    scopes: tuple[Scope, ...]
    per_minute: int | None = None
    active: bool = True

    @property
    def source(self) -> str:
        """The source of this partner's deliveries: an id or key of another partner's never meets one of theirs."""
        return f"api:{self.id}"

    def may(self, scope: Scope) -> bool:
        """Whether the partner's keys are for this."""
        return scope in self.scopes


class Partners:
    """Adds partners, makes and ends their keys, and knows who holds one. Every change is in the audit chain."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._chain = AuditChain(database.engine)

    def add(self, new: NewPartner, actor: str) -> tuple[Partner, str]:
        """The partner and their first key, which is shown nowhere else. Raises PartnerError."""
        name = new.name.strip()
        if not name or len(name) > 80 or keepable(name) != name:
            raise PartnerError("A partner's name should have 1 to 80 letters, and no control characters.")
        if not new.scopes:
            raise PartnerError("A partner's key should be for something: give at least one scope.")
        partner = Partner(
            id=new_id(), name=name, kind=new.kind, scopes=tuple(dict.fromkeys(new.scopes)), per_minute=new.per_minute
        )
        with self._database.write() as connection:
            if connection.execute(select(partners.c.id).where(partners.c.name == name)).first() is not None:
                raise PartnerError(f"There is a partner called {name} already. `hotline partner rotate` makes a key.")
            connection.execute(
                insert(partners).values(
                    id=partner.id,
                    name=name,
                    kind=partner.kind.value,
                    scopes=" ".join(partner.scopes),
                    per_minute=partner.per_minute,
                    active=True,
                    created_at=database_now(),
                )
            )
            key = _add_key(connection, partner.id)
            detail = {"kind": partner.kind.value, "scopes": " ".join(partner.scopes)}
            self._chain.append(connection, [AuditEntry(actor, "partner_added", f"partner:{partner.id}", detail)])
        return partner, key

    def list(self) -> tuple[Partner, ...]:
        """All partners, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(partners).order_by(partners.c.name)).all()
        return tuple(_partner(row) for row in rows)

    def rotate(self, name: str, overlap_minutes: int, actor: str) -> str:
        """A new key for the partner; those they have end after the overlap. Raises PartnerError."""
        with self._database.write() as connection:
            partner = self._named(connection, name)
            if not partner.active:
                raise PartnerError(f"{name} was revoked. Add them under another name if they are partners again.")
            ends_at = database_now() + overlap_minutes * 60_000
            _end_keys(connection, partner.id, ends_at)
            key = _add_key(connection, partner.id)
            detail = {"overlap_minutes": overlap_minutes}
            self._chain.append(connection, [AuditEntry(actor, "partner_rotated", f"partner:{partner.id}", detail)])
        return key

    def revoke(self, name: str, actor: str) -> None:
        """Ends every key of the partner at once, in processes that run too. Raises PartnerError for an unknown name."""
        with self._database.write() as connection:
            partner = self._named(connection, name)
            connection.execute(update(partners).where(partners.c.id == partner.id).values(active=False))
            _end_keys(connection, partner.id, database_now())
            self._chain.append(connection, [AuditEntry(actor, "partner_revoked", f"partner:{partner.id}", {})])

    def holder(self, key: str) -> Partner | None:
        """Whose key this is; None for one that is none, has ended, or was revoked. Asks the store each time.

        What the index compares is a digest, whose beginning nobody can choose; the digests are compared in constant
        time besides. Raises StoreUnavailable.
        """
        if not _KEY.fullmatch(key):
            return None
        digest = _digest(key)
        now = database_now()
        with self._database.read() as connection:
            row = connection.execute(
                select(partners, partner_keys.c.digest)
                .join(partner_keys, partner_keys.c.partner_id == partners.c.id)
                .where(
                    partner_keys.c.digest == digest,
                    or_(partner_keys.c.ends_at.is_(None), partner_keys.c.ends_at > now),
                    partners.c.active,
                )
            ).first()
        fits = hmac.compare_digest(_NO_DIGEST if row is None else row.digest, digest)
        return _partner(row) if row is not None and fits else None

    @staticmethod
    def _named(connection: Connection, name: str) -> Partner:
        row = connection.execute(select(partners).where(partners.c.name == keepable(name))).first()
        if row is None:
            raise PartnerError(f"There is no partner called {name}. `hotline partner list` shows who there is.")
        return _partner(row)


def _add_key(connection: Connection, partner_id: str) -> str:
    key = _PREFIX + secrets.token_urlsafe(32)
    connection.execute(
        insert(partner_keys).values(digest=_digest(key), partner_id=partner_id, created_at=database_now())
    )
    return key


def _end_keys(connection: Connection, partner_id: str, ends_at: object) -> None:
    # A key that ends sooner already keeps its end.
    connection.execute(
        update(partner_keys)
        .where(
            partner_keys.c.partner_id == partner_id,
            or_(partner_keys.c.ends_at.is_(None), partner_keys.c.ends_at > ends_at),
        )
        .values(ends_at=ends_at)
    )


def _partner(row: object) -> Partner:
    fields = row._mapping  # type: ignore[attr-defined]
    return Partner(
        id=fields["id"],
        name=fields["name"],
        kind=PartnerKind(fields["kind"]),
        scopes=tuple(Scope(scope) for scope in fields["scopes"].split()),
        per_minute=fields["per_minute"],
        active=fields["active"],
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
