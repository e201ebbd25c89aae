"""Keeping an officer from a report, which one person may do, and lifting that, which needs two."""

from __future__ import annotations

from sqlalchemy import Connection

from console.desk import given
from console.entered import BadForm, Fault
from console.remarks import remark
from console.services import Services
from reports.merging import hold_both
from reports.officers import Officer
from reports.recusals import keep_away, leaves_nobody, let_back, lift_area, recusals_of
from reports.report_view import ReportView, find_report
from reports.two_person import Act, NotAllowed, TwoPeople, TwoPersonRequest

AREA = "area"


class RecusalVerbs:
    """Every verb opens one transaction, commits it, and leaves a sealed reason and an audit line.

    Each raises UnknownReport, MissingReason or BadForm.
    """

    def __init__(self, services: Services, two_people: TwoPeople) -> None:
        self._services, self._two_people = services, two_people

    def keep(self, officer: Officer, reference: str, whom: str, reason: str) -> None:
        """Keeps the officer of this id from a report: from now on it is nowhere for them."""
        reason = given(reason)
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            # Whoever puts it to another just now waits, or has done so: then they are kept from both.
            hold_both(connection, report.report_id, report.report_id)
            if all(one.id != whom or not one.active for one in self._services.officers.list()):
                raise BadForm(Fault("whom", "fault_whom"))
            if leaves_nobody(connection, report.report_id, whom):
                raise BadForm(Fault("whom", "fault_nobody_left"))
            if keep_away(self._services.store.chain, connection, report.report_id, whom, officer.id):
                remark(self._services, connection, officer, report, "kept_away", reason)

    def ask_to_lift(self, officer: Officer, reference: str, whom: str, ground: str, reason: str) -> None:
        """Asks a second reviewer to let an officer see a report again, or with whom "area", its accused units hear."""
        reason = given(reason)
        with self._services.database.write() as connection:
            report = find_report(connection, reference, officer)
            detail = {AREA: report.recused} if whom == AREA else {"officer": whom}
            if not (report.recused if whom == AREA else _is_kept_away(connection, report, whom)):
                raise BadForm(Fault("whom", "fault_whom"))
            try:
                about = f"report:{report.report_id}"
                self._two_people.ask(connection, officer, Act.LIFT_RECUSAL, about, ground, detail)
            except NotAllowed:
                raise BadForm(Fault("ground", "fault_ground")) from None
            remark(self._services, connection, officer, report, "two_people_asked", reason)

    def lift(self, connection: Connection, officer: Officer, request: TwoPersonRequest) -> None:
        """Lifts what two people agreed to lift. Raises StaleVersion where it was lifted meanwhile."""
        chain, report_id = self._services.store.chain, request.about.removeprefix("report:")
        if AREA in request.detail:
            lift_area(chain, connection, report_id, request.detail[AREA], officer.id)
        else:
            let_back(chain, connection, report_id, request.detail["officer"], officer.id)


def _is_kept_away(connection: Connection, report: ReportView, officer_id: str) -> bool:
    kept = recusals_of(connection, report.report_id)
    return any(one.officer_id == officer_id and one.lifted_at is None for one in kept)
