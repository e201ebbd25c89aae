"""What runs in the locked process: reads the file from its input, writes the parts of the copy to its output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

from config.files import CopyLimits
from workers.copying import papers, pictures, recordings
from workers.copying.kinds import Kind, kind_of
from workers.copying.lock import NoLock, limit, lock
from workers.copying.part import Part, Refused, write_end, write_part

WRITTEN_MEGABYTES = 64


def main(told: str) -> None:
    """Makes one copy and ends the process. told is the CopyLimits in JSON."""
    limits = CopyLimits(**json.loads(told))
    limit(limits.memory_megabytes, limits.seconds, WRITTEN_MEGABYTES)
    # Python must have loaded how to write these before it can open no file any more.
    for name in ("ascii", "latin-1", "utf-16", "utf-16-le", "utf-16-be"):
        "".encode(name)
    data, failure = sys.stdin.buffer.read(), ""
    try:
        for part in _locked_parts(data, limits):
            write_part(sys.stdout.buffer, part)
    except Refused as refusal:
        failure = str(refusal)
    except MemoryError:
        failure = "too_large"
    except NoLock:
        failure = "no_lock"
    except Exception:
        # Libraries that read what nobody wrote in good faith may raise anything.
        failure = "broken"
    write_end(sys.stdout.buffer, failure)
    # Libraries that were interrupted have nothing to tidy up that anybody will miss.
    os._exit(0)


def _locked_parts(data: bytes, limits: CopyLimits) -> Iterator[Part]:
    """Loads what this kind needs, locks the process, and only then looks at the file's inside."""
    kind = kind_of(data)
    pictures.prepare()
    if kind is Kind.PICTURE:
        lock()
        return pictures.pictures(data, limits)
    if kind is Kind.PAPER:
        papers.prepare(limits)
        lock()
        return papers.pages(data, limits)
    if kind is Kind.RECORDING:
        recordings.prepare(limits)
        lock()
        return recordings.parts(data, limits)
    raise Refused("unknown_kind")
