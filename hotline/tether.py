"""Children that end with their parent, however the parent ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def _end_with_parent() -> None:
    # Runs between fork and exec: the kernel sends SIGTERM to this process when the thread that forked it is gone.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end_with_this_parent() -> None:
    """From now on this process gets SIGTERM when the one that started it ends."""
    parent = os.getppid()
    _end_with_parent()
    # A parent that ended before the kernel was asked will send nothing.
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def start_child(
    command: Sequence[str], environment: Mapping[str, str], log: Path, keep_open: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Starts a child that a kill -9 of this process ends too. Its output goes to `log`. Only from the main thread.

    keep_open are file descriptors that the child holds too: a lock on one of them lasts until both are gone.
    """
    parent = os.getpid()

    def tie_to_parent() -> None:
        _end_with_parent()
        # A parent that ended before the kernel was asked will send nothing.
        if os.getppid() != parent:
            os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603
            list(command),
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=tuple(keep_open),
            # A Ctrl-C at the terminal reaches the parent alone, which then ends the children in order.
            start_new_session=True,
            preexec_fn=tie_to_parent,  # noqa: PLW1509
        )
