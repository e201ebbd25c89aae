"""What a receipt opens. Of its digits nothing is kept but a slow, keyed digest and the public half of a key.

scrypt (RFC 7914) stretches the digits, under a salt of this hotline's own, to 64 bytes: one half finds the row, the
other is the private half of an X25519 key. So an officer can seal to a reporter whose receipt nobody here knows, and
the public app can open that only while the receipt is presented.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from reports.errors import KeyMissing, SealBroken
from reports.receipt_digits import POSSIBLE, digits_from, read_digits
from reports.sealing import pad, unpad

# 16 MiB and some 35 ms for each receipt presented: trying all of them takes whoever has stolen database and door key
# 10^7 years of one such core, and one against 100,000 live receipts about a century.
SCRYPT_COST = 2**14
_SCRYPT_BLOCK, _SCRYPT_LANES = 8, 1
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_SHORTEST_KEY = 32


class Unlocked:
    """A receipt while it is presented. digest finds its row; only this opens what was sealed to the reporter."""

    def __init__(self, stretched: bytes) -> None:
        """Takes the 64 bytes that the digits were stretched to."""
        self.digest = stretched[:32].hex()
        self._private = X25519PrivateKey.from_private_bytes(stretched[32:])

    @property
    def public_key(self) -> str:
        """What officers seal to: 64 hexadecimal digits."""
        return self._private.public_key().public_bytes_raw().hex()

    def open(self, note_id: str, sealed: bytes) -> str:
        """What was sealed to this receipt under the id of a note. Raises SealBroken."""
        try:
            return unpad(_SUITE.decrypt(sealed, self._private, info=_info(note_id))).decode()
        except (InvalidTag, ValueError):
            raise SealBroken(f"The note {note_id} does not open with this receipt.") from None

    def __repr__(self) -> str:
        """Says nothing of the receipt."""
        return "Unlocked(...)"


class ReceiptKey:
    """The hotline's own part of every receipt: without it a stolen database says nothing about the digits."""

    def __init__(self, key: bytes, cost: int = SCRYPT_COST) -> None:
        """Takes a key of at least 32 bytes. cost is scrypt's N, a power of two."""
        if len(key) < _SHORTEST_KEY:
            raise KeyMissing(f"The key of receipts should have at least {_SHORTEST_KEY} bytes, but has {len(key)}.")
        self._key, self._cost = key, cost

    def unlock(self, typed: str) -> Unlocked:
        """What the typed digits open. Takes as long for a text that is no receipt, which then finds nothing."""
        # A mistyped number must not be told from an unknown one, by the clock neither.
        return Unlocked(self._stretch(read_digits(typed) or f"none:{typed[:64]}"))

    def digits_for(self, occasion: str) -> str:
        """The receipt made for one occasion: the same when its form comes twice, chance for whoever lacks this key.

        occasion must hold at least 128 random bits that are kept nowhere.
        """
        chance = int.from_bytes(hmac.digest(self._key, b"receipt-digits|" + occasion.encode(), hashlib.sha256), "big")
        return digits_from(chance % POSSIBLE)

    def _stretch(self, digits: str) -> bytes:
        salt = hmac.digest(self._key, b"receipt-salt", hashlib.sha256)
        return hashlib.scrypt(
            digits.encode("utf-8", "replace"),
            salt=salt,
            n=self._cost,
            r=_SCRYPT_BLOCK,
            p=_SCRYPT_LANES,
            maxmem=256 * self._cost * _SCRYPT_BLOCK,
            dklen=64,
        )


def seal_to_reporter(public_key: str, note_id: str, text: str) -> bytes:
    """The text sealed to a receipt's public key, for this note alone, padded so that its length tells little."""
    recipient = X25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
    return _SUITE.encrypt(pad(text.encode()), recipient, info=_info(note_id))


def _info(note_id: str) -> bytes:
    return f"hotline/to-reporter/v1|{note_id}".encode()
