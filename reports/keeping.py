"""Keeping what a door took in: one durable transaction a delivery, the same answer for every repeat."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.expression import insert

from reports.audit import AuditChain, AuditEntry
from reports.content import NewReport, Receipt
from reports.database import Database, Prepared, database_now
from reports.identity import new_id, new_reference
from reports.keys import DoorKeys
from reports.sealing import ReportKey
from reports.states import ReportState
from reports.tables import conversations, messages, reports
from reports.values import Urgency

CONTENT_COLUMN = "messages.sealed_content"
RAW_COLUMN = "messages.sealed_raw"


class _AlreadyKept(Exception):
    """This delivery's id is taken: leave the transaction without a trace."""


class Keeper:
    """Keeps deliveries for a door. Holds the sealing key only: what it has kept it cannot read again."""

    def __init__(self, database: Database, keys: DoorKeys) -> None:
        """Prepares the statements of the one hot path for the database's dialect."""
        self._database, self._keys = database, keys
        engine = database.engine
        self._chain = AuditChain(engine)
        self._add_conversation = Prepared(
            insert(conversations).values(id=bindparam("id"), channel=bindparam("channel"), started_at=database_now()),
            engine,
        )
        self._add_report = Prepared(
            insert(reports)
            .values(
                received_at=database_now(),
                state=ReportState.RECEIVED.value,
                **_named(
                    "id", "reference", "conversation_id", "channel", "urgency_rank", "queue", "flags", "wrapped_key"
                ),
            )
            .returning(reports.c.received_at),
            engine,
        )
        self._add_message = Prepared(_insert_once(database), engine)

    def keep(self, new: NewReport, urgent: bool) -> Receipt:
        """Commits the report durably and says so; a delivery seen before gets its first receipt.

        urgent chooses the queue, and the urgency a report starts with until it has been read: in doubt the higher.
        Raises StoreUnavailable when nothing could be kept.
        """
        digest = self._digest(new)
        report_id, conversation_id = new_id(), new_id()
        key, wrapped = self._keys.sealing.new_report_key(report_id)
        report = _report(new, report_id, conversation_id, urgent, wrapped, new.flags)
        message = self._message(new, report_id, conversation_id, key, digest, variant="")
        try:
            with self._database.write() as connection:
                self._add_conversation.run(connection, {"id": conversation_id, "channel": new.channel.value})
                received_at = self._add_report.run(connection, report).scalar_one()
                if self._add_message.run(connection, message).rowcount == 0:
                    raise _AlreadyKept
                self._audit(connection, "kept", report_id, new)
        except _AlreadyKept:
            return self._repeat(new, digest, urgent)
        return Receipt(
            report_id=report_id, reference=report["reference"], received_at=received_at, queue=report["queue"]
        )

    def find(self, source: str, source_id: str) -> Receipt | None:
        """The receipt of an earlier delivery with this id, if there was one."""
        with self._database.read() as connection:
            row = self._first_delivery(connection, source, source_id)
        return None if row is None else _receipt(row, repeated=True)

    def _repeat(self, new: NewReport, digest: str, urgent: bool) -> Receipt:
        with self._database.read() as connection:
            first = self._first_delivery(connection, new.source, new.source_id)
        if first is None:
            raise RuntimeError("A delivery was refused as a repeat, but its first one is not there.")
        if first["digest"] == digest:
            return _receipt(first, repeated=True)
        if new.source.startswith("api:"):
            # A partner's key names one request. Another body under it is their mistake and is told to them.
            return _receipt(first, repeated=True, conflict=True)
        kept = self._keep_conflict(new, first, digest, urgent)
        return kept or _receipt(first, repeated=True, conflict=True)

    def _keep_conflict(self, new: NewReport, first: Any, digest: str, urgent: bool) -> Receipt | None:
        # The report's own key cannot be opened here, so the second body is sealed under a key of its own: it becomes a
        # report beside the first, flagged, and a person compares the two.
        report_id, conversation_id = new_id(), new_id()
        key, wrapped = self._keys.sealing.new_report_key(report_id)
        flags = (*new.flags, "conflict", f"conflict_with:{first['reference']}")
        report = _report(new, report_id, conversation_id, urgent, wrapped, flags)
        message = self._message(new, report_id, conversation_id, key, digest, variant=digest)
        with self._database.write() as connection:
            self._add_conversation.run(connection, {"id": conversation_id, "channel": new.channel.value})
            self._add_report.run(connection, report)
            if self._add_message.run(connection, message).rowcount == 0:
                # This other body was kept before too.
                connection.rollback()
                return None
            connection.execute(
                update(reports)
                .where(reports.c.id == first["report_id"], reports.c.flags.not_like("%conflict%"))
                .values(flags=reports.c.flags.concat(" conflict"))
            )
            self._audit(connection, "kept_conflict", report_id, new)
        return replace(_receipt(first, conflict=True), report_id=report_id, queue=report["queue"])

    def _message(
        self, new: NewReport, report_id: str, conversation_id: str, key: ReportKey, digest: str, variant: str
    ) -> dict[str, Any]:
        message_id = new_id()
        return {
            "id": message_id,
            "conversation_id": conversation_id,
            "report_id": report_id,
            "channel": new.channel.value,
            "source": new.source,
            "source_id": new.source_id,
            "variant": variant,
            "digest": digest,
            "sealed_content": key.seal(CONTENT_COLUMN, message_id, new.content.to_bytes()),
            "sealed_raw": key.seal(RAW_COLUMN, message_id, new.raw),
        }

    def _audit(self, connection: Connection, action: str, report_id: str, new: NewReport) -> None:
        detail = {"channel": new.channel.value, "source": new.source}
        self._chain.append(connection, [AuditEntry("intake", action, f"report:{report_id}", detail)])

    def _digest(self, new: NewReport) -> str:
        return self._keys.deliveries.of("delivery", new.source_id.encode() + b"|" + new.content.to_bytes())

    @staticmethod
    def _first_delivery(connection: Connection, source: str, source_id: str) -> Any:
        columns = (messages.c.report_id, messages.c.digest, reports.c.reference, reports.c.received_at, reports.c.queue)
        return (
            connection.execute(
                select(*columns)
                .join(reports, reports.c.id == messages.c.report_id)
                .where(messages.c.source == source, messages.c.source_id == source_id, messages.c.variant == "")
            )
            .mappings()
            .first()
        )


def _report(
    new: NewReport, report_id: str, conversation_id: str, urgent: bool, wrapped_key: bytes, flags: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "id": report_id,
        "reference": new_reference(),
        "conversation_id": conversation_id,
        "channel": new.channel.value,
        "urgency_rank": Urgency.IMMEDIATE.rank if urgent else Urgency.URGENT.rank,
        "queue": "urgent" if urgent else "normal",
        "flags": " ".join(flags),
        "wrapped_key": wrapped_key,
    }


def _receipt(row: Any, *, repeated: bool = False, conflict: bool = False) -> Receipt:
    return Receipt(
        report_id=row["report_id"],
        reference=row["reference"],
        received_at=row["received_at"],
        queue=row["queue"],
        repeated=repeated,
        conflict=conflict,
    )


def _named(*names: str) -> dict[str, Any]:
    return {name: bindparam(name) for name in names}


def _insert_once(database: Database) -> Insert:
    values: dict[str, Any] = {c.name: bindparam(c.name) for c in messages.c if c.name != "received_at"}
    if database.is_sqlite:
        return sqlite.insert(messages).values(**values, received_at=database_now()).on_conflict_do_nothing()
    return postgresql.insert(messages).values(**values, received_at=database_now()).on_conflict_do_nothing()
