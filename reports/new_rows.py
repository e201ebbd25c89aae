"""The rows of new deliveries, added in as few round trips as the database allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import CTE, BigInteger, BindParameter, Connection, Insert, Select, Table, bindparam, insert, select
from sqlalchemy.dialects import postgresql

from reports.database import Database, Prepared, database_now
from reports.tables import conversations, messages, reports

Values = Mapping[str, Any]


class NewRows(Protocol):
    """Adds a conversation, its report and its first message for each set of values."""

    def add(self, connection: Connection, many: Sequence[Values]) -> list[int | None]:
        """When each report was received; None, and no row, where its delivery was kept before."""


def new_rows(database: Database) -> NewRows:
    """The way that suits the database."""
    return _SQLiteRows(database) if database.is_sqlite else _PostgreSQLRows(database)


class _SQLiteRows:
    """One statement a row: they cost little, and a transaction that writes is alone, so it may look first."""

    def __init__(self, database: Database) -> None:
        engine = database.engine
        same = [messages.c[name] == bindparam(name) for name in ("source", "source_id", "variant")]
        self._known = Prepared(select(messages.c.id).where(*same), engine)
        self._conversation = Prepared(insert(conversations).values(**_CONVERSATION), engine)
        self._report = Prepared(insert(reports).values(**_REPORT).returning(reports.c.received_at), engine)
        self._message = Prepared(insert(messages).values(**_MESSAGE), engine)

    def add(self, connection: Connection, many: Sequence[Values]) -> list[int | None]:
        return [self._add(connection, values) for values in many]

    def _add(self, connection: Connection, values: Values) -> int | None:
        if self._known.run(connection, values).fetchone() is not None:
            return None
        self._conversation.run(connection, values)
        received_at: Any = self._report.run(connection, values).fetchone()
        self._message.run(connection, values)
        return int(received_at[0])


class _PostgreSQLRows:
    """One statement for the three rows: the message goes in unless it is there, the others go in if it did."""

    def __init__(self, database: Database) -> None:
        self._all = Prepared(_all_at_once(), database.engine)

    def add(self, connection: Connection, many: Sequence[Values]) -> list[int | None]:
        # In the order of their keys, so that two transactions with the same deliveries never wait for each other.
        order = sorted(range(len(many)), key=lambda place: (many[place]["source"], many[place]["source_id"]))
        received: list[int | None] = [None] * len(many)
        for place, row in zip(order, self._all.rows_of_all(connection, [many[place] for place in order]), strict=True):
            received[place] = None if row is None else int(row[0])
        return received


_CONVERSATION: dict[str, Any] = {
    "id": bindparam("conversation_id"), "channel": bindparam("channel"), "started_at": database_now(),
}  # fmt: skip
_REPORT: dict[str, Any] = {
    "id": bindparam("report_id"), "received_at": database_now(),
    "to_read_at": database_now() + bindparam("quiet", type_=BigInteger),
    **{name: bindparam(name) for name in ("reference", "conversation_id", "channel", "state", "urgency_rank", "queue",
                                          "flags", "partner", "service", "wrapped_key",
                                          "follows", "exercise")},
}  # fmt: skip
_MESSAGE: dict[str, Any] = {
    **{column.name: bindparam(column.name) for column in messages.c if column.name not in ("came_as", "added_at")},
    "id": bindparam("message_id"), "received_at": database_now(),
}  # fmt: skip


def _all_at_once() -> Select[Any]:
    message = postgresql.insert(messages).values(**_MESSAGE).on_conflict_do_nothing().returning(messages.c.id).cte()
    conversation = _insert_if(conversations, _CONVERSATION, message).returning(conversations.c.id).cte()
    report = _insert_if(reports, _REPORT, message).returning(reports.c.received_at).cte()
    return select(report.c.received_at).add_cte(conversation)


def _insert_if(table: Table, values: Mapping[str, Any], message: CTE) -> Insert:
    """An insert of one row for each row of `message`: one, or none where the delivery was kept before."""
    typed = [
        bindparam(value.key, type_=table.c[name].type) if isinstance(value, BindParameter) else value
        for name, value in values.items()
    ]
    return insert(table).from_select(list(values), select(*typed).select_from(message))
