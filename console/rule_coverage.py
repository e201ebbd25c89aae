"""Who would lead: for every matter and urgency, with a place known and without, by the rulebook in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.values import Channel, Facts, Labels, Place, PlaceRole, UnitKind, Urgency
from routing.areas import Level
from routing.rulebook.book import Rulebook
from routing.rulebook.route import route


@dataclass(frozen=True)
class CoverageRow:
    """A matter, the kind of unit that leads for each urgency where a county is known, and where no place is."""

    matter: str
    with_place: tuple[UnitKind, ...]
    without_place: tuple[UnitKind, ...]

    @property
    def cells(self) -> tuple[UnitKind, ...]:
        """All of them, in the order in which they are shown."""
        return (*self.with_place, *self.without_place)


def coverage(rulebook: Rulebook, matters: Sequence[str], day: date) -> tuple[CoverageRow, ...]:
    """A row for each matter, for a report of that day that tells nothing else."""
    county = next(area.code for area in rulebook.areas.current() if area.level is Level.COUNTY)
    known, unknown = (Place(code=county, role=PlaceRole.OCCURRENCE),), ()
    return tuple(
        CoverageRow(matter, _leads(rulebook, matter, known, day), _leads(rulebook, matter, unknown, day))
        for matter in matters
    )


def _leads(rulebook: Rulebook, matter: str, places: tuple[Place, ...], day: date) -> tuple[UnitKind, ...]:
    received = f"{day.isoformat()}T10:00:00+08:00"
    labels = (Labels(matters=(matter,), urgency=urgency, places=places) for urgency in Urgency)
    return tuple(
        route(Facts(labels=one, channel=Channel.SMS, received_at=received), rulebook).lead_kind for one in labels
    )
