"""Reading when a row holds: its `when` table, its days, and the overlay it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from routing.rulebook.codes import Codes
from routing.rulebook.conditions import Clause, Condition, Match
from routing.rulebook.errors import Fault
from routing.rulebook.periods import Period
from routing.rulebook.source import Source, Step

HOURS = 24
_MATCHES = {"any": Match.ANY, "all": Match.ALL, "none": Match.NONE}
# What is known of a report only after rows of some tables have been tried.
_NOT_YET_KNOWN = {"track": ("track", "lead"), "lead": ("lead",)}


def period_of(row: Mapping[str, Any]) -> Period | None:
    """The days a row is in force; None for one that has none, and so always is."""
    if "valid_from" not in row and "valid_to" not in row:
        return None
    return Period(valid_from=row.get("valid_from"), valid_to=row.get("valid_to"))


def condition_from(row: Mapping[str, Any], overlay: str, replaced_by: Iterable[str]) -> Condition:
    """When a row that its shape let through holds.

    A row of an overlay holds only where that is in force; a row that overlays replace holds only where none of them is.
    """
    clauses = [_clause(key, value) for key, value in row.get("when", {}).items()]
    if (period := period_of(row)) is not None:
        clauses.append(Clause("period", "period", Match.ANY, frozenset([period.code])))
    if overlay:
        clauses.append(Clause("overlay_any", "overlay", Match.ANY, frozenset([overlay])))
    if others := frozenset(replaced_by):
        clauses.append(Clause("overlay_none", "overlay", Match.NONE, others))
    return Condition(tuple(clauses))


def condition_faults(
    table: str, row: Mapping[str, Any], codes: Codes, source: Source, steps: Sequence[Step]
) -> Iterator[Fault]:
    """A fault for each key that the table cannot ask for, each unknown code, and days or hours that are none."""
    for key, value in row.get("when", {}).items():
        at = [*steps, "when", key]
        axis, _ = _axis_of(key)
        if axis in _NOT_YET_KNOWN.get(table, ()):
            remedy = f"The {axis} is settled after this table; take the key out."
            yield source.fault(at, wanted=f"keys that [[{table}]] can ask for", came=key, remedy=remedy)
        elif axis == "hour":
            if value[0] == value[1]:
                yield source.fault(at, wanted="two different hours", came=str(value))
        else:
            for code in value:
                if code not in codes.axes[axis]:
                    remedy = f"Use {', '.join(sorted(codes.axes[axis]))}."
                    yield source.fault(at, wanted=f"codes of {axis}", came=repr(code), remedy=remedy)
    period = period_of(row)
    if period and period.valid_from and period.valid_to and period.valid_to < period.valid_from:
        yield source.fault([*steps, "valid_to"], wanted="a day not before valid_from", came=str(period.valid_to))


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
        return Clause(key, axis, match, frozenset(str((begin + hour) % HOURS) for hour in range(length)))
    return Clause(key, axis, match, frozenset(value))
