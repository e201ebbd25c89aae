"""Whoever a report names is kept from it where the machine has yet to read it, and where it will not any more."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from console.services import Services
from reports.errors import UnknownReport
from reports.officers import Officer, known_officers
from reports.reading import SealedMessage, open_report, sealed_messages, told, told_since
from reports.recusals import keep_away, leaves_nobody, let_back_at
from reports.report_view import ReportView
from reports.steps import MACHINE
from routing.finding.named import says_name


def refuse_named(services: Services, report: ReportView, officer: Officer, sealed: Sequence[SealedMessage]) -> None:
    """Keeps an officer from a report that says a name they are known by, where the machine has yet to look for it.

    Raises UnknownReport then, in the words for one that is not there. Whom two reviewers let back, unless what was told
    since names them, and the last one who could see it, may open it.
    """
    if report.to_read_at is None or not report.wrapped_key:
        return
    with services.database.read() as connection:
        names = known_officers(connection).get(officer.id, ())
        since = let_back_at(connection, report.report_id, officer.id)
    if not names:
        return
    _, contents = open_report(services.keys, report.report_id, report.wrapped_key, sealed)
    if not says_name(told(told_since(sealed, contents, since)), names):
        return
    with services.database.write() as connection:
        if leaves_nobody(connection, report.report_id, officer.id):
            return
        keep_away(services.store.chain, connection, report.report_id, officer.id, MACHINE)
    raise UnknownReport("There is no report with this reference. Check each letter and try again.")


def keep_named_away(services: Services, connection: Connection, report: ReportView) -> None:
    """Keeps officers from a report that says a name they are known by, where one decides before the machine has looked:
    what an officer has read it reads no more. In the caller's transaction."""
    known = known_officers(connection)
    if report.to_read_at is None or not report.wrapped_key or not known:
        return
    sealed = sealed_messages(connection, [report.report_id])[report.report_id]
    _, contents = open_report(services.keys, report.report_id, report.wrapped_key, sealed)
    for officer_id, names in known.items():
        since = let_back_at(connection, report.report_id, officer_id)
        is_named = says_name(told(told_since(sealed, contents, since)), names)
        if is_named and not leaves_nobody(connection, report.report_id, officer_id):
            keep_away(services.store.chain, connection, report.report_id, officer_id, MACHINE)
