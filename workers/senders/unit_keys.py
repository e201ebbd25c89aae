"""The keys that webhooks are signed with: one file for each unit, of which only its owner may read anything."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from config.settings import SettingsError

_FOLDER = "units"
_MARK = "whsec_"
_BYTES = 32


def key_path(state: Path, unit_id: str) -> Path:
    """Where a unit's keys lie."""
    return state / _FOLDER / f"{unit_id}.key"


def read_keys(state: Path, unit_id: str) -> tuple[bytes, ...]:
    """A unit's keys, the newest first; it signs with all of them. Raises SettingsError."""
    path = key_path(state, unit_id)
    try:
        with path.open(encoding="ascii") as file:
            is_open_to_all = os.fstat(file.fileno()).st_mode & 0o077
            lines = file.read(2000).split()
    except (OSError, ValueError):
        raise SettingsError(f"{path} should hold the unit's key. Run `hotline unit key {unit_id}`.") from None
    if is_open_to_all:
        raise SettingsError(
            f"{path} should have mode 0600, but others may read it. Think of the key as seen: "
            f"run `hotline unit key {unit_id} --replace` twice, and give the unit the new one."
        )
    try:
        keys = tuple(base64.b64decode(line.removeprefix(_MARK), validate=True) for line in lines)
    except binascii.Error:
        keys = ()
    if not keys or any(len(key) < _BYTES for key in keys):
        raise SettingsError(
            f"{path} should hold lines of {_MARK} and {_BYTES} bytes in base64, but holds something else. "
            f"Take it away and run `hotline unit key {unit_id}`."
        )
    return keys


def new_key(state: Path, unit_id: str, *, replace: bool) -> Path:
    """Invents a key and writes it to the unit's file. replace keeps the newest old one beside it, so that the unit can
    change over in its own time. Raises SettingsError where there is one and it is not to be replaced."""
    path = key_path(state, unit_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and not replace:
        raise SettingsError(f"{path} is there already. Say --replace to put a new key beside it.")
    old = path.read_text(encoding="ascii").split()[:1] if path.exists() else []
    lines = [_MARK + base64.b64encode(secrets.token_bytes(_BYTES)).decode(), *old]
    written = path.with_suffix(".new")
    written.unlink(missing_ok=True)
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
    return path
