"""Reading units.toml and units.csv: the offices by level, the units written out, and what differs for single ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from reports.values import UnitKind
from routing.areas import NATION, AreaTree
from routing.rulebook.addresses import webhook_problem
from routing.rulebook.codes import Codes
from routing.rulebook.errors import Fault, Origin, RulebookError
from routing.rulebook.hours import Hours
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source, Step, Written
from routing.rulebook.unit_shapes import OverridesSchema, UnitsSchema
from routing.rulebook.units import Office, Override, Unit, UnitDirectory
from routing.rulebook.units_table import UnitsTable
from routing.rulebook.ways import WITH_ADDRESS, Group, Retry, Terms

_SORTS = ("county", "district", "city", "province", "municipality")
_PARTS = ("area", "short", "city")
_DESKS = (UnitKind.DUTY_DESK, UnitKind.QUARANTINE)
# An override: the file it stands in, its number there, and what it says.
Change = tuple[Written, int, Mapping[str, Any]]


def load_areas(path: Path) -> AreaTree:
    """Today's divisions. Raises RulebookError where the file cannot be read or a line is wrong."""
    try:
        return AreaTree.load(path)
    except (OSError, ValueError) as fault:
        remedy = "Correct that line, or build the file anew with scripts/build_areas.py."
        came = " ".join(str(fault).split()).replace(str(path), path.name)
        wanted = "the table of divisions"
        raise RulebookError(
            [Fault(file=path.name, line=None, place="", wanted=wanted, came=came, remedy=remedy)]
        ) from None


def load_units(config: Path) -> UnitDirectory:
    """The directory of a rulebook's folder by itself. Raises RulebookError."""
    codes = Codes.load(Source(config / "taxonomy.toml", config))
    return units_from(unit_files(config), load_areas(config / "areas.csv"), codes)


def unit_files(config: Path) -> tuple[Source, *tuple[UnitsTable, ...]]:
    """units.toml, and units.csv where there is one. Raises RulebookError where one cannot be read."""
    tables = [UnitsTable(path, config) for path in [config / "units.csv"] if path.exists()]
    return (Source(config / "units.toml", config), *tables)


def units_from(files: Sequence[Written], areas: AreaTree, codes: Codes) -> UnitDirectory:
    """The directory that units.toml and further files of overrides hold.

    Raises RulebookError for a wrong value, or an override of a unit that nobody made.
    """
    source, *tables = files
    loaded = checked(UnitsSchema(), source)
    offices = [_office(office, source.origin(["office", number])) for number, office in enumerate(loaded["office"])]
    single = [(_unit(unit), frozenset([unit["kind"], *unit.get("also", ())])) for unit in loaded["unit"]]
    terms = _terms(loaded)
    plain = UnitDirectory(areas, offices, single, {}, terms, {})
    changes = [
        (file, number, one)
        for file, given in [(source, loaded), *((table, checked(OverridesSchema(), table)) for table in tables)]
        for number, one in enumerate(given.get("override", ()))
    ]
    faults = [*_unit_faults(source, loaded, areas), *_office_faults(source, loaded, areas)]
    faults += [*_override_faults(changes, plain, areas), *_group_faults(source, loaded, codes)]
    faults += [*_presence_faults(source, loaded, changes), *_address_faults(source, loaded, changes, plain)]
    if faults:
        raise RulebookError(faults)
    origins = {one["id"]: source.origin(["unit", number]) for number, one in enumerate(loaded["unit"])}
    origins |= {one["unit"]: file.origin(["override", number]) for file, number, one in changes}
    overrides = {one["unit"]: _override(one) for _, _, one in changes}
    return UnitDirectory(areas, offices, single, overrides, terms, origins)


def _office(office: Mapping[str, Any], origin: Origin) -> Office:
    return Office(
        kind=office["kind"],
        levels=frozenset(office["levels"]),
        provinces=frozenset(office.get("provinces", ())),
        zh=office["zh"],
        en=office["en"],
        delivery=tuple(office["delivery"]),
        hours=office.get("hours", Hours()),
        languages=tuple(office.get("languages", ())),
        serves=tuple(office.get("serves", ())),
        origin=origin,
    )


def _unit(unit: Mapping[str, Any]) -> Unit:
    named = Unit(id=unit["id"], kind=unit["kind"], region=unit["region"], zh=unit["zh"], en=unit["en"])
    return _override(unit).applied_to(named)


def _override(one: Mapping[str, Any]) -> Override:
    said: dict[str, Any] = {name: one[name] for name in vars(Override()) if name in one}
    said |= {name: tuple(said[name]) for name in ("delivery", "languages", "serves") if name in said}
    return Override(**said)


def _terms(loaded: Mapping[str, Any]) -> Terms:
    notice = loaded["notice"]
    return Terms(
        served={
            name: Group(zh=group["zh"], en=group["en"], persons=frozenset(group["persons"]))
            for name, group in loaded["served"].items()
        },
        retries={way: Retry(**retry) for way, retry in loaded["retry"].items()},
        notice={language: notice[language] for language in ("zh", "en")},
        deputy_notice={language: notice.get(f"deputy_{language}", notice[language]) for language in ("zh", "en")},
    )


def _unit_faults(source: Written, loaded: Mapping[str, Any], areas: AreaTree) -> Iterator[Fault]:
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


def _override_faults(changes: Sequence[Change], plain: UnitDirectory, areas: AreaTree) -> Iterator[Fault]:
    answering = {one["unit"]: one["answered_by"] for _, _, one in changes if "answered_by" in one}
    seen: set[str] = set()
    for source, number, one in changes:
        unit = plain.get(one["unit"])
        if unit is None:
            yield source.fault(["override", number, "unit"], wanted="the id of a unit of units.toml", came=one["unit"])
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


def _office_faults(source: Written, loaded: Mapping[str, Any], areas: AreaTree) -> Iterator[Fault]:
    provinces = set(areas.children(""))
    for number, office in enumerate(loaded["office"]):
        for code in office.get("provinces", ()):
            if code not in provinces:
                yield source.fault(["office", number, "provinces"], wanted="codes of provinces", came=code)
        for language in ("zh", "en"):
            if problem := _pattern_problem(office[language]):
                wanted, came = problem
                yield source.fault(["office", number, language], wanted=wanted, came=came)


def _group_faults(source: Written, loaded: Mapping[str, Any], codes: Codes) -> Iterator[Fault]:
    for name, group in loaded["served"].items():
        for code in group["persons"]:
            if code not in codes.axes["persons"]:
                wanted = f"codes of persons: {', '.join(sorted(codes.axes['persons']))}"
                yield source.fault(["served", name, "persons"], wanted=wanted, came=code)


def _presence_faults(source: Written, loaded: Mapping[str, Any], changes: Sequence[Change]) -> Iterator[Fault]:
    """Groups that nobody has described."""
    rows = [(source, [table, number], one) for table in ("office", "unit") for number, one in enumerate(loaded[table])]
    rows += [(file, ["override", number], one) for file, number, one in changes]
    for file, at, one in rows:
        for group in one.get("serves", ()):
            if group not in loaded["served"]:
                wanted = f"groups among {', '.join(loaded['served'])}"
                yield file.fault([*at, "serves"], wanted=wanted, came=group)


def _address_faults(
    source: Written, loaded: Mapping[str, Any], changes: Sequence[Change], plain: UnitDirectory
) -> Iterator[Fault]:
    """Ways without an address, and webhooks that may not be called."""
    rows: list[tuple[Written, list[Step], Unit | None]] = [
        (source, ["unit", number], _unit(one)) for number, one in enumerate(loaded["unit"])
    ]
    for file, number, one in changes:
        made = plain.get(one["unit"])
        rows.append((file, ["override", number], made and _override(one).applied_to(made)))
    for file, at, unit in rows:
        if unit is None:
            continue
        for way in unit.delivery:
            if way in WITH_ADDRESS and not getattr(unit, way):
                remedy = f"Give it, or take {way} out of its delivery."
                yield file.fault([*at, "delivery"], wanted=f"an address under {way}", came="none", remedy=remedy)
        if unit.webhook and (problem := webhook_problem(unit.webhook, unit.private_network)):
            yield file.fault([*at, "webhook"], wanted=problem, came=unit.webhook)


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
