"""How large and how many the files of a report may be, and what is done with them, from files.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from config.settings import SettingsError

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class FileLimits:
    """What is kept of the files of one report, and how many large bodies a process of the public app reads at once."""

    files: int
    file_megabytes: int
    report_megabytes: int
    body_megabytes: int
    uploads_at_once: int
    upload_seconds: int

    @property
    def file_bytes(self) -> int:
        """The most bytes of one file."""
        return self.file_megabytes * _MEGABYTE

    @property
    def report_bytes(self) -> int:
        """The most bytes of all files of a report."""
        return self.report_megabytes * _MEGABYTE

    @property
    def body_bytes(self) -> int:
        """The most bytes of a body that is read at all."""
        return self.body_megabytes * _MEGABYTE


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """From which origins ("https://host") a file may be fetched, for how long, and over how many redirects."""

    origins: tuple[str, ...]
    seconds: int
    redirects: int


@dataclass(frozen=True, kw_only=True)
class CopyLimits:
    """What making one file's copy may use, and how large the copy may be."""

    memory_megabytes: int
    seconds: int
    side: int
    megapixels: int
    pages: int
    stills: int
    sound_minutes: int


@dataclass(frozen=True)
class Files:
    """All that is settled about files."""

    limits: FileLimits
    fetching: FetchLimits
    copies: CopyLimits

    @classmethod
    def load(cls, config: Path) -> Files:
        """Reads files.toml. Raises SettingsError naming what is missing or of the wrong type."""
        path = config / "files.toml"
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        return cls(
            _read(FileLimits, tables, "limits", path),
            _read(FetchLimits, tables, "fetching", path),
            _read(CopyLimits, tables, "copies", path),
        )


_Table = TypeVar("_Table", FileLimits, FetchLimits, CopyLimits)


def _read(kind: type[_Table], tables: dict[str, Any], name: str, path: Path) -> _Table:
    table = tables.get(name)
    values = dict(table) if isinstance(table, dict) else {}
    if isinstance(values.get("origins"), list):
        values["origins"] = tuple(values["origins"])
    wrong = [field.name for field in fields(kind) if not _fits(values.get(field.name), field.name)]
    if wrong:
        raise SettingsError(
            f"{path} should give, in [{name}], a whole number above zero, and for origins a list of addresses such as "
            f'"https://media.example", for: {", ".join(wrong)}.'
        )
    return kind(**{field.name: values[field.name] for field in fields(kind)})


def _fits(value: object, name: str) -> bool:
    if name == "origins":
        return isinstance(value, tuple) and all(isinstance(one, str) and "://" in one for one in value)
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
