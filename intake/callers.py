"""Who calls a partner's door: the key's holder, and whether the key is for what is asked."""

from __future__ import annotations

import hmac
import logging

from flask import Request

from intake.problems import Refused
from reports.partners import Partner, PartnerKind, Partners, Scope

log = logging.getLogger(__name__)
# The partner whose key the operator wrote into a file, as every hotline has had one from the beginning.
FIRST = Partner(
    id="partner", name="partner", kind=PartnerKind.HOTLINE, scopes=(Scope.FILE, Scope.FOLLOW, Scope.OPEN311)
)


class Callers:
    """Knows the holders of keys. The store is asked at each request: a key that was revoked ends with the last one."""

    def __init__(self, partners: Partners, first_key: str) -> None:
        """first_key is the key of the file `api-key`."""
        self._partners, self._first_key = partners, first_key.encode()

    def bearer(self, asked: Request, scope: Scope) -> Partner:
        """The partner whose key came as a bearer token (RFC 6750). Raises Refused, as `holder` does."""
        scheme, _, key = asked.headers.get("Authorization", "").partition(" ")
        return self.holder(key.strip() if scheme.lower() == "bearer" else "", scope)

    def holder(self, key: str, scope: Scope) -> Partner:
        """The partner whose key this is. Raises Refused: 401 for none, 403 for one that is not for this."""
        is_first = hmac.compare_digest(key.encode("utf-8", "replace"), self._first_key)
        partner = FIRST if is_first else self._partners.holder(key)
        if partner is None:
            log.warning("A partner's key was refused.", extra={"door": "partners", "status": 401})
            raise Refused(401, "Send your key as `Authorization: Bearer <key>`.")
        if not partner.may(scope):
            raise Refused(403, f"Your key is not for this: it lacks the scope {scope.value!r}. Ask the hotline for it.")
        return partner
