"""The public form's one-time token: makes a double click one report, and needs neither cookie nor session."""

from __future__ import annotations

import hmac
import re
import secrets

from reports.sealing import BlindIndex

_SHAPE = re.compile(r"([0-9a-f]{32})\.([0-9a-f]{32})")


class FormTokens:
    """Makes tokens and recognises its own. A token never runs out: whoever hesitated for a day must not lose a text."""

    def __init__(self, key: BlindIndex) -> None:
        self._key = key

    def new(self) -> str:
        """A token: 128 random bits and their keyed digest."""
        token_id = secrets.token_hex(16)
        return f"{token_id}.{self._key.of('form-token', token_id)}"

    def read(self, token: str) -> str | None:
        """The token's id, or None for one that this hotline did not make."""
        match = _SHAPE.fullmatch(token)
        if match is None:
            return None
        token_id, digest = match.groups()
        return token_id if hmac.compare_digest(self._key.of("form-token", token_id), digest) else None
