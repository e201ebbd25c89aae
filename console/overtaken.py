"""Who was quicker: what is said to an officer whose form came back because the report was changed meanwhile."""

from __future__ import annotations

from console.entered import Entered, Fault
from console.history import last_change
from reports.holding import There
from reports.officers import Officer
from reports.report_view import ReportView


def explained(entered: Entered, report: ReportView, officer: Officer, there: There) -> Entered:
    """The same, with who changed the report meanwhile, or is on it, where that is what is wrong."""
    last = last_change(report)
    if last is None or [fault.sentence for fault in entered.faults] != ["problem_stale"]:
        return entered
    if there.hold and not there.is_mine and entered.one(entered.verb, "version") == str(report.version):
        return _with(entered, Fault("", "problem_held", {"who": there.hold.name}))
    if last.action == "added":
        return _with(entered, Fault("", "problem_stale_more"))
    if last.actor == officer.name:
        return _with(entered, Fault("", "problem_stale_self"))
    return _with(entered, Fault("", "problem_stale_by", {"who": last.actor}))


def _with(entered: Entered, fault: Fault) -> Entered:
    return Entered(entered.verb, entered.values, (fault,))
