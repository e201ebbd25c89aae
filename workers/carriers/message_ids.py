"""Ids for texts whose carrier gives them none: the same text gets the same one, and nobody else can make or read it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re

_GIVEN = re.compile(r"[0-9A-Za-z._:-]{1,64}")


class MessageIds:
    """Keyed, since an id lies in the clear: a bare digest of a number and a few words could be guessed."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def given(self, text: str) -> str:
        """The carrier's own id, or an empty string where what it wrote cannot be one."""
        return text if _GIVEN.fullmatch(text) else ""

    def made(self, *said: str) -> str:
        """An id of what was said. The order counts, and where one field ends."""
        whole = json.dumps(said, ensure_ascii=True).encode()
        return "made:" + hmac.digest(self._key, whole, hashlib.sha256).hex()[:40]
