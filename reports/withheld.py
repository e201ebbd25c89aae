"""What is kept back from units: brought before an officer again at its time, then kept back on or released."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select, update

from reports.audit import AuditEntry
from reports.database import database_now
from reports.errors import StaleVersion
from reports.officers import Officer
from reports.recusals import visible_to
from reports.referrals import pack_anew
from reports.states import LIVE_REFERRALS
from reports.steps import MACHINE
from reports.store import Store
from reports.tables import decisions, referrals, reports, withheld
from reports.values import Urgency


@dataclass(frozen=True, kw_only=True)
class KeptBack:
    """Fields kept back from a unit by a row of the rulebook. Times in milliseconds.

    due_since says since when it has been before an officer again, ended_at when it was over; None where it is not.
    """

    withheld_id: str
    report_id: str
    unit: str
    fields: tuple[str, ...]
    rule: str
    review_at: int
    due_since: int | None
    ended_at: int | None
    is_released: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class ToLookAt:
    """Something kept back that an officer is to look at again, in its report. Nothing of what it says."""

    kept: KeptBack
    reference: str
    urgency: Urgency


def kept_back(connection: Connection, report_id: str) -> tuple[KeptBack, ...]:
    """What the newest decision on a report keeps back from whom, and what of it was released."""
    newest = select(func.max(decisions.c.number)).where(decisions.c.report_id == report_id).scalar_subquery()
    rows = connection.execute(
        select(withheld)
        .join(decisions, decisions.c.id == withheld.c.decision_id)
        .where(withheld.c.report_id == report_id, decisions.c.number == newest)
        .where(withheld.c.ended_at.is_(None) | (withheld.c.released == 1))
        .order_by(withheld.c.review_at, withheld.c.id)
    ).all()
    return tuple(_kept(row) for row in rows)


def due_again(connection: Connection, most: int, officer: Officer | None = None) -> tuple[ToLookAt, ...]:
    """Up to `most` things that are before an officer again, those of the most urgent reports first."""
    rows = connection.execute(
        select(withheld, reports.c.reference, reports.c.urgency_rank)
        .join(reports, reports.c.id == withheld.c.report_id)
        .where(withheld.c.due_since.is_not(None), visible_to(officer), reports.c.exercise == 0)
        .order_by(reports.c.urgency_rank, withheld.c.due_since, withheld.c.id)
        .limit(most)
    )
    return tuple(
        ToLookAt(kept=_kept(row), reference=row.reference, urgency=Urgency.from_rank(row.urgency_rank)) for row in rows
    )


def due_again_count(connection: Connection, officer: Officer | None = None) -> int:
    """How many things are before this officer again."""
    query = (
        select(func.count())
        .select_from(withheld.join(reports, reports.c.id == withheld.c.report_id))
        .where(withheld.c.due_since.is_not(None), visible_to(officer), reports.c.exercise == 0)
    )
    return connection.execute(query).scalar_one()


def bring_back(store: Store, limit: int) -> int:
    """Puts up to `limit` things whose time has come before an officer, each once. Returns how many."""
    with store.database.read() as connection:
        found = connection.execute(_come().limit(limit)).all()
    return sum(_bring_back(store, row.id, row.report_id) for row in found)


def _come() -> Select[Any]:
    """What is to be looked at now, by the database's clock."""
    return (
        select(withheld.c.id, withheld.c.report_id)
        .where(withheld.c.due_since.is_(None), withheld.c.ended_at.is_(None), withheld.c.review_at <= database_now())
        .order_by(withheld.c.review_at)
    )


def _bring_back(store: Store, withheld_id: str, report_id: str) -> bool:
    with store.database.write() as connection:
        # The report first, as everybody does it: two sweeps and an officer take turns.
        connection.execute(select(reports.c.id).where(reports.c.id == report_id).with_for_update(key_share=True))
        row = connection.execute(
            update(withheld)
            .where(withheld.c.id.in_(_come().where(withheld.c.id == withheld_id).with_only_columns(withheld.c.id)))
            .values(due_since=database_now(), version=withheld.c.version + 1)
            .returning(withheld.c.unit, withheld.c.rule)
        ).first()
        if row is None:
            return False
        detail = {"unit": row.unit, "row": row.rule}
        store.chain.append(connection, [AuditEntry(MACHINE, "review_due", f"report:{report_id}", detail)])
    return True


def keep_on(store: Store, connection: Connection, kept: KeptBack, actor: str, review_at: int) -> None:
    """Keeps something back on, until an officer looks at it again at review_at. Raises StaleVersion."""
    _change(connection, kept, {"review_at": review_at, "due_since": None})
    detail: dict[str, str | int | None] = {"unit": kept.unit, "row": kept.rule, "until": review_at}
    store.chain.append(connection, [AuditEntry(actor, "kept_back", f"report:{kept.report_id}", detail)])


def release(store: Store, connection: Connection, kept: KeptBack, actor: str) -> tuple[str, ...]:
    """Lets the unit's packets of this report hold what was kept back from them. Raises StaleVersion.

    Returns the ids of those packets that the unit has already and that must be made anew; what is still to be sent
    will hold it.
    """
    _change(connection, kept, {"due_since": None, "ended_at": database_now(), "released": 1})
    live = [state.value for state in LIVE_REFERRALS]
    pack_anew(connection, kept.report_id)
    mine = connection.execute(
        select(referrals)
        .where(referrals.c.report_id == kept.report_id, referrals.c.unit == kept.unit, referrals.c.state.in_(live))
        .with_for_update()
    ).all()
    for row in mine:
        fields = " ".join(dict.fromkeys([*row.fields.split(), *kept.fields]))
        connection.execute(
            update(referrals).where(referrals.c.id == row.id).values(fields=fields, added_at=database_now())
        )
    detail: dict[str, str | int | None] = {"unit": kept.unit, "row": kept.rule, "packets": len(mine)}
    store.chain.append(connection, [AuditEntry(actor, "released", f"report:{kept.report_id}", detail)])
    return tuple(row.id for row in mine if row.sealed_packet is not None)


def replace_packets(connection: Connection, sealed: Sequence[tuple[str, bytes]]) -> None:
    """Puts packets made anew, by their ids, in the place of those that units have."""
    for referral_id, packet in sealed:
        connection.execute(
            update(referrals)
            .where(referrals.c.id == referral_id)
            .values(sealed_packet=packet, version=referrals.c.version + 1)
        )


def _change(connection: Connection, kept: KeptBack, columns: dict[str, Any]) -> None:
    changed = connection.execute(
        update(withheld)
        .where(withheld.c.id == kept.withheld_id, withheld.c.version == kept.version, withheld.c.ended_at.is_(None))
        .values(version=withheld.c.version + 1, **columns)
    ).rowcount
    if changed == 0:
        raise StaleVersion("Somebody else has looked at this meanwhile. See what they decided, then decide.")


def _kept(row: Any) -> KeptBack:
    return KeptBack(
        withheld_id=row.id,
        report_id=row.report_id,
        unit=row.unit,
        fields=tuple(row.fields.split()),
        rule=row.rule,
        review_at=row.review_at,
        due_since=row.due_since,
        ended_at=row.ended_at,
        is_released=bool(row.released),
        version=row.version,
    )
