"""What a victim was made to do: an officer takes it out of all packets, or puts back what was no such thing."""

from __future__ import annotations

from sqlalchemy import Connection

from console.desk import Asked, given
from console.entered import BadForm, Fault
from console.repacking import repack
from console.services import Services
from reports.content import keepable
from reports.errors import IllegalTransition, StaleVersion
from reports.holding import refuse_if_held
from reports.made_to_do import put_back, take_out
from reports.reading import open_report, sealed_messages, told_in_full
from reports.report_view import ReportView, find_report
from reports.sealing import ReportKey
from reports.states import ReportState

LONGEST_PASSAGE = 4000
# A report that may yet become part of another, or that did: its words go out in that one's packets.
_ELSEWHERE = (ReportState.RECEIVED, ReportState.MERGED)


class MadeToDoVerbs:
    """Every verb opens one transaction, commits it, and leaves a sealed reason and an audit line.

    Each raises UnknownReport, StaleVersion, IllegalTransition, MissingReason or BadForm.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def take_out(self, asked: Asked, words: str, *, was_told_otherwise: bool) -> None:
        """Keeps a passage sealed. From now on no packet holds it, nor do those that units have in their inbox.

        Words that were told otherwise, such as on the telephone, need not stand in the report.
        """
        reason, passage = given(asked.reason), keepable(words.replace("\r\n", "\n").strip())[:LONGEST_PASSAGE]
        if not passage:
            raise BadForm(Fault("words", "fault_words"))
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            key, text = self._opened(connection, report)
            if passage not in text and not was_told_otherwise:
                raise BadForm(Fault("words", "fault_words_not_there"))
            changed = take_out(self._services.store, connection, report.report_id, key, asked.officer.id, passage)
            repack(self._services, connection, changed)
            self._services.store.remark(connection, report.report_id, key, asked.officer.id, "passage_taken", reason)

    def put_back(self, asked: Asked, passage_id: str) -> None:
        """Undoes what was taken out by mistake."""
        reason = given(asked.reason)
        with self._services.database.write() as connection:
            report = self._report(connection, asked)
            # Taking out protects somebody and is never refused; putting back tells units more.
            refuse_if_held(connection, report.report_id, asked.officer)
            key, _ = self._opened(connection, report)
            changed = put_back(self._services.store, connection, report.report_id, passage_id, asked.officer.id)
            repack(self._services, connection, changed)
            self._services.store.remark(connection, report.report_id, key, asked.officer.id, "passage_put_back", reason)

    def _report(self, connection: Connection, asked: Asked) -> ReportView:
        report = find_report(connection, asked.reference, asked.officer)
        if report.version != asked.version:
            raise StaleVersion(f"Report {report.reference} was changed meanwhile. Look at it again, then decide.")
        if report.state in _ELSEWHERE:
            raise IllegalTransition("What is still to be read, or is part of another report now, is told there.")
        return report

    def _opened(self, connection: Connection, report: ReportView) -> tuple[ReportKey, str]:
        sealed = sealed_messages(connection, [report.report_id])[report.report_id]
        key, contents = open_report(self._services.keys, report.report_id, report.wrapped_key, sealed)
        return key, told_in_full(contents)
