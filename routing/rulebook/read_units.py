"""Reading units.toml: the offices by level, the units written out, and what differs for single ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from reports.values import UnitKind
from routing.areas import NATION, AreaTree
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source, Step
from routing.rulebook.unit_shapes import UnitsSchema
from routing.rulebook.units import Office, Override, Unit, UnitDirectory

_SORTS = ("county", "district", "city", "province", "municipality")
_PARTS = ("area", "short", "city")
_DESKS = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)


def load_areas(path: Path) -> AreaTree:
    """Today's divisions. Raises RulebookError where the file cannot be read or a line is wrong."""
    try:
        return AreaTree.load(path)
    except (OSError, ValueError) as fault:
        remedy = "Correct that line, or build the file anew with scripts/build_areas.py."
        came = " ".join(str(fault).split())
        wanted = "the table of divisions"
        raise RulebookError(
            [Fault(file=path.name, line=None, place="", wanted=wanted, came=came, remedy=remedy)]
        ) from None


def load_units(config: Path) -> UnitDirectory:
    """The directory of a rulebook's folder by itself. Raises RulebookError."""
    return units_from(Source(config / "units.toml", config), load_areas(config / "areas.csv"))


def units_from(source: Source, areas: AreaTree) -> UnitDirectory:
    """The directory a file holds. Raises RulebookError for a wrong value, or an override of a unit that nobody made."""
    loaded = checked(UnitsSchema(), source)
    offices = [_office(office) for office in loaded["office"]]
    single = [(_unit(unit), frozenset([unit["kind"], *unit.get("also", ())])) for unit in loaded["unit"]]
    overrides = {one["unit"]: _override(one) for one in loaded.get("override", ())}
    faults = [*_unit_faults(source, loaded, areas), *_office_faults(source, loaded, areas)]
    faults += _override_faults(source, loaded, UnitDirectory(areas, offices, single, {}), areas)
    if faults:
        raise RulebookError(faults)
    return UnitDirectory(areas, offices, single, overrides)


def _office(office: Mapping[str, Any]) -> Office:
    return Office(
        kind=office["kind"],
        levels=frozenset(office["levels"]),
        provinces=frozenset(office.get("provinces", ())),
        zh=office["zh"],
        en=office["en"],
        delivery=office["delivery"],
    )


def _unit(unit: Mapping[str, Any]) -> Unit:
    return Unit(
        id=unit["id"],
        kind=unit["kind"],
        region=unit["region"],
        zh=unit["zh"],
        en=unit["en"],
        delivery=unit["delivery"],
        live=unit.get("live", True),
    )


def _override(one: Mapping[str, Any]) -> Override:
    changes = {name: one.get(name) for name in ("delivery", "live", "answered_by", "zh", "en")}
    return Override(**changes)


def _unit_faults(source: Source, loaded: Mapping[str, Any], areas: AreaTree) -> Iterator[Fault]:
    seen: set[str] = set()
    for number, unit in enumerate(loaded["unit"]):
        if unit["id"] in seen:
            yield source.fault(["unit", number, "id"], wanted="an id that is not taken", came=unit["id"])
        seen.add(unit["id"])
        region = unit["region"]
        if region not in ("", NATION) and areas.successor(region) != region:
            wanted = "the code of a division that stands, 000000 for the nation, or nothing for a desk"
            yield source.fault(["unit", number, "region"], wanted=wanted, came=region)
        if (unit["kind"] in _DESKS) != (region == ""):
            wanted = "no region for the duty desk and quarantine, and one for every other unit"
            yield source.fault(["unit", number, "region"], wanted=wanted, came=repr(region))
    for kind in _DESKS:
        if not any(unit["kind"] is kind and unit.get("live", True) for unit in loaded["unit"]):
            yield source.fault(["unit"], wanted=f"one live [[unit]] of kind {kind.value}", came="none")


def _override_faults(
    source: Source, loaded: Mapping[str, Any], plain: UnitDirectory, areas: AreaTree
) -> Iterator[Fault]:
    overrides = loaded.get("override", ())
    answering = {one["unit"]: one["answered_by"] for one in overrides if "answered_by" in one}
    seen: set[str] = set()
    for number, one in enumerate(overrides):
        unit = plain.get(one["unit"])
        if unit is None:
            yield source.fault(["override", number, "unit"], wanted="the id of a unit of this file", came=one["unit"])
        elif unit.id in seen:
            yield source.fault(["override", number, "unit"], wanted="one override for each unit", came=unit.id)
        elif "answered_by" in one and (problem := _answering_problem(unit, answering, plain, areas)):
            wanted, remedy = problem
            at: list[Step] = ["override", number, "answered_by"]
            yield source.fault(at, wanted=wanted, came=one["answered_by"], remedy=remedy)
        seen.add(one["unit"])


def _answering_problem(
    unit: Unit, answering: Mapping[str, str], plain: UnitDirectory, areas: AreaTree
) -> tuple[str, str] | None:
    """What is wrong with who answers for a unit: (wanted, remedy).

    One that stands below must not, or a complaint about it that goes a level up would come back to it.
    """
    other = plain.get(answering[unit.id])
    if other is None or other.kind is not unit.kind:
        return f"the id of another {unit.kind.value}", "Use its kind and area, such as public_security-410400."
    if other.region != NATION and len(areas.ancestors(other.region)) > len(areas.ancestors(unit.region)):
        return "a unit that stands at least as high", "A lower unit could be the one complained of; name a higher one."
    followed, here = [unit.id], answering[unit.id]
    while here in answering and here not in followed:
        followed.append(here)
        here = answering[here]
    if here in followed:
        circle = " → ".join([*followed, here])
        return "a way that ends at a unit", f"They answer for each other in a circle ({circle}); take one out."
    return None


def _office_faults(source: Source, loaded: Mapping[str, Any], areas: AreaTree) -> Iterator[Fault]:
    provinces = set(areas.children(""))
    for number, office in enumerate(loaded["office"]):
        for code in office.get("provinces", ()):
            if code not in provinces:
                yield source.fault(["office", number, "provinces"], wanted="codes of provinces", came=code)
        for language in ("zh", "en"):
            if problem := _pattern_problem(office[language]):
                wanted, came = problem
                yield source.fault(["office", number, language], wanted=wanted, came=came)


def _pattern_problem(patterns: Mapping[str, str]) -> tuple[str, str] | None:
    strange = [sort for sort in patterns if sort not in _SORTS]
    if strange:
        return f"names for {', '.join(_SORTS)}", strange[0]
    if not {"county", "city", "province"}.intersection(patterns):
        return "a name for county, city or province", ", ".join(patterns)
    unfit = [pattern for pattern in patterns.values() if not _is_pattern(pattern)]
    return ("a name with {area}, {short} or {city} in it, and no other brackets", unfit[0]) if unfit else None


def _is_pattern(pattern: str) -> bool:
    try:
        pieces = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(pattern)]
    except ValueError:
        return False
    named = [piece for piece in pieces if piece[0] is not None]
    return bool(named) and all(name in _PARTS and not spec and not conversion for name, spec, conversion in named)
