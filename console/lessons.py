"""The lessons of a new officer's first shift: the table `first_shift.toml`, checked against what it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.settings import SettingsError
from console.services import Services
from reports.states import ReportState
from reports.values import UnitKind, Urgency
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.source import Source, Step, shown

# What an officer does about a report, as the audit chain has it. A look, a hold and a receipt that is handed out judge
# nothing.
ACTS = (
    "confirmed", "corrected", "rerouted", "copied", "transferred", "recalled", "asked_reporter", "merged", "merged_in",
    "unmerged", "quarantined", "closed", "reopened",
)  # fmt: skip
_TABLE, _REMEDY = "lesson", "Correct it and start again."
_TEXTS = ("text", "look_for_zh", "look_for_en", "why_zh", "why_en")
_LISTS = ("states", "urgency", "matters", "not_matters", "outcomes")
_ONES = ("lead", "region", "same_as")


@dataclass(frozen=True, kw_only=True)
class Right:
    """What must be true of a report in the end; '', 0 and () where it does not matter. Codes of the taxonomy, states of
    a report, outcomes, a kind of unit and an area; same_as is the number of another lesson, from 1."""

    states: tuple[str, ...] = ()
    urgency: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    not_matters: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    lead: str = ""
    region: str = ""
    same_as: int = 0


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One report, the acts of which one answers it, and what is said about it before it is judged (look_for) and
    afterwards (why), by language."""

    text: str
    acts: tuple[str, ...]
    look_for: Mapping[str, str]
    why: Mapping[str, str]
    right: Right


def load_lessons(config: Path, services: Services) -> tuple[Lesson, ...]:
    """Reads first_shift.toml. Raises SettingsError with one line for each slip: where it stands, what was wanted, what
    came and what to do."""
    try:
        source = Source(config / "first_shift.toml", config)
    except RulebookError as fault:
        raise SettingsError(str(fault)) from None
    rows = source.tables.get(_TABLE)
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        wanted = "[[lesson]] tables, one at least"
        raise SettingsError(str(source.fault((_TABLE,), wanted=wanted, came="none", remedy=_REMEDY)))
    faults = [fault for number, row in enumerate(rows) for fault in _Check(source, number, services).faults(row)]
    if faults:
        raise SettingsError("\n".join(map(str, faults)))
    return tuple(_lesson(row) for row in rows)


@dataclass(frozen=True)
class _Check:
    """What is wrong with one lesson; number is its place in the table, from 0."""

    source: Source
    number: int
    services: Services

    def faults(self, row: Mapping[str, Any]) -> Iterator[Fault]:
        for name in _TEXTS:
            if not isinstance(row.get(name), str) or not row[name].strip():
                yield self._fault((name,), wanted=f"words in {name}", came=row.get(name))
        for name in sorted(row.keys() - {*_TEXTS, "acts", "right"}):
            yield self._fault((name,), wanted=_any_of([*_TEXTS, "acts", "right"]), came=name)
        yield from self._codes(("acts",), row.get("acts"), ACTS)
        right = row.get("right")
        if not isinstance(right, Mapping) or not right:
            wanted = "a table that says what must be true in the end"
            yield self._fault(("right",), wanted=wanted, came=right)
            return
        for name in sorted(right.keys() - {*_LISTS, *_ONES}):
            yield self._fault(("right", name), wanted=_any_of([*_LISTS, *_ONES]), came=name)
        yield from self._rights(right)

    def _rights(self, right: Mapping[str, Any]) -> Iterator[Fault]:
        matters = self.services.taxonomy.codes("matters")
        known: dict[str, Collection[str]] = {
            "states": list(ReportState), "urgency": list(Urgency), "matters": matters, "not_matters": matters,
            "outcomes": list(self.services.outcomes.outcomes),
        }  # fmt: skip
        for name in _LISTS:
            if name in right:
                yield from self._codes(("right", name), right[name], known[name])
        if "lead" in right and right["lead"] not in list(UnitKind):
            yield self._fault(("right", "lead"), wanted=_any_of(list(UnitKind)), came=right["lead"])
        region, same_as = right.get("region"), right.get("same_as")
        if "region" in right and not (isinstance(region, str) and self.services.rulebook.areas.get(region)):
            yield self._fault(("right", "region"), wanted="the code of an area in areas.csv", came=region)
        # True is a whole number to Python, and to nobody else.
        if "same_as" in right and not (type(same_as) is int and 1 <= same_as <= self.number):
            wanted = "the number of an earlier lesson, counted from 1"
            yield self._fault(("right", "same_as"), wanted=wanted, came=same_as)

    def _codes(self, steps: tuple[str, ...], came: object, known: Collection[str]) -> Iterator[Fault]:
        if not isinstance(came, list) or not came:
            yield self._fault(steps, wanted=f"a list of {_any_of(known)}", came=came)
            return
        for code in came:
            if code not in known:
                yield self._fault(steps, wanted=_any_of(known), came=code)

    def _fault(self, steps: tuple[Step, ...], *, wanted: str, came: object) -> Fault:
        found = "nothing" if came is None else shown(came)
        return self.source.fault((_TABLE, self.number, *steps), wanted=wanted, came=found, remedy=_REMEDY)


def _any_of(names: Collection[str]) -> str:
    return f"one of {', '.join(names)}"


def _lesson(row: Mapping[str, Any]) -> Lesson:
    right = row["right"]
    return Lesson(
        text=row["text"],
        acts=tuple(row["acts"]),
        look_for={"zh": row["look_for_zh"], "en": row["look_for_en"]},
        why={"zh": row["why_zh"], "en": row["why_en"]},
        right=Right(
            states=tuple(right.get("states", ())),
            urgency=tuple(right.get("urgency", ())),
            matters=tuple(right.get("matters", ())),
            not_matters=tuple(right.get("not_matters", ())),
            outcomes=tuple(right.get("outcomes", ())),
            lead=right.get("lead", ""),
            region=right.get("region", ""),
            same_as=right.get("same_as", 0),
        ),
    )
