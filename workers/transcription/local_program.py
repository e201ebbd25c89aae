"""Writing down by a program on this machine, with a model in a folder: nothing that was said leaves the machine.

The program is called as `PROGRAM --model FOLDER --language CODE FILE` and prints the words, UTF-8, and nothing else. A
few lines around any whisper-like program do that (docs/voice.md).
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from reports.content import keepable
from workers.transcription.transcriber import TranscriptionFailed

_MOST_BYTES = 200_000
_ENDING_SECONDS = 1.0


class LocalProgram:
    """Calls the program for one recording at a time."""

    def __init__(self, program: Path, model: Path, seconds: float) -> None:
        """seconds is how long it may take for one recording."""
        self._program, self._model, self._seconds = program, model, seconds

    def words(self, sound: bytes, language: str) -> str:
        """What the program printed. Raises TranscriptionFailed."""
        # A file without a name in memory: a recording in the clear never touches a disk.
        held = os.memfd_create("recording", os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(held), "wb") as file:
                file.write(sound)
            os.lseek(held, 0, os.SEEK_SET)
            return self._run(held, language)
        finally:
            os.close(held)

    def _run(self, held: int, language: str) -> str:
        command = [str(self._program), "--model", str(self._model), "--language", language, f"/proc/self/fd/{held}"]
        try:
            # What it says of itself may quote what it heard, so it goes nowhere; of our secrets it gets none.
            process = subprocess.Popen(  # noqa: S603
                command, pass_fds=[held], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"}, start_new_session=True,
            )  # fmt: skip
        except OSError:
            raise TranscriptionFailed("no_program") from None
        ends_at = time.monotonic() + self._seconds
        timer = threading.Timer(self._seconds, _kill, [process])
        timer.daemon = True
        timer.start()
        try:
            printed = process.stdout.read(_MOST_BYTES + 1) if process.stdout else b""
            if len(printed) <= _MOST_BYTES:
                process.wait(max(0.0, ends_at - time.monotonic()) + _ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            raise TranscriptionFailed("too_slow") from None
        finally:
            timer.cancel()
            _kill(process)
            process.wait()
            if process.stdout:
                process.stdout.close()
        if time.monotonic() >= ends_at:
            raise TranscriptionFailed("too_slow")
        if len(printed) > _MOST_BYTES:
            raise TranscriptionFailed("too_long")
        if process.returncode != 0:
            raise TranscriptionFailed("program_failed")
        try:
            return keepable(printed.decode("utf-8")).strip()
        except UnicodeDecodeError:
            raise TranscriptionFailed("no_text") from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends the program with all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
