"""Whom the public is told to call, and where a reader who leaves is sent, from public_page.toml."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

_NUMBER = re.compile(r"\+?[0-9]{2,15}")
_ADDRESS = re.compile(r"https://[^\s\"'<>]+")


@dataclass(frozen=True, kw_only=True)
class PublicPage:
    """emergency_call is the number shown first on every page; emergency_text takes text messages, and may be ''.

    leave_to is the https address of the page that a reader who leaves quickly is sent to.
    """

    emergency_call: str
    emergency_text: str
    leave_to: str

    @classmethod
    def load(cls, config: Path) -> PublicPage:
        """Reads public_page.toml. Raises SettingsError naming the value that is not as wanted."""
        path = config / "public_page.toml"
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        call, text = _value(tables, "emergency", "call"), _value(tables, "emergency", "text")
        leave_to = _value(tables, "leave", "to")
        if not _NUMBER.fullmatch(call):
            raise SettingsError(f'{path} should have in [emergency] call = "110" or another number, but has {call!r}.')
        if text and not _NUMBER.fullmatch(text):
            raise SettingsError(
                f'{path} should have in [emergency] text = "12110", another number or "", not {text!r}.'
            )
        if not _ADDRESS.fullmatch(leave_to):
            raise SettingsError(
                f"{path} should have in [leave] an address that begins with https://, not {leave_to!r}."
            )
        return cls(emergency_call=call, emergency_text=text, leave_to=leave_to)


def _value(tables: dict[str, Any], table: str, name: str) -> str:
    section = tables.get(table)
    value = section.get(name, "") if isinstance(section, dict) else ""
    return value if isinstance(value, str) else f"{value!r}, which is no text in quotes"
