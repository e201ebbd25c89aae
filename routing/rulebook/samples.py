"""Reports made up to try a rulebook on: every matter, urgency and circumstance, near and far, old and new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from reports.values import Channel, Facts, Labels, Place, PlaceRole, Urgency
from routing.rulebook.book import Rulebook
from routing.rulebook.periods import Period

# A county, a district of a municipality, a city, a province; a county with a home elsewhere; abroad with a home here;
# nowhere known.
_PLACES: Sequence[tuple[tuple[str, str], ...]] = (
    (("occurrence", "410422"),),
    (("occurrence", "110108"),),
    (("occurrence", "520100"),),
    (("occurrence", "440000"),),
    (("occurrence", "320322"), ("origin", "513429")),
    (("occurrence", "MM"), ("origin", "530627"), ("transit", "532823")),
    (),
)
_PERSONS = ((), ("child",), ("woman",), ("man",))
_USUAL_DAY = date(2008, 6, 1)


@dataclass(frozen=True)
class Sample:
    """A report and what it is called."""

    name: str
    facts: Facts


def samples(*rulebooks: Rulebook) -> Iterator[Sample]:
    """The reports, the same ones in the same order for the same rulebooks.

    Every matter with each urgency, persons and places; then every circumstance, wish and reporter with each matter;
    then every matter in each edition of the Plan, and where and when an overlay of one of the rulebooks is in force,
    with all persons, circumstances and wishes.
    """
    axes = rulebooks[0].codes.axes
    matters = sorted(axes["matters"])
    for matter, urgency, persons, places in product(matters, Urgency, _PERSONS, _PLACES):
        yield _sample((matter,), urgency, places, persons=persons)
    here = _PLACES[0]
    for matter in matters:
        both = (matter, "cross_border")
        yield from (_sample(both, Urgency.URGENT, here, cues=(code,)) for code in sorted(axes["cues"]))
        yield from (_sample(both, Urgency.URGENT, here, contact=(code,)) for code in sorted(axes["contact"]))
        yield from (_sample(both, Urgency.URGENT, here, reporter=code) for code in sorted(axes["reporter"]))
        yield _sample(("official_complicity", matter), Urgency.URGENT, _PLACES[4])
        for day, persons in product(_days(rulebooks), _PERSONS):
            yield _sample((matter,), Urgency.STANDARD, here, persons=persons, day=day)
        for area, day in _overlaid(rulebooks):
            there = (("occurrence", area), ("origin", "410422"))
            yield from (_sample((matter,), Urgency.STANDARD, there, persons=one, day=day) for one in _PERSONS)
            yield from (
                _sample((matter,), Urgency.STANDARD, there, cues=(one,), day=day) for one in sorted(axes["cues"])
            )
            yield from (
                _sample((matter,), Urgency.STANDARD, there, contact=(one,), day=day) for one in sorted(axes["contact"])
            )


def _days(rulebooks: Sequence[Rulebook]) -> list[date]:
    begins = {edition.period.valid_from for rulebook in rulebooks for edition in rulebook.plan.editions}
    periods = {period for rulebook in rulebooks for period in rulebook.rules.periods}
    return sorted(day for day in begins | {_within(period) for period in periods} if day is not None)


def _overlaid(rulebooks: Sequence[Rulebook]) -> list[tuple[str, date]]:
    overlays = (overlay for rulebook in rulebooks for overlay in rulebook.rules.overlays.all)
    return sorted({(area, _within(overlay.period)) for overlay in overlays for area in overlay.areas})


def _within(period: Period) -> date:
    return period.valid_from or period.valid_to or _USUAL_DAY


def _sample(
    matters: tuple[str, ...],
    urgency: Urgency,
    places: tuple[tuple[str, str], ...],
    *,
    persons: tuple[str, ...] = (),
    cues: tuple[str, ...] = (),
    contact: tuple[str, ...] = (),
    reporter: str = "unknown",
    day: date = _USUAL_DAY,
) -> Sample:
    labels = Labels(
        matters=tuple(dict.fromkeys(matters)),
        urgency=urgency,
        persons=persons,
        reporter=reporter,
        places=tuple(Place(role=PlaceRole(role), code=code) for role, code in places),
        contact=contact,
        cues=cues,
    )
    said = (*labels.matters, urgency.value, *persons, *cues, *contact, *([] if reporter == "unknown" else [reporter]))
    where = " ".join(f"{role} {code}" for role, code in places) or "no place"
    facts = Facts(labels=labels, channel=Channel.SMS, received_at=f"{day.isoformat()}T10:00:00+08:00")
    return Sample(f"{', '.join(said)}; {where}; {day}", facts)
