"""Joining: what a report adds to another is moved there, sealed under the other's key, and the other is read again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from reports.attachments import move_attachments
from reports.audit import AuditEntry
from reports.claims import Claim
from reports.database import read_now
from reports.keeping import CONTENT_COLUMN, RAW_COLUMN
from reports.keys import InnerKeys
from reports.merging import belonging_of, go_along
from reports.moving import place_of_more
from reports.reading import sealed_messages
from reports.receipt_moving import move_receipts
from reports.recusals import carry_recusals
from reports.states import ReportState
from reports.steps import MACHINE, Outcome, Standing
from reports.store import Store
from reports.tables import messages, replies, reports
from reports.values import Channel
from reports.whereabouts import MOST_STEPS, where_it_lies

# What is about one delivery alone stays with the report it came as.
_OWN_FLAGS = ("conflict", "silent", "flood")


@dataclass(frozen=True)
class Joined:
    """Where a report was moved to, and the queue in which that one is to be read again."""

    report_id: str
    reference: str
    queue: str


def join(store: Store, connection: Connection, keys: InnerKeys, adding: Claim, target_id: str) -> Joined | None:
    """Moves all that a held report tells to another one, and has that one read again whole.

    Returns None, with nothing written, where the report is no longer held or where there is nothing to join it to.
    Raises KeyMissing and SealBroken.
    """
    # The older report first, then the one that adds to it, as everybody does it: nobody waits in a circle.
    target = _locked(connection, target_id)
    if target is None or target.id == adding.report_id:
        return None
    if bool(target.exercise) is not adding.exercise:
        # What is played adds to nothing that was told, nor the other way round, whatever a door said.
        return None
    step = Outcome(
        standing=Standing(
            report_id=adding.report_id,
            reference=adding.reference,
            state=adding.state,
            urgency=adding.urgency,
            lease_token=adding.token,
            to_read_at=adding.to_read_at,
        ),
        after=ReportState.MERGED,
        urgency=adding.urgency,
        actor=MACHINE,
        action="joined",
        detail={"into": target.id},
    )
    if not store.advance(connection, [step]):
        return None
    belonging = belonging_of(connection, target_id)
    go_along(connection, belonging, adding.report_id)
    carry_recusals(store.chain, connection, adding.report_id, target.id)
    connection.execute(
        # What joined it in the same moment goes along.
        update(reports).where(reports.c.id == adding.report_id).values(merged_into=target.id, to_read_at=None)
    )
    # What was joined to it before lies there too by now: nobody has to follow more than one step.
    connection.execute(update(reports).where(reports.c.merged_into == adding.report_id).values(merged_into=target.id))
    _move(connection, keys, adding, target, belonging.own_id)
    queue = "urgent" if "urgent" in (adding.queue, target.queue) else "normal"
    if not _told_nothing(adding):
        _read_again(connection, adding, target, queue)
    connection.execute(update(replies).where(replies.c.report_id == adding.report_id).values(report_id=target.id))
    own = connection.execute(select(reports.c.flags).where(reports.c.id == adding.report_id)).scalar_one().split()
    store.mark(connection, target.id, [flag for flag in own if not flag.startswith(_OWN_FLAGS)])
    detail = {"channel": adding.channel.value, "from_report": adding.report_id}
    store.chain.append(connection, [AuditEntry(MACHINE, "added", f"report:{target.id}", detail)])
    return Joined(target.id, target.reference, queue)


def _told_nothing(adding: Claim) -> bool:
    """Whether somebody only rang to hear how their report stands: there is nothing to read, and nothing to reopen."""
    return adding.channel is Channel.VOICE and "silent" in adding.flags


def _locked(connection: Connection, report_id: str) -> Any:
    for _ in range(MOST_STEPS):
        lies_in = where_it_lies(connection, report_id)
        if lies_in is None:
            return None
        row = connection.execute(select(reports).where(reports.c.id == lies_in).with_for_update(key_share=True)).one()
        if row.merged_into is None:
            return row
    return None


def _move(connection: Connection, keys: InnerKeys, adding: Claim, target: Any, own_id: str) -> None:
    """Seals messages, files and notes under the other report's key. Ids stay, so no delivery is ever kept twice."""
    old = keys.opening.open_report_key(adding.report_id, adding.wrapped_key)
    new = keys.opening.open_report_key(target.id, target.wrapped_key)
    move_attachments(connection, adding.report_id, old, target.id, new)
    move_receipts(connection, adding.report_id, old, target.id, new, own_id=own_id)
    added_at = place_of_more(connection, target.id)
    for message in sealed_messages(connection, [adding.report_id])[adding.report_id]:
        plain, raw = message.open(old).to_bytes(), message.open_raw(old)
        connection.execute(
            update(messages)
            .where(messages.c.id == message.message_id)
            .values(
                report_id=target.id,
                conversation_id=target.conversation_id,
                added_at=added_at,
                came_as=func.coalesce(messages.c.came_as, adding.report_id),
                sealed_content=new.seal(CONTENT_COLUMN, message.message_id, plain),
                sealed_raw=new.seal(RAW_COLUMN, message.message_id, raw),
            )
        )


def _read_again(connection: Connection, adding: Claim, target: Any, queue: str) -> None:
    now = read_now(connection)
    connection.execute(
        update(reports)
        .where(reports.c.id == target.id)
        .values(
            # Never the moment that a reader may have taken it for: what joined after that is still to be read.
            to_read_at=now + 1 if target.to_read_at == now else now,
            queue=queue,
            # The report began when the first word of it came, whichever was looked at first.
            received_at=min(target.received_at, adding.received_at),
            attempts=target.attempts if target.state == ReportState.RECEIVED.value else 0,
            rings=0,
            next_ring_at=0,
            # Whoever looks at it just now has not seen this.
            version=reports.c.version + 1,
        )
    )
