"""Counting what happened: the figures follow the audit chain, line by line, and every line is counted once.

The chain tells of every change in the order in which it was committed, so no door and no verb has to count anything.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from config.figures import Counting
from reports.database import Database
from reports.facts import Facts, facts_of, scheme_of
from reports.figures import Cell, add, begin_anew, cells, change_of, keep_facts
from reports.states import ReportState
from reports.tables import audit_entries, figures_head, referrals, report_facts

# What an officer did who had looked at what the machine found.
_JUDGED = frozenset({"confirmed", "corrected", "rerouted"})


@dataclass(frozen=True)
class _Told:
    """What some lines of the chain tell: up to which number, when, of which reports, and of which of them more."""

    number: int
    at: int
    report_ids: frozenset[str]
    reopened: frozenset[str]
    judged: frozenset[str]


def count_on(database: Database, counting: Counting, most: int) -> int:
    """Counts the next `most` lines of the audit chain. Returns how many there were; 0 once all are counted.

    Two processes that count at once take turns: what one has counted the other leaves alone.
    """
    scheme = scheme_of(counting)
    with database.read() as connection:
        head = connection.execute(select(figures_head)).one()
        told = None if head.scheme != scheme else _told(connection, head.number, most)
        facts = facts_of(connection, sorted(told.report_ids), counting) if told else {}
    if told is None and head.scheme == scheme:
        return 0
    with database.write() as connection:
        if told is None:
            begin_anew(connection, scheme)
            return most
        # What changed after it was read above is told by a later line, and counted again then.
        moved = connection.execute(
            update(figures_head)
            .where(figures_head.c.number == head.number, figures_head.c.round == head.round)
            .values(number=told.number, counted_at=told.at)
        ).rowcount
        if moved:
            _count(connection, head.round, told, facts, is_sqlite=database.is_sqlite)
    return int(told.number - head.number)


def _told(connection: Connection, after: int, most: int) -> _Told | None:
    rows = connection.execute(
        select(audit_entries).where(audit_entries.c.number > after).order_by(audit_entries.c.number).limit(most)
    ).all()
    if not rows:
        return None
    packets = {row.object.partition(":")[2] for row in rows if row.object.startswith("referral:")}
    of_packets = connection.execute(select(referrals.c.report_id).where(referrals.c.id.in_(packets))).scalars()
    own = [(row.object.partition(":")[2], row) for row in rows if row.object.startswith("report:")]
    return _Told(
        number=rows[-1].number,
        at=rows[-1].at,
        report_ids=frozenset([*of_packets, *(report_id for report_id, _ in own)]),
        reopened=frozenset(report_id for report_id, row in own if _is_reopening(row)),
        judged=frozenset(report_id for report_id, row in own if row.action in _JUDGED),
    )


def _is_reopening(row: Any) -> bool:
    detail = json.loads(row.detail)
    return bool(detail.get("from") == ReportState.CLOSED.value and detail.get("to") != ReportState.CLOSED.value)


def _count(
    connection: Connection, round_number: int, told: _Told, now: Mapping[str, Facts], *, is_sqlite: bool
) -> None:
    rows = connection.execute(select(report_facts).where(report_facts.c.report_id.in_(told.report_ids))).all()
    earlier = {row.report_id: Facts.from_json(row.body) for row in rows if row.round == round_number}
    facts = {
        report_id: one.after(
            earlier.get(report_id), reopened=report_id in told.reopened, judged=report_id in told.judged
        )
        for report_id, one in now.items()
    }
    changed = {report_id: one for report_id, one in facts.items() if earlier.get(report_id) != one}
    gone = {report_id for report_id in earlier if report_id not in facts}
    steps = _sum(changed.values())
    steps.subtract(_sum(one for report_id, one in earlier.items() if report_id in changed or report_id in gone))
    for year in {year for year, *_ in steps}:
        steps[change_of(year)] = 1
    add(connection, steps, is_sqlite=is_sqlite)
    keep_facts(connection, round_number, {row.report_id for row in rows}, changed, gone)


def _sum(many: Iterable[Facts]) -> Counter[Cell]:
    whole: Counter[Cell] = Counter()
    for one in many:
        whole.update(cells(one))
    return whole
