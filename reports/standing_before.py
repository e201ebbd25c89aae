"""What stood about a report before it is read again: the last judgement, whose it was, and who has it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from reports.records import decision_from_json
from reports.recusals import lifted_areas
from reports.states import LIVE_REFERRALS
from reports.steps import MACHINE
from reports.tables import decisions, findings, referrals, remarks, reports
from reports.values import Decision

# What an officer of the duty desk leaves a reason for: from then on the report is theirs to judge.
_JUDGED = ("confirmed", "corrected", "rerouted", "quarantined", "closed", "reopened", "recalled", "unmerged")


@dataclass(frozen=True, kw_only=True)
class LivePacket:
    """A packet that its unit has, or is about to get."""

    referral_id: str
    unit: str
    is_accepted_lead: bool


@dataclass(frozen=True, kw_only=True)
class Before:
    """How a report stood. by_person: an officer judged it; was_sent: some unit was told once; judged_at: when the last
    finding was made, in milliseconds, 0 where there is none. recused is the area whose units are kept from it, '' for
    none; lifted are those that two reviewers let be told again."""

    decision: Decision | None
    judged_at: int
    by_person: bool
    was_sent: bool
    live: tuple[LivePacket, ...]
    recused: str
    lifted: frozenset[str]


def standing_before(connection: Connection, report_id: str) -> Before:
    """How a report stands now."""
    judged = connection.execute(
        select(findings.c.author, findings.c.made_at)
        .where(findings.c.report_id == report_id)
        .order_by(findings.c.number.desc())
        .limit(1)
    ).first()
    decided = connection.execute(
        select(decisions.c.author, decisions.c.body)
        .where(decisions.c.report_id == report_id)
        .order_by(decisions.c.number.desc())
        .limit(1)
    ).first()
    said = select(remarks.c.id).where(remarks.c.report_id == report_id, remarks.c.verb.in_(_JUDGED)).limit(1)
    authors = {row.author for row in (judged, decided) if row is not None}
    packets = connection.execute(select(referrals).where(referrals.c.report_id == report_id)).all()
    recused = connection.execute(select(reports.c.recused).where(reports.c.id == report_id)).scalar()
    return Before(
        decision=decision_from_json(decided.body) if decided else None,
        judged_at=judged.made_at if judged else 0,
        by_person=bool(authors - {MACHINE}) or connection.execute(said).first() is not None,
        was_sent=bool(packets),
        live=tuple(
            LivePacket(
                referral_id=row.id,
                unit=row.unit,
                is_accepted_lead=row.part == "lead" and row.accepted_at is not None,
            )
            for row in packets
            if row.state in {state.value for state in LIVE_REFERRALS}
        ),
        recused=recused or "",
        lifted=lifted_areas(connection, report_id),
    )
