"""How whoever plays an exercise proves it to the doors: a header signed with the exercise's own key.

It is no part of what is sent, so that nobody who sends something can make an exercise of it, or of anybody else's.
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-Hotline-Exercise"
# As long as a signature of Standard Webhooks is good for: clocks differ, and nothing is gained by playing it again.
_GOOD_FOR_SECONDS = 300
_SHAPE = re.compile(r"([0-9]{1,12})\.([0-9a-f]{64})")


def exercise_proof(key: str, method: str, path: str, now: int) -> str:
    """The header of one request at `now`, in seconds since 1970: that time, and an HMAC of it and the request."""
    signed = f"exercise\n{now}\n{method}\n{path}".encode()
    return f"{now}.{hmac.digest(key.encode(), signed, hashlib.sha256).hex()}"


def is_exercise_proof(proof: str, key: str, method: str, path: str, now: float) -> bool:
    """Whether a header was made with this key for this request, within five minutes. Without a key nothing is."""
    found = _SHAPE.fullmatch(proof)
    if found is None or not key or abs(now - int(found[1])) > _GOOD_FOR_SECONDS:
        return False
    return hmac.compare_digest(proof, exercise_proof(key, method, path, int(found[1])))
