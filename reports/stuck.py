"""Packets that do not reach their units: which wait for whom, since when, and why. Never content, never an exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, func, or_, select

from reports.database import database_now
from reports.officers import Officer
from reports.outgoing import BY_HAND
from reports.recusals import shown_to
from reports.states import ReferralState
from reports.tables import referrals, reports
from reports.values import Urgency

LATE = "late"
_STUCK = and_(
    referrals.c.state == ReferralState.PENDING.value,
    referrals.c.exercise == 0,
    or_(
        referrals.c.way == BY_HAND,
        referrals.c.failure.is_not(None),
        referrals.c.ways_failed != "",
        referrals.c.due_at < database_now(),
    ),
)


@dataclass(frozen=True, kw_only=True)
class StuckPacket:
    """A packet that its unit does not have though it was tried, or should have it by now. Times in milliseconds.

    way is the one being tried, '' before any; failure why its last try failed; ways_failed those given up, each as
    "way:why". left is what the delivery's clock has left, below zero when it ran out, None where none runs.
    """

    referral_id: str
    reference: str
    unit: str
    part: str
    urgency: Urgency
    way: str
    attempts: int
    failure: str
    ways_failed: tuple[str, ...]
    waiting_since: int
    left: int | None

    @property
    def is_by_hand(self) -> bool:
        """Whether nobody but an officer will tell the unit."""
        return self.way == BY_HAND

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is stuck, each as "way:why"; a way that is still being tried is among them. None for one that is only
        late."""
        now = [f"{self.way}:{self.failure}"] if self.failure and not self.is_by_hand else []
        return (*self.ways_failed, *now)


@dataclass(frozen=True, kw_only=True)
class StuckUnit:
    """All that waits for one unit, the most urgent first."""

    unit: str
    packets: tuple[StuckPacket, ...]

    @property
    def since(self) -> int:
        """Since when the oldest waits."""
        return min(packet.waiting_since for packet in self.packets)

    @property
    def by_hand(self) -> int:
        """How many wait for an officer alone."""
        return sum(packet.is_by_hand for packet in self.packets)

    @property
    def by_reason(self) -> Mapping[str, int]:
        """How many packets each reason holds up. One that is only late counts as "late"; one with several, for each."""
        return Counter(reason for packet in self.packets for reason in packet.reasons or (LATE,))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, each reason once."""
        return tuple(dict.fromkeys(reason for packet in self.packets for reason in packet.reasons))


def stuck_packets(connection: Connection, most: int = 500, officer: Officer | None = None) -> tuple[StuckPacket, ...]:
    """Up to `most` stuck packets that an officer may know of, the most urgent first, then the oldest."""
    rows = connection.execute(
        select(referrals, reports.c.reference, database_now().label("now"))
        .join(reports, reports.c.id == referrals.c.report_id)
        .where(_STUCK, shown_to(officer))
        .order_by(referrals.c.urgency_rank, referrals.c.created_at, referrals.c.id)
        .limit(most)
    ).all()
    return tuple(
        StuckPacket(
            referral_id=row.id,
            reference=row.reference,
            unit=row.unit,
            part=row.part,
            urgency=Urgency.from_rank(row.urgency_rank),
            way=row.way or "",
            attempts=row.attempts,
            failure=row.failure or "",
            ways_failed=tuple(row.ways_failed.split()),
            waiting_since=row.created_at,
            left=None if row.due_at is None else row.due_at - row.now,
        )
        for row in rows
    )


def stuck_count(connection: Connection, officer: Officer | None = None) -> int:
    """How many packets are stuck, of those that an officer may know of."""
    query = select(func.count()).select_from(referrals).where(_STUCK, shown_to(officer))
    return connection.execute(query).scalar_one()


def by_unit(packets: Sequence[StuckPacket]) -> tuple[StuckUnit, ...]:
    """The same by unit, in the order of each unit's first."""
    found: dict[str, list[StuckPacket]] = {}
    for packet in packets:
        found.setdefault(packet.unit, []).append(packet)
    return tuple(StuckUnit(unit=unit, packets=tuple(stuck)) for unit, stuck in found.items())
