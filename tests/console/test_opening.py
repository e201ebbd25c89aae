"""Nothing of a report is shown before there is a reason to open it: the work at hand, or what the officer says."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from reports.database import database_now
from reports.tables import audit_entries, referrals
from tests.console.house import RUILI, House, Kept, Officer, words_of


def at(kept: Kept) -> str:
    return f"/reports/{kept.reference}"


def seen(officer: Officer, kept: Kept) -> str:
    """The page as it comes, with nothing answered for the officer."""
    return officer.client.get(at(kept)).text


def said(officer: Officer, kept: Kept, why: str = "unit_asks", reason: str = "瑞丽市局来电") -> int:
    return officer.post(f"{at(kept)}/open_report", {"why": why, "reason": reason}).status_code


def test_what_waits_for_the_desk_is_opened_at_once_and_says_so(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    assert "砖厂" in seen(chen, kept)
    assert "Chen opened the report · waits for the desk" in words_of(seen(chen, kept))


def test_what_is_with_its_unit_wants_a_reason_first_and_shows_how_it_stands(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    page = seen(chen, kept)
    assert "砖厂" not in page
    assert "+8613800000000" not in page
    assert "Ruili City Public Security Bureau · Lead · Delivered" in words_of(page)
    # Nothing was seen, so nothing was opened.
    assert house.audit(kept.report_id)[-1][1] == "delivered" or (chen.id, "opened") not in house.audit(kept.report_id)
    assert said(chen, kept) == 303
    assert "砖厂" in seen(chen, kept)
    looks = words_of(seen(chen, kept))
    assert "Chen said why and opened the report · The unit on it asks 瑞丽市局来电" in looks


@pytest.mark.parametrize(("why", "reason"), [("", "瑞丽市局来电"), ("curious", "看看"), ("unit_asks", "  ")])
def test_no_reason_opens_nothing_and_loses_no_word(house: House, why: str, reason: str) -> None:
    kept, chen = house.referred(), house.duty()
    answer = chen.post(f"{at(kept)}/open_report", {"why": why, "reason": reason})
    assert answer.status_code == 422
    assert "砖厂" not in answer.text
    assert reason.strip() in answer.text


@pytest.mark.parametrize("verb", ["contact", "made_to_do"])
def test_no_other_step_leads_past_the_question(house: House, verb: str) -> None:
    kept, chen = house.referred(), house.duty()
    answer = chen.post(f"{at(kept)}/{verb}", {"reason": "看看"})
    assert "+8613800000000" not in answer.text
    assert "砖厂" not in answer.text


def test_whoever_works_on_a_report_is_not_asked_again(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    chen.act(at(kept), "confirm")
    house.deliver()
    assert "砖厂" in seen(chen, kept)
    assert "砖厂" not in seen(wang, kept)


def test_to_take_a_report_on_is_no_reason_unless_it_waited_for_the_desk_then(house: House) -> None:
    kept, chen, wang = house.triaged(), house.duty("Chen"), house.duty("Wang")
    assert wang.post(f"{at(kept)}/take").status_code == 303
    assert wang.post(f"{at(kept)}/let_go").status_code == 303
    assert chen.post(f"{at(kept)}/take").status_code == 303
    chen.act(at(kept), "confirm")
    house.deliver()
    with house.database.write() as connection:
        done = (audit_entries.c.actor == chen.id) & (audit_entries.c.action == "confirmed")
        connection.execute(update(audit_entries).where(done).values(actor=wang.id, action="opened"))
    # Chen is on it since it waited.
    assert "砖厂" in seen(chen, kept)
    chen.post(f"{at(kept)}/let_go")
    assert "砖厂" not in seen(chen, kept)
    # Wang was on it, and is on it now: that is the same as nothing.
    assert "砖厂" not in seen(wang, kept)
    assert f'action="{at(kept)}/take"' not in seen(wang, kept)
    wang.post(f"{at(kept)}/take")
    assert "砖厂" not in seen(wang, kept)
    wang.post(f"{at(kept)}/let_go")
    assert "砖厂" not in seen(wang, kept)


def test_side_by_side_is_no_way_around_the_question(house: House) -> None:
    waits, kept, chen = house.triaged("别处的一件事"), house.referred(), house.duty("Chen")
    for mine, other in ((waits, kept), (kept, waits)):
        page = chen.client.get(f"{at(mine)}/beside", query_string={"with": other.reference}).text
        assert "砖厂" not in page
        assert "别处" not in page
        assert f'action="{at(kept)}/open_report"' in page
    assert said(chen, kept, "same_case") == 303
    page = chen.client.get(f"{at(waits)}/beside", query_string={"with": kept.reference}).text
    assert "砖厂" in page
    assert "别处" in page


def test_a_reason_serves_for_half_an_hour(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    said(chen, kept)
    with house.database.write() as connection:
        mine = (audit_entries.c.actor == chen.id) & (audit_entries.c.action == "opened_for")
        connection.execute(update(audit_entries).where(mine).values(at=database_now() - 31 * 60_000))
    assert "砖厂" not in seen(chen, kept)


def test_a_unit_that_is_late_is_reason_enough(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    with house.database.write() as connection:
        connection.execute(update(referrals).where(referrals.c.unit == RUILI).values(due_at=database_now() - 60_000))
    assert "砖厂" in seen(chen, kept)
    assert "Chen opened the report · a unit is late" in words_of(seen(chen, kept))


def test_breaking_the_glass_has_a_name_of_its_own_in_the_audit(house: House) -> None:
    kept, chen = house.referred(), house.duty("Chen")
    assert said(chen, kept, "break_glass", "有人要害报告人，等不及") == 303
    assert (chen.id, "opened_break_glass") in house.audit(kept.report_id)
    assert "砖厂" in seen(chen, kept)
    assert "Chen broke the glass and opened the report" in words_of(seen(chen, kept))
