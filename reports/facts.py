"""What of each report is counted in the figures: codes, yes or no, and classes of times. Nothing that names anybody."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, select

from config.figures import Counting
from reports.errors import RecordDamaged
from reports.records import decision_from_json, finding_from_json
from reports.states import ReferralState, ReportState
from reports.steps import MACHINE
from reports.tables import decisions, escalations, findings, referrals, reports
from reports.values import Finding, Labels, PlaceRole

# The shape of Facts: with another one, everything is counted anew.
_SHAPE = 2
_CHINA_TIME = timezone(timedelta(hours=8))
_OPEN = (ReportState.RECEIVED, ReportState.IN_TRIAGE, ReportState.REFERRED)
_ROLES = (PlaceRole.OCCURRENCE, PlaceRole.DESTINATION, PlaceRole.TRANSIT, PlaceRole.ORIGIN)
ABROAD = "abroad"
# The class of a hop whose clock ran out and that has not ended since.
NOT_YET = -1


@dataclass(frozen=True)
class Hop:
    """One hop of a report: at which unit, the class of Counting.shown that its time falls in (or NOT_YET), and whether
    its clock ran out."""

    unit: str
    hop: str
    took: int
    late: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One report as it is counted.

    year and month are those of its coming in China. It counts as what it was last found to be, and once it was found to
    tell of a crime as what it was last found to be of those. matter is the first of its labels, '' where nothing was
    read. persons are the first letters of whom it is about: w, m, c. province is a GB/T 2260 code, `abroad` or ''.
    is_crime is so once anybody, machine or officer, found it to tell of a crime, and stays so. end is one of ENDS in
    config.figures, '' while it is open. axes are the labels that an officer changed of those that the machine had
    found. lines are the lines of the Plan that it was last decided by as that. answered and closed are classes of
    Counting.fine.
    """

    year: int
    month: int
    channel: str
    urgency: str
    language: str
    matter: str
    persons: str
    province: str
    is_crime: bool
    end: str
    is_unanswered: bool
    is_joined: bool
    lines: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    answered: int | None = None
    closed: int | None = None
    hops: tuple[Hop, ...] = ()
    was_reopened: bool = False
    was_judged: bool = False

    def after(self, earlier: Facts | None, *, reopened: bool, judged: bool) -> Facts:
        """The same with what the audit chain told since, and what is never taken back."""
        return replace(
            self,
            was_reopened=reopened or (earlier is not None and earlier.was_reopened),
            was_judged=judged or (earlier is not None and earlier.was_judged),
            is_crime=self.is_crime or (earlier is not None and earlier.is_crime),
        )

    def to_json(self) -> str:
        """As text for the store."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """What `to_json` wrote."""
        fields = json.loads(text)
        hops = tuple(Hop(**one) for one in fields.pop("hops"))
        return cls(**{**fields, "hops": hops, "lines": tuple(fields["lines"]), "axes": tuple(fields["axes"])})


def scheme_of(counting: Counting) -> str:
    """What tells figures apart that were counted otherwise."""
    return f"{_SHAPE}.{counting.scheme}"


def facts_of(connection: Connection, report_ids: Sequence[str], counting: Counting) -> Mapping[str, Facts]:
    """The facts of these reports as they stand now.

    A delivery that was joined to another before anybody read it was never a report of its own, and is left out; and so
    is what was played for an exercise.
    """
    rows = connection.execute(select(reports).where(reports.c.id.in_(report_ids), reports.c.exercise == 0)).all()
    found = _by_report(connection, findings, report_ids, findings.c.number)
    decided = _by_report(connection, decisions, report_ids, decisions.c.number)
    told = _by_report(connection, referrals, report_ids, referrals.c.created_at)
    ran_out = _by_report(connection, escalations, report_ids, escalations.c.taken_at)
    counted = [row for row in rows if not row.exercise and (row.state != ReportState.MERGED.value or found[row.id])]
    return {
        row.id: _facts(row, _Whole(found[row.id], decided[row.id], told[row.id], ran_out[row.id]), counting)
        for row in counted
    }


@dataclass(frozen=True)
class _Whole:
    """All rows about one report, in order."""

    findings: Sequence[Any]
    decisions: Sequence[Any]
    referrals: Sequence[Any]
    escalations: Sequence[Any]


def _by_report(connection: Connection, table: Any, report_ids: Sequence[str], order: Any) -> Mapping[str, list[Any]]:
    by_report: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).where(table.c.report_id.in_(report_ids)).order_by(order, table.c.id)):
        by_report[row.report_id].append(row)
    return by_report


def _facts(row: Any, whole: _Whole, counting: Counting) -> Facts:
    came = datetime.fromtimestamp(row.received_at / 1000, UTC).astimezone(_CHINA_TIME)
    read = {one.id: finding for one in whole.findings if (finding := _read(one)) is not None}
    # Calling it no crime takes it out of no row in which it was one: no share of a row may rise by that.
    crimes = {one: finding for one, finding in read.items() if set(finding.labels.matters) & counting.crimes}
    counted_by = crimes or read
    labels = list(counted_by.values())[-1].labels if counted_by else None
    state = ReportState(row.state)
    accepted = [packet.accepted_at for packet in whole.referrals if packet.accepted_at is not None]
    answered, closed = min(accepted, default=None), row.closed_at if state is ReportState.CLOSED else None
    return Facts(
        year=came.year,
        month=came.month,
        channel=row.channel,
        urgency=labels.urgency.value if labels else "",
        language=row.language or "",
        matter=labels.matters[0] if labels and labels.matters else "",
        persons=_persons(labels),
        province=_province(labels),
        is_crime=bool(crimes),
        end=_end(state, row.outcome, bool(crimes), counting),
        is_unanswered=state in _OPEN and not accepted,
        is_joined=state is ReportState.MERGED,
        lines=_lines([one for one in whole.decisions if one.finding_id in counted_by] or whole.decisions),
        axes=_corrected(whole),
        answered=None if answered is None else counting.time_class(answered - row.received_at),
        closed=None if closed is None else counting.time_class(closed - row.received_at),
        hops=tuple(_hops(row, whole, counting)),
    )


def _read(row: Any) -> Finding | None:
    try:
        return finding_from_json(row.body)
    except RecordDamaged:
        return None


def _persons(labels: Labels | None) -> str:
    told = labels.persons if labels else ()
    return "".join(letter for letter, code in (("w", "woman"), ("m", "man"), ("c", "child")) if code in told)


def _province(labels: Labels | None) -> str:
    places = labels.places if labels else ()
    codes = [place.code for role in _ROLES for place in places if place.role is role and place.code]
    if not codes:
        return ""
    return f"{codes[0][:2]}0000" if codes[0].isdigit() else ABROAD


def _end(state: ReportState, outcome: str | None, is_crime: bool, counting: Counting) -> str:
    if state is ReportState.CLOSED:
        end = counting.counts_as.get(outcome or "", "other")
    else:
        end = "refused" if state is ReportState.QUARANTINED else ""
    # To do nothing about what nobody ever took for a crime is no refusal.
    return "other" if end == "refused" and not is_crime else end


def _lines(rows: Sequence[Any]) -> tuple[str, ...]:
    try:
        return decision_from_json(rows[-1].body).measures if rows else ()
    except RecordDamaged:
        return ()


def _corrected(whole: _Whole) -> tuple[str, ...]:
    """The axes on which the last officer's labels differ from the machine's before them, and unit for another unit."""
    authors = [row.author for row in whole.findings]
    theirs = next((number for number in reversed(range(len(authors))) if authors[number] != MACHINE), None)
    axes: list[str] = []
    if theirs is not None and MACHINE in authors[:theirs]:
        before = [row for row in whole.findings[:theirs] if row.author == MACHINE][-1]
        machine, officer = _read(before), _read(whole.findings[theirs])
        if machine is not None and officer is not None:
            axes = [axis for axis, one, other in _pairs(machine.labels, officer.labels) if one != other]
    leads = [(row.author == MACHINE, _lead(row)) for row in whole.decisions]
    if {True, False} <= {by_machine for by_machine, _ in leads} and dict(leads)[True] != dict(leads)[False]:
        axes.append("unit")
    return tuple(axes)


def _lead(row: Any) -> str:
    try:
        return decision_from_json(row.body).lead_unit
    except RecordDamaged:
        return ""


def _pairs(one: Labels, other: Labels) -> Iterable[tuple[str, Any, Any]]:
    return (
        ("matters", set(one.matters), set(other.matters)),
        ("urgency", one.urgency, other.urgency),
        ("places", {place.code for place in one.places}, {place.code for place in other.places}),
        ("persons", set(one.persons), set(other.persons)),
    )


def _hops(row: Any, whole: _Whole, counting: Counting) -> Iterable[Hop]:
    """What each unit, and the desk, had to do about the report, and how long it took."""
    ran_out = {(one.referral_id, one.hop) for one in whole.escalations}
    officers = [one.made_at for one in whole.decisions if one.author != MACHINE]
    if row.routed_at is not None and (officers or (None, "desk") in ran_out):
        took = None if not officers else max(0, officers[0] - row.routed_at)
        yield from _hop("duty_desk", "desk", took, (None, "desk") in ran_out, counting)
    for packet in whole.referrals:
        # What was taken away from an accused unit is no figure of that unit's. Links ask nothing of anybody.
        if packet.shut or packet.part == "link":
            continue
        times = (
            ("delivery", packet.created_at, packet.delivered_at),
            ("acceptance", packet.delivered_at, packet.accepted_at),
            ("first_action", packet.accepted_at, packet.first_action_at),
            ("feedback", packet.first_action_at, packet.ended_at if packet.state == ReferralState.DONE.value else None),
        )
        for hop, began, ended in times:
            took = None if began is None or ended is None else max(0, ended - began)
            yield from _hop(packet.unit, hop, took, (packet.id, hop) in ran_out, counting)


def _hop(unit: str, hop: str, took: int | None, late: bool, counting: Counting) -> Iterable[Hop]:
    if took is not None or late:
        yield Hop(unit, hop, NOT_YET if took is None else counting.shown_class(took), late)
