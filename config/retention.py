"""How long content is kept after a report ended: the table `retention.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

# Days that need no reason: longer keeps what people told for longer than the purpose needs, unless somebody says why.
_MOST_DAYS, _MOST_DAYS_OF_NOTHING = 90, 30
_NOTHING = ("no_crime", "noise")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Days that content is kept: after a report was closed, fewer after some outcomes, and after it was quarantined.

    reason says why it is longer than usual; '' where it is not.
    """

    closed: int
    outcomes: Mapping[str, int]
    quarantined: int
    reason: str = ""

    @classmethod
    def load(cls, config: Path) -> Retention:
        """Reads retention.toml. Raises SettingsError naming what is missing, of the wrong type or without a reason."""
        path = config / "retention.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        closed, quarantined = _table(table, "closed"), _table(table, "quarantined")
        outcomes, reason = _table(closed, "outcomes"), table.get("reason", "")
        days = {"closed.days": closed.get("days"), "quarantined.days": quarantined.get("days")}
        days |= {f"closed.outcomes.{name}": value for name, value in outcomes.items()}
        wrong = [name for name, value in days.items() if not _is_days(value)]
        if wrong:
            raise SettingsError(f"{path} should give whole days from 0 to 36500 for: {', '.join(wrong)}.")
        long = [name for name, value in days.items() if isinstance(value, int) and value > _usual(name)]
        if long and not (isinstance(reason, str) and reason.strip()):
            raise SettingsError(f"{path} keeps content longer than usual ({', '.join(long)}): say why as reason.")
        return cls(
            closed=closed["days"], outcomes=dict(outcomes), quarantined=quarantined["days"], reason=str(reason).strip()
        )

    def days_after(self, outcome: str | None) -> int:
        """The days for a closed report with this outcome."""
        return self.outcomes.get(outcome or "", self.closed)


def _table(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name, {})
    return found if isinstance(found, dict) else {}


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 36_500


def _usual(name: str) -> int:
    is_nothing = name == "quarantined.days" or name.rpartition(".")[2] in _NOTHING
    return _MOST_DAYS_OF_NOTHING if is_nothing else _MOST_DAYS
