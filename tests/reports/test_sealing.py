"""Sealing: fixed inputs give fixed bytes, moved or changed values do not open, and lengths tell little.

The vectors were made with AES-GCM, HMAC and RFC 9180's steps put together by hand, so they also say that another
program can read what this one sealed.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from reports.errors import Erased, KeyMissing, SealBroken
from reports.phone import normal_number
from reports.sealing import BlindIndex, OpeningKeys, ReportKey, SealingKey, key_id, pad, unpad

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "sealing_vectors.json").read_text(encoding="utf-8"))
DATA_KEY = bytes.fromhex(VECTORS["data_key"])
COLUMN, ROW = "messages.sealed_content", "a" * 32


def ring_of(*private: bytes, active: int = 0) -> OpeningKeys:
    names = [key_id(X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()) for raw in private]
    return OpeningKeys(dict(zip(names, private, strict=True)), names[active])


@pytest.mark.parametrize("vector", VECTORS["seals"], ids=lambda vector: f"{len(vector['plain'].encode())} bytes")
def test_a_fixed_key_and_nonce_give_fixed_bytes(vector: dict[str, str]) -> None:
    key = ReportKey(DATA_KEY)
    plain, sealed = vector["plain"].encode(), bytes.fromhex(vector["sealed"])
    assert key.seal(vector["column"], vector["row"], plain, bytes.fromhex(VECTORS["nonce"])) == sealed
    assert key.open(vector["column"], vector["row"], sealed) == plain


def test_a_fixed_wrap_opens_to_its_key() -> None:
    wrap = VECTORS["wrap"]
    ring = ring_of(bytes.fromhex(wrap["private"]))
    assert ring.sealing_key().public == bytes.fromhex(wrap["public"])
    assert ring.active == key_id(bytes.fromhex(wrap["public"])) == wrap["key_id"]
    key = ring.open_report_key(wrap["report"], bytes.fromhex(wrap["wrapped"]))
    first = VECTORS["seals"][1]
    assert key.open(first["column"], first["row"], bytes.fromhex(first["sealed"])).decode() == first["plain"]


def test_a_wrap_has_the_stated_shape_and_is_never_the_same_twice() -> None:
    key = SealingKey(bytes.fromhex(VECTORS["wrap"]["public"]))
    first, second = (key.wrap(ROW, DATA_KEY) for _ in range(2))
    assert len(first) == 1 + 8 + 80
    assert first[:9] == second[:9] == b"\x01" + VECTORS["wrap"]["key_id"].encode()
    assert first != second


def test_the_same_text_sealed_twice_looks_different() -> None:
    key = ReportKey(DATA_KEY)
    assert key.seal(COLUMN, ROW, b"x") != key.seal(COLUMN, ROW, b"x")


SEALED = ReportKey(DATA_KEY).seal(COLUMN, ROW, "被关在砖厂".encode())


@pytest.mark.parametrize(
    ("column", "row", "sealed"),
    [
        pytest.param("messages.sealed_raw", ROW, SEALED, id="moved to another column"),
        pytest.param("remarks.sealed_content", ROW, SEALED, id="moved to another table"),
        pytest.param(COLUMN, "b" * 32, SEALED, id="moved to another row"),
        pytest.param(COLUMN, ROW, SEALED[:-1] + bytes([SEALED[-1] ^ 1]), id="one bit changed"),
        pytest.param(COLUMN, ROW, SEALED[:5] + bytes([SEALED[5] ^ 1]) + SEALED[6:], id="one bit of the nonce changed"),
        pytest.param(COLUMN, ROW, b"\x02" + SEALED[1:], id="another version"),
        pytest.param(COLUMN, ROW, SEALED[:-256], id="a block cut off"),
        pytest.param(COLUMN, ROW, SEALED[:8], id="cut within the nonce"),
        pytest.param(COLUMN, ROW, b"\x01", id="a version alone"),
        pytest.param(COLUMN, ROW, b"", id="nothing"),
    ],
)
def test_a_value_that_was_moved_or_changed_does_not_open(column: str, row: str, sealed: bytes) -> None:
    with pytest.raises(SealBroken) as refused:
        ReportKey(DATA_KEY).open(column, row, sealed)
    assert "砖厂" not in str(refused.value)


def test_a_value_of_another_report_does_not_open() -> None:
    with pytest.raises(SealBroken):
        ReportKey(os.urandom(32)).open(COLUMN, ROW, SEALED)


WRAPPED = bytes.fromhex(VECTORS["wrap"]["wrapped"])
WRAPPED_FOR = str(VECTORS["wrap"]["report"])


@pytest.mark.parametrize(
    ("report", "wrapped", "fault"),
    [
        pytest.param("e" * 32, WRAPPED, SealBroken, id="the wrap of another report"),
        pytest.param(WRAPPED_FOR, WRAPPED[:-1] + bytes([WRAPPED[-1] ^ 1]), SealBroken, id="one bit changed"),
        pytest.param(WRAPPED_FOR, WRAPPED[:20], SealBroken, id="cut short"),
        pytest.param(WRAPPED_FOR, WRAPPED[:9], SealBroken, id="a name alone"),
        pytest.param(WRAPPED_FOR, WRAPPED[:1] + b"ffffffff" + WRAPPED[9:], KeyMissing, id="another key's name"),
        pytest.param(WRAPPED_FOR, WRAPPED[:1] + b"\xff" * 8 + WRAPPED[9:], KeyMissing, id="a name that is no text"),
        pytest.param(WRAPPED_FOR, b"\x02" + WRAPPED[1:], KeyMissing, id="another version"),
        pytest.param(WRAPPED_FOR, b"", Erased, id="nothing"),
    ],
)
def test_a_wrap_that_was_swapped_or_changed_does_not_open(report: str, wrapped: bytes, fault: type[Exception]) -> None:
    with pytest.raises(fault):
        ring_of(bytes.fromhex(VECTORS["wrap"]["private"])).open_report_key(report, wrapped)


def test_a_ring_of_two_keys_opens_both_and_seals_to_the_active_one() -> None:
    old, new = os.urandom(32), os.urandom(32)
    before, after = ring_of(old), ring_of(old, new, active=1)
    report_key, wrapped = before.sealing_key().new_report_key("a" * 32)
    sealed = report_key.seal(COLUMN, ROW, b"old")
    assert after.open_report_key("a" * 32, wrapped).open(COLUMN, ROW, sealed) == b"old"
    _, wrapped_anew = after.sealing_key().new_report_key("b" * 32)
    assert wrapped_anew[1:9].decode() == after.active != before.active
    after.open_report_key("b" * 32, wrapped_anew)
    with pytest.raises(KeyMissing, match=after.active):
        before.open_report_key("b" * 32, wrapped_anew)


@pytest.mark.parametrize(
    ("length", "padded"), [(0, 256), (1, 256), (252, 256), (253, 512), (508, 512), (65_536, 65_792)]
)
def test_lengths_are_hidden_in_blocks_of_256_bytes(length: int, padded: int) -> None:
    plain = b"\0" * length
    assert len(pad(plain)) == padded
    assert unpad(pad(plain)) == plain


def test_two_texts_of_one_block_cannot_be_told_apart_by_length() -> None:
    key = ReportKey(DATA_KEY)
    assert len(key.seal(COLUMN, ROW, b"")) == len(key.seal(COLUMN, ROW, "被关在砖厂".encode() * 10))


def test_a_key_is_not_printed() -> None:
    assert DATA_KEY.hex() not in repr(ReportKey(DATA_KEY))
    assert repr(ReportKey(DATA_KEY)) == "ReportKey(...)"


def test_a_fixed_key_gives_a_fixed_index() -> None:
    index = VECTORS["index"]
    assert BlindIndex(bytes.fromhex(index["key"])).of(index["purpose"], index["value"]) == index["digest"]


SPELLINGS = [
    "+8613800000000",
    "138 0000 0000",
    "１３８００００００００",
    "0086-138-0000-0000",
    "(+86) 138 0000 0000",
    "86 13800000000",
]


def test_every_spelling_of_a_number_has_one_index() -> None:
    index = BlindIndex(os.urandom(32))
    assert len({index.of("phone", normal_number(spelling)) for spelling in SPELLINGS}) == 1


def test_an_index_differs_by_number_purpose_and_key() -> None:
    one, another = BlindIndex(b"1" * 32), BlindIndex(b"2" * 32)
    found = {one.of("phone", "1"), one.of("phone", "2"), one.of("web", "1"), another.of("phone", "1")}
    assert len(found) == 4


def test_a_short_index_key_is_refused() -> None:
    with pytest.raises(KeyMissing, match="at least 32 bytes, but has 16"):
        BlindIndex(b"1" * 16)
