"""The pieces that a copy consists of, and how they pass from the locked process to the one that started it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import BinaryIO

JPEG, MP3 = "image/jpeg", "audio/mpeg"
# What a copy may be served as. Nothing else ever leaves the locked process.
TYPES = (JPEG, MP3)
NOT_ALL = "not_all"


class Refused(Exception):
    """No copy can be made. The only argument is the code of why."""


@dataclass(frozen=True)
class Part:
    """One piece of a copy: a page, a still, the sound."""

    kind: str
    data: bytes = field(repr=False)


def write_part(to: BinaryIO, part: Part) -> None:
    """Writes a part behind a line that says what it is."""
    to.write(json.dumps({"kind": part.kind, "size": len(part.data)}).encode() + b"\n" + part.data)
    to.flush()


def write_end(to: BinaryIO, failure: str) -> None:
    """Writes the last line: why the copy is not all, or that it is."""
    to.write(json.dumps({"end": failure}).encode() + b"\n")
    to.flush()


def read_parts(raw: bytes) -> tuple[tuple[Part, ...], str | None]:
    """The parts that are whole, and how the writer ended: a code, '' for well, None where it did not come to an end.

    The writer is not trusted: whatever is not as wanted ends the reading.
    """
    stream = io.BytesIO(raw)
    parts: list[Part] = []
    while line := stream.readline(200):
        try:
            head = json.loads(line)
            if "end" in head:
                return tuple(parts), str(head["end"])[:40]
            kind, size = head["kind"], int(head["size"])
        except (ValueError, KeyError, TypeError):
            break
        data = stream.read(size) if 0 < size <= len(raw) else b""
        if len(data) != size or kind not in TYPES:
            break
        parts.append(Part(kind, data))
    return tuple(parts), None
