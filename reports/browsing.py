"""Reading for its own sake: officers who open unusually many reports and do nothing about them.

Every look is a line of the audit chain, so nothing is watched that is not written down anyway. Whoever did anything
about a report has a reason to read it; to take it on alone is not that.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, insert, select, update

from reports.audit import AuditChain, AuditEntry
from reports.database import Database, database_now, read_now
from reports.officers import Officer
from reports.tables import audit_entries, browsing_alerts, officers, referrals, reports

_HOUR = 3_600_000
_REPORT, _PACKET = "report:", "referral:"
# Who is on a report has done nothing about it yet, and who listens to what came with it still only looks.
NO_WORK = ("took", "took_over", "let_go", "heard")


@dataclass(frozen=True, kw_only=True)
class BrowsingAlert:
    """How many reports an officer opened within an hour and did nothing about. Times in milliseconds."""

    officer_id: str
    name: str
    hour: int
    number: int
    raised_at: int
    seen_by: str | None
    seen_at: int | None


def notice_browsing(database: Database, most: int) -> int:
    """Writes down every officer who within the last hour opened more than `most` reports and did nothing about them.

    An officer is told of once an hour; the number goes on rising with what they open. Returns how many were new.
    """
    with database.read() as connection:
        found = {officer: number for officer, number in _opened(connection).items() if number > most}
    if not found:
        return 0
    chain, new = AuditChain(database.engine), 0
    with database.write() as connection:
        hour = read_now(connection) // _HOUR
        for officer_id, number in sorted(found.items()):
            same = (browsing_alerts.c.officer_id == officer_id, browsing_alerts.c.hour >= hour - 1)
            higher = case((browsing_alerts.c.number < number, number), else_=browsing_alerts.c.number)
            if connection.execute(update(browsing_alerts).where(*same).values(number=higher)).rowcount:
                continue
            connection.execute(
                insert(browsing_alerts).values(
                    officer_id=officer_id, hour=hour, number=number, raised_at=database_now()
                )
            )
            detail = {"number": number}
            chain.append(connection, [AuditEntry("machine", "browsing_noticed", f"officer:{officer_id}", detail)])
            new += 1
    return new


def alerts(connection: Connection, most: int) -> tuple[BrowsingAlert, ...]:
    """Up to `most` alerts, those that nobody has seen first, then the newest."""
    rows = connection.execute(
        select(browsing_alerts, officers.c.name)
        .join(officers, officers.c.id == browsing_alerts.c.officer_id)
        .order_by(browsing_alerts.c.seen_at.is_not(None), browsing_alerts.c.raised_at.desc())
        .limit(most)
    )
    return tuple(
        BrowsingAlert(
            officer_id=row.officer_id,
            name=row.name,
            hour=row.hour,
            number=row.number,
            raised_at=row.raised_at,
            seen_by=row.seen_by,
            seen_at=row.seen_at,
        )
        for row in rows
    )


def unseen_alerts(connection: Connection, officer: Officer) -> int:
    """How many alerts about others nobody has seen."""
    query = select(func.count()).where(browsing_alerts.c.seen_at.is_(None), browsing_alerts.c.officer_id != officer.id)
    return connection.execute(query).scalar_one()


def see_alert(connection: Connection, chain: AuditChain, officer: Officer, about: str, hour: int) -> bool:
    """Marks an alert as seen, with its audit line. Nobody sees to their own. Returns whether there was one."""
    if about == officer.id:
        return False
    seen = connection.execute(
        update(browsing_alerts)
        .where(
            browsing_alerts.c.officer_id == about,
            browsing_alerts.c.hour == hour,
            browsing_alerts.c.seen_at.is_(None),
        )
        .values(seen_by=officer.id, seen_at=database_now())
    ).rowcount
    if seen:
        chain.append(connection, [AuditEntry(officer.id, "browsing_seen", f"officer:{about}", {"hour": hour})])
    return bool(seen)


def _opened(connection: Connection) -> Counter[str]:
    """How many reports each officer opened within the last hour, or a unit's packet of, and did nothing about."""
    of_reports = _looks(_REPORT).join(reports, reports.c.id == _named(_REPORT))
    of_packets = (
        _looks(_PACKET)
        .join(referrals, referrals.c.id == _named(_PACKET))
        .join(reports, reports.c.id == referrals.c.report_id)
    )
    # Those that only practise read what nobody told.
    told = (query.where(reports.c.exercise == 0) for query in (of_reports, of_packets))
    return Counter(actor for actor, _ in {(row.actor, row.id) for query in told for row in connection.execute(query)})


def _looks(kind: str) -> Select[Any]:
    """Who looked at a thing of this kind within the last hour and did nothing about it, with the report it is of."""
    did = audit_entries.alias("did")
    acted = (
        select(did.c.number)
        .where(
            did.c.object == audit_entries.c.object,
            did.c.actor == audit_entries.c.actor,
            did.c.action.not_like("opened%"),
            did.c.action.not_in(NO_WORK),
        )
        .exists()
    )
    return (
        select(audit_entries.c.actor, reports.c.id)
        .select_from(audit_entries)
        .join(officers, officers.c.id == audit_entries.c.actor)
        .where(
            audit_entries.c.action.like("opened%"),
            audit_entries.c.at > database_now() - _HOUR,
            audit_entries.c.object.like(f"{kind}%"),
            ~acted,
        )
        .distinct()
    )


def _named(kind: str) -> ColumnElement[str]:
    """The id that a line of the chain names its object by."""
    return func.substr(audit_entries.c.object, len(kind) + 1)
