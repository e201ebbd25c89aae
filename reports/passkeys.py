"""Passkeys (WebAuthn, level 2) as a second factor: the browser's device signs what we ask, for our host alone."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)
from sqlalchemy import Connection, insert, select, update

from reports.database import database_now
from reports.identity import new_id
from reports.second_factors import ISSUER, FactorKind
from reports.sessions import Session, token_digest
from reports.tables import second_factors, sessions

# The password was asked for already: possession is what is wanted, and a key without a PIN has it.
_VERIFICATION = UserVerificationRequirement.PREFERRED


@dataclass(frozen=True)
class Site:
    """Where the desk is: its host, for which a passkey is made, and its whole origin, which the browser signs."""

    host: str
    origin: str


def ask_for_new(connection: Connection, session: Session, site: Site) -> str:
    """What the browser is asked to make a passkey for, as JSON. The question is kept with the session."""
    user = PublicKeyCredentialUserEntity(
        id=session.officer.id.encode("ascii"), name=session.officer.name, display_name=session.officer.name
    )
    known = _known(connection, session.officer.id, site)
    options, state = _server(site).register_begin(user, known, user_verification=_VERIFICATION)
    _keep(connection, session, state)
    return json.dumps(dict(options.public_key))


def keep_new(connection: Connection, session: Session, site: Site, answer: str) -> bool:
    """Keeps the passkey that a browser made. Returns False for an answer to another question or from another site."""
    state = _take(connection, session)
    try:
        made = _server(site).register_complete(state, json.loads(answer)).credential_data if state else None
    except _REFUSALS:
        return False
    if made is None:
        return False
    digest = hashlib.sha256(made.credential_id).hexdigest()
    if connection.execute(select(second_factors.c.id).where(second_factors.c.digest == digest)).first() is not None:
        return False
    connection.execute(
        insert(second_factors).values(
            id=new_id(),
            officer_id=session.officer.id,
            kind=FactorKind.PASSKEY.value,
            credential=base64.b64encode(bytes(made)).decode("ascii"),
            digest=digest,
            host=site.host,
            created_at=database_now(),
        )
    )
    return True


def ask(connection: Connection, session: Session, site: Site) -> str:
    """What a device is asked to sign, as JSON; '' where the officer has no passkey for this host."""
    known = _known(connection, session.officer.id, site)
    if not known:
        return ""
    options, state = _server(site).authenticate_begin(known, user_verification=_VERIFICATION)
    _keep(connection, session, state)
    return json.dumps(dict(options.public_key))


def answers(connection: Connection, session: Session, site: Site, answer: str) -> bool:
    """Whether one of the officer's passkeys signed what was asked last. A question is answered once."""
    state = _take(connection, session)
    if not state:
        return False
    try:
        given = json.loads(answer)
        known = _known(connection, session.officer.id, site)
        used = _server(site).authenticate_complete(state, known, given)
    except _REFUSALS:
        return False
    connection.execute(
        update(second_factors)
        .where(second_factors.c.digest == hashlib.sha256(used.credential_id).hexdigest())
        .values(used_at=database_now(), uses=second_factors.c.uses + 1)
    )
    return True


_REFUSALS = (ValueError, KeyError, TypeError, AttributeError)


def _server(site: Site) -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(id=site.host, name=ISSUER)
    return Fido2Server(entity, verify_origin=lambda origin: str(origin) == site.origin)


def _known(connection: Connection, officer_id: str, site: Site) -> list[AttestedCredentialData]:
    rows = connection.execute(
        select(second_factors.c.credential).where(
            second_factors.c.officer_id == officer_id,
            second_factors.c.kind == FactorKind.PASSKEY.value,
            second_factors.c.host == site.host,
        )
    ).scalars()
    return [AttestedCredentialData(base64.b64decode(one)) for one in rows]


def _keep(connection: Connection, session: Session, state: dict[str, Any]) -> None:
    mine = sessions.c.token_digest == token_digest(session.token)
    connection.execute(update(sessions).where(mine).values(challenge=state["challenge"]))


def _take(connection: Connection, session: Session) -> dict[str, Any] | None:
    """The question that was asked last, which is asked no more."""
    mine = sessions.c.token_digest == token_digest(session.token)
    challenge = connection.execute(select(sessions.c.challenge).where(mine).with_for_update()).scalar()
    connection.execute(update(sessions).where(mine).values(challenge=""))
    return {"challenge": challenge, "user_verification": _VERIFICATION} if challenge else None
