"""Sentences that people have recorded, for languages that the carrier cannot speak, and for any other."""

from __future__ import annotations

import re
from pathlib import Path

_NAME = re.compile(r"[a-z_]{1,20}")
_CODE = re.compile(r"[a-z]{2,3}")
_MOST_BYTES = 2_000_000


class Prompts:
    """The recordings under the state folder: `voice-prompts/<language>/<sentence>.mp3`.

    Looked for once, when the process starts: a call never waits for a file.
    """

    def __init__(self, state: Path) -> None:
        self._files = {
            (path.parent.name, path.stem): path.read_bytes()
            for path in sorted((state / "voice-prompts").glob("*/*.mp3"))
            if _CODE.fullmatch(path.parent.name) and _NAME.fullmatch(path.stem) and path.stat().st_size <= _MOST_BYTES
        }

    def has(self, code: str, name: str) -> bool:
        """Whether somebody recorded this sentence in this language."""
        return (code, name) in self._files

    def sound(self, code: str, name: str) -> bytes | None:
        """The recording, MP3."""
        return self._files.get((code, name))
