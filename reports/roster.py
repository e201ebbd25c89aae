"""The roster of the duty desk: who is on duty, on call or in charge when, and how each is told that something waits."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from reports.audit import AuditChain, AuditEntry
from reports.database import database_now
from reports.errors import ReportError
from reports.identity import new_id
from reports.keys import InnerKeys
from reports.officers import AT_DESK
from reports.recusals import officers_kept_from
from reports.tables import officers, shifts

REACH_COLUMN = "shifts.sealed_reach"
# By then nobody asks any more who was on duty, and their numbers need not lie here.
_FORGOTTEN_AFTER = 90 * 86_400_000


class Part(StrEnum):
    """What somebody is there for: to sit at the desk, to come when the desk does not answer, or to be in charge."""

    ON_DUTY = "on_duty"
    ON_CALL = "on_call"
    DEPUTY = "deputy"


class Overlaps(ReportError):
    """Somebody is on the roster for the same part at that time already."""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """How somebody is told: a number for texts, an address for mail, either may be ''."""

    sms: str = ""
    mail: str = ""


@dataclass(frozen=True, kw_only=True)
class NewShift:
    """A line to add. Times in milliseconds; ends_at is the first moment that is not in it any more."""

    officer_id: str
    part: Part
    starts_at: int
    ends_at: int
    reach: Reach


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A line of the roster. can_be_told says whether there is a way to tell them that something waits."""

    shift_id: str
    officer_id: str
    name: str
    part: Part
    starts_at: int
    ends_at: int
    can_be_told: bool
    wrapped_key: bytes
    sealed_reach: bytes

    def reach(self, keys: InnerKeys) -> Reach:
        """How they are told, opened. Raises KeyMissing and SealBroken."""
        key = keys.opening.open_report_key(self.shift_id, self.wrapped_key)
        return Reach(**json.loads(key.open(REACH_COLUMN, self.shift_id, self.sealed_reach)))


def add_shift(chain: AuditChain, connection: Connection, keys: InnerKeys, new: NewShift, actor: str) -> str:
    """Puts a line on the roster, and forgets those that ended long ago. Returns its id. Raises Overlaps."""
    same = shifts_between(connection, new.starts_at, new.ends_at, [new.part])
    if any(one.officer_id == new.officer_id for one in same):
        raise Overlaps("They are on the roster for that already. Take the other line away first.")
    shift_id = new_id()
    key, wrapped = keys.opening.sealing_key().new_report_key(shift_id)
    reach = json.dumps({"sms": new.reach.sms, "mail": new.reach.mail}).encode()
    connection.execute(delete(shifts).where(shifts.c.ends_at < database_now() - _FORGOTTEN_AFTER))
    connection.execute(
        insert(shifts).values(
            id=shift_id,
            officer_id=new.officer_id,
            part=new.part.value,
            starts_at=new.starts_at,
            ends_at=new.ends_at,
            can_be_told=int(bool(new.reach.sms or new.reach.mail)),
            wrapped_key=wrapped,
            sealed_reach=key.seal(REACH_COLUMN, shift_id, reach),
        )
    )
    detail = {"officer": new.officer_id, "part": new.part.value, "from": new.starts_at, "until": new.ends_at}
    chain.append(connection, [AuditEntry(actor, "shift_added", f"shift:{shift_id}", detail)])
    return shift_id


def remove_shift(chain: AuditChain, connection: Connection, shift_id: str, actor: str) -> bool:
    """Takes a line away. Returns whether it was there: a colleague may have been faster."""
    gone = connection.execute(delete(shifts).where(shifts.c.id == shift_id).returning(shifts.c.officer_id)).scalar()
    if gone is not None:
        chain.append(connection, [AuditEntry(actor, "shift_removed", f"shift:{shift_id}", {"officer": gone})])
    return gone is not None


def shifts_between(
    connection: Connection, begins: int, ends: int, parts: Collection[Part] = tuple(Part)
) -> tuple[Shift, ...]:
    """The lines that cover any moment from begins on and before ends, for these parts, in order. Whoever may not sign
    in any more, or sits at the desk no longer, is on none."""
    rows = connection.execute(
        select(shifts, officers.c.name)
        .join(officers, officers.c.id == shifts.c.officer_id)
        .where(shifts.c.starts_at < ends, shifts.c.ends_at > begins, officers.c.active)
        .where(officers.c.role.in_([role.value for role in AT_DESK]))
        .where(shifts.c.part.in_([part.value for part in parts]))
        .order_by(shifts.c.starts_at, shifts.c.part, officers.c.name)
    )
    return tuple(_shift(row) for row in rows)


def there_at(connection: Connection, moment: int, parts: Collection[Part], about: str) -> tuple[Shift, ...]:
    """Who is there for one of these parts at a moment and can be told that a report, about, waits: nobody who is kept
    from it, for they would learn that there is one, and could do nothing for it."""
    kept = officers_kept_from(connection, about)
    there = shifts_between(connection, moment, moment + 1, parts)
    return tuple(one for one in there if one.can_be_told and one.officer_id not in kept)


def gaps(lines: Iterable[Shift], begins: int, ends: int) -> Sequence[tuple[int, int]]:
    """The spans between two moments in which none of these lines has anybody there."""
    found, at = [], begins
    for line in sorted(lines, key=lambda one: one.starts_at):
        if line.starts_at > at:
            found.append((at, min(line.starts_at, ends)))
        at = max(at, line.ends_at)
        if at >= ends:
            break
    return [*found, (at, ends)] if at < ends else found


def _shift(row: Any) -> Shift:
    return Shift(
        shift_id=row.id,
        officer_id=row.officer_id,
        name=row.name,
        part=Part(row.part),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        can_be_told=bool(row.can_be_told),
        wrapped_key=bytes(row.wrapped_key),
        sealed_reach=bytes(row.sealed_reach),
    )
