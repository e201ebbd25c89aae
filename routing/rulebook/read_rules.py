"""Reading rules.toml: its rows, each with codes, packets, lines of the Plan and other rows that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from routing.rulebook.book import Packet, Rules
from routing.rulebook.codes import Codes
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.index import Table
from routing.rulebook.plan import Plan
from routing.rulebook.read_conditions import condition_faults, condition_from
from routing.rulebook.rules import CiteRow, CopyRow, LeadRule, NoticeRow, WithholdRow
from routing.rulebook.schemas import PACKET_FIELDS, RulesSchema, checked
from routing.rulebook.source import Source

TABLES = ("lead", "copy", "cite", "withhold", "notice")


@dataclass(frozen=True, kw_only=True)
class Known:
    """What rules may name."""

    codes: Codes
    plan: Plan
    packets: Mapping[str, Packet]


def rules_from(source: Source, known: Known) -> Rules:
    """The tables a file holds. Raises RulebookError naming every row that names something unknown."""
    loaded = checked(RulesSchema(), source)
    faults = [fault for table in TABLES for fault in _faults(source, table, loaded, known)]
    if faults:
        raise RulebookError(faults)
    return Rules(
        leads=Table([LeadRule(**one) for one in _rows(source, "lead", loaded, known)]),
        copies=Table([CopyRow(**one) for one in _rows(source, "copy", loaded, known)]),
        cites=Table([CiteRow(**one) for one in _rows(source, "cite", loaded, known)]),
        withholds=Table([WithholdRow(**one) for one in _rows(source, "withhold", loaded, known)]),
        notices=Table([NoticeRow(**one) for one in _rows(source, "notice", loaded, known)]),
    )


def _rows(source: Source, table: str, loaded: Mapping[str, Any], known: Known) -> Iterator[dict[str, Any]]:
    """The values of each row in the types that `rules.py` wants."""
    for number, row in enumerate(loaded.get(table, ())):
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
        values["when"] = condition_from(row.get("when", {}))
        values["origin"] = source.origin([table, number])
        if "packet" in row:
            values["fields"] = known.packets[row["packet"]].fields
        if "copies_only" in row:
            values["copies_only"] = frozenset(row["copies_only"])
        if table == "withhold":
            values["kinds"] = frozenset(values.pop("from_kinds"))
            values["fields"] = frozenset(values.pop("fields_"))
        yield values


def _faults(source: Source, table: str, loaded: Mapping[str, Any], known: Known) -> Iterator[Fault]:
    seen: set[str] = set()
    copies = [row["id"] for row in loaded.get("copy", ())]
    allowed: Mapping[str, tuple[str, Sequence[str]]] = {
        "measures": ("lines that the Plan has", tuple(known.plan.measures)),
        "copies_only": ("ids of [[copy]] rows", copies),
        "fields_": ("fields of a packet", PACKET_FIELDS),
    }
    for number, row in enumerate(loaded.get(table, ())):
        steps: list[str | int] = [table, number]
        if row["id"] in seen:
            yield source.fault([*steps, "id"], wanted="an id that no other row of this table has", came=row["id"])
        seen.add(row["id"])
        yield from condition_faults(row.get("when", {}), known.codes, source, [*steps, "when"])
        if "packet" in row and row["packet"] not in known.packets:
            wanted = f"a packet of packets.toml: {', '.join(known.packets)}"
            yield source.fault([*steps, "packet"], wanted=wanted, came=row["packet"])
        for key, (wanted, values) in allowed.items():
            for value in row.get(key, ()):
                if value not in values:
                    yield source.fault([*steps, key.rstrip("_")], wanted=wanted, came=repr(value))
