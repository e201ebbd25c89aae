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
from routing.rulebook.source import Source
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
    plain = UnitDirectory(areas, offices, single, {})
    faults += [
        source.fault(["override", number, "unit"], wanted="the id of a unit of this file", came=one["unit"])
        for number, one in enumerate(loaded.get("override", ()))
        if plain.get(one["unit"]) is None
    ]
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
    return Override(delivery=one.get("delivery"), live=one.get("live"), zh=one.get("zh"), en=one.get("en"))


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
