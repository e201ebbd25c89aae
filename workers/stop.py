"""Stopping in good order: a signal asks, the loop ends at its next turn."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType


class Stop:
    """Set by SIGTERM or SIGINT; a loop waits on it instead of sleeping.

    A pipe, and not an event with its lock: a signal that comes while the same thread holds that lock would wait for
    itself for ever.
    """

    def __init__(self) -> None:
        self._asked = False
        self._reader, self._writer = os.pipe()

    @property
    def asked(self) -> bool:
        """Whether somebody asked to stop."""
        return self._asked

    def ask(self) -> None:
        """Asks the loop to end."""
        self._asked = True
        os.write(self._writer, b".")

    def wait(self, seconds: float) -> None:
        """Waits, but not longer than until somebody asks."""
        select.select([self._reader], [], [], seconds)

    def listen(self) -> None:
        """Asks when the process is told to end. Only from the main thread."""

        def hear(_number: int, _frame: FrameType | None) -> None:
            self.ask()

        signal.signal(signal.SIGTERM, hear)
        signal.signal(signal.SIGINT, hear)
