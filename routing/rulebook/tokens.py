"""What rows may ask of a report, as codes on axes."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from reports.values import Facts
from routing.rulebook.book import Rulebook
from routing.rulebook.conditions import Tokens
from routing.rulebook.jurisdiction import Whereabouts

CHINA_TIME = timezone(timedelta(hours=8))


def tokens_of(facts: Facts, where: Whereabouts, received: datetime, rulebook: Rulebook) -> Tokens:
    """The report's codes by axis. A code that the taxonomy does not know stays, and no row will ask for it."""
    labels, rules = facts.labels, rulebook.rules
    matters = frozenset(labels.matters)
    families = (family for family, members in rulebook.codes.families.items() if not members.isdisjoint(matters))
    day = received.date()
    return {
        "matters": matters,
        "family": frozenset(families),
        "persons": frozenset(labels.persons),
        "cues": frozenset(labels.cues),
        "contact": frozenset(labels.contact),
        "places": where.relations,
        "urgency": frozenset([labels.urgency.value]),
        "reporter": frozenset([labels.reporter]),
        "channel": frozenset([facts.channel.value]),
        "hour": frozenset([str(received.hour)]),
        "period": frozenset(period.code for period in rules.periods if period.covers(day)),
        "overlay": rules.overlays.in_force(rulebook.areas.ancestors(where.lead), day),
    }


def china_time(moment: str) -> datetime:
    """A moment in ISO 8601 as China's clocks show it; without an offset it is taken as theirs. Raises ValueError."""
    read = datetime.fromisoformat(moment)
    return read.replace(tzinfo=CHINA_TIME) if read.tzinfo is None else read.astimezone(CHINA_TIME)
