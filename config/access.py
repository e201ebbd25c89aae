"""What the desk asks of those who sign in: the table `access.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

_ROLES = frozenset({"duty_officer", "unit_officer", "supervisor", "reviewer", "privacy_officer", "administrator"})
_ACTS = ("export", "lift_recusal", "recover", "add_officer", "change_role", "new_password")


@dataclass(frozen=True, kw_only=True)
class TwoPeopleRule:
    """Who may ask for an act that needs two people and who may confirm it, for which reasons.

    hours is how long it waits for the second person, minutes how long it may be done after that.
    """

    asks: frozenset[str]
    confirms: frozenset[str]
    reasons: tuple[str, ...]
    hours: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class AccessRules:
    """The rules of fresh second factors, of browsing, and of acts that need two people, by act."""

    fresh_minutes: int
    reports_an_hour: int
    two_people: Mapping[str, TwoPeopleRule]

    @classmethod
    def load(cls, config: Path) -> AccessRules:
        """Reads access.toml. Raises SettingsError naming what is missing or of the wrong type."""
        path = config / "access.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        factor, browsing = _table(table, "second_factor"), _table(table, "browsing")
        acts = _table(table, "two_people")
        if set(acts) != set(_ACTS):
            raise SettingsError(f"{path} should have [two_people.…] for {', '.join(_ACTS)} and nothing else.")
        return cls(
            fresh_minutes=_number(path, factor, "fresh_minutes"),
            reports_an_hour=_number(path, browsing, "reports_an_hour"),
            two_people={act: _rule(path, act, _table(acts, act)) for act in _ACTS},
        )


def _rule(path: Path, act: str, table: dict[str, Any]) -> TwoPeopleRule:
    asks, confirms = _roles(path, act, table, "asks"), _roles(path, act, table, "confirms")
    reasons = table.get("reasons")
    if not isinstance(reasons, list) or not reasons or not all(isinstance(one, str) and one for one in reasons):
        raise SettingsError(f"{path} should list reasons for [two_people.{act}], as codes.")
    return TwoPeopleRule(
        asks=asks,
        confirms=confirms,
        reasons=tuple(reasons),
        hours=_number(path, table, "hours"),
        minutes=_number(path, table, "minutes"),
    )


def _roles(path: Path, act: str, table: dict[str, Any], name: str) -> frozenset[str]:
    roles = table.get(name)
    if not isinstance(roles, list) or not roles or not set(roles) <= _ROLES:
        raise SettingsError(f"{path} should list roles ({', '.join(sorted(_ROLES))}) as {name} of [two_people.{act}].")
    return frozenset(roles)


def _table(of: dict[str, Any], name: str) -> dict[str, Any]:
    found = of.get(name, {})
    return found if isinstance(found, dict) else {}


def _number(path: Path, table: dict[str, Any], name: str) -> int:
    value = table.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100_000:
        raise SettingsError(f"{path} should give a whole number of at least 1 as {name}, but has {value!r}.")
    return value
