"""Reading the Plan: its bodies from members.toml, and an edition from each plan file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.periods import Period
from routing.rulebook.plan import Edition, Gap, Measure, Member, Plan
from routing.rulebook.plan_shapes import MembersSchema, PlanSchema
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source


def plan_from(members_file: Source, plan_files: Sequence[Source]) -> Plan:
    """The Plan in all its editions. Raises RulebookError for a wrong value, and for an id that is taken or unknown."""
    members = _members(members_file)
    loaded = sorted(
        ((source, checked(PlanSchema(), source)) for source in plan_files),
        key=lambda one: one[1]["edition"]["valid_from"],
    )
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for source, file in loaded:
        faults += _edition_faults(source, file["edition"], seen)
        faults += _measure_faults(source, file, seen, members)
    if faults:
        raise RulebookError(faults)
    measures = [_measure(line, file["edition"]["id"]) for _, file in loaded for line in file["measure"]]
    editions = [_edition(file, source.name) for source, file in loaded]
    return Plan(editions, {measure.id: measure for measure in measures}, members)


def _members(source: Source) -> Mapping[str, Member]:
    loaded = checked(MembersSchema(), source)["members"]
    faults = []
    for id, member in loaded.items():
        successor = member.get("successor")
        if successor is None:
            continue
        if successor not in loaded:
            faults.append(source.fault(["members", id, "successor"], wanted="a body of this file", came=successor))
        elif _comes_back(id, loaded):
            remedy = "A body cannot follow itself; correct one of the successors."
            came = "a circle"
            faults.append(
                source.fault(["members", id, "successor"], wanted="a body that came later", came=came, remedy=remedy)
            )
    if faults:
        raise RulebookError(faults)
    return {
        id: Member(
            id=id,
            zh=one["zh"],
            en=one["en"],
            kind=one.get("kind"),
            member=one.get("member", False),
            period=Period(valid_from=one.get("valid_from"), valid_to=one.get("valid_to")),
            successor=one.get("successor", ""),
        )
        for id, one in loaded.items()
    }


def _comes_back(id: str, members: Mapping[str, Any]) -> bool:
    """Whether following the successors of a body leads back to it."""
    followed, here = set[str](), members[id].get("successor")
    while here in members and here not in followed:
        followed.add(here)
        here = members[here].get("successor")
    return id in followed


def _edition(file: Mapping[str, Any], name: str) -> Edition:
    edition = file["edition"]
    return Edition(
        id=edition["id"],
        zh=edition["zh"],
        en=edition["en"],
        document=edition["document"],
        source=edition["source"],
        period=Period(valid_from=edition["valid_from"], valid_to=edition["valid_to"]),
        file=name,
        gaps=tuple(Gap(**gap) for gap in file.get("gap", ())),
    )


def _measure(line: Mapping[str, Any], edition: str) -> Measure:
    return Measure(
        id=line["id"],
        edition=edition,
        zh=line["zh"],
        en=line["en"],
        responsible=tuple(line["responsible"]),
        cooperating=tuple(line["cooperating"]),
        continues=tuple(line.get("continues", ())),
    )


def _edition_faults(source: Source, edition: Mapping[str, Any], seen: Mapping[str, str]) -> Iterator[Fault]:
    if edition["valid_to"] < edition["valid_from"]:
        came = str(edition["valid_to"])
        yield source.fault(["edition", "valid_to"], wanted="a day not before valid_from", came=came)
    if edition["id"] in seen.values():
        yield source.fault(["edition", "id"], wanted="an id that no other edition has", came=edition["id"])


def _measure_faults(
    source: Source, file: Mapping[str, Any], seen: dict[str, str], members: Mapping[str, Member]
) -> Iterator[Fault]:
    """seen has the lines of earlier editions with their edition's id, and is given those of this one."""
    edition, first = file["edition"]["id"], not seen
    earlier = frozenset(seen)
    for number, line in enumerate(file["measure"]):
        id = line["id"]
        if ("/" in id) == first or ("/" in id and not id.startswith(f"{edition}/")):
            wanted = "a line without an edition before it" if first else f"a line that begins with {edition}/"
            yield source.fault(["measure", number, "id"], wanted=wanted, came=id)
        elif id in seen:
            yield source.fault(["measure", number, "id"], wanted="an id that is not taken", came=id)
        seen[id] = edition
        for role in ("responsible", "cooperating"):
            for unit in line[role]:
                if unit not in members:
                    yield source.fault(["measure", number, role], wanted="bodies of members.toml", came=unit)
        for other in line.get("continues", ()):
            if other not in earlier:
                yield source.fault(["measure", number, "continues"], wanted="lines of earlier editions", came=other)
