"""From when to when something is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days from valid_from to valid_to, both included; None is open."""

    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def code(self) -> str:
        """The period as a code that rows can ask for: 2008-11-21..2012-12-31."""
        return f"{self.valid_from or ''}..{self.valid_to or ''}"

    def covers(self, day: date) -> bool:
        """Whether the day lies in it."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)
