"""Joining what belongs together: what a door says adds to a report, and the texts that one number writes about it.

A join never loses a report. What cannot be joined stays a report of its own and is triaged by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence

from reports.correspondents import Wrote, write_about
from reports.errors import StoreUnavailable
from reports.joining import Joined, join
from reports.replies import STOPPED
from reports.states import ReportState
from workers.context import Context
from workers.held import Held

# Somebody wrote that all is well. It may have been written under pressure, and closes nothing.
SAYS_FINE = "says_fine"
log = logging.getLogger(__name__)


def join_waiting(context: Context, held: Sequence[Held]) -> list[Held]:
    """Joins those of these reports that add to another, and rings for that one. Returns the rest, in their order."""
    adds = _adds_to(context, held)
    left, joined = [], {}
    for report in held:
        to = _join(context, report, adds.get(report.claim.report_id, ""))
        if to is None:
            left.append(report)
        else:
            joined[to.report_id] = to
    for to in joined.values():
        context.bell.ring(to.queue, to.report_id)
    return left


def _adds_to(context: Context, held: Sequence[Held]) -> Mapping[str, str]:
    """For each report that adds to another, that one's id."""
    # What contradicts an earlier delivery is compared by a person, and must stay beside it.
    new = [one for one in held if one.claim.state is ReportState.RECEIVED and "conflict" not in one.claim.flags]
    numbers = [(one, one.writes_from) for one in new]
    wrote = [
        Wrote(
            one.claim.report_id,
            context.number_index(number, exercise=one.claim.exercise),
            stops=_stops(context, one),
        )
        for one, number in numbers
        if number
    ]
    said = {one.claim.report_id: one.claim.follows for one in new if one.claim.follows}
    if not wrote:
        return said
    with context.database.write() as connection:
        # The reports first, then their numbers, as everybody does it: nobody waits in a circle.
        for one, number in sorted(numbers, key=lambda pair: pair[0].claim.report_id):
            context.store.mark(connection, one.claim.report_id, _marks(context, one) if number else ())
        written = write_about(connection, wrote, context.machine.conversation_days)
    return {**written, **said}


def _stops(context: Context, report: Held) -> bool:
    """Whether a text asks for no more, by its own words or by what its carrier says of it."""
    return STOPPED in report.claim.flags or _says(report, context.replies.stops)


def _says(report: Held, means: Callable[[str], bool]) -> bool:
    return any(means(content.text) for content in report.contents)


def _marks(context: Context, report: Held) -> tuple[str, ...]:
    """What an officer is to see of a text before reading it."""
    said = {STOPPED: context.replies.stops, SAYS_FINE: context.replies.says_fine}
    return tuple(flag for flag, means in said.items() if _says(report, means))


def _join(context: Context, report: Held, target: str) -> Joined | None:
    claim = report.claim
    if not target:
        return None
    try:
        with context.database.write() as connection:
            joined = join(context.store, connection, context.keys, claim, target)
    except StoreUnavailable:
        raise
    except Exception as fault:
        log.error(
            "A message could not be joined to the report it adds to; it is read by itself.",
            extra={"reference": claim.reference, "code": type(fault).__name__},
        )
        return None
    if joined is not None:
        log.info("A message was joined to its report.", extra={"reference": joined.reference})
    return joined
