"""What an officer may do with a report as it stands now."""

from __future__ import annotations

from collections.abc import Mapping

from reports.report_view import ReferralView, ReportView
from reports.states import ReferralState, ReportState
from reports.values import Decision
from routing.rulebook.route import HELD_HERE

# What an officer may do with a report in each state, in the order it is offered.
VERBS: Mapping[ReportState, tuple[str, ...]] = {
    ReportState.RECEIVED: (),
    ReportState.IN_TRIAGE: ("confirm", "reroute", "correct", "close", "quarantine"),
    ReportState.REFERRED: ("transfer", "add_copy", "reroute", "correct", "close", "reopen"),
    ReportState.QUARANTINED: ("reopen", "correct", "close"),
    ReportState.MERGED: ("unmerge", "reopen"),
    ReportState.CLOSED: ("reopen",),
}


def offered(report: ReportView, proposal: Decision | None, *, is_merged: bool) -> tuple[str, ...]:
    """The verbs that can work on this report now. proposal is what confirming would decide, None where nothing was read
    yet; is_merged says that an officer put it to another."""
    missing: set[str] = {"reopen"} if is_merged else {"unmerge"}
    if report.decision is None:
        missing |= {"transfer", "add_copy"}
    if proposal is None:
        missing |= {"confirm", "reroute"}
    elif proposal.lead_kind in HELD_HERE:
        missing |= {"confirm"}
    return tuple(verb for verb in VERBS[report.state] if verb not in missing)


def last_bounce(report: ReportView) -> ReferralView | None:
    """The packet that a unit gave back last, if the report waits for the desk since and nobody sent another.

    It need not be the newest: a unit that was passed over may have taken the case from those above it before.
    """
    leads = [referral for referral in report.referrals if referral.part == "lead"]
    back = [referral for referral in leads if referral.state is ReferralState.BOUNCED]
    if not back or report.state is not ReportState.IN_TRIAGE:
        return None
    last = max(back, key=lambda referral: referral.ended_at or 0)
    return last if all(referral.created_at <= (last.ended_at or 0) for referral in leads) else None
