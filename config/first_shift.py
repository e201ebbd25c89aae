"""The lessons of a new officer's first shift: the table `first_shift.toml`, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

_LISTS = ("states", "urgency", "matters", "not_matters")
_WORDS = ("text", "look_for_zh", "look_for_en", "why_zh", "why_en")


@dataclass(frozen=True, kw_only=True)
class Right:
    """What must be true of a report in the end; '' and () where it does not matter. Codes of the taxonomy, states of a
    report, a kind of unit and an area."""

    states: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    not_matters: tuple[str, ...] = ()
    lead: str = ""
    region: str = ""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One report, and what is said about it before it is decided (look_for) and afterwards (why), by language."""

    text: str
    look_for: Mapping[str, str]
    why: Mapping[str, str]
    right: Right


def load_lessons(config: Path) -> tuple[Lesson, ...]:
    """Reads first_shift.toml. Raises SettingsError naming everything that is missing."""
    path = config / "first_shift.toml"
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["lesson"]
    except (OSError, ValueError, KeyError) as fault:
        raise SettingsError(f"{path} should be a readable TOML file with [[lesson]] tables: {fault}") from None
    faults = [fault for number, row in enumerate(rows, 1) for fault in _faults(number, row)]
    if faults or not rows:
        raise SettingsError(f"{path} should hold whole lessons; {'; '.join(faults) or 'there is none'}.")
    return tuple(_lesson(row) for row in rows)


def _faults(number: int, row: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"lesson {number} has no {name}" for name in _WORDS if not str(row.get(name, "")).strip())
    right = row.get("right", {})
    if not right:
        yield f"lesson {number} does not say what is right"
    known = {*_LISTS, "lead", "region"}
    for name in sorted(right.keys() - known):
        yield f"lesson {number} has {name} in what is right, which is none of {', '.join(sorted(known))}"


def _lesson(row: Mapping[str, Any]) -> Lesson:
    right = row["right"]
    return Lesson(
        text=row["text"],
        look_for={"zh": row["look_for_zh"], "en": row["look_for_en"]},
        why={"zh": row["why_zh"], "en": row["why_en"]},
        right=Right(
            **{name: tuple(right.get(name, ())) for name in _LISTS},
            lead=right.get("lead", ""),
            region=right.get("region", ""),
        ),
    )
