"""Changing a report: one function moves it from state to state, and writes the audit line in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    bindparam,
    case,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from reports.audit import AuditChain, AuditEntry
from reports.database import Database, database_now
from reports.errors import IllegalTransition, StaleVersion
from reports.identity import new_id
from reports.records import decision_to_json, finding_to_json
from reports.sealing import ReportKey
from reports.states import FIRST_STEP, LIVE_REFERRALS, ReferralState, ReportState, check_report_change
from reports.tables import conversations, counts, decisions, findings, referrals, remarks, reports, withheld
from reports.values import Decision, Finding, Urgency

MACHINE = "machine"
# A unit gave its packet back, and the report stands before a duty officer again.
CAME_BACK = "came_back"
# An officer sees that more was told since somebody judged the report; whoever acts on it has seen that.
MORE_TOLD = "more_told"
REMARK_COLUMN = "remarks.sealed_text"
# What becomes of a referral that is called back: its clock stops with it.
REVOKED: Mapping[str, Any] = {
    "state": ReferralState.REVOKED.value,
    "ended_at": database_now(),
    "due_at": None,
    "next_step": None,
    "next_step_at": None,
    "version": referrals.c.version + 1,
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a report stood when it was read: what a change starts from.

    Exactly one guard holds: version for a person's change, lease_token for a worker's. to_read_at is what was to be
    read then, of somebody who has read all of it since: None where the change leaves that to be read.
    """

    report_id: str
    reference: str
    state: ReportState
    urgency: Urgency
    version: int | None = None
    lease_token: str | None = None
    to_read_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One step of a report: what it becomes, by whom and why, and the finding and decision that came with it.

    actor is "machine" or an officer's id. number_index is set by the worker that first opens a report.
    due_in_minutes is the clock of the hop the report goes to, in minutes by the wall, None where no clock runs;
    clock_stands leaves the one that runs as it is. flag is a code for the officer, added to those the report has.
    told are units whose packets stand, so that they get no second one. clears are codes that the report has no more.
    """

    standing: Standing
    after: ReportState
    urgency: Urgency
    actor: str
    action: str
    due_in_minutes: float | None = None
    finding: Finding | None = None
    decision: Decision | None = None
    conversation_id: str | None = None
    number_index: str | None = None
    failure: str | None = None
    flag: str | None = None
    clock_stands: bool = False
    told: frozenset[str] = frozenset()
    clears: tuple[str, ...] = ()
    detail: Mapping[str, str | int | None] = field(default_factory=dict)


class Store:
    """Writes the steps of reports. Every method works inside the caller's transaction and never commits."""

    def __init__(self, database: Database) -> None:
        """Prepares the audit statements for the database's dialect."""
        self.database = database
        self.chain = AuditChain(database.engine)

    def advance(self, connection: Connection, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
        """Takes each report one step, with its finding, decision, referrals, counts and audit line.

        Returns the outcomes that were written. One whose lease was lost is left out: another worker has the report.
        Raises IllegalTransition for a change that the table of states does not know, and StaleVersion when somebody
        else changed the report first.
        """
        for outcome in outcomes:
            _check(outcome)
        moved = [(outcome, self._move(connection, outcome)) for outcome in outcomes]
        written = tuple(outcome for outcome, exercise in moved if exercise is not None)
        new_rows = _Rows()
        numbers = _next_numbers(connection, [outcome.standing.report_id for outcome in written])
        earlier = _end_withheld(connection, [one.standing.report_id for one in written if _is_anew(one)])
        for outcome in written:
            new_rows.add(outcome, numbers[outcome.standing.report_id], earlier)
        new_rows.write(connection)
        self._count(connection, [(outcome, exercise) for outcome, exercise in moved if exercise is not None])
        self.chain.append(connection, [_audit_entry(outcome, new_rows.referrals) for outcome in written])
        return written

    def remark(
        self,
        connection: Connection,
        report_id: str,
        key: ReportKey,
        officer_id: str,
        verb: str,
        text: str,
        referral_id: str | None = None,
    ) -> str:
        """Keeps what an officer said, sealed under the report's key. Returns its id. referral_id is of the packet that
        alone it is about."""
        remark_id = new_id()
        connection.execute(
            insert(remarks).values(
                id=remark_id,
                report_id=report_id,
                referral_id=referral_id,
                officer_id=officer_id,
                verb=verb,
                said_at=database_now(),
                sealed_text=key.seal(REMARK_COLUMN, remark_id, text.encode()),
            )
        )
        return remark_id

    def mark(self, connection: Connection, report_id: str, flags: Sequence[str]) -> None:
        """Adds codes for the officer to those that a report has, each once."""
        for flag in flags:
            connection.execute(update(reports).where(reports.c.id == report_id).values(flags=added_flag(flag)))

    def unmark(self, connection: Connection, report_id: str, flag: str) -> None:
        """Takes a code away from those that a report has."""
        connection.execute(update(reports).where(reports.c.id == report_id).values(flags=_without_flags([flag])))

    def revoke_live_referrals(self, connection: Connection, report_id: str, actor: str, *, keep: frozenset[str]) -> int:
        """Calls back every live referral of a report but those to the units in `keep`. Returns how many."""
        revoked = connection.execute(
            update(referrals)
            .where(
                referrals.c.report_id == report_id,
                referrals.c.state.in_([state.value for state in LIVE_REFERRALS]),
                referrals.c.unit.not_in(keep),
            )
            .values(**REVOKED)
            .returning(referrals.c.id, referrals.c.unit)
        ).all()
        self.chain.append(
            connection,
            [AuditEntry(actor, "revoked", f"referral:{row.id}", {"unit": row.unit}) for row in revoked],
        )
        return len(revoked)

    def shut(self, connection: Connection, referral_ids: Sequence[str], actor: str) -> None:
        """Hides packets from the officers of the units that had them, for good: it came to light that they are accused.

        Whatever is still live of them must have been called back before.
        """
        shut = connection.execute(
            update(referrals)
            .where(referrals.c.id.in_(referral_ids), referrals.c.shut == 0)
            .values(shut=1)
            .returning(referrals.c.id, referrals.c.unit)
        ).all()
        self.chain.append(
            connection, [AuditEntry(actor, "shut", f"referral:{row.id}", {"unit": row.unit}) for row in shut]
        )

    def _move(self, connection: Connection, outcome: Outcome) -> int | None:
        """Whether the report that was moved is an exercise, 1 or 0; None where it was not moved."""
        standing = outcome.standing
        guard = (
            reports.c.lease_token == standing.lease_token
            if standing.lease_token is not None
            else reports.c.version == standing.version
        )
        moved = connection.execute(
            update(reports)
            .where(reports.c.id == standing.report_id, reports.c.state == standing.state.value, guard)
            .values(**_columns(outcome))
            .returning(reports.c.exercise)
        ).scalar()
        if moved is None and standing.lease_token is None:
            raise StaleVersion(
                f"Report {standing.reference} was changed by somebody else meanwhile. Look at it again, then decide."
            )
        if moved is not None and outcome.number_index and outcome.conversation_id:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == outcome.conversation_id)
                .values(number_index=outcome.number_index)
            )
        return moved

    def _count(self, connection: Connection, written: Sequence[tuple[Outcome, int]]) -> None:
        change: Counter[tuple[int, str, int]] = Counter()
        for outcome, exercise in written:
            # Reports that wait to be read are counted where they lie: they are few, and the doors need not touch this
            # row.
            if outcome.standing.state is not ReportState.RECEIVED:
                change[exercise, outcome.standing.state.value, outcome.standing.urgency.rank] -= 1
            change[exercise, outcome.after.value, outcome.urgency.rank] += 1
        # Always in the same order, so that two transactions never wait for each other's rows.
        for (exercise, state, rank), step in sorted(change.items()):
            if step:
                row = {"exercise": exercise, "state": state, "urgency_rank": rank, "number": step}
                _add_to_count(connection, self.database.is_sqlite, row)


def _add_to_count(connection: Connection, is_sqlite: bool, row: Mapping[str, Any]) -> None:
    number = counts.c.number + row["number"]
    keys = [counts.c.exercise, counts.c.state, counts.c.urgency_rank]
    if is_sqlite:
        connection.execute(
            sqlite.insert(counts).values(row).on_conflict_do_update(index_elements=keys, set_={"number": number})
        )
    else:
        connection.execute(
            postgresql.insert(counts).values(row).on_conflict_do_update(index_elements=keys, set_={"number": number})
        )


def _check(outcome: Outcome) -> None:
    standing = outcome.standing
    check_report_change(standing.state, outcome.after)
    if outcome.after is ReportState.REFERRED and outcome.decision is None:
        raise IllegalTransition("A report cannot be referred without a decision that names the unit.")
    lowered = outcome.urgency.rank > standing.urgency.rank
    # What a report starts with before it was read is a guess upwards, not a finding; after that only a person lowers.
    if lowered and outcome.actor == MACHINE and standing.state is not ReportState.RECEIVED:
        raise IllegalTransition("Only a person may lower an urgency, and says why.")


def added_flag(flag: str) -> ColumnElement[str]:
    """The flags of a report with one more, once."""
    has_it = (literal(" ").concat(reports.c.flags).concat(" ")).like(f"% {flag} %")
    return case((has_it, reports.c.flags), else_=func.trim(reports.c.flags.concat(f" {flag}")))


def _columns(outcome: Outcome) -> dict[str, Any]:
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
    return {"flags": _without_flags(outcome.clears)} if outcome.clears else {}


def _without_flags(taken: Sequence[str]) -> ColumnElement[str]:
    flags: Any = reports.c.flags
    for flag in taken:
        flags = func.trim(func.replace(literal(" ").concat(flags).concat(" "), f" {flag} ", " "))
    return cast("ColumnElement[str]", flags)


class _Rows:
    """The new rows of one call of `advance`, written table by table."""

    def __init__(self) -> None:
        self.findings: list[dict[str, Any]] = []
        self.decisions: list[dict[str, Any]] = []
        self.referrals: list[dict[str, Any]] = []
        self.withheld: list[dict[str, Any]] = []

    def add(self, outcome: Outcome, number: tuple[int, int, str | None], earlier: Mapping[_Kept, int]) -> None:
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


# A report, a unit, and the row of the rulebook that keeps something back from it.
_Kept = tuple[str, str, str]


def _is_anew(outcome: Outcome) -> bool:
    """Whether what an earlier decision kept back is over with this step."""
    ended = (ReportState.QUARANTINED, ReportState.CLOSED, ReportState.MERGED)
    return outcome.decision is not None or outcome.after in ended


def _end_withheld(connection: Connection, report_ids: Sequence[str]) -> dict[_Kept, int]:
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
    report_id: str, decision: Decision, decision_id: str, earlier: Mapping[_Kept, int]
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


def _next_numbers(connection: Connection, report_ids: Sequence[str]) -> dict[str, tuple[int, int, str | None]]:
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


def _audit_entry(outcome: Outcome, rows: Sequence[Mapping[str, Any]]) -> AuditEntry:
    report_id = outcome.standing.report_id
    detail: dict[str, str | int | None] = {
        "from": outcome.standing.state.value,
        "to": outcome.after.value,
        "urgency": outcome.urgency.value,
        "referrals": sum(1 for row in rows if row["report_id"] == report_id),
        **outcome.detail,
    }
    if outcome.decision is not None:
        detail |= {"rule": outcome.decision.rule, "unit": outcome.decision.lead_unit}
    return AuditEntry(outcome.actor, outcome.action, f"report:{report_id}", detail)
