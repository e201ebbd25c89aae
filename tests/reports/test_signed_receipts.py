"""A signed receipt proves what was received when, to anybody who has the published keys, and nothing else."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.errors import KeyMissing
from reports.signed_receipts import (
    ReceiptBroken,
    ReceiptSigner,
    SignedReceipt,
    body_digest,
    invent_receipt_key,
    read_receipt,
)

RECEIPT = SignedReceipt(
    iss="https://hotline.example",
    partner="县第一小学",
    reference="K7M2-QX3TD4",
    received_at="2026-11-25T08:15:30.000+00:00",
    body_sha256=body_digest('{"text":"有学生被陌生人带走"}'.encode()),
    files_sha256=(body_digest(b"a photo"),),
)
# The key of RFC 8037, appendix A.
KEY = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="))


@pytest.fixture
def signer() -> ReceiptSigner:
    return ReceiptSigner(KEY)


def part(values: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()


def test_what_was_signed_is_read_with_the_published_keys_alone(signer: ReceiptSigner) -> None:
    published = json.loads(json.dumps(signer.published()))
    assert read_receipt(signer.sign(RECEIPT), published) == RECEIPT
    assert "有学生" not in signer.sign(RECEIPT)


def test_the_key_has_the_name_that_rfc_8037_gives_it(signer: ReceiptSigner) -> None:
    (key,) = signer.published()["keys"]
    assert key["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    assert key["kid"] == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    assert "d" not in key


def test_the_same_receipt_is_signed_the_same(signer: ReceiptSigner) -> None:
    assert signer.sign(RECEIPT) == signer.sign(RECEIPT)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_changed_character_proves_nothing(signer: ReceiptSigner, place: int) -> None:
    parts = signer.sign(RECEIPT).split(".")
    middle = len(parts[place]) // 2
    other = "A" if parts[place][middle] != "A" else "B"
    parts[place] = parts[place][:middle] + other + parts[place][middle + 1 :]
    with pytest.raises(ReceiptBroken):
        read_receipt(".".join(parts), signer.published())


def test_a_receipt_cannot_choose_how_it_is_checked(signer: ReceiptSigner) -> None:
    kid = signer.published()["keys"][0]["kid"]
    payload = signer.sign(RECEIPT).split(".")[1]
    for algorithm in ("none", "HS256"):
        forged = f"{part({'alg': algorithm, 'kid': kid, 'typ': 'hotline-receipt'})}.{payload}."
        with pytest.raises(ReceiptBroken):
            read_receipt(forged, signer.published())


def test_another_hotlines_signature_proves_nothing(signer: ReceiptSigner) -> None:
    other = ReceiptSigner(Ed25519PrivateKey.generate())
    with pytest.raises(ReceiptBroken):
        read_receipt(other.sign(RECEIPT), signer.published())
    with pytest.raises(ReceiptBroken):
        read_receipt(signer.sign(replace(RECEIPT, reference="x")), other.published())


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "收据", "e30.e30.e30", "." * 100])
def test_what_is_no_receipt_proves_nothing(signer: ReceiptSigner, text: str) -> None:
    with pytest.raises(ReceiptBroken):
        read_receipt(text, signer.published())


def test_a_key_is_made_once(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match="partner receipt-key"):
        ReceiptSigner.load(tmp_path)
    assert invent_receipt_key(tmp_path)
    first = ReceiptSigner.load(tmp_path).published()
    assert not invent_receipt_key(tmp_path)
    assert ReceiptSigner.load(tmp_path).published() == first
    assert ((tmp_path / "keys/intake/signing.key").stat().st_mode & 0o777) == 0o600
