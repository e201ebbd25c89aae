"""The rows that a step adds: a finding, a decision, a packet for each unit it tells, and what it keeps back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, String, bindparam, func, insert, select, update

from reports.database import database_now
from reports.errors import IllegalTransition
from reports.identity import new_id
from reports.records import decision_to_json, finding_to_json
from reports.states import FIRST_STEP, ReferralState, ReportState
from reports.steps import Outcome
from reports.tables import decisions, findings, referrals, reports, withheld
from reports.values import Decision

# A report, a unit, and the row of the rulebook that keeps something back from it.
Kept = tuple[str, str, str]


class NewRows:
    """The new rows of one call of `advance`, written table by table."""

    def __init__(self) -> None:
        self.findings: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.referrals: list[dict[str, Any]] = []
        self.withheld: list[dict[str, Any]] = []

    def add(self, outcome: Outcome, number: tuple[int, int, str | None], earlier: Mapping[Kept, int]) -> None:
        """Adds what one step brings. number is from `last_numbers`, earlier from `end_withheld`."""
        finding_number, decision_number, finding_id = number
        report_id = outcome.standing.report_id
        if outcome.finding is not None:
            finding_id = new_id()
            self.findings.append(
                {
                    "id": finding_id,
                    "report_id": report_id,
                    "number": finding_number + 1,
                    "author": outcome.actor,
                    "body": finding_to_json(outcome.finding),
                }
            )
        if outcome.decision is None:
            return
        if finding_id is None:
            raise IllegalTransition("A report cannot be referred before somebody has found what it is about.")
        decision_id = new_id()
        self.decisions.append(
            {
                "id": decision_id,
                "report_id": report_id,
                "number": decision_number + 1,
                "finding_id": finding_id,
                "author": outcome.actor,
                "rule": outcome.decision.rule,
                "rulebook": outcome.decision.rulebook,
                "body": decision_to_json(outcome.decision),
            }
        )
        if outcome.after is ReportState.REFERRED:
            self.referrals.extend(_referral_rows(outcome, decision_id, decision_number + 1))
            self.withheld.extend(_withheld_rows(report_id, outcome.decision, decision_id, earlier))

    def write(self, connection: Connection) -> None:
        """Writes all of them."""
        for table, rows in ((findings, self.findings), (decisions, self.decisions), (referrals, self.referrals)):
            if rows:
                connection.execute(insert(table).values(_timed(table)), rows)
        if self.withheld:
            connection.execute(insert(withheld), self.withheld)


def _timed(table: Any) -> dict[str, Any]:
    """What a new row takes from the database's clock. A referral's own clock starts at once: it is to be delivered."""
    if table is not referrals:
        return {"made_at": database_now()}
    due = database_now() + bindparam("deliver_within", type_=BigInteger)
    # Packets are an exercise where their report is, whoever sends them.
    told_of = select(reports.c.exercise).where(reports.c.id == bindparam("told_of", type_=String)).scalar_subquery()
    return {"created_at": database_now(), "due_at": due, "next_step_at": due, "exercise": told_of}


def fields_by_unit(decision: Decision) -> dict[str, tuple[str, tuple[str, ...]]]:
    """For each unit that a decision tells, its part and the fields of its packet, in the order it tells them.

    A unit that two rows copy gets one packet, with the fields of both.
    """
    told = {decision.lead_unit: ("lead", decision.lead_fields)}
    for copy in decision.copies:
        part, fields = told.get(copy.unit, (copy.part, ()))
        told[copy.unit] = (part, tuple(dict.fromkeys([*fields, *copy.fields])))
    return told


def _referral_rows(outcome: Outcome, decision_id: str, number: int) -> list[dict[str, Any]]:
    decision = outcome.decision
    if decision is None:
        return []
    minutes = decision.clocks.get("delivery")
    within = None if minutes is None else minutes * 60_000
    return [
        {
            "id": new_id(),
            "report_id": outcome.standing.report_id,
            "told_of": outcome.standing.report_id,
            "decision_id": decision_id,
            "unit": unit,
            "part": part,
            "state": ReferralState.PENDING.value,
            "urgency_rank": outcome.urgency.rank,
            "dispatch_key": f"{outcome.standing.report_id}:{number}:{unit}",
            "fields": " ".join(fields),
            "next_step": FIRST_STEP if within is not None else None,
            "deliver_within": within,
        }
        for unit, (part, fields) in fields_by_unit(decision).items()
        if unit not in outcome.told
    ]


def keeps_back_anew(outcome: Outcome) -> bool:
    """Whether what an earlier decision kept back is over with this step."""
    ended = (ReportState.QUARANTINED, ReportState.CLOSED, ReportState.MERGED)
    return outcome.decision is not None or outcome.after in ended


def end_withheld(connection: Connection, report_ids: Sequence[str]) -> dict[Kept, int]:
    """Ends what was kept back so far, and says when each was to be looked at again."""
    if not report_ids:
        return {}
    ended = connection.execute(
        update(withheld)
        .where(withheld.c.report_id.in_(report_ids), withheld.c.ended_at.is_(None))
        .values(ended_at=database_now(), due_since=None, version=withheld.c.version + 1)
        .returning(withheld.c.report_id, withheld.c.unit, withheld.c.rule, withheld.c.review_at)
    )
    return {(row.report_id, row.unit, row.rule): row.review_at for row in ended}


def _withheld_rows(
    report_id: str, decision: Decision, decision_id: str, earlier: Mapping[Kept, int]
) -> Iterator[dict[str, Any]]:
    """What the decision keeps back. What an officer has put off to a later day stays put off."""
    for kept in decision.withheld:
        review_at = int(datetime.fromisoformat(kept.review_at).timestamp() * 1000)
        yield {
            "id": new_id(),
            "report_id": report_id,
            "decision_id": decision_id,
            "unit": kept.from_whom,
            "fields": " ".join(kept.fields),
            "rule": kept.rule,
            "review_at": max(review_at, earlier.get((report_id, kept.from_whom, kept.rule), 0)),
        }


def last_numbers(connection: Connection, report_ids: Sequence[str]) -> dict[str, tuple[int, int, str | None]]:
    """The number of each report's last finding and of its last decision, 0 for none, and the id of the finding."""
    numbers: dict[str, tuple[int, int, str | None]] = {report_id: (0, 0, None) for report_id in report_ids}
    if not report_ids:
        return numbers
    latest = connection.execute(
        select(findings.c.report_id, findings.c.number, findings.c.id)
        .where(findings.c.report_id.in_(report_ids))
        .order_by(findings.c.number)
    ).all()
    decided = connection.execute(
        select(decisions.c.report_id, func.max(decisions.c.number))
        .where(decisions.c.report_id.in_(report_ids))
        .group_by(decisions.c.report_id)
    ).all()
    for row in latest:
        numbers[row.report_id] = (row.number, 0, row.id)
    for report_id, number in decided:
        numbers[report_id] = (numbers[report_id][0], number, numbers[report_id][2])
    return numbers
