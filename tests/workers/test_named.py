"""Whoever a report names is kept from it before anybody could see it, and never so that nobody is left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from reports.errors import UnknownReport
from reports.officers import NewOfficer, Officer, OfficerError, Officers, Role
from reports.recusals import let_back
from reports.report_view import find_report
from reports.tables import reports
from tests.workers.made import Work
from tests.workers.phone import ListeningReader, Phone


@dataclass
class Watching:
    """A bell that looks at something whenever it is rung: right after a report was joined."""

    look: Callable[[], bool]
    seen: list[bool] = field(default_factory=list)

    def ring(self, queue_name: str, report_id: str) -> bool:
        """Always rung."""
        self.seen.append(self.look())
        return True


TEXT = "派出所的陈大明收了砖厂老板的钱，不让我们走"


def an_officer(work: Work, name: str, *known_as: str, role: Role = Role.DUTY_OFFICER) -> Officer:
    new = NewOfficer(name=name, role=role, unit="duty_desk", password="correct horse battery", known_as=known_as)
    return Officers(work.database).add(new, "test")


def sees(work: Work, officer: Officer, report_id: str) -> bool:
    with work.database.read() as connection:
        reference = connection.execute(select(reports.c.reference).where(reports.c.id == report_id)).scalar_one()
        try:
            find_report(connection, reference, officer)
        except UnknownReport:
            return False
    return True


def test_who_is_named_does_not_see_it_and_all_others_do(work: Work) -> None:
    named, other = an_officer(work, "Officer 7", "陈大明", "陈所长"), an_officer(work, "Officer 8", "李四")
    about, another = work.keep(TEXT), work.keep("被关在砖厂")
    work.triage()
    assert not sees(work, named, about)
    assert sees(work, named, another)
    assert sees(work, other, about)
    assert sees(work, other, another)


def test_the_only_one_who_could_see_it_goes_on_seeing_it(work: Work) -> None:
    alone, about = an_officer(work, "Officer 7", "陈大明"), work.keep(TEXT)
    work.triage()
    assert sees(work, alone, about)
    # With a reviewer there is somebody.
    an_officer(work, "Reviewer", role=Role.REVIEWER)
    again = work.keep(TEXT)
    work.triage()
    assert not sees(work, alone, again)


def test_a_name_of_one_letter_is_none(work: Work) -> None:
    with pytest.raises(OfficerError, match="at least 2 letters"):
        an_officer(work, "Officer 7", "陈")


def test_who_is_named_in_what_is_added_is_kept_from_all_of_it_in_the_same_moment(work: Work) -> None:
    """Read by itself it would be too late: the words lie in a report that they have open by then."""
    named, other = an_officer(work, "Officer 7", "陈大明"), an_officer(work, "Officer 8")
    phone = Phone(work.but(reader=ListeningReader()))
    first = phone.send("被关在砖厂")
    phone.triage()
    assert sees(work, named, first)
    watching = Watching(lambda: sees(work, named, first))
    phone.work = phone.work.but(bell=watching)
    phone.send(TEXT)
    phone.triage()
    assert TEXT in phone.says(first)
    assert watching.seen == [False]
    assert not sees(work, named, first)
    assert sees(work, other, first)


def test_a_recusal_that_was_lifted_stands_until_something_new_names_them(work: Work) -> None:
    named, _ = an_officer(work, "Officer 7", "陈大明"), an_officer(work, "Officer 8")
    phone = Phone(work.but(reader=ListeningReader()))
    first = phone.send(TEXT)
    phone.triage()
    assert not sees(work, named, first)
    with work.database.write() as connection:
        let_back(work.context.store.chain, connection, first, named.id, "two")
    phone.send("门口有狗")
    phone.triage()
    work.set_all(reports, to_read_at=1)
    phone.triage()
    assert "门口有狗" in phone.says(first)
    assert sees(work, named, first)
    phone.send("陈大明又来了")
    phone.triage()
    assert "陈大明又来了" in phone.says(first)
    assert not sees(work, named, first)
