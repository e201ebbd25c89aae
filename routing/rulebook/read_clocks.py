"""Reading clocks.toml: the minutes of each hop, the calendar of each urgency, and the steps when they are over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reports.values import Urgency
from routing.rulebook.calendars import Calendar, Calendars
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.escalation import LADDERS, STEPS, Escalation
from routing.rulebook.rule_shapes import ClocksSchema
from routing.rulebook.rules import HOPS
from routing.rulebook.shapes import checked
from routing.rulebook.source import Source

Minutes = Mapping[Urgency, Mapping[str, int]]
_PAIRS = tuple(zip(Urgency, list(Urgency)[1:], strict=False))


def clocks_from(source: Source, calendars: Calendars) -> tuple[Minutes, Escalation]:
    """The minutes of each hop, and what is done when they are over.

    Raises RulebookError for a wrong value, and wherever a more urgent report would get more time than a calmer one.
    """
    loaded = checked(ClocksSchema(), source)
    faults = [*_calendar_faults(source, loaded["calendar"], calendars), *_ladder_faults(source, loaded["steps"])]
    faults += _slower(source, loaded["minutes"], "minutes", HOPS)
    faults += _slower(source, loaded["after"], "after", STEPS[1:])
    faults += _delay_faults(source, loaded["after"])
    if faults:
        raise RulebookError(faults)
    named = calendars.by_name
    escalation = Escalation(
        calendars={urgency: named[loaded["calendar"][urgency.value]] for urgency in Urgency},
        delays={urgency: loaded["after"][urgency.value] for urgency in Urgency},
        ladders={name: tuple(loaded["steps"][name]) for name in LADDERS},
        round_the_clock=named[loaded["calendar"][Urgency.IMMEDIATE.value]],
    )
    return {urgency: loaded["minutes"][urgency.value] for urgency in Urgency}, escalation


def _calendar_faults(source: Source, chosen: Mapping[str, str], calendars: Calendars) -> Iterator[Fault]:
    found: dict[str, Calendar] = {}
    for urgency, name in chosen.items():
        if name in calendars.by_name:
            found[urgency] = calendars.by_name[name]
        else:
            wanted = f"a calendar of holidays.toml: {', '.join(calendars.by_name)}"
            yield source.fault(["calendar", urgency], wanted=wanted, came=name)
    immediate = found.get(Urgency.IMMEDIATE.value)
    if immediate is not None and not immediate.is_never_closed():
        wanted = "a calendar that is never closed: a person in danger does not wait for office hours"
        yield source.fault(["calendar", "immediate"], wanted=wanted, came=chosen["immediate"])
    for more, less in _PAIRS:
        one, other = found.get(more.value), found.get(less.value)
        if one is not None and other is not None and not one.holds(other):
            wanted = f"a calendar that is closed whenever that of {more.value} is"
            yield source.fault(["calendar", less.value], wanted=wanted, came=chosen[less.value])


def _ladder_faults(source: Source, ladders: Mapping[str, Any]) -> Iterator[Fault]:
    for name, ladder in ladders.items():
        if ladder != sorted(set(ladder), key=STEPS.index) or ladder[0] != STEPS[0]:
            wanted = f"steps in this order, each once, from the first on: {', '.join(STEPS)}"
            yield source.fault(["steps", name], wanted=wanted, came=", ".join(ladder))


def _slower(
    source: Source, table: Mapping[str, Mapping[str, int]], name: str, keys: tuple[str, ...]
) -> Iterator[Fault]:
    """Where a more urgent report has more minutes than a less urgent one: nothing that is learned may slow a report."""
    for more, less in _PAIRS:
        for key in keys:
            most, came = table[less.value][key], table[more.value][key]
            if came > most:
                wanted = f"at most the {most} minutes of {less.value}"
                yield source.fault([name, more.value, key], wanted=wanted, came=str(came))


def _delay_faults(source: Source, delays: Mapping[str, Mapping[str, int]]) -> Iterator[Fault]:
    for urgency, after in delays.items():
        for before, name in zip(STEPS[1:], STEPS[2:], strict=False):
            if after[name] <= after[before]:
                wanted = f"more minutes than for {before}, the step before it"
                yield source.fault(["after", urgency, name], wanted=wanted, came=str(after[name]))
