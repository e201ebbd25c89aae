"""What the figures count, and how small a number is shown: the table `figures.toml`."""

from __future__ import annotations

import hashlib
import tomllib
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

# What an outcome may count as.
ENDS = ("solved", "safe", "refused", "other")


@dataclass(frozen=True, kw_only=True)
class Counting:
    """What counts as what.

    counts_as has one of ENDS for each outcome. crimes are the matters that tell of a crime. fine and shown are the
    bounds of classes of times, in minutes, shown a part of fine. stages has the last year of the first stage of an
    edition of the Plan. scheme tells tables apart that count differently.
    """

    smallest: int
    counts_as: Mapping[str, str]
    crimes: frozenset[str]
    fine: tuple[int, ...]
    shown: tuple[int, ...]
    stages: Mapping[str, int]
    scheme: str

    @classmethod
    def load(cls, config: Path) -> Counting:
        """Reads figures.toml, and what is a crime from taxonomy.toml. Raises SettingsError naming what is wrong."""
        path = config / "figures.toml"
        table, taxonomy = _read(path), _read(config / "taxonomy.toml")
        faults = list(_faults(table, set(_read(config / "outcomes.toml").get("outcomes", {}))))
        if faults:
            raise SettingsError(f"{path} {'; '.join(faults)}.")
        crimes = frozenset(code for code, row in taxonomy["matters"].items() if row.get("family") == "crime")
        counted = repr((sorted(table["counts_as"].items()), sorted(crimes), table["times"]))
        return cls(
            smallest=table["smallest"],
            counts_as=dict(table["counts_as"]),
            crimes=crimes,
            fine=tuple(table["times"]["fine"]),
            shown=tuple(table["times"]["shown"]),
            stages=dict(table.get("stages", {})),
            scheme=hashlib.sha256(counted.encode()).hexdigest()[:16],
        )

    def time_class(self, milliseconds: int) -> int:
        """The fine class of a time: 0 for one within the first bound, len(fine) for one beyond the last."""
        return bisect_left(self.fine, milliseconds / 60_000)

    def shown_class(self, milliseconds: int) -> int:
        """The same of the few classes that a table shows."""
        return bisect_left(self.shown, milliseconds / 60_000)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None


def _faults(table: dict[str, Any], outcomes: set[str]) -> list[str]:
    faults = []
    smallest: Any = table.get("smallest")
    if not _is_whole(smallest) or smallest < 2:
        faults.append("should give smallest, a whole number from 2")
    counts_as = table.get("counts_as")
    if not isinstance(counts_as, dict) or set(counts_as) != outcomes or not set(counts_as.values()) <= set(ENDS):
        faults.append(f"should say under [counts_as] for each outcome ({', '.join(sorted(outcomes))}) which of "
                      f"{', '.join(ENDS)} it counts as")  # fmt: skip
    times = table.get("times")
    fine: Any = times.get("fine") if isinstance(times, dict) else None
    shown: Any = times.get("shown") if isinstance(times, dict) else None
    if not _is_rising(fine) or not _is_rising(shown) or not set(shown) <= set(fine):
        faults.append("should give under [times] fine and shown, whole minutes that rise, shown a part of fine")
    stages = table.get("stages", {})
    if not isinstance(stages, dict) or not all(_is_whole(year) for year in stages.values()):
        faults.append("should give under [stages] a year for each edition")
    return faults


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_rising(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(_is_whole(one) and one > 0 for one in value)
        and value == sorted(set(value))
    )
