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
    """The newest packet, if its unit gave it back and nobody sent another since."""
    leads = [referral for referral in report.referrals if referral.part == "lead"]
    if not leads or leads[-1].state is not ReferralState.BOUNCED or report.state is not ReportState.IN_TRIAGE:
        return None
    return leads[-1]
