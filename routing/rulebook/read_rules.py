"""Reading rules.toml and the overlays: rows with codes, packets, lines of the Plan and other rows that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.areas import AreaTree
from routing.rulebook.book import Rules
from routing.rulebook.codes import Codes
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.index import Table
from routing.rulebook.overlays import Overlay, Overlays
from routing.rulebook.packets import PACKET_FIELDS, Packet
from routing.rulebook.periods import Period
from routing.rulebook.plan import Plan
from routing.rulebook.read_conditions import condition_faults, condition_from, period_of
from routing.rulebook.rule_shapes import OverlaySchema, RulesSchema
from routing.rulebook.rules import CiteRow, ClockRow, CopyRow, LeadRule, NoticeRow, TrackRow, WithholdRow
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source, Step

TABLES = ("track", "lead", "copy", "link", "cite", "clock", "withhold", "notice")
_NOT_VALUES = ("before", "valid_from", "valid_to")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What rules may name."""

    codes: Codes
    areas: AreaTree
    plan: Plan
    packets: Mapping[str, Packet]


@dataclass(frozen=True)
class _Written:
    """One row as it stands in a file; overlay is '' for a row of rules.toml."""

    source: Source
    number: int
    row: Mapping[str, Any]
    overlay: str


def rules_from(base: Source, overlay_files: Sequence[Source], known: Known) -> Rules:
    """The tables of all files. Raises RulebookError naming every row that names something unknown."""
    files = [(base, checked(RulesSchema(), base), "")]
    files += [(file, loaded := checked(OverlaySchema(), file), loaded["overlay"]["id"]) for file in overlay_files]
    faults = [fault for file, loaded, _ in files[1:] for fault in _overlay_faults(file, loaded, files, known)]
    tables: dict[str, list[_Written]] = {}
    for table in TABLES:
        rows = [
            _Written(source, number, row, overlay)
            for source, loaded, overlay in files
            for number, row in enumerate(loaded.get(table, ()))
        ]
        tables[table], misplaced = _in_order(table, rows)
        faults += misplaced
    copies = frozenset(one.row["id"] for one in tables["copy"])
    for table in TABLES:
        faults += _faults(table, tables[table], copies, known)
    if faults:
        raise RulebookError(faults)
    values = {table: list(_values(table, rows, known)) for table, rows in tables.items()}
    return Rules(
        tracks=Table([TrackRow(**one) for one in values["track"]]),
        leads=Table([LeadRule(**one) for one in values["lead"]]),
        copies=Table([CopyRow(**one) for one in values["copy"]]),
        links=Table([CopyRow(**one) for one in values["link"]]),
        cites=Table([CiteRow(**one) for one in values["cite"]]),
        clocks=Table([ClockRow(**one) for one in values["clock"]]),
        withholds=Table([WithholdRow(**one) for one in values["withhold"]]),
        notices=Table([NoticeRow(**one) for one in values["notice"]]),
        overlays=Overlays([_overlay(loaded["overlay"], file.name) for file, loaded, _ in files[1:]]),
        periods=frozenset(period for rows in tables.values() for one in rows if (period := period_of(one.row))),
    )


def _overlay(document: Mapping[str, Any], file: str) -> Overlay:
    return Overlay(
        id=document["id"],
        zh=document["zh"],
        en=document["en"],
        document=document["document"],
        source=document["source"],
        areas=frozenset(document["areas"]),
        period=Period(valid_from=document["valid_from"], valid_to=document.get("valid_to")),
        file=file,
    )


def _in_order(table: str, rows: Sequence[_Written]) -> tuple[list[_Written], list[Fault]]:
    """The rows of rules.toml with each row of an overlay set before the one it replaces, or before the one it names.

    Only lead rules need a place of their own; rows of other tables all count, so new ones may stand at the end.
    """
    ids = {one.row["id"] for one in rows if not one.overlay}
    before: dict[str, list[_Written]] = {}
    added, faults = [], []
    for one in rows:
        key = "replaces" if "replaces" in one.row else "before"
        at: list[Step] = [table, one.number, key]
        target = one.row.get(key)
        if not one.overlay:
            if target is not None:
                remedy = "Take the key out: only a row of an overlay stands in for another."
                faults.append(one.source.fault(at, wanted="no such key in rules.toml", came=key, remedy=remedy))
        elif target is not None and target not in ids:
            faults.append(one.source.fault(at, wanted=f"the id of a [[{table}]] row of rules.toml", came=str(target)))
        elif target is not None:
            before.setdefault(target, []).append(one)
        elif table in ("lead", "track"):
            remedy = 'Say which rule it stands before, such as before = "crime", or which one it replaces.'
            came = "neither"
            faults.append(one.source.fault([table, one.number], wanted="before or replaces", came=came, remedy=remedy))
        else:
            added.append(one)
    ordered = [row for one in rows if not one.overlay for row in (*before.get(one.row["id"], ()), one)]
    return [*ordered, *added], faults


def _values(table: str, rows: Sequence[_Written], known: Known) -> Iterator[dict[str, Any]]:
    """The values of each row in the types that `rules.py` wants."""
    replaced: dict[str, set[str]] = {}
    for one in rows:
        if "replaces" in one.row:
            replaced.setdefault(one.row["replaces"], set()).add(one.overlay)
    for one in rows:
        row = {name: value for name, value in one.row.items() if name not in _NOT_VALUES}
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
        values["when"] = condition_from(one.row, one.overlay, replaced.get(row["id"], ()) if not one.overlay else ())
        values["period"] = period_of(one.row)
        values["origin"] = one.source.origin([table, one.number])
        if "packet" in row:
            values["fields"] = known.packets[row["packet"]].fields
        if "copies_only" in row:
            values["copies_only"] = frozenset(row["copies_only"])
        if table == "withhold":
            values["kinds"] = frozenset(values.pop("from_kinds"))
            values["fields"] = frozenset(values.pop("fields_"))
        yield values


def _faults(table: str, rows: Sequence[_Written], copies: frozenset[str], known: Known) -> Iterator[Fault]:
    seen: set[str] = set()
    allowed: Mapping[str, tuple[str, frozenset[str]]] = {
        "measures": ("lines of the first edition of the Plan", frozenset(known.plan.first_lines)),
        "copies_only": ("ids of [[copy]] rows", copies),
        "fields_": ("fields of a packet", frozenset(PACKET_FIELDS)),
    }
    for one in rows:
        row, source = one.row, one.source
        steps: list[Step] = [table, one.number]
        if row["id"] in seen:
            yield source.fault([*steps, "id"], wanted="an id that no other row of this table has", came=row["id"])
        seen.add(row["id"])
        yield from condition_faults(table, row, known.codes, source, steps)
        if "packet" in row and row["packet"] not in known.packets:
            wanted = f"a packet of packets.toml: {', '.join(known.packets)}"
            yield source.fault([*steps, "packet"], wanted=wanted, came=row["packet"])
        for key, (wanted, values) in allowed.items():
            for value in row.get(key, ()):
                if value not in values:
                    yield source.fault([*steps, key.rstrip("_")], wanted=wanted, came=repr(value))


def _overlay_faults(
    file: Source, loaded: Mapping[str, Any], files: Sequence[tuple[Source, Any, str]], known: Known
) -> Iterator[Fault]:
    document = loaded["overlay"]
    if [overlay for _, _, overlay in files].count(document["id"]) > 1:
        yield file.fault(["overlay", "id"], wanted="an id that no other overlay has", came=document["id"])
    for area in document["areas"]:
        if known.areas.successor(area) != area:
            yield file.fault(["overlay", "areas"], wanted="codes of divisions that stand", came=repr(area))
    if "valid_to" in document and document["valid_to"] < document["valid_from"]:
        came = str(document["valid_to"])
        yield file.fault(["overlay", "valid_to"], wanted="a day not before valid_from", came=came)
