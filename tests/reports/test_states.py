"""The table of states: what it does not name is refused, and one function alone changes a report's state."""

from __future__ import annotations

import ast
from itertools import product
from pathlib import Path

import pytest

from reports.errors import IllegalTransition
from reports.states import (
    LIVE_REFERRALS,
    REFERRAL_CHANGES,
    REPORT_CHANGES,
    ReferralState,
    ReportState,
    check_referral_change,
    check_report_change,
)

PROJECT = Path(__file__).resolve().parents[2]

# A report's state to the left, what may follow it to the right.
REPORTS = """
RECEIVED     IN_TRIAGE REFERRED QUARANTINED MERGED
IN_TRIAGE    IN_TRIAGE REFERRED QUARANTINED MERGED CLOSED
REFERRED     IN_TRIAGE REFERRED MERGED CLOSED
QUARANTINED  IN_TRIAGE REFERRED QUARANTINED CLOSED
MERGED       IN_TRIAGE
CLOSED       IN_TRIAGE
"""
REFERRALS = """
PENDING      DELIVERED FAILED REVOKED
DELIVERED    ACCEPTED BOUNCED ESCALATED REVOKED
ACCEPTED     DONE BOUNCED ESCALATED REVOKED
DONE
BOUNCED
ESCALATED    ACCEPTED DONE REVOKED
FAILED       PENDING
REVOKED
"""


def allowed(drawn: str) -> set[tuple[str, str]]:
    lines = [line.split() for line in drawn.strip().splitlines()]
    return {(before, after) for before, *following in lines for after in following}


@pytest.mark.parametrize(("before", "after"), [*product(ReportState, repeat=2)])
def test_a_report_changes_only_as_the_table_says(before: ReportState, after: ReportState) -> None:
    if (before.value, after.value) in allowed(REPORTS):
        check_report_change(before, after)
        return
    with pytest.raises(IllegalTransition) as refused:
        check_report_change(before, after)
    assert f"A report that is {before} cannot become {after}" in str(refused.value)
    assert all(name in str(refused.value) for name in REPORT_CHANGES[before])


@pytest.mark.parametrize(("before", "after"), [*product(ReferralState, repeat=2)])
def test_a_referral_changes_only_as_the_table_says(before: ReferralState, after: ReferralState) -> None:
    if (before.value, after.value) in allowed(REFERRALS):
        check_referral_change(before, after)
        return
    with pytest.raises(IllegalTransition, match=f"A referral that is {before} cannot become {after}"):
        check_referral_change(before, after)


def test_no_report_is_stuck_and_none_becomes_unread_again() -> None:
    assert set(REPORT_CHANGES) == set(ReportState)
    assert all(REPORT_CHANGES.values())
    assert not any(ReportState.RECEIVED in following for following in REPORT_CHANGES.values())


def test_a_live_referral_can_be_called_back() -> None:
    assert {state for state in REFERRAL_CHANGES if ReferralState.REVOKED in REFERRAL_CHANGES[state]} == set(
        LIVE_REFERRALS
    )


def sets_a_state(call: ast.Call) -> bool:
    """Whether a call is `update(reports) ... .values(state=...)`, or one whose values cannot be read here."""
    if not (isinstance(call.func, ast.Attribute) and call.func.attr == "values"):
        return False
    if "update(reports)" not in ast.unparse(call.func.value):
        return False
    return bool(call.args) or any(keyword.arg in (None, "state") for keyword in call.keywords)


def test_one_function_alone_changes_a_reports_state() -> None:
    found = set()
    for package in ("reports", "workers", "intake", "console", "hotline"):
        for path in (PROJECT / package).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef) and any(
                    isinstance(node, ast.Call) and sets_a_state(node) for node in ast.walk(function)
                ):
                    found.add(f"{path.relative_to(PROJECT)}: {function.name}")
    assert found == {"reports/store.py: _move"}
