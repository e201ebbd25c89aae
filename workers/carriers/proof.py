"""How a gateway shows that it is the one that calls: a token it always carries, or a signature over each request."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

from workers.carriers.carrier import CarrierRequest, RequestRefused
from workers.carriers.urlencoded import Pairs, TooManyFields, read_pairs

MOST_PARAMETERS = 200
FORM = "application/x-www-form-urlencoded"
# A captured request is worth something for this long; after that its text is kept already, under the same id.
_TOLERANCE_SECONDS = 300


class Proof(Protocol):
    """One way to show it."""

    def holds(self, asked: CarrierRequest) -> bool:
        """Whether this request proves who made it. Takes the same time for any wrong proof. Raises RequestRefused."""


class TokenProof:
    """A secret in `token=` of the address, or in `Authorization: Bearer`: what a gateway that cannot sign can do."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def holds(self, asked: CarrierRequest) -> bool:
        """Whether the token is there, once."""
        given = [value for name, value in query_of(asked) if name == b"token"]
        kind, _, bearer = asked.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer":
            given.append(bearer.strip().encode("utf-8", "replace"))
        return len(given) == 1 and hmac.compare_digest(given[0], self._token)


class SignatureProof:
    """HMAC-SHA256 by Standard Webhooks 1.0: over `webhook-id.webhook-timestamp.body`, the token's characters as key.

    It covers the body alone, so what stands in the address is not looked at, and nothing but a form is taken.
    """

    def __init__(self, key: str, now: Callable[[], float]) -> None:
        """now gives seconds since 1970."""
        self._key, self._now = key.encode(), now

    def holds(self, asked: CarrierRequest) -> bool:
        """Whether one of the signatures fits and was made within five minutes of now."""
        if asked.method != "POST" or asked.content_type != FORM:
            raise RequestRefused(415, f"A signed request is a POST of {FORM}.")
        stamp = asked.headers.get("webhook-timestamp", "")
        signed = f"{asked.headers.get('webhook-id', '')}.{stamp}.".encode("utf-8", "replace") + asked.body
        expected = b"v1," + base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256))
        fits = False
        for given in asked.headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")[:10]:
            fits |= hmac.compare_digest(given, expected)
        return fits and self._is_now(stamp)

    def _is_now(self, stamp: str) -> bool:
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        return abs(self._now() - int(stamp)) <= _TOLERANCE_SECONDS


def query_of(asked: CarrierRequest) -> Pairs:
    """Names and values of the address, as bytes. Raises RequestRefused (400)."""
    return pairs_of(urlsplit(asked.target).query.encode("utf-8", "replace"))


def pairs_of(raw: bytes) -> Pairs:
    """Names and values of a form or query, as bytes. Raises RequestRefused (400)."""
    try:
        return read_pairs(raw, MOST_PARAMETERS)
    except TooManyFields:
        raise RequestRefused(400, "The request has too many parameters.") from None
