"""JSON as RFC 8259 means it, without what parsers let through: no duplicate names, no NaN, no depth without end."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

_MOST_DEPTH = 20
_MOST_DIGITS = 300
# A string that is never closed is one token to the end: looked at anew from each of its quotes, 60 KB of them took 8 s.
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class BadJSON(Exception):
    """The body is not JSON that can be taken. The message says what is wrong, without quoting it."""


def read_json(raw: bytes) -> object:
    """The value in `raw`. Raises BadJSON."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw[:4]:
        raise BadJSON("The body should be UTF-8 without a byte order mark.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadJSON("The body should be UTF-8.") from None
    if _depth(raw) > _MOST_DEPTH:
        raise BadJSON(f"The body is nested deeper than {_MOST_DEPTH} levels.")
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=_short_number,
            parse_float=_finite,
        )
    except json.JSONDecodeError as fault:
        raise BadJSON(f"The body is not JSON: line {fault.lineno}, column {fault.colno}.") from None


def _depth(raw: bytes) -> int:
    # Counted before parsing: a parser that recurses into 100,000 brackets ends the request, not the nesting.
    depth = deepest = 0
    for token in _TOKENS.finditer(raw):
        first = token.group()[:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise BadJSON("A name comes twice in one object.")
    return values


def _no_constant(_word: str) -> NoReturn:
    raise BadJSON("NaN and Infinity are not JSON.")


def _short_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise BadJSON("A number has too many digits.")
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if value in (float("inf"), float("-inf")):
        raise BadJSON("A number is too large.")
    return value
