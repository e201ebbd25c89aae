"""The secrets that an operator gives, or that `hotline up` invents: one file each under the state folder, mode 0600."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.settings import SettingsError


@dataclass(frozen=True, kw_only=True)
class DoorSecrets:
    """What the public app needs to recognise its callers.

    account_sid and auth_token are the provider's; numbers are ours, in E.164 form; api_key is one partner's bearer key.
    exercise_key is what `hotline simulate` proves by that what it sends is played; '' where no exercise may be held.
    """

    account_sid: str
    auth_token: str
    numbers: tuple[str, ...]
    api_key: str
    exercise_key: str = ""


@dataclass(frozen=True, kw_only=True)
class _Secret:
    file: str
    variable: str
    shape: str
    wanted: str
    is_optional: bool = False


_SECRETS = (
    _Secret(
        file="twilio-account-sid",
        variable="TWILIO_ACCOUNT_SID",
        shape=r"AC[0-9a-f]{32}",
        wanted="AC and 32 hexadecimal digits",
    ),
    # An empty or short token would let anyone sign: the provider's tokens are 32 characters, always.
    _Secret(file="twilio-auth-token", variable="TWILIO_AUTH_TOKEN", shape=r"[0-9a-zA-Z]{32}", wanted="32 characters"),
    _Secret(
        file="twilio-numbers",
        variable="TWILIO_NUMBERS",
        shape=r"\+?[0-9]{3,15}(,\+?[0-9]{3,15})*",
        wanted="our own numbers in E.164 form, separated by commas",
    ),
    _Secret(
        file="api-key",
        variable="HOTLINE_API_KEY",
        shape=r"[0-9a-zA-Z_-]{32,128}",
        wanted="32 to 128 letters, digits, - or _",
    ),
    _Secret(
        file="exercise-key",
        variable="HOTLINE_EXERCISE_KEY",
        shape=r"[0-9a-zA-Z_-]{32,128}",
        wanted="32 to 128 letters, digits, - or _",
        is_optional=True,
    ),
)


def read_door_secrets(environment: Mapping[str, str], state: Path) -> DoorSecrets:
    """The door's secrets, each from its variable or else its file. Raises SettingsError naming the first wrong one."""
    values = [_read(secret, environment, state) for secret in _SECRETS]
    account_sid, auth_token, numbers, api_key, exercise_key = values
    return DoorSecrets(
        account_sid=account_sid,
        auth_token=auth_token,
        numbers=tuple(numbers.split(",")),
        api_key=api_key,
        exercise_key=exercise_key,
    )


def _read(secret: _Secret, environment: Mapping[str, str], state: Path) -> str:
    path = state / secret.file
    value = environment.get(secret.variable, "").strip()
    if not value and path.is_file():
        value = path.read_text(encoding="utf-8", errors="replace").strip()
    value = value.replace(" ", "")
    if not value and secret.is_optional:
        return ""
    if not re.fullmatch(secret.shape, value):
        came = "nothing was given" if not value else f"what was given has {len(value)} characters of another shape"
        raise SettingsError(
            f"{secret.variable} (or the file {path}) should be {secret.wanted}, but {came}. "
            "`hotline up` invents one for trying things out."
        )
    return value


def write_secret(path: Path, text: str) -> None:
    """Writes text to a new file that only its owner can read. Raises FileExistsError rather than replace a secret."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_secret(path: Path, text: str) -> None:
    """Puts text in the place of a secret's file, whole or not at all, with the same owner; only they can read it."""
    before, beside = path.stat(), path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    write_secret(beside, text)
    if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(beside, before.st_uid, before.st_gid)
    beside.chmod(before.st_mode & 0o777)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
