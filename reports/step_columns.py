"""What a step writes to the report's own row: its state, its clock, its flags, and what was read of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, case, func, literal, null

from reports.database import database_now
from reports.states import FIRST_STEP, ReportState
from reports.steps import CAME_BACK, Outcome, Standing
from reports.tables import reports


def added_flag(flag: str) -> ColumnElement[str]:
    """The flags of a report with one more, once."""
    has_it = (literal(" ").concat(reports.c.flags).concat(" ")).like(f"% {flag} %")
    return case((has_it, reports.c.flags), else_=func.trim(reports.c.flags.concat(f" {flag}")))


def without_flags(taken: Sequence[str]) -> ColumnElement[str]:
    """The flags of a report without these."""
    flags: Any = reports.c.flags
    for flag in taken:
        flags = func.trim(func.replace(literal(" ").concat(flags).concat(" "), f" {flag} ", " "))
    return cast("ColumnElement[str]", flags)


def columns_of(outcome: Outcome) -> dict[str, Any]:
    """What a step writes to the report's own row."""
    columns: dict[str, Any] = {
        "state": outcome.after.value,
        "urgency_rank": outcome.urgency.rank,
        "version": reports.c.version + 1,
        "lease_token": None,
        "lease_until": 0,
        **({} if outcome.clock_stands else _clock_columns(outcome)),
        **_reading_columns(outcome.standing),
        **_flag_columns(outcome),
        **_came_back_columns(outcome),
    }
    if outcome.failure is not None:
        columns["failure"] = outcome.failure
    if outcome.after is ReportState.CLOSED:
        columns |= {"closed_at": database_now(), "outcome": outcome.detail.get("outcome")}
    elif outcome.standing.state is ReportState.CLOSED:
        columns["outcome"] = None
    if outcome.finding is not None:
        columns |= {"language": outcome.finding.language, "matters": " ".join(outcome.finding.labels.matters)}
    if outcome.decision is not None:
        decision = outcome.decision
        columns |= {"lead_unit": decision.lead_unit, "lead_region": decision.lead_region, "rule": decision.rule}
        if decision.recused:
            # A decision only ever sets it: two reviewers lift it.
            columns["recused"] = decision.recused
    return columns


def _clock_columns(outcome: Outcome) -> dict[str, Any]:
    due = None if outcome.due_in_minutes is None else database_now() + int(outcome.due_in_minutes * 60_000)
    # Only the duty desk's own clock is escalated here: a referred report's clocks run with its packets.
    runs = due is not None and outcome.after is ReportState.IN_TRIAGE
    return {
        "due_at": due,
        "next_step": FIRST_STEP if runs else None,
        "next_step_at": due if runs else None,
        "raised": 0,
    }


def _came_back_columns(outcome: Outcome) -> dict[str, Any]:
    """A report that came back has until somebody decides anew; reading on what was told meanwhile is no decision."""
    if outcome.action == CAME_BACK:
        return {"came_back": 1}
    is_over = outcome.decision is not None or outcome.after is not ReportState.IN_TRIAGE
    return {"came_back": 0} if is_over else {}


def _reading_columns(standing: Standing) -> dict[str, Any]:
    """What was read, and when, of a report that stood so."""
    columns: dict[str, Any] = {}
    if standing.state is ReportState.RECEIVED:
        columns = {"routed_at": database_now(), "ready_at": standing.to_read_at or reports.c.received_at}
    if standing.to_read_at is not None:
        was_read = reports.c.to_read_at == standing.to_read_at
        # What joined the report meanwhile is still to be read.
        columns["to_read_at"] = case((was_read, null()), else_=reports.c.to_read_at)
        columns["attempts"] = case((was_read, reports.c.attempts), else_=0)
    return columns


def _flag_columns(outcome: Outcome) -> dict[str, Any]:
    if outcome.flag is not None:
        return {"flags": added_flag(outcome.flag)}
    return {"flags": without_flags(outcome.clears)} if outcome.clears else {}
