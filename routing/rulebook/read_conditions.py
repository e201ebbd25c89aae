"""Reading a `when` table: which codes on which axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from routing.rulebook.codes import Codes
from routing.rulebook.conditions import Clause, Condition, Match
from routing.rulebook.errors import Fault
from routing.rulebook.source import Source, Step

HOURS = 24
_MATCHES = {"any": Match.ANY, "all": Match.ALL, "none": Match.NONE}


def condition_from(when: Mapping[str, Any]) -> Condition:
    """The condition of a table that the schema let through. hours become the hours of the day it holds in."""
    return Condition(tuple(_clause(key, value) for key, value in when.items()))


def condition_faults(when: Mapping[str, Any], codes: Codes, source: Source, steps: list[Step]) -> list[Fault]:
    """A fault for each code that the axis does not have, and for hours that name no hour."""
    faults = []
    for key, value in when.items():
        axis, _ = _axis_of(key)
        if axis == "hour":
            if value[0] == value[1]:
                faults.append(source.fault([*steps, key], wanted="two different hours", came=str(value)))
            continue
        known = codes.axes[axis]
        faults += [
            source.fault(
                [*steps, key],
                wanted=f"codes of {axis}",
                came=repr(code),
                remedy=f"Use {', '.join(sorted(known))}.",
            )
            for code in value
            if code not in known
        ]
    return faults


def _axis_of(key: str) -> tuple[str, Match]:
    if key == "hours":
        return "hour", Match.ANY
    axis, _, match = key.rpartition("_")
    return (axis, _MATCHES[match]) if match in _MATCHES else (key, Match.ANY)


def _clause(key: str, value: Any) -> Clause:
    axis, match = _axis_of(key)
    if axis == "hour":
        begin, end = value
        length = (end - begin) % HOURS
        codes = frozenset(str((begin + hour) % HOURS) for hour in range(length))
        return Clause(key, axis, match, codes)
    return Clause(key, axis, match, frozenset(value))
