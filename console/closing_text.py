"""Telling whoever reported by one neutral text that their matter has ended, where that is wished for and safe."""

from __future__ import annotations

from sqlalchemy import Connection

from console.services import Services
from reports.phone import line_of_ones_own
from reports.reading import open_report, sealed_messages, told
from reports.replies import DONE, Wanted, number_of_report, want
from reports.report_view import ReportView
from reports.steps import MACHINE
from reports.unsafe_numbers import is_unsafe
from reports.values import Channel
from routing.finding.reply_language import reply_language


def tell_closed(services: Services, connection: Connection, report: ReportView) -> None:
    """Asks for the text, in the transaction that closes the report; once for each time that it is closed.

    Nobody is told who did not ask for texts, in a language that there is no sentence in, or whose number is held back.
    """
    settings, finding = services.settings, report.finding
    if not (settings.replies and settings.closing_text and finding and report.channel == Channel.SMS.value):
        return
    if is_unsafe(finding) or services.replies.closing_wishes.isdisjoint(finding.labels.contact):
        return
    index = number_of_report(connection, report.report_id)
    sealed = sealed_messages(connection, [report.report_id])[report.report_id]
    _, contents = open_report(services.keys, report.report_id, report.wrapped_key, sealed)
    number = next(filter(None, (line_of_ones_own(content.sender) for content in contents)), "")
    language = reply_language(finding, told(contents))
    if index is None or not number or not language:
        return
    wanted = Wanted(
        report_id=report.report_id,
        number_index=index,
        zone=services.replies.hours.zone_of(number),
        code=DONE,
        language=language,
        asked_by=MACHINE,
        once=f"closed:{report.report_id}:{report.version}",
    )
    want(services.store, connection, wanted)
