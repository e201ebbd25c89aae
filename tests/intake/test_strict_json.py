"""JSON is read strictly, and in time that grows no faster than the body."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.strict_json import BadJSON, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_a_library_writes_is_read_as_it_was(value: object, escaped: bool) -> None:
    written = json.dumps(value, ensure_ascii=escaped)
    if not escaped and any(0xD800 <= ord(letter) <= 0xDFFF for letter in written):
        return
    assert read_json(written.encode()) == value


@pytest.mark.parametrize("depth", [20, 21])
def test_twenty_levels_are_read_and_twenty_one_are_not(depth: int) -> None:
    body = b"[" * depth + b"]" * depth
    if depth == 20:
        read_json(body)
    else:
        with pytest.raises(BadJSON, match="deeper than 20"):
            read_json(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'"' + b'\\"' * 30_000, id="a string of escaped quotes that is never closed"),
        pytest.param(b'"' + b"\\" * 60_001, id="backslashes to the end"),
        pytest.param(b'"' * 60_001, id="quotes only"),
        pytest.param(b"{" * 60_000, id="brackets only"),
        pytest.param(b'{"":' * 15_000, id="objects that are never closed"),
        pytest.param(b"-" * 60_000, id="signs only"),
        pytest.param(b"[" + b"1," * 30_000, id="a list that is never closed"),
    ],
)
def test_a_hostile_body_of_64_kilobytes_is_refused_in_no_time(body: bytes) -> None:
    started = time.process_time()
    with pytest.raises(BadJSON):
        read_json(body)
    assert time.process_time() - started < 0.5


def test_a_refusal_does_not_quote_what_was_reported() -> None:
    with pytest.raises(BadJSON) as refused:
        read_json('{"text": 阿云'.encode())
    assert "阿云" not in str(refused.value)
