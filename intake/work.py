"""Proof of work in place of a picture puzzle: a form shows that a machine took its time over it.

The work is to find a number such that the SHA-256 of the form's token, a colon and the number begins with so many zero
bits. Checking it costs one digest and no memory; a token serves one report, so that its work does too.
"""

from __future__ import annotations

import hashlib
import re

_NUMBER = re.compile(r"[0-9]{1,12}")


def is_worked(token: str, number: str, bits: int) -> bool:
    """Whether the number proves the work for this token."""
    if not _NUMBER.fullmatch(number):
        return False
    digest = hashlib.sha256(f"{token}:{number}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - bits) == 0
