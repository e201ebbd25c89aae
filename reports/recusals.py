"""Who may not see a report although their role could: officers who are named in it or stand too near to it.

`visible_to` and `shown_to` are the conditions for every list, count, search and figure that an officer sees: what is
kept from them is nowhere, and leaves no gap in a number.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    false,
    func,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from reports.audit import AuditChain, AuditEntry
from reports.database import database_now
from reports.errors import StaleVersion
from reports.holding import leave
from reports.officers import AT_DESK, Officer, Role
from reports.states import ReportState
from reports.tables import audit_entries, officers, recusals, referrals, reports
from reports.values import Urgency
from reports.whereabouts import lying_together

# The line of the audit that says so is what keeps every later reading from setting it again.
RECUSAL_LIFTED = "recusal_lifted"


@dataclass(frozen=True, kw_only=True)
class Recusal:
    """One officer who is kept from a report. Times in milliseconds; lifted_at is None while it stands."""

    officer_id: str
    name: str
    since: int
    lifted_at: int | None


def visible_to(officer: Officer | None) -> ColumnElement[bool]:
    """The condition on `reports` under which an officer may see one at the desk. None is this machine's command line.

    The desk sees every report but those an officer is kept from, a reviewer only recused cases, all others none.
    """
    if officer is None:
        return true()
    if officer.role in AT_DESK:
        return told_to(officer, reports.c.id)
    if officer.role is Role.REVIEWER:
        return and_(_is_recused_case(), told_to(officer, reports.c.id))
    return false()


def counted_for(officer: Officer | None) -> ColumnElement[bool]:
    """The condition on `reports` under which one counts in the figures that an officer sees, whatever their role."""
    return told_to(officer, reports.c.id)


def shown_to(officer: Officer | None) -> ColumnElement[bool]:
    """The condition on `referrals` under which an officer may see or count a packet that their role shows them."""
    return told_to(officer, referrals.c.report_id)


def told_to(officer: Officer | None, report_id: Column[str]) -> ColumnElement[bool]:
    """The same for any other table, by the column in which it names a report."""
    return true() if officer is None else report_id.not_in(kept_from(officer))


def kept_from(officer: Officer) -> Select[tuple[str]]:
    """The ids of the reports that an officer is kept from."""
    return select(recusals.c.report_id).where(recusals.c.officer_id == officer.id, recusals.c.lifted_at.is_(None))


def officers_kept_from(connection: Connection, report_id: str) -> frozenset[str]:
    """The ids of the officers who are kept from a report."""
    kept = select(recusals.c.officer_id).where(recusals.c.report_id == report_id, recusals.c.lifted_at.is_(None))
    return frozenset(connection.execute(kept).scalars())


def _is_recused_case() -> ColumnElement[bool]:
    """Whether a unit is complained of in it or an officer is, or was, kept from it."""
    return or_(reports.c.recused.is_not(None), reports.c.id.in_(select(recusals.c.report_id)))


def recusals_of(connection: Connection, report_id: str) -> tuple[Recusal, ...]:
    """Who is kept from a report, and who was, by name."""
    rows = connection.execute(
        select(recusals, officers.c.name)
        .join(officers, officers.c.id == recusals.c.officer_id)
        .where(recusals.c.report_id == report_id)
        .order_by(officers.c.name)
    )
    return tuple(
        Recusal(officer_id=row.officer_id, name=row.name, since=row.since, lifted_at=row.lifted_at) for row in rows
    )


@dataclass(frozen=True, kw_only=True)
class RecusedCase:
    """A report for the reviewers' list. area is the accused unit's, '' where only officers are kept away."""

    reference: str
    state: ReportState
    urgency: Urgency
    received_at: int
    area: str
    kept_away: int


@dataclass(frozen=True)
class Before:
    """Where the next page of the reviewers' list begins: behind this report."""

    received_at: int
    reference: str

    def __str__(self) -> str:
        return f"{self.received_at}.{self.reference}"

    @classmethod
    def read(cls, text: str) -> Before | None:
        """The place that `str` gave, None for anything else."""
        found = re.fullmatch(r"([0-9]{1,15})\.([0-9A-Z-]{1,16})", text)
        return cls(int(found[1]), found[2]) if found else None


def recused_cases(
    connection: Connection, officer: Officer, per_page: int, before: Before | None = None
) -> tuple[tuple[RecusedCase, ...], Before | None]:
    """A page of the reports of which a unit is complained, or from which officers are kept, the newest first; and where
    the next begins (None after the last)."""
    order = (reports.c.received_at, reports.c.reference)
    behind = tuple_(*order) < (before.received_at, before.reference) if before else true()
    kept = (
        select(func.count())
        .where(recusals.c.report_id == reports.c.id, recusals.c.lifted_at.is_(None))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(reports, kept.label("kept"))
        .where(_is_recused_case(), told_to(officer, reports.c.id), behind)
        .order_by(*(column.desc() for column in order))
        .limit(per_page + 1)
    ).all()
    page = tuple(
        RecusedCase(
            reference=row.reference,
            state=ReportState(row.state),
            urgency=Urgency.from_rank(row.urgency_rank),
            received_at=row.received_at,
            area=row.recused or "",
            kept_away=row.kept,
        )
        for row in rows[:per_page]
    )
    return page, Before(page[-1].received_at, page[-1].reference) if len(rows) > per_page else None


def leaves_nobody(connection: Connection, report_id: str, officer_id: str) -> bool:
    """Whether nobody at the desk and no reviewer could see a report any more once this officer is kept from it."""
    case = lying_together(connection, report_id)
    kept = select(recusals.c.officer_id).where(recusals.c.report_id.in_(case), recusals.c.lifted_at.is_(None))
    who_could = [role.value for role in (*AT_DESK, Role.REVIEWER)]
    others = select(officers.c.id).where(
        officers.c.active, officers.c.role.in_(who_could), officers.c.id != officer_id, officers.c.id.not_in(kept)
    )
    return connection.execute(others.limit(1)).first() is None


def keep_away(chain: AuditChain, connection: Connection, report_id: str, officer_id: str, actor: str) -> bool:
    """Keeps an officer from a report, and from every other whose words stand together with its own.

    Returns False where they were kept from all of them already.
    """
    case = lying_together(connection, report_id)
    return any([_keep_away(chain, connection, one, officer_id, actor) for one in case])


def _keep_away(chain: AuditChain, connection: Connection, report_id: str, officer_id: str, actor: str) -> bool:
    found = connection.execute(
        select(recusals.c.lifted_at).where(recusals.c.report_id == report_id, recusals.c.officer_id == officer_id)
    ).first()
    if found is not None and found.lifted_at is None:
        return False
    if found is None:
        connection.execute(insert(recusals).values(report_id=report_id, officer_id=officer_id, since=database_now()))
    else:
        connection.execute(
            update(recusals)
            .where(recusals.c.report_id == report_id, recusals.c.officer_id == officer_id)
            .values(since=database_now(), lifted_at=None)
        )
    # Nobody is to be sent to speak with them about it, as the page says of whoever is on a report.
    leave(connection, report_id, officer_id)
    detail = {"officer": officer_id}
    chain.append(connection, [AuditEntry(actor, "kept_away", f"report:{report_id}", detail)])
    return True


def carry_recusals(chain: AuditChain, connection: Connection, report_id: str, target_id: str) -> None:
    """Keeps whom a report is kept from also from the one that it adds to, so long as somebody is left who sees that."""
    for officer_id in sorted(officers_kept_from(connection, report_id)):
        if not leaves_nobody(connection, target_id, officer_id):
            keep_away(chain, connection, target_id, officer_id, "machine")


def let_back(chain: AuditChain, connection: Connection, report_id: str, officer_id: str, actor: str) -> None:
    """Lets an officer see a report again, and every other whose words stand together with its own.

    Only once two people agreed. Raises StaleVersion if it was lifted already.
    """
    case = lying_together(connection, report_id)
    lifted = connection.execute(
        update(recusals)
        .where(recusals.c.report_id.in_(case), recusals.c.officer_id == officer_id, recusals.c.lifted_at.is_(None))
        .values(lifted_at=database_now())
        .returning(recusals.c.report_id)
    ).scalars().all()  # fmt: skip
    if not lifted:
        raise StaleVersion("This officer is not kept from the report any more.")
    detail = {"officer": officer_id}
    chain.append(connection, [AuditEntry(actor, "let_back", f"report:{one}", detail) for one in sorted(lifted)])


def lift_area(chain: AuditChain, connection: Connection, report_id: str, area: str, actor: str) -> None:
    """Lets the units of an area be told again of a report, and of every other that stands together with it.

    Only once two people agreed. Raises StaleVersion if it was lifted already.
    """
    case = lying_together(connection, report_id)
    lifted = connection.execute(
        update(reports)
        .where(reports.c.id.in_(case), reports.c.recused == area)
        .values(recused=None)
        .returning(reports.c.id)
    ).scalars().all()  # fmt: skip
    if not lifted:
        raise StaleVersion("The units of this area are not kept from the report any more.")
    chain.append(
        connection, [AuditEntry(actor, RECUSAL_LIFTED, f"report:{one}", {"area": area}) for one in sorted(lifted)]
    )


def let_back_at(connection: Connection, report_id: str, officer_id: str) -> int:
    """When two reviewers let an officer see a report again, in milliseconds; 0 where nobody ever did.

    What was told by then they had before them: only what was told later can keep the officer away anew.
    """
    found = select(recusals.c.lifted_at).where(recusals.c.report_id == report_id, recusals.c.officer_id == officer_id)
    return int(connection.execute(found).scalar() or 0)


def lifted_areas(connection: Connection, report_id: str) -> frozenset[str]:
    """The areas whose units two reviewers let be told of a report again: no reading of it takes that back."""
    about = (audit_entries.c.object == f"report:{report_id}", audit_entries.c.action == RECUSAL_LIFTED)
    return frozenset(
        json.loads(detail)["area"]
        for detail in connection.execute(select(audit_entries.c.detail).where(*about)).scalars()
    )
