"""Names and values as a form or a query carries them, read to the bytes that were sent.

The web library's own parser turns bytes that are no UTF-8 into other ones, so that a signature over them no longer
fits, and takes a name or value apart at every escape: a text message of a hundred Chinese characters has three hundred.
"""

from __future__ import annotations

import re

Pairs = list[tuple[bytes, bytes]]

_ESCAPES = re.compile(rb"(?:%[0-9a-fA-F]{2})+")


class TooManyFields(Exception):
    """The form has more fields than any of ours."""


def read_pairs(raw: bytes, most: int) -> Pairs:
    """Names and values in their order, as bytes; a field without "=" has an empty value. Raises TooManyFields."""
    fields = [field for field in raw.split(b"&") if field]
    if len(fields) > most:
        raise TooManyFields
    parts = [field.partition(b"=") for field in fields]
    return [(_plain(name), _plain(value)) for name, _, value in parts]


def _plain(quoted: bytes) -> bytes:
    spaced = quoted.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode("ascii")), spaced)
