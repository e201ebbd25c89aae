"""`hotline partner`: a key is shown once, and a receipt is checked without asking anybody."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from reports.signed_receipts import ReceiptSigner, SignedReceipt, body_digest
from tests.conftest import run


@pytest.fixture
def hotline(state: Path, database_url: str) -> object:
    environment = {"HOTLINE_STATE": str(state), "HOTLINE_DATABASE_URL": database_url, "PYTHONPATH": str(Path.cwd())}

    def call(*arguments: str) -> object:
        return run(sys.executable, "-m", "hotline", "partner", *arguments, env=environment)

    return call


def test_a_partner_is_added_listed_given_a_new_key_and_revoked(hotline: object) -> None:
    assert callable(hotline)
    added = hotline("add", "县第一小学", "--kind", "school", "--per-minute", "30")
    key = re.search(r"once: (\S+)", added.stdout)
    assert key, added.stderr
    assert re.search(r"once: (\S+)", hotline("rotate", "县第一小学").stdout)[1] != key[1]  # type: ignore[index]
    assert "县第一小学\tschool\tfile,follow,receipt\t30 a minute\tactive" in hotline("list").stdout
    assert hotline("revoke", "县第一小学").returncode == 0
    listed = hotline("list").stdout
    assert "\trevoked\t" in listed
    assert key[1] not in listed


def test_what_cannot_be_done_is_one_line(hotline: object) -> None:
    assert callable(hotline)
    for arguments in (("revoke", "x"), ("rotate", "x"), ("add", " ", "--kind", "school")):
        refused = hotline(*arguments)
        assert refused.returncode == 2
        assert refused.stderr.startswith("hotline: ")
        assert refused.stderr.count("\n") == 1


def test_a_receipt_is_checked_offline(hotline: object, state: Path, tmp_path: Path) -> None:
    assert callable(hotline)
    body = tmp_path / "report.json"
    body.write_text('{"text":"有学生被陌生人带走"}', encoding="utf-8")
    said = SignedReceipt(
        iss="https://hotline.example", partner="县第一小学", reference="K7M2-QX3TD4",
        received_at="2026-11-25T08:15:30.000+00:00", body_sha256=body_digest(body.read_bytes()),
    )  # fmt: skip
    receipt = tmp_path / "receipt.jws"
    receipt.write_text(ReceiptSigner.load(state).sign(said) + "\n")
    keys = tmp_path / "keys.json"
    keys.write_text(hotline("receipt-key").stdout)
    assert json.loads(keys.read_text())["keys"]
    proven = hotline("verify-receipt", str(receipt), "--keys", str(keys), "--body", str(body))
    assert proven.returncode == 0, proven.stderr
    assert "K7M2-QX3TD4" in proven.stdout
    assert "县第一小学" in proven.stdout
    body.write_text("another")
    assert hotline("verify-receipt", str(receipt), "--body", str(body)).returncode == 1
    receipt.write_text(receipt.read_text().replace(".", ".x", 1))
    refused = hotline("verify-receipt", str(receipt), "--keys", str(keys))
    assert (refused.returncode, refused.stdout) == (1, "")
    keys.write_text("[]")
    assert hotline("verify-receipt", str(receipt), "--keys", str(keys)).returncode == 2
