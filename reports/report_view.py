"""Everything the desk shows of one report, and who may see it: decided here and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from reports.errors import RecordDamaged, UnknownReferral, UnknownReport
from reports.identity import read_reference
from reports.officers import Officer, Role
from reports.records import decision_from_json, finding_from_json
from reports.recusals import RECUSAL_LIFTED, shown_to, visible_to
from reports.states import LIVE_REFERRALS, ReferralState, ReportState
from reports.tables import audit_entries, decisions, findings, officers, referrals, remarks, reports
from reports.values import Decision, Finding, Urgency
from reports.whereabouts import where_it_lies
from reports.withheld import KeptBack, kept_back


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A finding and who made it: "machine" or an officer's id."""

    number: int
    author: str
    made_at: int
    finding: Finding


@dataclass(frozen=True, kw_only=True)
class ReferralView:
    """One packet as the desk lists it."""

    referral_id: str
    report_id: str
    unit: str
    part: str
    state: ReferralState
    fields: tuple[str, ...]
    created_at: int
    delivered_at: int | None
    accepted_at: int | None
    first_action_at: int | None
    ended_at: int | None
    due_at: int | None
    bounce_reason: str | None
    proposed_unit: str | None
    attempts: int
    failure: str | None
    way: str
    added_at: int | None
    version: int
    sealed_packet: bytes | None
    renewed_at: int | None = None
    instead_of: str = ""
    exercise: bool = False

    @property
    def is_live(self) -> bool:
        """Whether it may still be called back."""
        return self.state in LIVE_REFERRALS

    @property
    def is_handed_over(self) -> bool:
        """Whether it goes to a unit in place of another, which keeps the case until this one accepts it."""
        return self.is_live and bool(self.instead_of) and self.accepted_at is None


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One line of the audit chain about this report or one of its packets; object is "kind:id"."""

    at: int
    actor: str
    action: str
    object: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class SealedRemark:
    """A reason an officer gave, still sealed."""

    remark_id: str
    officer: str
    verb: str
    said_at: int
    sealed_text: bytes


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """A report without its content: what is needed to list, judge and change it.

    recused is the area whose unit is complained of, '' where none is, or where two reviewers lifted it.
    findings and decision are those that can be read. is_damaged says that the newest of either cannot: then a person
    must find and decide anew, whatever was found before.
    """

    report_id: str
    reference: str
    state: ReportState
    urgency: Urgency
    channel: str
    queue: str
    conversation_id: str
    received_at: int
    routed_at: int | None
    closed_at: int | None
    due_at: int | None
    attempts: int
    failure: str | None
    flags: tuple[str, ...]
    version: int
    to_read_at: int | None
    merged_into: str
    wrapped_key: bytes
    findings: tuple[Judged, ...]
    decision: Decision | None
    referrals: tuple[ReferralView, ...]
    remarks: tuple[SealedRemark, ...]
    history: tuple[HistoryLine, ...]
    withheld: tuple[KeptBack, ...] = ()
    recused: str = ""
    is_damaged: bool = False
    exercise: bool = False

    @property
    def finding(self) -> Finding | None:
        """The finding that stands: the newest. The first one is never lost."""
        return self.findings[-1].finding if self.findings and not self.is_damaged else None

    @property
    def decided(self) -> Decision | None:
        """The decision under the recusal that stands now: since it was made, two reviewers may have lifted that."""
        return replace(self.decision, recused=self.recused) if self.decision else None

    @property
    def lifted(self) -> frozenset[str]:
        """The areas whose units two reviewers let be told again."""
        lines = (line for line in self.history if line.action == RECUSAL_LIFTED)
        return frozenset(json.loads(line.detail)["area"] for line in lines)

    @property
    def keeper(self) -> str:
        """The unit that has the case: whoever accepted it last, else its first receiver; '' before anybody got it."""
        return keeper_of(self.referrals)


def keeper_of(referrals: Sequence[ReferralView]) -> str:
    """The unit that has a case, of its packets in order: the first receiver keeps it until another accepts."""
    leads = [one for one in referrals if one.part == "lead" and one.delivered_at is not None]
    accepted = [one for one in leads if one.state in (ReferralState.ACCEPTED, ReferralState.DONE)]
    keepers = accepted[-1:] or leads[:1]
    return keepers[0].unit if keepers else ""


def find_report(connection: Connection, reference: str, officer: Officer | None) -> ReportView:
    """The report with this reference. officer None is the command line of this machine.

    Raises UnknownReport, in the same words, for one that does not exist and for one this officer may not see.
    """
    stored = read_reference(reference)
    row = connection.execute(select(reports).where(reports.c.reference == (stored or ""), visible_to(officer))).first()
    if row is None:
        raise UnknownReport("There is no report with this reference. Check each letter and try again.")
    names = {one.id: one.name for one in connection.execute(select(officers.c.id, officers.c.name))}
    judged = connection.execute(
        select(findings).where(findings.c.report_id == row.id).order_by(findings.c.number)
    ).all()
    decided = connection.execute(
        select(decisions.c.body).where(decisions.c.report_id == row.id).order_by(decisions.c.number.desc()).limit(1)
    ).scalar()
    found = [_judged(one, names) for one in judged]
    decision, is_damaged = _decided(decided)
    return ReportView(
        report_id=row.id,
        reference=row.reference,
        state=ReportState(row.state),
        urgency=Urgency.from_rank(row.urgency_rank),
        channel=row.channel,
        queue=row.queue,
        conversation_id=row.conversation_id,
        received_at=row.received_at,
        routed_at=row.routed_at,
        closed_at=row.closed_at,
        due_at=row.due_at,
        attempts=row.attempts,
        failure=row.failure,
        flags=tuple(row.flags.split()),
        version=row.version,
        to_read_at=row.to_read_at,
        merged_into=_reference(connection, row.merged_into),
        wrapped_key=row.wrapped_key,
        findings=tuple(one for one in found if one is not None),
        decision=decision,
        withheld=kept_back(connection, row.id),
        recused=row.recused or "",
        exercise=bool(row.exercise),
        is_damaged=is_damaged or (bool(found) and found[-1] is None),
        referrals=referrals_of(connection, row.id),
        remarks=_remarks(connection, row.id, names),
        history=_history(connection, row.id, names),
    )


def _judged(row: Any, names: dict[str, str]) -> Judged | None:
    """None for a finding that cannot be read any more."""
    try:
        finding = finding_from_json(row.body)
    except RecordDamaged:
        return None
    return Judged(number=row.number, author=names.get(row.author, row.author), made_at=row.made_at, finding=finding)


def _decided(body: str | None) -> tuple[Decision | None, bool]:
    """The decision, and whether there is one that cannot be read any more."""
    try:
        return (decision_from_json(body) if body is not None else None), False
    except RecordDamaged:
        return None, True


def _reference(connection: Connection, report_id: str | None) -> str:
    """The reference of the report that a report was joined to, whatever became of that one; '' for none."""
    lies_in = where_it_lies(connection, report_id) if report_id else None
    return connection.execute(select(reports.c.reference).where(reports.c.id == lies_in)).scalar() or ""


def find_referral(connection: Connection, referral_id: str, officer: Officer) -> ReferralView:
    """A packet of the officer's own unit. Raises UnknownReferral, in the same words, for any other."""
    query = select(referrals).where(referrals.c.id == referral_id, referrals.c.shut == 0, shown_to(officer))
    row = connection.execute(query).first()
    reached = (ReferralState.PENDING.value, ReferralState.FAILED.value)
    if row is None or officer.role is not Role.UNIT_OFFICER or row.unit != officer.unit or row.state in reached:
        raise UnknownReferral("There is no such packet in your inbox.")
    return _referral(row)


def referrals_of(connection: Connection, report_id: str) -> tuple[ReferralView, ...]:
    """A report's packets, in the order they were made."""
    rows = connection.execute(
        select(referrals)
        .where(referrals.c.report_id == report_id)
        .order_by(referrals.c.created_at, referrals.c.part.desc())
    )
    return tuple(_referral(row) for row in rows)


def _referral(row: object) -> ReferralView:
    fields = row._mapping  # type: ignore[attr-defined]
    return ReferralView(
        referral_id=fields["id"],
        report_id=fields["report_id"],
        unit=fields["unit"],
        part=fields["part"],
        state=ReferralState(fields["state"]),
        fields=tuple(fields["fields"].split()),
        created_at=fields["created_at"],
        delivered_at=fields["delivered_at"],
        accepted_at=fields["accepted_at"],
        first_action_at=fields["first_action_at"],
        ended_at=fields["ended_at"],
        due_at=fields["due_at"],
        bounce_reason=fields["bounce_reason"],
        proposed_unit=fields["proposed_unit"],
        attempts=fields["attempts"],
        failure=fields["failure"],
        way=fields["way"] or "",
        added_at=fields["added_at"],
        version=fields["version"],
        sealed_packet=fields["sealed_packet"],
        renewed_at=fields["renewed_at"],
        instead_of=fields["instead_of"] or "",
        exercise=bool(fields["exercise"]),
    )


def _remarks(connection: Connection, report_id: str, names: dict[str, str]) -> tuple[SealedRemark, ...]:
    rows = connection.execute(select(remarks).where(remarks.c.report_id == report_id).order_by(remarks.c.said_at))
    return tuple(
        SealedRemark(
            remark_id=row.id,
            officer=names.get(row.officer_id, row.officer_id),
            verb=row.verb,
            said_at=row.said_at,
            sealed_text=row.sealed_text,
        )
        for row in rows
    )


def _history(connection: Connection, report_id: str, names: dict[str, str]) -> tuple[HistoryLine, ...]:
    objects = [f"report:{report_id}"]
    mine = connection.execute(select(referrals.c.id).where(referrals.c.report_id == report_id)).scalars()
    objects += [f"referral:{referral_id}" for referral_id in mine]
    rows = connection.execute(
        select(audit_entries).where(audit_entries.c.object.in_(objects)).order_by(audit_entries.c.number)
    )
    return tuple(
        HistoryLine(
            at=row.at,
            actor=names.get(row.actor, row.actor),
            action=row.action,
            object=row.object,
            detail=row.detail,
        )
        for row in rows
    )
