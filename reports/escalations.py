"""Clocks that ran out: found by their index, and answered one step at a time, each step once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from reports.audit import AuditEntry
from reports.database import Database, database_now, read_now
from reports.identity import new_id
from reports.officers import Officer
from reports.recusals import counted_for
from reports.states import ReferralState, hop_of
from reports.steps import MACHINE
from reports.store import Store
from reports.tables import escalations, referrals, reports
from reports.values import Urgency


@dataclass(frozen=True, kw_only=True)
class RanOut:
    """A clock that ran out, and the step that is due about it. Times in milliseconds.

    referral_id, unit and part are '' where it is the duty desk's own clock.
    """

    report_id: str
    referral_id: str
    unit: str
    part: str
    hop: str
    urgency: Urgency
    ran_out_at: int
    step: str
    step_at: int
    exercise: bool = False

    @property
    def object(self) -> str:
        """The report or the referral, as the audit chain names it."""
        return f"referral:{self.referral_id}" if self.referral_id else f"report:{self.report_id}"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One step about a clock: its name, whom it tells, and what comes next ('' and None for nothing).

    packet_fields is what the unit told gets in a packet of its own, over the head of the silent one; None where it is
    only told. notice says whether somebody is to be told from outside: WAITING to be sent, NOBODY to be told, or None.
    """

    clock: RanOut
    step: str
    told: str
    next_step: str = ""
    next_step_at: int | None = None
    packet_fields: tuple[str, ...] | None = None
    notice: str | None = None


def ran_out(database: Database, limit: int) -> tuple[RanOut, ...]:
    """Up to `limit` clocks of the duty desk and as many of packets whose next step is due, the longest due first; those
    of an exercise when no other is due."""
    with database.read() as connection:
        now = read_now(connection)
        at_desk = connection.execute(_due(reports, now, limit)).all()
        with_units = connection.execute(_due(referrals, now, limit)).all()
    return (*(_desk_clock(row) for row in at_desk), *(_packet_clock(row) for row in with_units))


def _due(table: Table, now: int, limit: int) -> Any:
    return (
        select(table).where(table.c.next_step_at <= now).order_by(table.c.exercise, table.c.next_step_at).limit(limit)
    )


def _desk_clock(row: Any) -> RanOut:
    return RanOut(report_id=row.id, referral_id="", unit="", part="", hop="desk", **_common(row))


def _packet_clock(row: Any) -> RanOut:
    hop = hop_of(ReferralState(row.state), row.accepted_at is not None, row.first_action_at is not None)
    return RanOut(report_id=row.report_id, referral_id=row.id, unit=row.unit, part=row.part, hop=hop, **_common(row))


def _common(row: Any) -> dict[str, Any]:
    urgency = Urgency.from_rank(row.urgency_rank)
    times = {"ran_out_at": row.due_at, "step": row.next_step, "step_at": row.next_step_at}
    return {"urgency": urgency, "exercise": bool(row.exercise), **times}


def hold(connection: Connection, clock: RanOut) -> int | None:
    """Locks the report and its packet for a step, and gives the database's time; None if somebody else was faster.

    Report first, then packet, as everybody does it: two sweeps and an officer take turns.
    """
    report = connection.execute(
        select(reports).where(reports.c.id == clock.report_id).with_for_update(key_share=True)
    ).one()
    row = report
    if clock.referral_id:
        row = connection.execute(select(referrals).where(referrals.c.id == clock.referral_id).with_for_update()).one()
    if (row.due_at, row.next_step, row.next_step_at) != (clock.ran_out_at, clock.step, clock.step_at):
        return None
    return read_now(connection)


def take(store: Store, connection: Connection, taken: Taken) -> bool:
    """Writes one step with its packet and audit lines, and sets what comes next. The clock must be held.

    Returns False, having only set what comes next, where the step was written before.
    """
    clock = taken.clock
    _set_next(connection, taken)
    if _is_written(connection, taken):
        return False
    entries, new_referral = [], None
    if taken.packet_fields is not None:
        entries = _pass_over(connection, taken)
        new_referral = _packet_above(connection, taken, taken.packet_fields)
    connection.execute(insert(escalations).values(_row(taken, new_referral)))
    detail = {"hop": clock.hop, "told": taken.told, "unit": clock.unit or None, "ran_out_at": clock.ran_out_at}
    store.chain.append(connection, [*entries, AuditEntry(MACHINE, f"step_{taken.step}", clock.object, detail)])
    return True


def wait_for(connection: Connection, clock: RanOut, step: str, at: int | None) -> None:
    """Sets what comes next about a clock, with nothing done now; '' and None for nothing."""
    _set_columns(connection, clock, {"next_step": step or None, "next_step_at": at})


def put_off(database: Database, clock: RanOut, seconds: int) -> None:
    """Looks at a clock again later, because its step could not be taken."""
    with database.write() as connection:
        if hold(connection, clock) is not None:
            _set_columns(connection, clock, {"next_step_at": database_now() + seconds * 1000})


def _set_next(connection: Connection, taken: Taken) -> None:
    columns: dict[str, Any] = {"next_step": taken.next_step or None, "next_step_at": taken.next_step_at}
    if not taken.clock.referral_id:
        columns["raised"] = 1
    _set_columns(connection, taken.clock, columns)


def _set_columns(connection: Connection, clock: RanOut, columns: dict[str, Any]) -> None:
    table, row_id = (referrals, clock.referral_id) if clock.referral_id else (reports, clock.report_id)
    connection.execute(update(table).where(table.c.id == row_id).values(**columns))


def _key(taken: Taken) -> str:
    clock = taken.clock
    return f"{clock.referral_id or clock.report_id}:{clock.hop}:{clock.ran_out_at}:{taken.step}"


def _is_written(connection: Connection, taken: Taken) -> bool:
    query = select(escalations.c.id).where(escalations.c.step_key == _key(taken))
    return connection.execute(query).first() is not None


def _row(taken: Taken, new_referral: str | None) -> dict[str, Any]:
    clock = taken.clock
    return {
        "id": new_id(),
        "step_key": _key(taken),
        "report_id": clock.report_id,
        "referral_id": clock.referral_id or None,
        "hop": clock.hop,
        "step": taken.step,
        "told": taken.told,
        "new_referral_id": new_referral,
        "ran_out_at": clock.ran_out_at,
        "taken_at": database_now(),
        "notice": taken.notice,
    }


def _packet_above(connection: Connection, taken: Taken, fields: Sequence[str]) -> str:
    """The packet of the unit above: the same part in the case, by the same decision."""
    clock = taken.clock
    decision_id = connection.execute(
        select(referrals.c.decision_id).where(referrals.c.id == clock.referral_id)
    ).scalar_one()
    referral_id = new_id()
    connection.execute(
        insert(referrals).values(
            id=referral_id,
            report_id=clock.report_id,
            decision_id=decision_id,
            unit=taken.told,
            part=clock.part,
            state=ReferralState.PENDING.value,
            urgency_rank=clock.urgency.rank,
            dispatch_key=f"{clock.referral_id}:{clock.hop}:{taken.step}",
            fields=" ".join(fields),
            created_at=database_now(),
            exercise=select(reports.c.exercise).where(reports.c.id == clock.report_id).scalar_subquery(),
        )
    )
    return referral_id


def _pass_over(connection: Connection, taken: Taken) -> list[AuditEntry]:
    """Marks the silent unit's packet, and those of units above it that were silent too. They may still accept."""
    clock = taken.clock
    above = select(escalations.c.new_referral_id).where(escalations.c.referral_id == clock.referral_id)
    silent = (ReferralState.DELIVERED.value, ReferralState.ACCEPTED.value)
    passed = connection.execute(
        update(referrals)
        .where((referrals.c.id == clock.referral_id) | referrals.c.id.in_(above), referrals.c.state.in_(silent))
        .values(state=ReferralState.ESCALATED.value, version=referrals.c.version + 1)
        .returning(referrals.c.id, referrals.c.unit)
    ).all()
    return [
        AuditEntry(MACHINE, "escalated", f"referral:{row.id}", {"unit": row.unit, "told": taken.told, "hop": clock.hop})
        for row in passed
    ]


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """A step that was taken about a clock, for those it concerns. Times in milliseconds.

    notice says of a deputy whether the notice is WAITING, SENT or FAILED, or that the directory names NOBODY; '' else.
    """

    hop: str
    step: str
    told: str
    ran_out_at: int
    taken_at: int
    notice: str

    @property
    def word(self) -> str:
        """The step as words.toml names it: a deputy's step by what became of its notice."""
        return f"{self.step}_{self.notice.lower()}" if self.notice else self.step


def steps_about(connection: Connection, referral_ids: Sequence[str]) -> dict[str, tuple[StepTaken, ...]]:
    """The steps about each packet's clocks, in their order."""
    found: dict[str, list[StepTaken]] = {}
    rows = connection.execute(
        select(escalations).where(escalations.c.referral_id.in_(referral_ids)).order_by(escalations.c.taken_at)
    )
    for row in rows:
        found.setdefault(row.referral_id, []).append(_step_taken(row))
    return {referral_id: tuple(steps) for referral_id, steps in found.items()}


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """Whose silence brought a packet to the unit above: the silent unit, the hop, and when its clock ran out."""

    unit: str
    hop: str
    ran_out_at: int


def brought_by(connection: Connection, referral_id: str) -> PassedOver | None:
    """Whose silence brought this packet about; None where the rules or an officer sent it."""
    row = connection.execute(
        select(referrals.c.unit, escalations.c.hop, escalations.c.ran_out_at)
        .join(referrals, referrals.c.id == escalations.c.referral_id)
        .where(escalations.c.new_referral_id == referral_id)
    ).first()
    return None if row is None else PassedOver(unit=row.unit, hop=row.hop, ran_out_at=row.ran_out_at)


def brought_over(connection: Connection, referral_ids: Sequence[str]) -> frozenset[str]:
    """Those of the packets that came to a unit because another was silent."""
    query = select(escalations.c.new_referral_id).where(escalations.c.new_referral_id.in_(referral_ids))
    return frozenset(connection.execute(query).scalars())


@dataclass(frozen=True, kw_only=True)
class OverTheHead:
    """A unit that was to answer for a report and was silent, and the unit above that has it too since taken_at."""

    unit: str
    told: str
    hop: str
    taken_at: int


def passed_over(connection: Connection, report_id: str) -> tuple[OverTheHead, ...]:
    """Whose head a report's case went over, in order: what everybody who knows who answers for it may know."""
    rows = connection.execute(
        select(referrals.c.unit, escalations.c.told, escalations.c.hop, escalations.c.taken_at)
        .join(referrals, referrals.c.id == escalations.c.referral_id)
        .where(
            escalations.c.report_id == report_id,
            escalations.c.new_referral_id.is_not(None),
            referrals.c.part == "lead",
        )
        .order_by(escalations.c.taken_at)
    )
    return tuple(OverTheHead(unit=row.unit, told=row.told, hop=row.hop, taken_at=row.taken_at) for row in rows)


@dataclass(frozen=True, kw_only=True)
class DeskNotice:
    """A report that the duty desk leaves waiting, as a unit above is told of it: nothing of what it says."""

    reference: str
    urgency: Urgency
    ran_out_at: int
    taken_at: int


def desk_notices(connection: Connection, officer: Officer, limit: int) -> tuple[DeskNotice, ...]:
    """The newest notices to an officer's unit about reports that still wait at the desk. None about an exercise."""
    rows = connection.execute(
        select(escalations, reports.c.reference, reports.c.urgency_rank)
        .join(reports, reports.c.id == escalations.c.report_id)
        .where(
            escalations.c.told == officer.unit,
            counted_for(officer),
            escalations.c.referral_id.is_(None),
            # The same stay at the desk: what it has moved on since is nobody's business any more.
            reports.c.due_at == escalations.c.ran_out_at,
            reports.c.raised == 1,
            reports.c.exercise == 0,
        )
        .order_by(escalations.c.taken_at.desc())
        .limit(limit)
    )
    return tuple(
        DeskNotice(
            reference=row.reference,
            urgency=Urgency.from_rank(row.urgency_rank),
            ran_out_at=row.ran_out_at,
            taken_at=row.taken_at,
        )
        for row in rows
    )


def _step_taken(row: Any) -> StepTaken:
    return StepTaken(
        hop=row.hop,
        step=row.step,
        told=row.told,
        ran_out_at=row.ran_out_at,
        taken_at=row.taken_at,
        notice=row.notice or "",
    )
