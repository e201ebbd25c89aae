"""How a report stands and ended, in words for the desk and for the reporter: the table `outcomes.toml`, checked."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError

DESK_LANGUAGES = ("zh", "en")
CLOSED = "closed"

Words = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """The words of every state and outcome. states and outcomes hold the desk's, by code and then by language.

    steps_of says which step the reporter sees of a state; told holds the reporter's words of a step or an outcome, by
    code and then by language. reopening_days is how long after its end a reporter may have a report taken up again.
    """

    states: Mapping[str, Words]
    steps_of: Mapping[str, str]
    outcomes: Mapping[str, Words]
    told: Mapping[str, Words]
    reopening_days: int

    @classmethod
    def load(cls, config: Path, states: Collection[str], languages: Collection[str]) -> Outcomes:
        """Reads outcomes.toml for these states of a report and these languages of reporters.

        Raises SettingsError naming every word that is missing: whoever comes back must not meet a blank.
        """
        path = config / "outcomes.toml"
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as fault:
            raise SettingsError(f"{path} should be a readable TOML file: {fault}") from None
        faults = list(_faults(table, states, languages))
        if faults:
            raise SettingsError(f"{path} should say everything in every language; {'; '.join(faults)}.")
        outcomes = table["outcomes"]
        return cls(
            states={name: one["desk"] for name, one in table["states"].items()},
            steps_of={name: one["step"] for name, one in table["states"].items()},
            outcomes={code: one["desk"] for code, one in outcomes.items()},
            told={**table["steps"], **{code: one["reporter"] for code, one in outcomes.items()}},
            reopening_days=table["reopening"]["days"],
        )

    def said_to_reporter(self, state: str, outcome: str | None, language: str) -> str:
        """What a reporter is told of a report in this state, and with this outcome where it is closed."""
        step = self.steps_of[state]
        code = outcome if step == CLOSED and outcome in self.outcomes else step
        # Closed by a version of the table that had another list: what is certain is that it was received.
        return self.told.get(code or step, self.told["received"])[language]

    def desk_words(self, language: str) -> dict[str, str]:
        """The desk's words by the names that its pages ask for: state_CLOSED, outcome_solved ..."""
        named = {f"state_{name}": said for name, said in self.states.items()}
        named |= {f"outcome_{code}": said for code, said in self.outcomes.items()}
        return {name: said[language] for name, said in named.items()}


def _faults(table: dict[str, Any], states: Collection[str], languages: Collection[str]) -> list[str]:
    steps, outcomes = _tables(table, "steps"), _tables(table, "outcomes")
    faults = [f"[{name}] is missing" for name in ("states", "steps", "outcomes", "reopening") if name not in table]
    days = table.get("reopening", {}).get("days")
    if not isinstance(days, int) or isinstance(days, bool) or days < 0:
        faults.append("[reopening] should give days, a whole number from 0")
    found = _tables(table, "states")
    faults += [f"[states] should have {', '.join(sorted(states))}"] if set(found) != set(states) else []
    for name, one in found.items():
        faults += _missing(f"states.{name}.desk", one.get("desk"), DESK_LANGUAGES)
        if one.get("step") not in {*steps, CLOSED}:
            faults.append(f"states.{name}.step should be {CLOSED} or one of [steps], but is {one.get('step')!r}")
    for name, one in steps.items():
        faults += _missing(f"steps.{name}", one, languages)
    for code, one in outcomes.items():
        faults += _missing(f"outcomes.{code}.desk", one.get("desk"), DESK_LANGUAGES)
        faults += _missing(f"outcomes.{code}.reporter", one.get("reporter"), languages)
    faults += [] if "received" in steps else ["[steps] should have received"]
    faults += [] if outcomes else ["[outcomes] should have at least one"]
    return faults


def _tables(table: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    found = table.get(name)
    rows = found if isinstance(found, dict) else {}
    return {str(key): one if isinstance(one, dict) else {} for key, one in rows.items()}


def _missing(name: str, words: object, languages: Collection[str]) -> list[str]:
    said = words if isinstance(words, dict) else {}
    lacking = [one for one in languages if not isinstance(said.get(one), str) or not str(said[one]).strip()]
    return [f"{name} lacks {', '.join(lacking)}"] if lacking else []
