"""The key files under the state folder: one folder for the public app, one for workers and desk.

In production the two folders belong to two users of the operating system, so that the public app cannot read the
second.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from config.secrets import write_secret
from reports.errors import KeyMissing
from reports.receipt_keys import ReceiptKey
from reports.sealing import BlindIndex, OpeningKeys, SealingKey, key_id
from reports.signed_receipts import ReceiptSigner, invent_receipt_key

_PUBLIC_FOLDER = "keys/intake"
_OPENING_FOLDER = "keys/opening"
_RECEIPTS = "receipts.key"
# Under the state folder: the private keys by id, and the public half of the active one for the doors.
RING_FILE, SEALING_FILE = f"{_OPENING_FOLDER}/ring.json", f"{_PUBLIC_FOLDER}/sealing.pub"
_KEY_BYTES = 32


@dataclass(frozen=True)
class DoorKeys:
    """What the public app holds: the sealing key, a key of its own to recognise deliveries and form tokens, its part of
    every reporter's receipt, and the key that signs partners' ones."""

    sealing: SealingKey
    deliveries: BlindIndex
    receipts: ReceiptKey
    signer: ReceiptSigner

    @classmethod
    def load(cls, state: Path) -> DoorKeys:
        """Reads the public app's key folder. Raises KeyMissing."""
        folder = state / _PUBLIC_FOLDER
        return cls(
            SealingKey.load(state / SEALING_FILE),
            BlindIndex(_read_bytes(folder / "deliveries.key")),
            ReceiptKey(_read_bytes(folder / _RECEIPTS)),
            ReceiptSigner.load(state),
        )


@dataclass(frozen=True)
class InnerKeys:
    """What workers and desk hold.

    The opening keys, the index of phone numbers, the signing key of audit checkpoints, and the same part of every
    receipt as the public app: officers read out receipts too.
    """

    opening: OpeningKeys
    numbers: BlindIndex
    checkpoints: Ed25519PrivateKey
    receipts: ReceiptKey

    @classmethod
    def load(cls, state: Path) -> InnerKeys:
        """Reads the opening key folder. Raises KeyMissing."""
        folder = state / _OPENING_FOLDER
        return cls(
            OpeningKeys.load(state / RING_FILE),
            BlindIndex(_read_bytes(folder / "numbers.key")),
            Ed25519PrivateKey.from_private_bytes(_read_bytes(folder / "checkpoints.key")),
            ReceiptKey(_read_bytes(folder / _RECEIPTS)),
        )


class KeepingKeys(Protocol):
    """What it takes to keep a delivery: to seal it, and to know it again."""

    @property
    def sealing(self) -> SealingKey:
        """Seals, and opens nothing."""

    @property
    def deliveries(self) -> BlindIndex:
        """Knows a delivery again by its digest."""


@dataclass(frozen=True)
class DeskKeys:
    """What the desk keeps an exercise by: the public half of its own keys, and its own index."""

    sealing: SealingKey
    deliveries: BlindIndex

    @classmethod
    def of(cls, keys: InnerKeys) -> DeskKeys:
        """Those that belong to the desk's keys now: a sealing key may be another the next time."""
        return cls(keys.opening.sealing_key(), keys.numbers)


def invent_keys(state: Path) -> bool:
    """Makes every key file that is missing in a state folder without any. Returns whether it made them.

    A folder with some of the files is left alone: a new key beside old data would make that data unreadable for ever.
    Only the keys of receipts are added to folders from before there were any.
    """
    public, opening = state / _PUBLIC_FOLDER, state / _OPENING_FOLDER
    if public.exists() or opening.exists():
        if public.exists() and opening.exists():
            _add_receipts_key(public, opening)
            invent_receipt_key(state)
        return False
    private = X25519PrivateKey.generate()
    raw_public = private.public_key().public_bytes_raw()
    name = key_id(raw_public)
    ring = {"active": name, "keys": {name: _text(private.private_bytes_raw())}}
    write_secret(state / RING_FILE, json.dumps(ring))
    write_secret(opening / "numbers.key", _text(os.urandom(32)))
    write_secret(opening / "checkpoints.key", _text(Ed25519PrivateKey.generate().private_bytes_raw()))
    write_secret(state / SEALING_FILE, _text(raw_public))
    write_secret(public / "deliveries.key", _text(os.urandom(32)))
    _add_receipts_key(public, opening)
    invent_receipt_key(state)
    return True


def _add_receipts_key(public: Path, opening: Path) -> None:
    """One key in both folders: the two sides know the same receipts. Left alone where either side has one already."""
    if not (public / _RECEIPTS).exists() and not (opening / _RECEIPTS).exists():
        text = _text(os.urandom(32))
        write_secret(opening / _RECEIPTS, text)
        write_secret(public / _RECEIPTS, text)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _read_bytes(path: Path) -> bytes:
    try:
        raw = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, ValueError):
        raise KeyMissing(f"A key should be in {path}, in base64, but it is missing or malformed.") from None
    if len(raw) != _KEY_BYTES:
        raise KeyMissing(f"The key in {path} should have {_KEY_BYTES} bytes, but has {len(raw)}.")
    return raw
