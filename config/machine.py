"""The machine's own times and batches, from the `[machine]` table of clocks.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from config.settings import SettingsError


@dataclass(frozen=True, kw_only=True)
class Machine:
    """How long a claim holds, how often the sweep looks, and how much is taken at once. All times in seconds.

    lease_seconds must be longer than job_timeout_seconds, or a job could still be at work when its claim has lapsed.
    A reporter who sends several texts is left quiet_seconds after each, longest_quiet_seconds in all, before what they
    wrote is read as a whole; texts of one number are about one report while no more than conversation_days lie between.
    Every reconcile_seconds a carrier's list of the last reconcile_hours is compared with what is kept.
    """

    lease_seconds: float
    job_timeout_seconds: int
    sweep_seconds: float
    grace_seconds: float
    inline_seconds: float
    ring_base_seconds: float
    ring_max_seconds: float
    batch: int
    sweep_batch: int
    inline_batch: int
    attempts: int
    ring_budget_seconds: float
    breaker_seconds: float
    quiet_seconds: float
    longest_quiet_seconds: float
    conversation_days: float
    reconcile_seconds: float
    reconcile_hours: float

    def __post_init__(self) -> None:
        if self.lease_seconds <= self.job_timeout_seconds:
            raise SettingsError("In clocks.toml, lease_seconds should be longer than job_timeout_seconds.")

    @classmethod
    def load(cls, config: Path) -> Machine:
        """Reads clocks.toml. Raises SettingsError naming what is missing or of the wrong type."""
        path = config / "clocks.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8")).get("machine", {})
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        if not isinstance(table, dict):
            raise SettingsError(f"{path} should have one table called [machine].")
        whole = {field.name: field.type == "int" for field in fields(cls)}
        wrong = [name for name in whole if not _fits(table.get(name), whole[name])]
        if wrong:
            raise SettingsError(
                f"{path} should give a number above zero in [machine], a whole one for counts and time-outs of jobs, "
                f"for: {', '.join(wrong)}."
            )
        return cls(**{name: table[name] for name in whole})


def _fits(value: object, whole: bool) -> bool:
    # A truth value is an int to Python, and a comparison with NaN is always false.
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        return False
    return 0 < value < float("inf")
