"""Reading plan.toml: the lines of the Plan, each with units that the file knows."""

from __future__ import annotations

from typing import Any

from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.plan import Measure, Member, Plan
from routing.rulebook.schemas import PlanSchema, checked
from routing.rulebook.source import Source


def plan_from(source: Source) -> Plan:
    """The edition a file holds. Raises RulebookError for a wrong value, an id given twice or a unit that is unknown."""
    loaded = checked(PlanSchema(), source)
    faults = list(_faults(source, loaded))
    if faults:
        raise RulebookError(faults)
    members = {
        id: Member(id=id, zh=unit["zh"], en=unit["en"], kind=unit.get("kind"), member=unit.get("member", True))
        for id, unit in loaded["units"].items()
    }
    measures = {
        line["id"]: Measure(
            id=line["id"],
            zh=line["zh"],
            en=line["en"],
            responsible=tuple(line["responsible"]),
            cooperating=tuple(line["cooperating"]),
        )
        for line in loaded["measure"]
    }
    return Plan(**loaded["edition"], members=members, measures=measures)


def _faults(source: Source, loaded: dict[str, Any]) -> list[Fault]:
    faults = []
    edition = loaded["edition"]
    if edition["valid_to"] < edition["valid_from"]:
        wanted = "a day not before valid_from"
        faults.append(source.fault(["edition", "valid_to"], wanted=wanted, came=str(edition["valid_to"])))
    seen: set[str] = set()
    for number, line in enumerate(loaded["measure"]):
        if line["id"] in seen:
            faults.append(source.fault(["measure", number, "id"], wanted="an id that is not taken", came=line["id"]))
        seen.add(line["id"])
        for role in ("responsible", "cooperating"):
            faults += [
                source.fault(["measure", number, role], wanted="units that [units] of this file has", came=unit)
                for unit in line[role]
                if unit not in loaded["units"]
            ]
    return faults
