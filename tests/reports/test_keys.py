"""The key files: what each side may read, and one clear sentence for a file that is missing or malformed."""

from __future__ import annotations

import base64
import shutil
import stat
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select

from reports.content import Content, NewReport
from reports.database import Database
from reports.errors import KeyMissing, SealBroken
from reports.keeping import Keeper
from reports.keys import DoorKeys, InnerKeys, invent_keys
from reports.sealing import OpeningKeys, key_id
from reports.tables import messages, reports
from reports.values import Channel


def test_what_the_public_app_may_read_opens_nothing_that_it_sealed(database: Database, state: Path) -> None:
    shutil.rmtree(state / "keys" / "opening")
    keeper = Keeper(database, DoorKeys.load(state))
    new = NewReport(
        channel=Channel.SMS, source="twilio", source_id="SM1", content=Content(text="被关在砖厂"), raw=b"Body=x"
    )
    receipt = keeper.keep(new, urgent=False)
    with pytest.raises(KeyMissing):
        InnerKeys.load(state)

    with database.read() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key)).scalar_one()
        row = connection.execute(select(messages)).one()
    held = [base64.b64decode(path.read_bytes()) for path in (state / "keys").rglob("*") if path.is_file()]
    assert held
    for raw in held:
        name = wrapped[1:9].decode()
        with pytest.raises((SealBroken, KeyMissing)):
            OpeningKeys({name: raw}, name).open_report_key(receipt.report_id, wrapped)
    columns = {"messages.sealed_content": row.sealed_content, "messages.sealed_raw": row.sealed_raw}
    for raw, (column, sealed) in product([*held, wrapped[9:41], wrapped[-32:]], columns.items()):
        with pytest.raises(InvalidTag):
            AESGCM(raw[:32]).decrypt(sealed[1:13], sealed[13:], f"hotline/v1|{column}|{row.id}".encode())


def test_the_files_of_the_two_sides_lie_in_two_folders_that_only_their_owner_reads(state: Path) -> None:
    files = {path.relative_to(state / "keys").as_posix(): path for path in (state / "keys").rglob("*.*")}
    assert set(files) == {
        "intake/sealing.pub",
        "intake/deliveries.key",
        "intake/receipts.key",
        "intake/signing.key",
        "opening/ring.json",
        "opening/numbers.key",
        "opening/checkpoints.key",
        "opening/receipts.key",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}


def test_the_two_halves_belong_together(state: Path) -> None:
    door, inner = DoorKeys.load(state), InnerKeys.load(state)
    assert door.sealing.public == inner.opening.sealing_key().public
    assert key_id(door.sealing.public) == inner.opening.active
    assert door.deliveries.of("x", "1") != inner.numbers.of("x", "1")


def test_keys_are_never_invented_beside_others(tmp_path: Path) -> None:
    assert invent_keys(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    (tmp_path / "keys" / "intake" / "sealing.pub").unlink()
    assert not invent_keys(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}.items() <= before.items()


def delete(path: Path) -> None:
    path.unlink()


def write(text: str) -> Callable[[Path], None]:
    def write_it(path: Path) -> None:
        path.write_bytes(text.encode("utf-8"))

    return write_it


SHORT = base64.b64encode(b"short").decode()
X25519 = base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()).decode()


@pytest.mark.parametrize(
    ("file", "change"),
    [
        (file, change)
        for file in ("sealing.pub", "deliveries.key", "ring.json", "numbers.key", "checkpoints.key")
        for change in (delete, write(""), write("钥匙"), write("not base64!"), write(SHORT))
    ]
    + [
        ("ring.json", write("[]")),
        ("ring.json", write("{}")),
        ("ring.json", write('{"active":"a","keys":{}}')),
        ("ring.json", write('{"active":"a","keys":{"b":"' + X25519 + '"}}')),
        ("ring.json", write('{"active":["a"],"keys":{"a":"' + X25519 + '"}}')),
        ("ring.json", write('{"active":"a","keys":{"a":"' + SHORT + '"}}')),
        ("ring.json", write('{"active":"a","keys":{"a":7}}')),
    ],
)
def test_a_key_file_that_is_missing_or_malformed_is_one_clear_sentence(
    state: Path, file: str, change: Callable[[Path], None]
) -> None:
    (path,) = (state / "keys").rglob(file)
    change(path)
    load = DoorKeys.load if path.parent.name == "intake" else InnerKeys.load
    with pytest.raises(KeyMissing) as refused:
        load(state)
    said = str(refused.value)
    assert "\n" not in said
    assert said.endswith(".")
    assert path.name in said or "32 bytes" in said
