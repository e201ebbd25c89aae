"""Starting the locked process, and ending it: whatever it does, it is over within its time and its memory.

The file goes in and the copy comes out through memory that has no name in any file system. Its environment is empty,
and it has no other file open.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from config.files import CopyLimits
from workers.copying.part import NOT_ALL, Part, read_parts

_ROOT = Path(__file__).resolve().parents[2]
# Isolated: no variable, no folder of the user's and no current folder has a say in what it loads.
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from workers.copying.child import main; main(sys.argv[2])"
# Loading the libraries counts too, and on a busy machine takes seconds.
_START_SECONDS = 10
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Copy:
    """What became of a file: the parts of its copy, and the code of why it has none or not all, '' where it has."""

    parts: tuple[Part, ...]
    failure: str


def make_copy(data: bytes, limits: CopyLimits) -> Copy:
    """A copy without anything of the file but what is seen and heard. Never raises for what the file does."""
    with _nameless() as given, _nameless() as made:
        given.write(data)
        given.seek(0)
        status = _run(given, made, limits)
        made.seek(0)
        parts, end = read_parts(made.read())
    if end is None:
        # Its own end is not told by a process that was ended.
        end = "too_long" if status in (None, -signal.SIGXCPU, -signal.SIGKILL) else "ended"
    if parts and end:
        end = NOT_ALL
    return Copy(parts, end if parts or end else "broken")


def _run(given: BinaryIO, made: BinaryIO, limits: CopyLimits) -> int | None:
    """The exit status, None where the time was up."""
    command = [sys.executable, "-I", "-B", "-c", _PROGRAM, str(_ROOT), json.dumps(asdict(limits))]
    # Our own program, and nothing of the file or its name.
    process = subprocess.Popen(  # noqa: S603
        command, stdin=given, stdout=made, stderr=subprocess.DEVNULL, env={}, cwd="/", start_new_session=True
    )
    try:
        return process.wait(limits.seconds + _START_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def _nameless() -> Iterator[BinaryIO]:
    with os.fdopen(os.memfd_create("copy", os.MFD_CLOEXEC), "w+b", buffering=0) as file:
        yield file
