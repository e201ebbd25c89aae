"""Numbers that are not safe to text, because a report says so: heeded wherever somebody or something reads that."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, or_, select

from reports.correspondents import stop_texting
from reports.errors import RecordDamaged
from reports.records import finding_from_json
from reports.replies import number_of_report, withhold_waiting
from reports.store import Store
from reports.tables import conversations, correspondents, findings, replies, reports
from reports.values import Finding

# Wishes of the contact axis that a text may go against. Somebody who can only be texted may be texted.
_UNSAFE_WISHES = frozenset(["unsafe_to_call", "no_contact"])


def is_unsafe(finding: Finding) -> bool:
    """Whether a finding says that whoever reported may be hurt by a text."""
    return are_unsafe(finding.labels.contact)


def are_unsafe(wishes: Iterable[str]) -> bool:
    """Whether wishes on contact say that a text may hurt."""
    return not _UNSAFE_WISHES.isdisjoint(wishes)


def heed_wishes(
    store: Store, connection: Connection, report_id: str, finding: Finding, numbers: Iterable[str] = ()
) -> None:
    """Lets nothing be sent from now on, nor what waits to be, to any number of a report that is not safe.

    Numbers are what those it told are known by; those that the store knows it by are found here. The report is locked
    first, then the audit chain, then its numbers, as everybody does it.
    """
    if is_unsafe(finding):
        stop_all(store, connection, report_id, numbers)


def stop_all(store: Store, connection: Connection, report_id: str, numbers: Iterable[str] = ()) -> None:
    """The same for a report that is known not to be safe; see `heed_wishes`."""
    store.chain.hold(connection)
    # Always in the same order, so that two transactions never wait for each other's rows.
    for number_index in sorted({*numbers, *_known(connection, report_id)}):
        stop_texting(connection, report_id, number_index, unsafe=True)
        withhold_waiting(store, connection, number_index, "unsafe")


def is_unsafe_number(connection: Connection, number_index: str) -> bool:
    """Whether the newest finding of any report that a number wrote, or that told of it, says that a text may hurt.

    One that cannot be read any more counts as saying so. What was erased is left out: nobody can correct it any more.
    """
    talks = select(conversations.c.id).where(conversations.c.number_index == number_index)
    told = select(correspondents.c.report_id).where(correspondents.c.number_index == number_index)
    # What was put to another report is judged there.
    lies_in = select(func.coalesce(reports.c.merged_into, reports.c.id)).where(
        or_(reports.c.conversation_id.in_(talks), reports.c.id.in_(told))
    )
    newest = (
        select(findings.c.report_id, func.max(findings.c.number).label("number"))
        .join(reports, reports.c.id == findings.c.report_id)
        .where(findings.c.report_id.in_(lies_in), reports.c.erased_at.is_(None))
        .group_by(findings.c.report_id)
        .subquery()
    )
    same = (findings.c.report_id == newest.c.report_id) & (findings.c.number == newest.c.number)
    return any(_says_unsafe(body) for body in connection.execute(select(findings.c.body).join(newest, same)).scalars())


def _says_unsafe(body: str) -> bool:
    try:
        return is_unsafe(finding_from_json(body))
    except RecordDamaged:
        return True


def _known(connection: Connection, report_id: str) -> set[str]:
    joined = connection.execute(select(reports.c.id).where(reports.c.merged_into == report_id)).scalars()
    about = correspondents.c.report_id.in_([report_id, *joined])
    writes = select(correspondents.c.number_index).where(about)
    texted = select(replies.c.number_index).where(replies.c.report_id == report_id)
    came_from = number_of_report(connection, report_id)
    found = {*connection.execute(writes).scalars(), *connection.execute(texted).scalars()}
    return found | {came_from} if came_from else found
