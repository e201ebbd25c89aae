"""What victims were made to do, as officers take it out of what units may be told. Sealed under the report's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from reports.audit import AuditEntry
from reports.database import database_now
from reports.errors import StaleVersion
from reports.identity import new_id
from reports.referrals import pack_anew
from reports.sealing import ReportKey
from reports.store import Store
from reports.tables import made_to_do, referrals

PASSAGE_COLUMN = "made_to_do.sealed_words"


@dataclass(frozen=True, kw_only=True)
class SealedPassage:
    """One passage as it lies in the store: who took it, an officer's id, and when, in milliseconds."""

    passage_id: str
    officer_id: str
    taken_at: int
    sealed_words: bytes

    def open(self, key: ReportKey) -> str:
        """The words. Raises SealBroken."""
        return key.open(PASSAGE_COLUMN, self.passage_id, self.sealed_words).decode()


def sealed_passages(connection: Connection, report_ids: Sequence[str]) -> dict[str, tuple[SealedPassage, ...]]:
    """What stays at the desk of each report, in the order in which it was taken."""
    found: dict[str, list[SealedPassage]] = {report_id: [] for report_id in report_ids}
    rows = connection.execute(
        select(made_to_do)
        .where(made_to_do.c.report_id.in_(report_ids), made_to_do.c.ended_at.is_(None))
        .order_by(made_to_do.c.taken_at, made_to_do.c.id)
    )
    for row in rows:
        passage = SealedPassage(
            passage_id=row.id, officer_id=row.officer_id, taken_at=row.taken_at, sealed_words=row.sealed_words
        )
        found[row.report_id].append(passage)
    return {report_id: tuple(passages) for report_id, passages in found.items()}


def take_out(
    store: Store, connection: Connection, report_id: str, key: ReportKey, officer_id: str, words: str
) -> tuple[str, ...]:
    """Keeps a passage sealed. Returns the ids of the packets with a text that units have, to be made anew."""
    pack_anew(connection, report_id)
    passage_id = new_id()
    connection.execute(
        insert(made_to_do).values(
            id=passage_id,
            report_id=report_id,
            officer_id=officer_id,
            taken_at=database_now(),
            sealed_words=key.seal(PASSAGE_COLUMN, passage_id, words.encode()),
        )
    )
    store.chain.append(connection, [AuditEntry(officer_id, "passage_taken", f"report:{report_id}", {})])
    return _with_text(connection, report_id)


def put_back(store: Store, connection: Connection, report_id: str, passage_id: str, officer_id: str) -> tuple[str, ...]:
    """Undoes what was taken by mistake. Returns what `take_out` does. Raises StaleVersion where it was undone."""
    pack_anew(connection, report_id)
    ended = connection.execute(
        update(made_to_do)
        .where(made_to_do.c.id == passage_id, made_to_do.c.report_id == report_id, made_to_do.c.ended_at.is_(None))
        .values(ended_at=database_now())
    ).rowcount
    if ended == 0:
        raise StaleVersion("Somebody else has put this back already.")
    store.chain.append(connection, [AuditEntry(officer_id, "passage_put_back", f"report:{report_id}", {})])
    return _with_text(connection, report_id)


def _with_text(connection: Connection, report_id: str) -> tuple[str, ...]:
    rows = connection.execute(
        select(referrals.c.id, referrals.c.fields).where(
            referrals.c.report_id == report_id, referrals.c.sealed_packet.is_not(None)
        )
    )
    return tuple(row.id for row in rows if "text" in row.fields.split())
