"""Which files make up a rulebook, and the fingerprint of what stands in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

AREAS = "areas.csv"
OVERLAYS = "overlays"
FIRST_PLAN = "plan.toml"
UNITS = "units.toml"
UNITS_TABLE = "units.csv"
# In the order in which `load.py` takes them apart.
TABLES = (
    "taxonomy.toml",
    "packets.toml",
    "holidays.toml",
    "clocks.toml",
    "rules.toml",
    "members.toml",
    FIRST_PLAN,
)


def find_later_plans(folder: Path) -> list[Path]:
    """The further editions of the Plan."""
    return sorted(folder.glob("plan-*.toml"))


def find_overlays(folder: Path) -> list[Path]:
    """The rows of provinces and cities, one file for each document."""
    return sorted((folder / OVERLAYS).glob("*.toml"))


def table_files(folder: Path) -> list[Path]:
    """Every file of a rulebook, in the order of its fingerprint. What a rulebook must have is named though it lacks."""
    needed = [folder / name for name in TABLES]
    units = [folder / UNITS, *(path for path in [folder / UNITS_TABLE] if path.exists())]
    return [*needed, *units, *find_later_plans(folder), *find_overlays(folder), folder / AREAS]


def fingerprint_of(contents: Iterable[tuple[str, bytes]]) -> str:
    """The SHA-256 over the names and contents of a rulebook's files."""
    digest = hashlib.sha256()
    for name, content in contents:
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()
