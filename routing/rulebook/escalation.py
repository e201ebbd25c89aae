"""When a hop is due, what is done when its clock has run out, in which order, and whom each step tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.values import UnitKind, Urgency
from routing.areas import NATION, AreaTree
from routing.rulebook.calendars import Calendar
from routing.rulebook.jurisdiction import may_be_told
from routing.rulebook.units import Unit, UnitDirectory

# From the mildest to the last. The first is taken the moment the clock runs out.
STEPS = ("reminder", "deputy", "superior_unit", "province", "national_desk")
# These bring in a unit above the silent one.
CLIMBING = STEPS[2:]
PARTS = ("lead", "copy", "link")
LADDERS = ("desk", "delivery", *PARTS)
_OF_THE_DESK = ("desk", "delivery")


@dataclass(frozen=True, kw_only=True)
class Silence:
    """A clock that ran out: of which hop, at which unit, for a packet of which part (both '' at the duty desk).

    recused is the area of the unit complained of, '' if none. ran_out_at is in milliseconds since 1970.
    """

    hop: str
    urgency: Urgency
    ran_out_at: int
    unit: str = ""
    part: str = ""
    recused: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the ladder: its name, when it is due (milliseconds since 1970), and the unit it tells."""

    name: str
    at: int
    told: str


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """The calendars and delays of each urgency, in minutes after the clock ran out, and the steps of each ladder."""

    calendars: Mapping[Urgency, Calendar]
    delays: Mapping[Urgency, Mapping[str, int]]
    ladders: Mapping[str, tuple[str, ...]]
    round_the_clock: Calendar

    def due_at(self, urgency: Urgency, hop: str, started_at: int, minutes: int) -> int:
        """When a hop that began at started_at and may take so many minutes is due."""
        return self._calendar(urgency, hop).after(started_at, minutes)

    def wait(self, urgency: Urgency, hop: str, now: int, minutes: int) -> float:
        """How many minutes by the wall from now on until then."""
        return (self.due_at(urgency, hop, now, minutes) - now) / 60_000

    def steps(self, silence: Silence, units: UnitDirectory, areas: AreaTree) -> tuple[Step, ...]:
        """The steps in their order. One that has nobody to tell, or nobody new above, is left out."""
        ladder = self.ladders[silence.hop if silence.hop in _OF_THE_DESK else silence.part]
        return tuple(
            Step(name, self._step_at(silence, name), told)
            for name, told in _whom_to_tell(silence, units, areas)
            if name in ladder
        )

    def not_before(self, silence: Silence, taken: str, following: str, now: int) -> int:
        """The earliest moment for the step after one that is taken now.

        Where the one before came late, because everything stood still, nobody is passed over before they had time.
        """
        delays = self.delays[silence.urgency]
        pause = delays[following] - delays.get(taken, 0)
        return max(self._step_at(silence, following), self._calendar(silence.urgency, silence.hop).after(now, pause))

    def _step_at(self, silence: Silence, name: str) -> int:
        delay = self.delays[silence.urgency].get(name, 0)
        if delay == 0:
            return silence.ran_out_at
        return self._calendar(silence.urgency, silence.hop).after(silence.ran_out_at, delay)

    def _calendar(self, urgency: Urgency, hop: str) -> Calendar:
        # Delivering is the machine's work, and the machine is never closed.
        return self.round_the_clock if hop == "delivery" else self.calendars[urgency]


def superiors(unit: Unit, units: UnitDirectory, areas: AreaTree) -> Iterator[tuple[str, str]]:
    """(step, unit id) of whom a unit's silence is told above it: the next of its kind, the province's, the nation's.

    Each unit once, under the first step that reaches it.
    """
    path = areas.ancestors(unit.region)
    higher = path[1] if len(path) > 1 else NATION
    candidates = {
        "superior_unit": units.find(unit.kind, higher),
        "province": units.find(unit.kind, path[-1]) if path else None,
        "national_desk": units.find(UnitKind.JOINT_CONFERENCE_OFFICE, NATION),
    }
    told = {unit.id}
    for name, candidate in candidates.items():
        if candidate is not None and candidate.id not in told:
            told.add(candidate.id)
            yield name, candidate.id


def _whom_to_tell(silence: Silence, units: UnitDirectory, areas: AreaTree) -> Iterator[tuple[str, str]]:
    """Every step that tells somebody. Nobody hears of a report in which they stand accused."""
    desk = units.find(UnitKind.DUTY_DESK, "")
    unit = units.get(silence.unit)
    silent = desk if silence.hop in _OF_THE_DESK else unit
    if silent is not None:
        yield "reminder", silent.id
        yield "deputy", silent.id
    if silence.hop in _OF_THE_DESK or unit is None:
        nation = units.find(UnitKind.JOINT_CONFERENCE_OFFICE, NATION)
        if nation is not None:
            yield "national_desk", nation.id
        return
    for name, told in superiors(unit, units, areas):
        above = units.get(told)
        if above is not None and may_be_told(above.region, silence.recused, areas):
            yield name, told
