"""Reports that may tell of the same case: what they name alike, where, and how near one another they are told.

Only a bounded number is compared: those that name the same thing, and the newest of the same place and time. Their
texts are opened for this alone, and nothing of them is shown before an officer opens one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz
from sqlalchemy import Connection, select

from console.services import Services
from reports.errors import Erased, KeyMissing, SealBroken
from reports.officers import Officer
from reports.reading import open_report, sealed_messages, told
from reports.recusals import visible_to
from reports.report_view import ReportView
from reports.states import ReportState
from reports.tables import reports
from reports.traces import MEANING_COLUMN, named_alike, sealed_meanings, standing_of, told_of_there
from reports.values import Urgency
from routing.finding.folding import fold
from routing.finding.heads import Floats

_DAYS, _MOST_THERE, _MOST_SHOWN = 21, 40, 8
_HOURS_OF_ONE_CASE = 72
# Of 100,000 pairs of different reports none has words as alike as this; of 500, one means as much the same. Only those
# of one place, or that name one thing, are compared (docs/decisions/0177). Short texts are alike by chance.
ALIKE_PERCENT, ALIKE_MEANING, SHORTEST = 60.0, 0.75, 8
_LONGEST = 600
# What says most comes first.
_WEIGHTS = {"plate": 8, "number": 8, "account": 8, "agency": 4}
_HOUR = 3_600_000


@dataclass(frozen=True, kw_only=True)
class Link:
    """A report that may tell of the same case. kinds are what both name; alike is how alike the words are in percent,
    0 where they are not; is_meant says that they mean the same in other words; received_at is in milliseconds."""

    reference: str
    state: ReportState
    urgency: Urgency
    received_at: int
    matters: tuple[str, ...]
    kinds: tuple[str, ...]
    alike: int
    is_meant: bool
    is_there: bool

    @property
    def weight(self) -> int:
        """How much speaks for it."""
        named = sum(_WEIGHTS.get(kind, 1) for kind in self.kinds)
        return named + (self.alike // 10) + 5 * self.is_meant + self.is_there


def links_of(
    connection: Connection, services: Services, report: ReportView, officer: Officer, text: str
) -> tuple[Link, ...]:
    """Up to eight reports that this officer may see and that may tell of the same case, the likeliest first.

    text is what the report tells.
    """
    named = named_alike(connection, report.report_id)
    there = told_of_there(connection, report.report_id, _DAYS, _MOST_THERE)
    lies_in = standing_of(connection, [*named, *there])
    kinds: dict[str, tuple[str, ...]] = {}
    for report_id, both in named.items():
        kinds[lies_in[report_id]] = tuple(dict.fromkeys([*kinds.get(lies_in[report_id], ()), *both]))
    ids = {lies_in[one] for one in (*named, *there)} - {report.report_id}
    query = select(reports).where(
        reports.c.id.in_(ids),
        reports.c.erased_at.is_(None),
        reports.c.exercise == select(reports.c.exercise).where(reports.c.id == report.report_id).scalar_subquery(),
        visible_to(officer),
    )
    rows = connection.execute(query.order_by(reports.c.id.desc()).limit(2 * _MOST_THERE)).all()
    mine = _Told.of(
        services, report.report_id, report.wrapped_key, text, sealed_meanings(connection, [report.report_id])
    )
    others = _others(connection, services, {row.id: row.wrapped_key for row in rows})
    found = [
        Link(
            reference=row.reference,
            state=ReportState(row.state),
            urgency=Urgency.from_rank(row.urgency_rank),
            received_at=row.received_at,
            matters=tuple((row.matters or "").split()),
            kinds=kinds.get(row.id, ()),
            alike=mine.alike(others[row.id]),
            is_meant=mine.means(others[row.id]),
            is_there=row.id in {lies_in[one] for one in there},
        )
        for row in rows
    ]
    likely = [one for one in found if _is_likely(one, report)]
    return tuple(sorted(likely, key=lambda one: (-one.weight, -one.received_at))[:_MOST_SHOWN])


def _is_likely(link: Link, report: ReportView) -> bool:
    """Whether more than chance speaks for it: something named alike, told alike, or the same matter there just then."""
    if link.kinds or link.alike or link.is_meant:
        return True
    matters = set(report.finding.labels.matters) if report.finding else set()
    apart = abs(link.received_at - report.received_at)
    return link.is_there and bool(matters & set(link.matters)) and apart <= _HOURS_OF_ONE_CASE * _HOUR


@dataclass(frozen=True)
class _Told:
    """What a report tells, folded, and what that means; '' and None where nobody can open it."""

    text: str
    meaning: Floats | None

    @classmethod
    def of(
        cls, services: Services, report_id: str, wrapped_key: bytes, text: str, sealed: Mapping[str, bytes]
    ) -> _Told:
        """The value of a report whose text was opened."""
        key = services.keys.opening.open_report_key(report_id, wrapped_key)
        meaning = _unpacked(key.open(MEANING_COLUMN, report_id, sealed[report_id])) if report_id in sealed else None
        return cls(fold(text[:_LONGEST]).text, meaning)

    def alike(self, other: _Told) -> int:
        """How alike the words are in percent; 0 where that is no more than chance."""
        if min(len(self.text), len(other.text)) < SHORTEST:
            return 0
        return int(fuzz.ratio(self.text, other.text, score_cutoff=ALIKE_PERCENT))

    def means(self, other: _Told) -> bool:
        """Whether both mean the same as the sentence model sees it."""
        if self.meaning is None or other.meaning is None:
            return False
        return float(self.meaning @ other.meaning) >= ALIKE_MEANING


def _others(connection: Connection, services: Services, wrapped: Mapping[str, bytes]) -> Mapping[str, _Told]:
    messages, meant = sealed_messages(connection, list(wrapped)), sealed_meanings(connection, list(wrapped))
    found = {}
    for report_id, key in wrapped.items():
        try:
            _, contents = open_report(services.keys, report_id, key, messages[report_id])
            found[report_id] = _Told.of(services, report_id, key, told(contents), meant)
        except (Erased, KeyMissing, SealBroken):
            # It is still found by what it names.
            found[report_id] = _Told("", None)
    return found


def _unpacked(packed: bytes) -> Floats | None:
    vector = np.frombuffer(packed, np.int8).astype(np.float32)
    length = float(np.linalg.norm(vector))
    return vector / length if length else None
