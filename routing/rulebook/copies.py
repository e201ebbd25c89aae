"""Who is told beside the lead: one packet for each unit, with the least it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.values import Copied
from routing.rulebook.jurisdiction import Whereabouts
from routing.rulebook.packets import PACKET_FIELDS
from routing.rulebook.rules import CopyRegion, CopyRow
from routing.rulebook.units import Unit, UnitDirectory


@dataclass(frozen=True)
class Told:
    """The packets beside the lead's, and the rows that brought a unit about."""

    copies: tuple[Copied, ...]
    rows: tuple[CopyRow, ...]


def copies_of(
    rows: Sequence[CopyRow],
    links: Sequence[CopyRow],
    lead: Unit,
    area: str,
    where: Whereabouts,
    units: UnitDirectory,
) -> Told:
    """A packet for each unit that the rows and links find, but the lead.

    A unit that several rows name gets the fields of all of them; a link adds nothing to a unit that is copied anyway.
    area is where rows of the region `lead` look.
    """
    copies: dict[str, Copied] = {}
    heard: dict[str, CopyRow] = {}
    for part, row in [*(("copy", row) for row in rows), *(("link", row) for row in links)]:
        for region in _regions(row.region, area, where):
            unit = units.find(row.to, region)
            if unit is None or unit.id == lead.id or (part == "link" and unit.id in copies):
                continue
            heard[row.id] = row
            known = copies.get(unit.id)
            fields = {*row.fields, *(known.fields if known else ())}
            copies[unit.id] = Copied(
                kind=row.to,
                region=unit.region,
                unit=unit.id,
                fields=tuple(field for field in PACKET_FIELDS if field in fields),
                why=known.why if known else row.id,
                part=part,
            )
    return Told(tuple(copies.values()), tuple(heard.values()))


def _regions(region: CopyRegion, area: str, where: Whereabouts) -> Sequence[str]:
    if region is CopyRegion.LEAD:
        return (area,)
    if region is CopyRegion.OTHER_OCCURRENCES:
        return where.occurrences
    if region is CopyRegion.OTHER_PLACES:
        return where.others
    return [province for province in where.provinces if province[:2] != where.lead[:2]]
