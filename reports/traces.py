"""Traces and meanings of reports: what several reports name alike, and how near one another they are told.

Written by whoever reads a report; a report that is read again has what was read last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select

from reports.sealing import BlindIndex, ReportKey
from reports.tables import meanings, reports, traces

MEANING_COLUMN = "meanings.sealed_vector"
_PLACE = "place"
# What more reports than this name is no trace of one case: the number of a hotline, a chain of agencies, a capital.
MOST_NAMING = 40
_DAY = 86_400_000


@dataclass(frozen=True)
class Traced:
    """What a report names, as kinds with keyed digests or codes of places, and its sealed meaning; b'' for none."""

    report_id: str
    named: frozenset[tuple[str, str]]
    sealed_meaning: bytes


def traced(
    index: BlindIndex,
    report_id: str,
    key: ReportKey,
    named: Sequence[tuple[str, str]],
    places: Sequence[str],
    meaning: bytes | None,
    played_among: str = "",
) -> Traced:
    """What is kept of a report that names these values (kind, value) and places, and means this.

    Equal values have equal digests under the index's key, and nobody without it can try values. played_among is '' for
    what was told; what is played has traces of its own, which never meet those, nor stand among the newest of a place.
    """
    purpose = f" {played_among}" if played_among else ""
    digests = {(kind, index.of(f"trace:{kind}{purpose}", value)) for kind, value in named}
    told_of = {index.of(f"trace:{_PLACE}{purpose}", code) if played_among else code for code in places if code}
    sealed = key.seal(MEANING_COLUMN, report_id, meaning) if meaning is not None else b""
    return Traced(report_id, frozenset({*digests, *((_PLACE, code) for code in told_of)}), sealed)


def keep_traces(connection: Connection, read: Sequence[Traced]) -> None:
    """Keeps what was read of reports of which nothing was kept before."""
    named = [
        {"report_id": one.report_id, "kind": kind, "digest": digest}
        for one in read
        for kind, digest in sorted(one.named)
    ]
    meant = [{"report_id": one.report_id, "sealed_vector": one.sealed_meaning} for one in read if one.sealed_meaning]
    if named:
        connection.execute(insert(traces), named)
    if meant:
        connection.execute(insert(meanings), meant)


def renew_traces(connection: Connection, read: Traced) -> None:
    """Keeps what was read of a report in the place of what was kept of it before."""
    for table in (traces, meanings):
        connection.execute(delete(table).where(table.c.report_id == read.report_id))
    keep_traces(connection, [read])


def named_alike(connection: Connection, report_id: str) -> Mapping[str, tuple[str, ...]]:
    """The reports that name what this one names, but for places, each with the kinds of what both name."""
    mine, theirs = traces.alias("mine"), traces.alias("theirs")
    pairs = (theirs.c.kind == mine.c.kind) & (theirs.c.digest == mine.c.digest)
    often = (
        select(func.count())
        .select_from(select(traces.c.report_id).where(
            traces.c.kind == mine.c.kind, traces.c.digest == mine.c.digest
        ).limit(MOST_NAMING + 1).correlate(mine).subquery())
    )  # fmt: skip
    rows = connection.execute(
        select(theirs.c.report_id, theirs.c.kind)
        .select_from(mine.join(theirs, pairs))
        .where(
            mine.c.report_id == report_id,
            mine.c.kind != _PLACE,
            theirs.c.report_id != report_id,
            often.scalar_subquery() <= MOST_NAMING,
        )
        .order_by(theirs.c.report_id.desc())
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        found[row.report_id] = (*found.get(row.report_id, ()), row.kind)
    return found


def told_of_there(connection: Connection, report_id: str, days: int, limit: int) -> tuple[str, ...]:
    """Up to `limit` reports that tell of a place that this one tells of and came within so many days of it, newest
    first."""
    codes = connection.execute(
        select(traces.c.digest).where(traces.c.report_id == report_id, traces.c.kind == _PLACE)
    ).scalars()
    # An id begins with the milliseconds in which it was made, so that the index holds the reports of a place by time.
    at = int(report_id[:12], 16)
    since, until = f"{max(0, at - days * _DAY):012x}", f"{at + days * _DAY:012x}g"
    found: set[str] = set()
    for code in codes:
        rows = connection.execute(
            select(traces.c.report_id)
            .where(
                traces.c.kind == _PLACE,
                traces.c.digest == code,
                traces.c.report_id.between(since, until),
                traces.c.report_id != report_id,
            )
            .order_by(traces.c.report_id.desc())
            .limit(limit)
        )
        found.update(rows.scalars())
    return tuple(sorted(found, reverse=True)[:limit])


def sealed_meanings(connection: Connection, report_ids: Sequence[str]) -> Mapping[str, bytes]:
    """The sealed meaning of each of these reports that has one."""
    rows = connection.execute(select(meanings).where(meanings.c.report_id.in_(report_ids)))
    return {row.report_id: row.sealed_vector for row in rows}


def standing_of(connection: Connection, report_ids: Sequence[str]) -> Mapping[str, str]:
    """For each of these reports, the one that has its content by now: itself, or what it was joined to."""
    rows = connection.execute(select(reports.c.id, reports.c.merged_into).where(reports.c.id.in_(report_ids)))
    return {row.id: row.merged_into or row.id for row in rows}
