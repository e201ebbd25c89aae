"""Stopping in good order: a signal asks, the loop ends at its next turn."""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Stop:
    """Set by SIGTERM or SIGINT; a loop waits on it instead of sleeping."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def asked(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set()

    def ask(self) -> None:
        """Asks the loop to end."""
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Waits, but not longer than until somebody asks."""
        self._event.wait(seconds)

    def listen(self) -> None:
        """Asks when the process is told to end. Only from the main thread."""

        def hear(_number: int, _frame: FrameType | None) -> None:
            self.ask()

        signal.signal(signal.SIGTERM, hear)
        signal.signal(signal.SIGINT, hear)
