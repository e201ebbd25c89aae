"""A desk that lets a clock run out has those told whom its roster names, and they are told that something waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import insert

from reports.database import database_now, read_now
from reports.recusals import keep_away
from reports.roster import NewShift, Part, Reach, add_shift
from reports.tables import escalations, officers, reports
from reports.values import Urgency
from tests.workers.made import Work, a_finding
from tests.workers.test_deputies import Gateway, Mails
from tests.workers.test_escalate import hurry, run_out
from workers.deputies import tell_deputies
from workers.escalate import escalate
from workers.senders.sms import SMSSender

ON_DUTY, ON_CALL, IN_CHARGE = "+8613800000011", "+8613800000012", "chief@example.cn"


@dataclass
class Desk:
    """A duty desk with a report that waits, and what those on its roster are told by."""

    work: Work
    gateway: Gateway
    mails: Mails

    def rostered(self, part: Part, reach: Reach, *, hours: tuple[int, int] = (-1, 1), active: bool = True) -> str:
        """The id of somebody who is there from so many hours ago for so many hours."""
        with self.work.database.write() as connection:
            officer_id, now = f"{part.value}{len(self.work.all(officers))}".ljust(32, "0"), read_now(connection)
            connection.execute(
                insert(officers).values(
                    id=officer_id, name=officer_id, role="duty_officer", unit="duty_desk", password_hash="",
                    active=active, created_at=database_now(),
                )
            )  # fmt: skip
            new = NewShift(
                officer_id=officer_id, part=part, reach=reach,
                starts_at=now + hours[0] * 3_600_000, ends_at=now + hours[1] * 3_600_000,
            )  # fmt: skip
            add_shift(self.work.context.store.chain, connection, self.work.context.keys, new, "test")
            return officer_id

    def kept_from(self, officer_id: str) -> None:
        """The report that waits is about an officer."""
        (report,) = self.work.all(reports)
        with self.work.database.write() as connection:
            keep_away(self.work.context.store.chain, connection, report.id, officer_id, "test")

    def lets_it_run_out(self) -> None:
        """Every step about the clock of the desk is taken, and whoever is to be told is."""
        run_out(self.work)
        for _ in range(4):
            escalate(self.work.context, 50)
            tell_deputies(self.work.context, 50)
            hurry(self.work)

    @property
    def notices(self) -> list[tuple[str, str | None]]:
        """Each step with what became of its notice."""
        return [(row.step, row.notice) for row in self.work.all(escalations)]


def desk_of(work: Work, *, exercise: bool = False) -> Desk:
    gateway, mails = Gateway(), Mails()
    notice = work.context.rulebook.units.terms.deputy_notice
    senders: dict[str, Any] = {"deputy_sms": SMSSender(gateway, notice), "deputy_mail": mails}
    work = work.but(senders={**work.context.senders, **senders})
    work.reader.read = lambda text: a_finding(
        urgency=Urgency.IMMEDIATE, needs_person=True, doubts=("conflicting_evidence",)
    )
    work.keep("secret words of a report", exercise=exercise)
    work.triage()
    return Desk(work, gateway, mails)


@pytest.fixture
def desk(work: Work) -> Desk:
    return desk_of(work)


def test_whoever_is_on_duty_is_told_first_then_who_is_on_call_and_in_charge(desk: Desk) -> None:
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY))
    desk.rostered(Part.ON_CALL, Reach(sms=ON_CALL))
    desk.rostered(Part.DEPUTY, Reach(mail=IN_CHARGE))
    desk.lets_it_run_out()
    assert [to for to, _ in desk.gateway.texts] == [ON_DUTY, ON_CALL]
    assert [to for to, _ in desk.mails.sent] == [IN_CHARGE]
    assert desk.notices[:2] == [("reminder", "SENT"), ("deputy", "SENT")]
    assert [len(desk.work.audited(action)) for action in ("duty_paged", "deputy_told")] == [1, 1]


def test_they_are_told_that_something_waits_and_nothing_else(desk: Desk) -> None:
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY, mail=IN_CHARGE))
    desk.rostered(Part.DEPUTY, Reach(mail=IN_CHARGE))
    desk.lets_it_run_out()
    assert {words for _, words in desk.gateway.texts} == {desk.work.context.rulebook.units.terms.deputy_notice["zh"]}
    assert [dict(packet.fields) for _, packet in desk.mails.sent] == [{}]
    for line in (*desk.work.audited("duty_paged"), *desk.work.audited("shift_added")):
        assert ON_DUTY not in line.detail


def test_who_is_not_there_now_or_may_not_sign_in_is_left_alone(desk: Desk) -> None:
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY), hours=(-3, -1))
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY), hours=(1, 3))
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY), active=False)
    desk.rostered(Part.ON_DUTY, Reach())
    desk.lets_it_run_out()
    assert desk.gateway.texts == []
    assert desk.notices[:2] == [("reminder", None), ("deputy", "NOBODY")]


def test_whoever_cannot_be_told_by_text_is_told_by_mail(desk: Desk) -> None:
    desk.gateway.fails = "unreachable"
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY, mail=IN_CHARGE))
    desk.lets_it_run_out()
    assert [to for to, _ in desk.mails.sent] == [IN_CHARGE]
    assert desk.notices[0] == ("reminder", "SENT")


def test_whoever_is_named_in_what_waits_is_not_told_of_it_and_the_others_are(desk: Desk) -> None:
    desk.kept_from(desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY)))
    desk.rostered(Part.ON_DUTY, Reach(mail=IN_CHARGE))
    desk.kept_from(desk.rostered(Part.ON_CALL, Reach(sms=ON_CALL)))
    desk.lets_it_run_out()
    assert desk.gateway.texts == []
    assert [to for to, _ in desk.mails.sent] == [IN_CHARGE]
    assert desk.notices[:2] == [("reminder", "SENT"), ("deputy", "NOBODY")]


def test_an_exercise_pages_nobody(work: Work) -> None:
    desk = desk_of(work, exercise=True)
    desk.rostered(Part.ON_DUTY, Reach(sms=ON_DUTY))
    desk.rostered(Part.DEPUTY, Reach(mail=IN_CHARGE))
    desk.lets_it_run_out()
    assert (desk.gateway.texts, desk.mails.sent) == ([], [])
    # All the same it went as it would have gone.
    assert desk.notices[:2] == [("reminder", "SENT"), ("deputy", "SENT")]
