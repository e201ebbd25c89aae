"""How much one source may send before its reports are marked, from limits.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many in a window of so many seconds."""

    most: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of all doors. work_bits is how many leading zero bits a proof of work has."""

    sender: Rate
    network: Rate
    partner: Rate
    total: Rate
    work: Rate
    look_up: Rate
    work_bits: int

    @classmethod
    def load(cls, config: Path) -> Limits:
        """Reads limits.toml. Raises SettingsError naming what is missing or of the wrong kind."""
        path = config / "limits.toml"
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        names = ("sender", "network", "partner", "total", "work", "look_up")
        rates = {name: _rate(path, name, tables.get(name)) for name in names}
        bits = tables["work"].get("bits")
        if not _is_count(bits) or bits > 24:
            raise SettingsError(
                f"{path} should give bits in [work] as a whole number from 1 to 24, but gives {bits!r}."
            )
        return cls(**rates, work_bits=bits)


def _rate(path: Path, name: str, table: Any) -> Rate:
    found = table if isinstance(table, dict) else {}
    if not (_is_count(found.get("most")) and _is_count(found.get("seconds"))):
        raise SettingsError(f"{path} should give most and seconds in [{name}] as whole numbers above zero.")
    return Rate(most=found["most"], seconds=found["seconds"])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
