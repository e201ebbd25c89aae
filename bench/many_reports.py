"""A hotline that has been used for years: a few real reports, and a million like one of them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    Table,
    case,
    cast,
    column,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
    true,
)

from config.settings import Settings
from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.tables import audit_entries, counts, messages, referrals, reports, traces
from reports.values import Channel
from workers.context import Minds, make_context
from workers.deliver import deliver_pending
from workers.ring import QuietBell
from workers.senders.inbox import InboxSender
from workers.triage import triage_waiting

# Of one place and one time, as many as a report is compared with at most.
_REAL = 45
_CLEAR = "有个厂扣了我们的身份证，半年不发工资，可以出门但没有证走不了，人在叶县，第{number}封"
# Longer than the reader reads, so that a person always looks, however sure it is of the rest.
_UNCLEAR = "我从头说一遍，" * 120 + _CLEAR
# One comes in each minute and a half: a million are three years of them.
_APART = 90_000
# Of the newest fiftieth two of nine wait at the desk and three are with units: eleven thousand clocks run, nearly all
# of them out. All others are over.
_OPEN_SHARE, _AT_DESK, _WITH_UNITS = 50, 2, 5
# One unit of three hundred has a three-hundredth of all: ten times what an average county has.
_UNITS = 300
UNIT = "public_security-410422"


def real_reports(settings: Settings) -> None:
    """Some reports of one place through the real steps: read, decided, and brought to their units' inboxes."""
    minds = Minds.load(settings)
    context = make_context(settings, QuietBell(), {"inbox": InboxSender()}, minds)
    keeper = Keeper(context.database, DoorKeys.load(settings.state))
    for number in range(_REAL):
        told = (_UNCLEAR if number % 5 == 0 else _CLEAR).format(number=number)
        keeper.keep(
            NewReport(
                channel=Channel.SMS,
                source="twilio",
                source_id=f"SM{number}",
                content=Content(text=told),
                raw=told.encode(),
            ),
            urgent=False,
        )
    while triage_waiting(context, "normal", 50):
        pass
    while deliver_pending(context, 50):
        pass
    context.database.dispose()


def many_reports(database: Database, number: int) -> None:
    """Copies one of them until there are so many, spread over the years before, with what lies around a report."""
    with database.read() as connection:
        like = connection.execute(
            select(reports.c.id, referrals.c.id.label("packet"))
            .join(referrals, referrals.c.report_id == reports.c.id)
            .where(referrals.c.part == "lead", referrals.c.unit == UNIT)
            .limit(1)
        ).one()
    engine = create_engine(database.engine.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        _hurry(connection, database.is_sqlite)
        _copy(connection, database.is_sqlite, like.id, like.packet, number)
        if not database.is_sqlite:
            # What autovacuum does within minutes where reports come one by one.
            connection.exec_driver_sql("VACUUM (ANALYZE)")
    engine.dispose()


def _hurry(connection: Connection, is_sqlite: bool) -> None:
    """Nothing has to last here, and what is copied was checked once."""
    hurries = ("PRAGMA synchronous = OFF", "PRAGMA foreign_keys = OFF")
    if not is_sqlite:
        hurries = ("SET statement_timeout = 0", "SET session_replication_role = replica")
    for hurry in hurries:
        connection.exec_driver_sql(hurry)


def _copy(connection: Connection, is_sqlite: bool, report_id: str, packet_id: str, number: int) -> None:
    n = column("n", BigInteger)
    at = literal(int(time.time() * 1000)) - (number - n) * _APART
    new_id = _hex(at, 12, is_sqlite) + _hex(n, 20, is_sqlite)
    of_nine, is_open = n % 9, n >= number - number // _OPEN_SHARE
    waits = is_open & (of_nine < _AT_DESK)
    is_live = is_open & (of_nine >= _AT_DESK) & (of_nine < _WITH_UNITS)
    state = case((waits, "IN_TRIAGE"), (is_live, "REFERRED"), (of_nine < 8, "CLOSED"), else_="QUARANTINED")
    unit = case((n % _UNITS == 0, UNIT), else_="public_security-" + cast(410000 + n % _UNITS, String))
    due_at = at + 3_600_000
    copy = _Copier(connection, number)
    copy.rows(reports, {
        "id": new_id, "reference": literal("B") + _hex(n, 9, is_sqlite), "state": state, "urgency_rank": n % 4,
        "received_at": at, "due_at": case((waits, due_at)), "lead_unit": unit, "next_step_at": None,
    }, reports.c.id == report_id)  # fmt: skip
    copy.rows(messages, {
        "id": new_id, "report_id": new_id, "source_id": "bench" + cast(n, String), "received_at": at,
        # Nobody opens the copies: what is sealed in them would only fill the disk.
        "sealed_content": b"", "sealed_raw": b"",
    }, messages.c.report_id == report_id)  # fmt: skip
    copy.rows(referrals, {
        "id": new_id, "report_id": new_id, "unit": unit, "state": case((is_live, "DELIVERED"), else_="DONE"),
        "urgency_rank": n % 4, "dispatch_key": new_id, "created_at": at, "delivered_at": at, "sealed_packet": None,
        "due_at": case((is_live, due_at)), "next_step_at": None,
    }, referrals.c.id == packet_id, ~waits & (of_nine < 8))  # fmt: skip
    for step, action in enumerate(("kept", "triaged")):
        copy.rows(audit_entries, {
            "number": 10_000_000 + 2 * n + step, "at": at, "actor": "machine", "action": action,
            "object": "report:" + new_id,
        }, audit_entries.c.number == 1)  # fmt: skip
    copy.rows(traces, {"report_id": new_id}, (traces.c.report_id == report_id) & (traces.c.kind == "place"))
    connection.execute(counts.delete())
    of_all = select(literal(0), reports.c.state, reports.c.urgency_rank, func.count()).group_by(
        reports.c.state, reports.c.urgency_rank
    )
    connection.execute(insert(counts).from_select(["exercise", "state", "urgency_rank", "number"], of_all))


class _Copier:
    """Copies a row as often as there are numbers, with some of its values worked out from the number n."""

    def __init__(self, connection: Connection, number: int) -> None:
        self._connection = connection
        first = select(literal(0, BigInteger).label("n")).cte("numbers", recursive=True)
        self._numbers = first.union_all(select(first.c.n + 1).where(first.c.n < number - 1))

    def rows(
        self,
        table: Table,
        values: Mapping[str, Any],
        one: ColumnElement[bool],
        wanted: ColumnElement[bool] | None = None,
    ) -> None:
        """Copies the row of `table` that `one` names, for each number that is wanted."""
        chosen = [values.get(name, table.c[name]) for name in table.c.keys()]  # noqa: SIM118 a collection of columns
        rows = select(*(value if isinstance(value, ColumnElement) else literal(value) for value in chosen))
        rows = rows.select_from(table.join(self._numbers, true()))
        rows = rows.where(one) if wanted is None else rows.where(one, wanted)
        # Sorted at the end they cost a tenth.
        for index in table.indexes:
            index.drop(self._connection)
        self._connection.execute(insert(table).from_select(list(table.c.keys()), rows))
        for index in table.indexes:
            index.create(self._connection)


def _hex(number: ColumnElement[Any], digits: int, is_sqlite: bool) -> ColumnElement[str]:
    """The number in hexadecimal, padded with noughts."""
    if is_sqlite:
        return func.printf(text(f"'%0{digits}x'"), number, type_=String)
    return func.lpad(func.to_hex(number), digits, text("'0'"), type_=String)
