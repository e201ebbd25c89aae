"""Texts to reporters: asked for, held back where they may not be, claimed once, and what became of them.

At most once: a text is claimed in a transaction of its own before it leaves. Whoever claimed it and did not come back
may have sent it, so nobody ever sends it again; an officer sees that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from config.replies import Limits
from config.texting_hours import TextingHours
from reports.audit import AuditEntry
from reports.database import Database, database_now, read_now
from reports.identity import new_id
from reports.states import ReplyState, ReportState
from reports.steps import MACHINE
from reports.store import Store
from reports.tables import conversations, correspondents, messages, replies, reports
from reports.text_statuses import TextStatus, status_of_text
from reports.values import Channel

# An officer sees that nobody knows whether a text came, and that the reporter wants none.
REPLY_UNKNOWN, STOPPED = "reply_unknown", "contact_stopped"
# The questions that the machine may ask, and that a short answer may be to.
QUESTIONS = ("where", "danger")
# What tells that the matter has ended: true only while it has.
DONE = "done"
_MINUTE, _DAY, _WEEK = 60_000, 86_400_000, 7 * 86_400_000
# Any number serves, as long as every process asks for the same one.
_ADVISORY_LOCK = 4_322_009
_LEFT = (ReplyState.SENDING.value, ReplyState.SENT.value, ReplyState.UNKNOWN.value)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A text that somebody wants sent to whoever reported. once makes it the same text however often it is asked for;
    asked_by is "machine" or an officer's id; number_index is what the number is known by, zone how it begins."""

    report_id: str
    number_index: str
    zone: str
    code: str
    language: str
    asked_by: str
    once: str


@dataclass(frozen=True, kw_only=True)
class ClaimedReply:
    """A text that may be sent now, by whoever holds this and by nobody else, ever, and to this number alone.
    wrapped_key opens its report; number_index is what the number is known by; exercise says that it may not leave the
    house."""

    reply_id: str
    report_id: str
    number_index: str
    reference: str
    code: str
    language: str
    wrapped_key: bytes
    exercise: bool


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A text as the desk shows it. Times in milliseconds; failure is the code of why it was not sent, '' for none;
    status is what the carrier said of it since; zone is how the number begins."""

    code: str
    zone: str
    language: str
    asked_by: str
    state: ReplyState
    asked_at: int
    claimed_at: int | None
    failure: str
    status: TextStatus | None


def number_of_report(connection: Connection, report_id: str) -> str | None:
    """What the number that a report came from is known by; None where it came from none."""
    query = select(conversations.c.number_index).join(reports, reports.c.conversation_id == conversations.c.id)
    return connection.execute(query.where(reports.c.id == report_id)).scalar()


def want(store: Store, connection: Connection, wanted: Wanted) -> str | None:
    """Asks for a text. Returns its id; None where the number may not be texted or the same was asked for before."""
    store.chain.hold(connection)
    if held_back(connection, wanted.number_index):
        return None
    row = {
        "id": new_id(),
        "reply_key": wanted.once,
        "report_id": wanted.report_id,
        "number_index": wanted.number_index,
        "zone": wanted.zone,
        "code": wanted.code,
        "language": wanted.language,
        "asked_by": wanted.asked_by,
        "state": ReplyState.WAITING.value,
        "asked_at": database_now(),
    }
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    made = connection.execute(insert(replies).values(row).on_conflict_do_nothing().returning(replies.c.id)).scalar()
    if made is None:
        return None
    detail = {"code": wanted.code, "language": wanted.language}
    store.chain.append(connection, [AuditEntry(wanted.asked_by, "reply_wanted", f"report:{wanted.report_id}", detail)])
    return str(made)


def held_back(connection: Connection, number_index: str) -> str:
    """Why nothing is sent to a number: "stopped" or "unsafe"; '' where something may be."""
    row = connection.execute(
        select(correspondents.c.stopped_at, correspondents.c.unsafe_at).where(
            correspondents.c.number_index == number_index
        )
    ).first()
    if row is None:
        return ""
    return "unsafe" if row.unsafe_at is not None else "stopped" if row.stopped_at is not None else ""


def claim_reply(store: Store, limits: Limits, hours: TextingHours) -> ClaimedReply | None:
    """The next text that may be sent, claimed for good. What may not be sent any more is held back on the way.

    None where nothing waits but for the day to come, or where as many as may be were sent in the last minute.
    """
    while True:
        with store.database.write() as connection:
            # Counting and claiming are one step, whoever else counts.
            if not store.database.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
            now = read_now(connection)
            if _sent_since(connection, now - _MINUTE) >= limits.all_a_minute:
                return None
            row = connection.execute(
                select(
                    replies,
                    reports.c.reference,
                    reports.c.wrapped_key,
                    reports.c.exercise,
                    reports.c.state.label("report_state"),
                )
                .join(reports, reports.c.id == replies.c.report_id)
                .where(replies.c.state == ReplyState.WAITING.value, _wakes_nobody(hours, now))
                .order_by(reports.c.exercise, replies.c.asked_at, replies.c.id)
                .limit(1)
            ).first()
            if row is None:
                return None
            store.chain.hold(connection)
            why = held_back(connection, row.number_index) or _not_so_any_more(row)
            why = why or _over_limit(connection, row, limits, now)
            step = {"ended_at": now, "failure": why} if why else {"claimed_at": now}
            after = ReplyState.WITHHELD if why else ReplyState.SENDING
            if not connection.execute(_moved(row.id, ReplyState.WAITING, after, **step)).rowcount:
                # Somebody withheld it since it was looked at.
                continue
            if not why:
                return _claimed(row)
            _tell(store, connection, row.report_id, "reply_withheld", {"code": row.code, "why": why})


def _wakes_nobody(hours: TextingHours, now: int) -> ColumnElement[bool]:
    """Whether it is day where the number is, or its owner wrote just now, by when its text came too."""
    since = now - hours.awake_minutes * _MINUTE
    heard = select(messages.c.id).where(
        messages.c.report_id == replies.c.report_id,
        messages.c.channel == Channel.SMS.value,
        messages.c.received_at > since,
    )
    wrote = select(correspondents.c.number_index).where(
        correspondents.c.number_index == replies.c.number_index, correspondents.c.wrote_at > since
    )
    return or_(replies.c.zone.not_in(hours.quiet_zones(now)), and_(heard.exists(), wrote.exists()))


def _not_so_any_more(row: Any) -> str:
    is_over = row.report_state == ReportState.CLOSED.value
    return "reopened" if row.asked_by == MACHINE and row.code == DONE and not is_over else ""


def withhold_waiting(store: Store, connection: Connection, number_index: str, why: str) -> None:
    """Holds back for good what waits to be sent to a number; why is a code. The chain's head is held."""
    withheld = connection.execute(
        update(replies)
        .where(replies.c.number_index == number_index, replies.c.state == ReplyState.WAITING.value)
        .values(state=ReplyState.WITHHELD.value, ended_at=database_now(), failure=why)
        .returning(replies.c.report_id, replies.c.code)
    ).all()
    for row in withheld:
        _tell(store, connection, row.report_id, "reply_withheld", {"code": row.code, "why": why})


def _claimed(row: Any) -> ClaimedReply:
    return ClaimedReply(
        reply_id=row.id,
        report_id=row.report_id,
        number_index=row.number_index,
        reference=row.reference,
        code=row.code,
        language=row.language,
        wrapped_key=row.wrapped_key,
        exercise=bool(row.exercise),
    )


def _over_limit(connection: Connection, row: Any, limits: Limits, now: int) -> str:
    to_it = replies.c.number_index == row.number_index
    if _sent_since(connection, now - _WEEK, to_it) >= limits.any_a_week:
        return "limit"
    if row.asked_by != MACHINE:
        return ""
    if row.code != DONE and now - row.asked_at > limits.automatic_within_minutes * _MINUTE:
        return "too_late"
    automatic = replies.c.asked_by == MACHINE
    return "limit" if _sent_since(connection, now - _DAY, to_it, automatic) >= limits.automatic_a_day else ""


def _sent_since(connection: Connection, since: int, *which: Any) -> int:
    # What is played leaves nothing less to be sent to those who told something.
    query = select(func.count()).select_from(replies.join(reports, reports.c.id == replies.c.report_id))
    sent = (replies.c.claimed_at > since, replies.c.state.in_(_LEFT), reports.c.exercise == 0)
    return connection.execute(query.where(*sent, *which)).scalar_one()


def record_sent(store: Store, claimed: ClaimedReply, source: str, message_id: str) -> None:
    """The carrier took it; by this id it will say what became of it."""
    values = {"source": source, "message_id": message_id}
    _record(store, claimed.reply_id, claimed.report_id, claimed.code, ReplyState.SENT, "", values)


def record_refused(store: Store, claimed: ClaimedReply, why: str) -> None:
    """It surely was not sent."""
    _record(store, claimed.reply_id, claimed.report_id, claimed.code, ReplyState.REFUSED, why, {})


def record_unknown(store: Store, claimed: ClaimedReply, why: str, source: str = "", message_id: str = "") -> None:
    """Nobody knows whether it was sent: an officer sees that, and it is never sent again."""
    values = {"source": source, "message_id": message_id} if message_id else {}
    _record(store, claimed.reply_id, claimed.report_id, claimed.code, ReplyState.UNKNOWN, why, values)


def give_up_lost(store: Store, seconds: float) -> int:
    """Marks texts as unknown whose sender did not come back within so many seconds. Returns how many."""
    with store.database.read() as connection:
        lost = connection.execute(
            select(replies.c.id, replies.c.report_id, replies.c.code).where(
                replies.c.state == ReplyState.SENDING.value,
                replies.c.claimed_at < database_now() - int(seconds * 1000),
            )
        ).all()
    for row in lost:
        _record(store, row.id, row.report_id, row.code, ReplyState.UNKNOWN, "sender_lost", {})
    return len(lost)


def _record(
    store: Store, reply_id: str, report_id: str, code: str, after: ReplyState, why: str, values: Mapping[str, str]
) -> None:
    with store.database.write() as connection:
        if after is ReplyState.UNKNOWN:
            # Before the chain, as everybody does it: it is marked below.
            mine = select(reports.c.id).where(reports.c.id == report_id)
            connection.execute(mine.with_for_update(key_share=True))
        store.chain.hold(connection)
        ended = {"ended_at": read_now(connection), "failure": why or None, **values}
        if not connection.execute(_moved(reply_id, ReplyState.SENDING, after, **ended)).rowcount:
            return
        if after is ReplyState.UNKNOWN:
            store.mark(connection, report_id, [REPLY_UNKNOWN])
        detail = {"code": code, "why": why} if why else {"code": code}
        _tell(store, connection, report_id, f"reply_{after.value.lower()}", detail)


def _moved(reply_id: str, before: ReplyState, after: ReplyState, **values: Any) -> Any:
    return (
        update(replies)
        .where(replies.c.id == reply_id, replies.c.state == before.value)
        .values(state=after.value, **values)
    )


def _tell(
    store: Store, connection: Connection, report_id: str, action: str, detail: Mapping[str, str | int | None]
) -> None:
    store.chain.append(connection, [AuditEntry(MACHINE, action, f"report:{report_id}", detail)])


def replies_of(connection: Connection, report_id: str) -> tuple[Reply, ...]:
    """The texts that were asked for about a report, in order, with what the carrier said of each."""
    rows = connection.execute(
        select(replies).where(replies.c.report_id == report_id).order_by(replies.c.asked_at, replies.c.id)
    ).all()
    return tuple(
        Reply(
            code=row.code,
            zone=row.zone,
            language=row.language,
            asked_by=row.asked_by,
            state=ReplyState(row.state),
            asked_at=row.asked_at,
            claimed_at=row.claimed_at,
            failure=row.failure or "",
            status=status_of_text(connection, row.source, row.message_id) if row.message_id else None,
        )
        for row in rows
    )


@dataclass(frozen=True)
class Asked:
    """A question that was put to a reporter, and when it may have been read first, in milliseconds."""

    code: str
    at: int


def questions_to(connection: Connection, report_ids: Sequence[str]) -> dict[str, tuple[Asked, ...]]:
    """The questions that went out about these reports, or may have, oldest first."""
    rows = connection.execute(
        select(replies.c.report_id, replies.c.code, replies.c.claimed_at)
        .where(replies.c.report_id.in_(report_ids), replies.c.code.in_(QUESTIONS), replies.c.state.in_(_LEFT))
        .order_by(replies.c.claimed_at)
    )
    found: dict[str, tuple[Asked, ...]] = {report_id: () for report_id in report_ids}
    for row in rows:
        found[row.report_id] += (Asked(row.code, row.claimed_at),)
    return found


def replies_open(database: Database) -> bool:
    """Whether a text waits or is on its way: what is asked first, since it costs no turn at writing."""
    with database.read() as connection:
        is_open = replies.c.state.in_([ReplyState.WAITING.value, ReplyState.SENDING.value])
        return connection.execute(select(replies.c.id).where(is_open).limit(1)).first() is not None
