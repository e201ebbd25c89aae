"""Changing a report: one function moves it from state to state, and writes the audit line in the same transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.audit import AuditChain, AuditEntry
from reports.database import Database, database_now
from reports.errors import StaleVersion
from reports.identity import new_id
from reports.sealing import ReportKey
from reports.states import LIVE_REFERRALS, ReferralState, ReportState
from reports.step_columns import added_flag, columns_of, without_flags
from reports.step_rows import NewRows, end_withheld, keeps_back_anew, last_numbers
from reports.steps import Outcome, check_step
from reports.tables import conversations, counts, referrals, remarks, reports

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
            check_step(outcome)
        moved = [(outcome, self._move(connection, outcome)) for outcome in outcomes]
        written = tuple(outcome for outcome, exercise in moved if exercise is not None)
        new_rows = NewRows()
        numbers = last_numbers(connection, [outcome.standing.report_id for outcome in written])
        earlier = end_withheld(connection, [one.standing.report_id for one in written if keeps_back_anew(one)])
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
        connection.execute(update(reports).where(reports.c.id == report_id).values(flags=without_flags([flag])))

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
            .values(**columns_of(outcome))
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
