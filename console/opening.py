"""Why an officer opens a report: the work at hand, or what they say before anything of it is shown."""

from __future__ import annotations

import json

from console.desk import Asked, given
from console.entered import BadForm, Fault
from console.history import is_work
from console.remarks import remark
from console.services import Services
from reports.audit import AuditEntry
from reports.holding import Hold
from reports.officers import Officer
from reports.report_view import ReferralView, ReportView, find_report
from reports.states import ReferralState, ReportState
from reports.steps import MORE_TOLD

# What an officer may say, in the order it is offered; the last is for when none of the others fits and it cannot wait.
BREAK_GLASS = "break_glass"
REASONS = ("reporter_called", "unit_asks", "same_case", "quality", BREAK_GLASS)
# Its own name in the audit chain, so that whoever watches that finds it without reading reasons.
_ACTIONS = ("opened_for", "opened_break_glass")
_MINUTE = 60_000
# A reason that was given serves for so long, what an officer did about a report for a shift.
_GIVEN_MINUTES, _SHIFT_MINUTES = 30, 12 * 60
# Work of the desk by the state alone. What was joined to another report has no words of its own.
_BY_STATE = {
    ReportState.RECEIVED: "waits",
    ReportState.IN_TRIAGE: "waits",
    ReportState.QUARANTINED: "aside",
    ReportState.MERGED: "elsewhere",
}
_CALLS_FOR_A_PERSON = frozenset([MORE_TOLD, "unit_behind", "reply_unknown"])


def at_hand(report: ReportView, officer: Officer, hold: Hold | None, now: int) -> str:
    """The code of the reason that the work itself gives; '' where the officer has to say one first.

    hold is the officer's own, None where they are not on the report; now is in milliseconds.
    """
    if report.exercise:
        return "exercise"
    if report.state in _BY_STATE:
        return _BY_STATE[report.state]
    mine = [line for line in report.history if line.actor == officer.name]
    if _began_at_work(report, hold) or any(
        is_work(line) and now - line.at <= _SHIFT_MINUTES * _MINUTE for line in mine
    ):
        return "own"
    if any(line.action in _ACTIONS and now - line.at <= _GIVEN_MINUTES * _MINUTE for line in mine):
        return "said"
    if _CALLS_FOR_A_PERSON.intersection(report.flags):
        return "flagged"
    return "late" if any(_is_late(one, now) for one in report.referrals) else ""


def _began_at_work(report: ReportView, hold: Hold | None) -> bool:
    """Whether an officer has been on a report since it was before the desk: to take it on is no work by itself."""
    if hold is None:
        return False
    steps = ((line.at, json.loads(line.detail).get("to")) for line in report.history)
    stood = [to for at, to in steps if to and at <= hold.taken_at]
    return ReportState(stood[-1]) in _BY_STATE if stood else True


def _is_late(packet: ReferralView, now: int) -> bool:
    is_over_time = packet.is_live and packet.due_at is not None and packet.due_at < now
    return is_over_time or packet.state is ReferralState.ESCALATED


class Opening:
    """Writes down why an officer opens a report that no work calls for."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def say(self, asked: Asked, code: str) -> None:
        """Keeps the reason, sealed, with its audit line. Raises UnknownReport, MissingReason and BadForm."""
        if code not in REASONS:
            raise BadForm(Fault("why", "fault_opening"))
        reason = given(asked.reason)
        action = _ACTIONS[code == BREAK_GLASS]
        with self._services.database.write() as connection:
            report = find_report(connection, asked.reference, asked.officer)
            remark(self._services, connection, asked.officer, report, action, reason)
            entry = AuditEntry(asked.officer.id, action, f"report:{report.report_id}", {"opening": code})
            self._services.store.chain.append(connection, [entry])
