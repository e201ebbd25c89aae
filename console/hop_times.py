"""How long each hop of a report took lately."""

from __future__ import annotations

from sqlalchemy import Connection, select

from reports.database import database_now
from reports.officers import Officer
from reports.recusals import counted_for, shown_to
from reports.tables import referrals, reports

_HOUR = 3_600_000
_MOST_ROWS = 20_000


def hop_times(connection: Connection, officer: Officer | None = None) -> dict[str, list[int]]:
    """The milliseconds of each hop over the last hour, shortest first, of what counts for an officer.

    A hop that nothing took is left out, and so are exercises.
    """
    began = database_now() - _HOUR
    spans = {
        # Not from its coming: whoever is still writing is left to write, and that is no delay of ours.
        "triage": select(reports.c.routed_at - reports.c.ready_at).where(
            reports.c.received_at > began,
            reports.c.routed_at.is_not(None),
            counted_for(officer),
            reports.c.exercise == 0,
        ),
        "delivery": select(referrals.c.delivered_at - referrals.c.created_at).where(
            referrals.c.created_at > began,
            referrals.c.delivered_at.is_not(None),
            shown_to(officer),
            referrals.c.exercise == 0,
        ),
        "acceptance": select(referrals.c.accepted_at - referrals.c.delivered_at).where(
            referrals.c.created_at > began,
            referrals.c.accepted_at.is_not(None),
            shown_to(officer),
            referrals.c.exercise == 0,
        ),
    }
    found = {hop: sorted(connection.execute(query.limit(_MOST_ROWS)).scalars()) for hop, query in spans.items()}
    return {hop: times for hop, times in found.items() if times}


def quantile(times: list[int], share: float) -> int:
    """The time that `share` of them stay under. times is sorted and not empty."""
    return times[min(len(times) - 1, int(len(times) * share))]
