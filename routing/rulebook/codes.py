"""The codes that rules may name, from taxonomy.toml, and the circumstances that are worked out from the places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.values import Channel, UnitKind
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.rules import Track
from routing.rulebook.source import Source

# How the places of a report stand to each other; `jurisdiction.py` says when each of them holds.
PLACE_RELATIONS = (
    "no_mainland_place",
    "mainland_place",
    "no_occurrence",
    "several_occurrences",
    "several_provinces",
    "occurrence_abroad",
    "destination_outside",
    "origin_outside",
)
AXES = ("matters", "urgency", "persons", "reporter", "contact", "cues")


@dataclass(frozen=True)
class Codes:
    """The codes of each axis, the matters of each family (crime, relief, circumstance, other), and the matters beside
    which alone the machine tells a cue; a cue that it tells beside any is not among them."""

    axes: Mapping[str, frozenset[str]]
    families: Mapping[str, frozenset[str]]
    beside: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, source: Source) -> Codes:
        """Reads taxonomy.toml. Raises RulebookError where an axis or a matter's family is missing, or a cue stands
        beside something that is no matter."""
        tables = source.tables
        faults = [
            source.fault([axis], wanted=f"a table [{axis}] with at least one code", came=tables.get(axis))
            for axis in AXES
            if not isinstance(tables.get(axis), Mapping) or not tables[axis]
        ]
        if faults:
            raise RulebookError(faults)
        families: dict[str, set[str]] = {}
        for matter, label in tables["matters"].items():
            family = label.get("family") if isinstance(label, Mapping) else None
            if not isinstance(family, str):
                wanted = "a family: crime, relief, circumstance or other"
                faults.append(source.fault(["matters", matter], wanted=wanted, came=family))
                continue
            families.setdefault(family, set()).add(matter)
        beside = {
            cue: label["beside"]
            for cue, label in tables["cues"].items()
            if isinstance(label, Mapping) and "beside" in label
        }
        faults += _beside_faults(source, beside)
        if faults:
            raise RulebookError(faults)
        axes = {axis: frozenset(tables[axis]) for axis in AXES} | {
            "channel": frozenset(channel.value for channel in Channel),
            "places": frozenset(PLACE_RELATIONS),
            "lead": frozenset(kind.value for kind in UnitKind),
            "family": frozenset(families),
            "track": frozenset(track.value for track in Track),
        }
        return cls(
            axes,
            {family: frozenset(matters) for family, matters in families.items()},
            {cue: frozenset(matters) for cue, matters in beside.items()},
        )


def _beside_faults(source: Source, beside: Mapping[str, Any]) -> Iterator[Fault]:
    matters = source.tables["matters"]
    remedy = f"Use {', '.join(sorted(matters))}."
    for cue, named in beside.items():
        at = ["cues", cue, "beside"]
        if not isinstance(named, list):
            yield source.fault(at, wanted="a list of matters", came=named, remedy=remedy)
            continue
        for matter in named:
            if matter not in matters:
                yield source.fault(at, wanted="matters", came=repr(matter), remedy=remedy)
