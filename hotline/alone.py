"""What one system has to itself on a machine: its two ports and its state folder."""

from __future__ import annotations

import fcntl
import socket
import time
from pathlib import Path
from typing import TextIO

from config.settings import Settings, SettingsError


def check_ports(settings: Settings) -> None:
    """Raises SettingsError unless both ports are free."""
    if settings.intake_port == settings.console_port:
        raise SettingsError(
            f"HOTLINE_INTAKE_PORT and HOTLINE_CONSOLE_PORT should be two ports, but both are {settings.intake_port}."
        )
    for port in (settings.intake_port, settings.console_port):
        _check_free(port)


def _check_free(port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            raise SettingsError(
                f"Port {port} should be free, but something on this machine uses it. "
                "End that, or choose others with HOTLINE_INTAKE_PORT and HOTLINE_CONSOLE_PORT."
            ) from None


def only_one(state: Path) -> TextIO:
    """A lock on the state folder, held until this process ends: two systems would share an append-only file."""
    file = (state / "up.lock").open("a")
    # A Redis whose supervisor was killed needs a moment to end; waiting is better than refusing.
    deadline = time.monotonic() + 5
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > deadline:
                file.close()
                raise SettingsError(
                    f"Another `hotline up`, or the Redis of one that was killed, uses {state}. "
                    "End it, or give this one its own HOTLINE_STATE."
                ) from None
            time.sleep(0.1)
        else:
            return file
