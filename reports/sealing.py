"""Sealing of personal data: one data key a report, wrapped to a public key, so that the public app can seal but not
open.

Wrapping is HPKE (RFC 9180) with X25519, HKDF-SHA-256 and AES-256-GCM. Values are sealed with AES-256-GCM under the
report's own key; their associated data names the table, column and row, so a value moved elsewhere no longer opens.
Plain texts are padded to whole blocks of 256 bytes, so that a length tells little.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from reports.errors import Erased, KeyMissing, SealBroken

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_VERSION = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_BLOCK_BYTES = 256
_LENGTH_BYTES = 4


def pad(plain: bytes) -> bytes:
    """The plain bytes behind their length (4 bytes, big-endian), filled with zeros to whole 256-byte blocks."""
    return (len(plain).to_bytes(_LENGTH_BYTES, "big") + plain).ljust(
        -(-(len(plain) + _LENGTH_BYTES) // _BLOCK_BYTES) * _BLOCK_BYTES, b"\0"
    )


def unpad(padded: bytes) -> bytes:
    """The bytes that `pad` was given."""
    return padded[_LENGTH_BYTES : _LENGTH_BYTES + int.from_bytes(padded[:_LENGTH_BYTES], "big")]


def key_id(public: bytes) -> str:
    """The name of a wrapping key: the first 8 hexadecimal digits of the SHA-256 of its 32 public bytes."""
    return hashlib.sha256(public).hexdigest()[:_KEY_ID_BYTES]


class ReportKey:
    """The data key of one report, in the clear: seals and opens its values. Never stored, never printed."""

    def __init__(self, data_key: bytes) -> None:
        """Takes the 32 bytes of the data key."""
        self._cipher = AESGCM(data_key)

    def seal(self, column: str, row_id: str, plain: bytes, nonce: bytes | None = None) -> bytes:
        """Version byte, nonce (12 bytes) and cipher text of `plain` for `column` ("table.column") of the row `row_id`.

        nonce is random unless a known-answer test gives one.
        """
        nonce = nonce or os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, pad(plain), _associated_data(column, row_id))

    def open(self, column: str, row_id: str, sealed: bytes) -> bytes:
        """The plain bytes. Raises SealBroken if the value was changed or belongs to another column or row."""
        if sealed[:1] != _VERSION:
            raise SealBroken(f"The sealed value of {column} has an unknown version.")
        nonce, cipher_text = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return unpad(self._cipher.decrypt(nonce, cipher_text, _associated_data(column, row_id)))
        except (InvalidTag, ValueError):
            raise SealBroken(f"The sealed value of {column} in row {row_id} does not open.") from None

    def __repr__(self) -> str:
        """Says nothing of the key."""
        return "ReportKey(...)"


def _associated_data(column: str, row_id: str) -> bytes:
    return f"hotline/v1|{column}|{row_id}".encode()


class SealingKey:
    """The public half: whoever holds only this can make new report keys and can open nothing that is stored."""

    def __init__(self, public: bytes, path: Path | None = None) -> None:
        """Takes the 32 bytes. path is their file: a key that is put in its place is sealed to from then on."""
        self._public, self._path, self._seen = public, path, _seen(path)

    @classmethod
    def load(cls, path: Path) -> SealingKey:
        """Reads the 32 bytes, base64, from a file. Raises KeyMissing if the file is absent or not such a key."""
        return cls(_read_public(path), path)

    @property
    def public(self) -> bytes:
        """The 32 bytes that are sealed to now."""
        seen = _seen(self._path)
        if self._path is not None and seen != self._seen:
            # A file that is away or spoilt for a moment stops no report: the key before it still opens.
            with suppress(KeyMissing):
                self._public = _read_public(self._path)
                self._seen = seen
        return self._public

    def new_report_key(self, report_id: str) -> tuple[ReportKey, bytes]:
        """A fresh data key for one report, and the same key wrapped.

        Version, key id (8 bytes), HPKE message (80 bytes).
        """
        data_key = os.urandom(32)
        return ReportKey(data_key), self.wrap(report_id, data_key)

    def wrap(self, report_id: str, data_key: bytes) -> bytes:
        """The data key wrapped for this report alone."""
        public = self.public
        message = _SUITE.encrypt(data_key, X25519PublicKey.from_public_bytes(public), info=_wrap_info(report_id))
        return _VERSION + key_id(public).encode() + message


def _read_public(path: Path) -> bytes:
    try:
        public = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, ValueError):
        raise KeyMissing(f"The sealing key should be in {path}, 32 bytes in base64. `hotline up` makes one.") from None
    if len(public) != 32:
        raise KeyMissing(f"The sealing key in {path} should have 32 bytes, but has {len(public)}.")
    return public


def _seen(path: Path | None) -> tuple[int, int] | None:
    """What tells one file at a path from the one that is put in its place."""
    try:
        stat = path.stat() if path else None
    except OSError:
        return None
    return (stat.st_ino, stat.st_mtime_ns) if stat else None


def _wrap_info(report_id: str) -> bytes:
    return f"hotline/report-key/v1|{report_id}".encode()


class OpeningKeys:
    """The key ring: private halves by key id. Held by workers and desk, never by the public app."""

    def __init__(self, private: dict[str, bytes], active: str, path: Path | None = None) -> None:
        """Takes the private keys, 32 bytes each, by key id, and the id of the one new reports are sealed to.

        path is the ring's file: a key that was added to it meanwhile is found there when it is first wanted, and
        what is sealed is sealed to the one that is active there by then.
        """
        self._path, self._seen = path, _seen(path)
        self._keys = {name: X25519PrivateKey.from_private_bytes(raw) for name, raw in private.items()}
        self.active = active

    @classmethod
    def load(cls, path: Path) -> OpeningKeys:
        """Reads the ring, {"active": id, "keys": {id: base64}}. Raises KeyMissing if it is absent or malformed."""
        # Before it is read: one that is put in its place meanwhile is read the next time.
        seen = _seen(path)
        try:
            ring = json.loads(path.read_text(encoding="ascii"))
            private = {name: base64.b64decode(raw, validate=True) for name, raw in ring["keys"].items()}
            keys = cls(private, str(ring["active"]), path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise KeyMissing(
                f"The opening keys should be in {path}. Without them nothing stored can be read."
            ) from None
        if keys.active not in private:
            raise KeyMissing(f"The key ring {path} names {keys.active!r} as active but does not hold it.")
        keys._seen = seen
        return keys

    @property
    def names(self) -> frozenset[str]:
        """The ids of the keys in the ring."""
        return frozenset(self._keys)

    def sealing_key(self) -> SealingKey:
        """The public half of the key that is active now. It is not to be kept: ask again for the next thing to seal."""
        if _seen(self._path) != self._seen:
            self._look_again()
        # The name before the keys: whoever changes them in another thread adds the key first.
        active = self.active
        return SealingKey(self._keys[active].public_key().public_bytes_raw())

    def open_report_key(self, report_id: str, wrapped: bytes) -> ReportKey:
        """The report's data key.

        Raises KeyMissing for a key not in the ring, SealBroken for a wrap of another report, and Erased where the key
        was destroyed.
        """
        if not wrapped:
            raise Erased("The content of this report was erased when its time was over. Nobody can open it any more.")
        return ReportKey(self._data_key(report_id, wrapped))

    def wrap_anew(self, report_id: str, wrapped: bytes) -> bytes | None:
        """The same data key wrapped to the active key; None where it is already. Raises as `open_report_key` does."""
        if wrapped[: 1 + _KEY_ID_BYTES] == _VERSION + self.active.encode("ascii"):
            return None
        return self.sealing_key().wrap(report_id, self._data_key(report_id, wrapped))

    def _data_key(self, report_id: str, wrapped: bytes) -> bytes:
        name = wrapped[1 : 1 + _KEY_ID_BYTES].decode("ascii", "replace")
        if wrapped[:1] == _VERSION and name not in self._keys:
            self._look_again()
        if wrapped[:1] != _VERSION or name not in self._keys:
            raise KeyMissing(f"Report {report_id} was sealed to the key {name!r}, which is not in the key ring.")
        try:
            return _SUITE.decrypt(wrapped[1 + _KEY_ID_BYTES :], self._keys[name], info=_wrap_info(report_id))
        except (InvalidTag, ValueError):
            raise SealBroken(f"The wrapped key of report {report_id} does not open.") from None

    def _look_again(self) -> None:
        """Reads the ring's file once more: the key may have been changed while this process ran."""
        if self._path is None:
            return
        try:
            newer = OpeningKeys.load(self._path)
        except KeyMissing:
            # A file that is away or spoilt for a moment stops nothing: the key before it still opens.
            return
        self._keys = {**self._keys, **newer._keys}
        self.active, self._seen = newer.active, newer._seen


class BlindIndex:
    """Finds equal values again without keeping them: HMAC-SHA-256 under a key of its own, cut to 128 bits.

    An unkeyed digest of a phone number can be reversed by trying all of them in about an hour; a keyed one cannot.
    """

    def __init__(self, key: bytes) -> None:
        """Takes a key of at least 32 bytes."""
        if len(key) < 32:
            raise KeyMissing(f"An index key should have at least 32 bytes, but has {len(key)}.")
        self._key = key

    def of(self, purpose: str, value: str | bytes) -> str:
        """32 hexadecimal digits, equal for equal values of one purpose."""
        raw = value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value
        return hmac.new(self._key, purpose.encode() + b"|" + raw, hashlib.sha256).hexdigest()[:32]
