"""Signed receipts: proof for whoever must report that they did, which anybody can check without asking us.

A receipt is a JSON Web Signature in its compact form (RFC 7515) with Ed25519 (RFC 8037). It says which reference was
given to whom, when, and for which bytes (their SHA-256); it holds nothing of what they say. The public halves are
published as a JWK Set (RFC 7517). A key's name is its thumbprint (RFC 7638).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from config.secrets import write_secret
from reports.errors import KeyMissing, ReportError

_FILE = "keys/intake/signing.key"
_TYPE = "hotline-receipt"
JWKSet = Mapping[str, Any]


class ReceiptBroken(ReportError):
    """A receipt is not one that this hotline signed."""


@dataclass(frozen=True, kw_only=True)
class SignedReceipt:
    """What a receipt says: by whom it was issued, to which partner, for which report, and for which bytes.

    received_at is ISO 8601 in UTC; body_sha256 the digest of the report's JSON as it was sent, 64 hexadecimal digits;
    files_sha256 those of the files that came with it and were kept, in their order.
    """

    iss: str
    partner: str
    reference: str
    received_at: str
    body_sha256: str
    files_sha256: tuple[str, ...] = ()


class ReceiptSigner:
    """Signs receipts. Whoever holds this key can sign for the hotline; it opens nothing."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self._header = {"alg": "EdDSA", "kid": _thumbprint(key.public_key()), "typ": _TYPE}

    @classmethod
    def load(cls, state: Path) -> ReceiptSigner:
        """Reads the signing key from the public app's key folder. Raises KeyMissing."""
        path = state / _FILE
        try:
            raw = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
            return cls(Ed25519PrivateKey.from_private_bytes(raw))
        except (OSError, ValueError):
            raise KeyMissing(
                f"The key that receipts are signed with should be in {path}, 32 bytes in base64. "
                "`hotline partner receipt-key` makes one where there is none, and so does `hotline up`."
            ) from None

    def sign(self, receipt: SignedReceipt) -> str:
        """The receipt as three parts with dots between them; the same for the same receipt."""
        signed = f"{_part(self._header)}.{_part(asdict(receipt))}"
        return f"{signed}.{_text(self._key.sign(signed.encode()))}"

    def published(self) -> JWKSet:
        """The JWK Set to publish."""
        return {"keys": [{**_jwk(self._key.public_key()), "kid": self._header["kid"], "use": "sig", "alg": "EdDSA"}]}


def invent_receipt_key(state: Path) -> bool:
    """Makes the signing key where there is none. Returns whether it did."""
    if (state / _FILE).exists():
        return False
    write_secret(state / _FILE, base64.b64encode(os.urandom(32)).decode("ascii"))
    return True


def read_receipt(text: str, published: JWKSet) -> SignedReceipt:
    """What a receipt says, once its signature fits one of the published keys. Raises ReceiptBroken."""
    try:
        header_part, payload_part, signature = text.strip().split(".")
        header = json.loads(_bytes(header_part))
        # The algorithm is ours, whatever the header names: a receipt cannot choose how it is checked.
        if header.get("alg") != "EdDSA" or header.get("typ") != _TYPE:
            raise ValueError
        (jwk,) = [one for one in published["keys"] if one["kid"] == header["kid"]]
        key = Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"]))
        key.verify(_bytes(signature), f"{header_part}.{payload_part}".encode())
        said = json.loads(_bytes(payload_part))
        return SignedReceipt(**{**said, "files_sha256": tuple(said["files_sha256"])})
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        raise ReceiptBroken(
            "This receipt was not signed with one of the published keys, or was changed since."
        ) from None


def body_digest(body: bytes) -> str:
    """The SHA-256 of a body, 64 hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    return {"crv": "Ed25519", "kty": "OKP", "x": _text(key.public_bytes_raw())}


def _thumbprint(key: Ed25519PublicKey) -> str:
    members = json.dumps(_jwk(key), sort_keys=True, separators=(",", ":"))
    return _text(hashlib.sha256(members.encode()).digest())


def _part(values: Mapping[str, object]) -> str:
    return _text(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
