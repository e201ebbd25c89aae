"""The states of a report and of a referral, and which change may follow which. The one table of both."""

from __future__ import annotations

from enum import StrEnum

from reports.errors import IllegalTransition


class ReportState(StrEnum):
    """Where a report stands."""

    RECEIVED = "RECEIVED"
    IN_TRIAGE = "IN_TRIAGE"
    REFERRED = "REFERRED"
    QUARANTINED = "QUARANTINED"
    MERGED = "MERGED"
    CLOSED = "CLOSED"


class ReferralState(StrEnum):
    """Where one packet to one unit stands."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    BOUNCED = "BOUNCED"
    ESCALATED = "ESCALATED"
    FAILED = "FAILED"
    REVOKED = "REVOKED"


class AttachmentState(StrEnum):
    """Where a file stands: what lies with its provider is fetched, what is kept gets a copy for the desk."""

    AWAITED = "AWAITED"
    KEPT = "KEPT"
    COPIED = "COPIED"
    UNCOPIED = "UNCOPIED"
    LOST = "LOST"
    COPY = "COPY"


class ReplyState(StrEnum):
    """Where a text to a reporter stands. What is SENDING is never sent again, whatever becomes of who sends it."""

    WAITING = "WAITING"
    SENDING = "SENDING"
    SENT = "SENT"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"
    WITHHELD = "WITHHELD"


# A state may follow itself where a report is judged anew in it: a corrected label, another unit, or more that was told.
REPORT_CHANGES: dict[ReportState, frozenset[ReportState]] = {
    ReportState.RECEIVED: frozenset(
        {ReportState.REFERRED, ReportState.IN_TRIAGE, ReportState.QUARANTINED, ReportState.MERGED}
    ),
    ReportState.IN_TRIAGE: frozenset(
        {ReportState.IN_TRIAGE, ReportState.REFERRED, ReportState.QUARANTINED, ReportState.MERGED, ReportState.CLOSED}
    ),
    ReportState.REFERRED: frozenset(
        {ReportState.REFERRED, ReportState.CLOSED, ReportState.IN_TRIAGE, ReportState.MERGED}
    ),
    ReportState.QUARANTINED: frozenset(
        {ReportState.QUARANTINED, ReportState.IN_TRIAGE, ReportState.REFERRED, ReportState.CLOSED}
    ),
    ReportState.MERGED: frozenset({ReportState.IN_TRIAGE}),
    ReportState.CLOSED: frozenset({ReportState.IN_TRIAGE}),
}

REFERRAL_CHANGES: dict[ReferralState, frozenset[ReferralState]] = {
    ReferralState.PENDING: frozenset({ReferralState.DELIVERED, ReferralState.FAILED, ReferralState.REVOKED}),
    ReferralState.DELIVERED: frozenset(
        {ReferralState.ACCEPTED, ReferralState.BOUNCED, ReferralState.ESCALATED, ReferralState.REVOKED}
    ),
    ReferralState.ACCEPTED: frozenset(
        {ReferralState.DONE, ReferralState.BOUNCED, ReferralState.ESCALATED, ReferralState.REVOKED}
    ),
    ReferralState.DONE: frozenset(),
    ReferralState.BOUNCED: frozenset(),
    # A unit that was passed over keeps the case until another accepts it, and may still take it on itself.
    ReferralState.ESCALATED: frozenset({ReferralState.ACCEPTED, ReferralState.DONE, ReferralState.REVOKED}),
    ReferralState.FAILED: frozenset({ReferralState.PENDING}),
    ReferralState.REVOKED: frozenset(),
}

# A referral in one of these may still be called back.
LIVE_REFERRALS = (ReferralState.PENDING, ReferralState.DELIVERED, ReferralState.ACCEPTED, ReferralState.ESCALATED)
# What is done first about a clock that ran out, the moment it does.
FIRST_STEP = "reminder"


def hop_of(state: ReferralState, accepted: bool, acted: bool) -> str:
    """The hop that the clock of a packet counts: whether its unit has accepted it and done something decides."""
    if state is ReferralState.PENDING:
        return "delivery"
    if not accepted:
        return "acceptance"
    return "feedback" if acted else "first_action"


def check_report_change(before: ReportState, after: ReportState) -> None:
    """Raises IllegalTransition unless a report may go from one state to the other."""
    if after not in REPORT_CHANGES[before]:
        allowed = ", ".join(sorted(REPORT_CHANGES[before])) or "nothing"
        raise IllegalTransition(f"A report that is {before} cannot become {after}; it may become {allowed}.")


def check_referral_change(before: ReferralState, after: ReferralState) -> None:
    """Raises IllegalTransition unless a referral may go from one state to the other."""
    if after not in REFERRAL_CHANGES[before]:
        allowed = ", ".join(sorted(REFERRAL_CHANGES[before])) or "nothing"
        raise IllegalTransition(f"A referral that is {before} cannot become {after}; it may become {allowed}.")
