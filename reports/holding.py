"""Who is on a report: one officer at a time holds it, until they let go or the time is over; and who has it open.

Holding keeps nobody from reading. It keeps two officers from deciding at once: whoever is second is told who has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from reports.database import database_now
from reports.errors import StaleVersion
from reports.officers import Officer
from reports.tables import holds, officers, openings

# Long enough for a telephone call about the report; whoever is still on it has opened it again by then.
HOLD_MINUTES = 15
# A page that is open says so three times in this.
_OPEN_SECONDS = 75
_FORGOTTEN_SECONDS = 3600


class HeldByAnother(StaleVersion):
    """Another officer is on the report. name is theirs."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is on this report. Speak with them, or take it over with a reason.")
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Who is on a report, and until when. Times in milliseconds; left is what is left of it."""

    officer_id: str
    name: str
    taken_at: int
    until: int
    left: int


def holds_of(connection: Connection, report_ids: Sequence[str]) -> dict[str, Hold]:
    """Who is on which of these reports now; what nobody is on is not in it."""
    now = database_now()
    rows = connection.execute(
        select(holds, officers.c.name, now.label("now"))
        .join(officers, officers.c.id == holds.c.officer_id)
        .where(holds.c.report_id.in_(report_ids), holds.c.until > now)
    )
    return {
        row.report_id: Hold(
            officer_id=row.officer_id, name=row.name, taken_at=row.taken_at, until=row.until, left=row.until - row.now
        )
        for row in rows
    }


def held_ids(connection: Connection, officer_id: str = "") -> tuple[str, ...]:
    """The ids of all reports that somebody is on now, or that this officer is on."""
    mine = (holds.c.officer_id == officer_id,) if officer_id else ()
    return tuple(connection.execute(select(holds.c.report_id).where(holds.c.until > database_now(), *mine)).scalars())


def take(connection: Connection, report_id: str, officer_id: str, from_whom: str = "") -> None:
    """Puts an officer on a report, or keeps them on it. from_whom is who they take it over from, '' for nobody.

    Raises HeldByAnother where another officer is on it than they were told.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    until = database_now() + HOLD_MINUTES * 60_000
    values = {"officer_id": officer_id, "taken_at": database_now(), "until": until}
    free = or_(holds.c.until <= database_now(), holds.c.officer_id.in_([officer_id, from_whom]))
    taken = connection.execute(
        insert(holds)
        .values(report_id=report_id, **values)
        .on_conflict_do_update(index_elements=[holds.c.report_id], set_=values, where=free)
        .returning(holds.c.report_id)
    ).first()
    if taken is None:
        raise HeldByAnother(holds_of(connection, [report_id])[report_id].name)


def let_go(connection: Connection, report_id: str, officer_id: str) -> bool:
    """Takes an officer off a report. Returns False where they were not on it."""
    gone = delete(holds).where(holds.c.report_id == report_id, holds.c.officer_id == officer_id)
    return connection.execute(gone).rowcount == 1


def leave(connection: Connection, report_id: str, officer_id: str) -> None:
    """Takes an officer off a report that they may not see any more, as if they had never been there."""
    let_go(connection, report_id, officer_id)
    connection.execute(delete(openings).where(openings.c.report_id == report_id, openings.c.officer_id == officer_id))


def refuse_if_held(connection: Connection, report_id: str, officer: Officer) -> None:
    """Raises HeldByAnother where another officer is on the report: what is decided now would cross what they do."""
    hold = holds_of(connection, [report_id]).get(report_id)
    if hold is not None and hold.officer_id != officer.id:
        raise HeldByAnother(hold.name)


def opened(connection: Connection, report_id: str, officer_id: str, *, by_hand: bool) -> None:
    """Keeps that an officer has a report open now.

    by_hand is whether they opened it themselves, which keeps them on it if they were; a page that says it is still open
    does not.
    """
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(
        insert(openings)
        .values(report_id=report_id, officer_id=officer_id, seen_at=database_now())
        .on_conflict_do_update(
            index_elements=[openings.c.report_id, openings.c.officer_id], set_={"seen_at": database_now()}
        )
    )
    connection.execute(delete(openings).where(openings.c.seen_at < database_now() - _FORGOTTEN_SECONDS * 1000))
    if by_hand:
        mine = (holds.c.report_id == report_id, holds.c.officer_id == officer_id, holds.c.until > database_now())
        connection.execute(update(holds).where(*mine).values(until=database_now() + HOLD_MINUTES * 60_000))


@dataclass(frozen=True, kw_only=True)
class There:
    """Who is on a report and who else has it open, as one officer sees it. hold is None where nobody is on it."""

    hold: Hold | None
    is_mine: bool
    others: tuple[str, ...]

    @property
    def mine(self) -> Hold | None:
        """The officer's own hold; None where they are not on the report."""
        return self.hold if self.is_mine else None


def who_is_there(connection: Connection, report_id: str, officer: Officer) -> There:
    """Who is on a report and has it open now."""
    hold = holds_of(connection, [report_id]).get(report_id)
    return There(
        hold=hold,
        is_mine=hold is not None and hold.officer_id == officer.id,
        others=_others(connection, report_id, officer.id),
    )


def _others(connection: Connection, report_id: str, officer_id: str) -> tuple[str, ...]:
    rows = connection.execute(
        select(officers.c.name)
        .join(openings, openings.c.officer_id == officers.c.id)
        .where(
            openings.c.report_id == report_id,
            openings.c.officer_id != officer_id,
            openings.c.seen_at > database_now() - _OPEN_SECONDS * 1000,
        )
        .order_by(officers.c.name)
    )
    return tuple(rows.scalars())
