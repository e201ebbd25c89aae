"""What becomes different when one rulebook takes the place of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.values import Decision
from routing.areas import NATION, AreaTree

OWNER, LEVEL, COPIES, PACKETS, CLOCKS, LINES, WISHES = (
    "owner",
    "level",
    "copies",
    "packets",
    "clocks",
    "lines",
    "wishes",
)
KINDS = (OWNER, LEVEL, COPIES, PACKETS, CLOCKS, LINES, WISHES)


@dataclass(frozen=True)
class Change:
    """One thing that is different: which, and how it was and is."""

    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.before or 'none'} → {self.after or 'none'}"


def changes(before: Decision, after: Decision, areas: AreaTree) -> tuple[Change, ...]:
    """What differs between two decisions on the same report, beside the words and the rules' names.

    packets tells changed fields of units that are told by both; wishes what is kept back, from whom.
    """
    return tuple(change for change in _compared(before, after, areas) if change.before != change.after)


def _compared(before: Decision, after: Decision, areas: AreaTree) -> Iterator[Change]:
    yield Change(OWNER, before.lead_unit, after.lead_unit)
    yield Change(LEVEL, _level(before, areas), _level(after, areas))
    yield Change(COPIES, *_apart(_told(before), _told(after)))
    ours, theirs = _packets(before), _packets(after)
    both = ours.keys() & theirs.keys()
    yield Change(PACKETS, *_apart(_listed(ours, both), _listed(theirs, both)))
    yield Change(CLOCKS, *_apart(_minutes(before), _minutes(after)))
    yield Change(LINES, *_apart(set(before.measures), set(after.measures)))
    yield Change(WISHES, *_apart(_kept(before), _kept(after)))


def _level(decision: Decision, areas: AreaTree) -> str:
    if decision.lead_region == NATION:
        return "nation"
    level = areas.level(decision.lead_region or "")
    return level.value if level else "desk"


def _told(decision: Decision) -> set[str]:
    return {f"{copy.unit} ({copy.part})" for copy in decision.copies}


def _packets(decision: Decision) -> Mapping[str, tuple[str, ...]]:
    return {decision.lead_unit: decision.lead_fields} | {copy.unit: copy.fields for copy in decision.copies}


def _listed(packets: Mapping[str, tuple[str, ...]], units: set[str]) -> set[str]:
    return {f"{unit} {field}" for unit in units for field in packets[unit]}


def _minutes(decision: Decision) -> set[str]:
    return {f"{hop} {minutes} min" for hop, minutes in decision.clocks.items()}


def _kept(decision: Decision) -> set[str]:
    return {f"{kept.from_whom} {field}" for kept in decision.withheld for field in kept.fields}


def _apart(before: set[str], after: set[str]) -> tuple[str, str]:
    """What only one of the two has, as words."""
    return ", ".join(sorted(before - after)), ", ".join(sorted(after - before))
