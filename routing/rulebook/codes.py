"""The codes that rules may name, from taxonomy.toml, and the circumstances that are worked out from the places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.values import Channel, UnitKind
from routing.rulebook.errors import RulebookError
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
    """The codes of each axis, the family of each matter (crime, relief, circumstance, other)."""

    axes: Mapping[str, frozenset[str]]
    families: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, source: Source) -> Codes:
        """Reads taxonomy.toml. Raises RulebookError where an axis or a matter's family is missing."""
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
        if faults:
            raise RulebookError(faults)
        axes = {axis: frozenset(tables[axis]) for axis in AXES} | {
            "channel": frozenset(channel.value for channel in Channel),
            "places": frozenset(PLACE_RELATIONS),
            "lead": frozenset(kind.value for kind in UnitKind),
            "family": frozenset(families),
            "track": frozenset(track.value for track in Track),
        }
        return cls(axes, {family: frozenset(matters) for family, matters in families.items()})
