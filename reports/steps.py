"""One step of a report: where it stood, what it becomes, by whom and why. `reports.store` takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.errors import IllegalTransition
from reports.states import ReportState, check_report_change
from reports.values import Decision, Finding, Urgency

MACHINE = "machine"
# A unit gave its packet back, and the report stands before a duty officer again.
CAME_BACK = "came_back"
# An officer sees that more was told since somebody judged the report; whoever acts on it has seen that.
MORE_TOLD = "more_told"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a report stood when it was read: what a change starts from.

    Exactly one guard holds: version for a person's change, lease_token for a worker's. to_read_at is what was to be
    read then, of somebody who has read all of it since: None where the change leaves that to be read.
    """

    report_id: str
    reference: str
    state: ReportState
    urgency: Urgency
    version: int | None = None
    lease_token: str | None = None
    to_read_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One step of a report: what it becomes, by whom and why, and the finding and decision that came with it.

    actor is "machine" or an officer's id. number_index is set by the worker that first opens a report.
    due_in_minutes is the clock of the hop the report goes to, in minutes by the wall, None where no clock runs;
    clock_stands leaves the one that runs as it is. flag is a code for the officer, added to those the report has.
    told are units whose packets stand, so that they get no second one. clears are codes that the report has no more.
    """

    standing: Standing
    after: ReportState
    urgency: Urgency
    actor: str
    action: str
    due_in_minutes: float | None = None
    finding: Finding | None = None
    decision: Decision | None = None
    conversation_id: str | None = None
    number_index: str | None = None
    failure: str | None = None
    flag: str | None = None
    clock_stands: bool = False
    told: frozenset[str] = frozenset()
    clears: tuple[str, ...] = ()
    detail: Mapping[str, str | int | None] = field(default_factory=dict)


def check_step(outcome: Outcome) -> None:
    """Raises IllegalTransition for a step that no report may take, or that this actor may not."""
    standing = outcome.standing
    check_report_change(standing.state, outcome.after)
    if outcome.after is ReportState.REFERRED and outcome.decision is None:
        raise IllegalTransition("A report cannot be referred without a decision that names the unit.")
    lowered = outcome.urgency.rank > standing.urgency.rank
    # What a report starts with before it was read is a guess upwards, not a finding; after that only a person lowers.
    if lowered and outcome.actor == MACHINE and standing.state is not ReportState.RECEIVED:
        raise IllegalTransition("Only a person may lower an urgency, and says why.")
