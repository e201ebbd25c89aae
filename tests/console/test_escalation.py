"""What a unit, those above it and the desk see when a clock runs out, and who settles a report that two gave back."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import update

from reports.database import read_now
from reports.tables import referrals, reports
from reports.values import Urgency
from tests.console.house import IN_DANGER, LABELS, MANGSHI, RUILI, House, Kept, a_finding, words_of

CITY, NATION = "public_security-533100", "joint_conference_office-000000"


def run_out(house: House, times: int = 1) -> None:
    """The clock of the lead's packet, or of the desk, runs out; then one step after another is due."""
    with house.database.write() as connection:
        connection.execute(update(referrals).where(referrals.c.part != "lead").values(next_step_at=None))
        then = read_now(connection) - 60_000
        for table in (reports, referrals):
            connection.execute(update(table).where(table.c.next_step_at.is_not(None)).values(due_at=then))
    for _ in range(times):
        with house.database.write() as connection:
            for table in (reports, referrals):
                connection.execute(update(table).where(table.c.next_step_at.is_not(None)).values(next_step_at=1))
        house.escalate()
        house.deliver()


def lead(house: House, kept: Kept, unit: str) -> Any:
    return [one for one in house.packets(kept) if one["unit"] == unit and one["part"] == "lead"][-1]


def bounce(house: House, kept: Kept, unit: str) -> None:
    page = f"/inbox/{house.packet(kept, unit)}"
    assert house.unit(unit).act(page, "bounce", code="not_our_area", reason="不在我处").status_code == 303


def test_a_reminded_unit_sees_it_in_its_inbox_and_everybody_at_the_desk_in_the_history(house: House) -> None:
    kept, liu = house.referred(finding=a_finding(IN_DANGER)), house.unit()
    assert "Overdue" not in words_of(liu.get("/inbox").text)
    run_out(house)
    assert "Overdue: you were reminded" in words_of(liu.get("/inbox").text)
    assert "Unit accepts: Overdue: you were reminded" in words_of(liu.get(f"/inbox/{house.packet(kept)}").text)
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "The machine reminded Ruili City Public Security Bureau that its time is up" in seen


def test_everybody_sees_that_a_silent_unit_was_passed_over(house: House) -> None:
    kept, liu, above = house.referred(finding=a_finding(IN_DANGER)), house.unit(), house.unit(CITY)
    run_out(house, times=3)
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "passed it over the head of Ruili City Public Security Bureau" in seen
    assert "gave it to the unit above → Dehong" in seen
    assert "Until another accepts it, the case is with: Ruili City Public Security Bureau" in seen
    own = words_of(liu.get(f"/inbox/{house.packet(kept)}").text)
    assert "the unit above has it as well" in own
    assert "砖厂" in own
    brought = words_of(above.get(f"/inbox/{house.packet(kept, CITY)}").text)
    assert "“Unit accepts” ran out at Ruili City Public Security Bureau on" in brought
    assert "砖厂" in brought
    above.act(f"/inbox/{house.packet(kept, CITY)}", "accept")
    assert "The duty desk called this back" in words_of(liu.get(f"/inbox/{house.packet(kept)}").text)
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "Until another accepts it, the case is with: Dehong" in seen


def test_units_copied_see_that_the_lead_is_silent_and_the_unit_above_that_it_was_brought_in(house: House) -> None:
    kept = house.referred(finding=a_finding(IN_DANGER))
    copied = next(one for one in house.packets(kept) if one["part"] == "copy" and "lead_unit" in one["fields"].split())
    labour, above = house.unit(copied["unit"]), house.unit(CITY)
    assert "let “Unit accepts” run out" not in words_of(labour.get(f"/inbox/{copied['id']}").text)
    run_out(house, times=3)
    seen = words_of(labour.get(f"/inbox/{copied['id']}").text)
    assert "The lead unit, Ruili City Public Security Bureau, let “Unit accepts” run out; since" in seen
    assert "Public Security Bureau has the case too" in seen
    assert "Passed up: the unit below was silent" in words_of(above.get("/inbox").text)


def test_a_deputy_that_nobody_named_is_said_to_be_nobody(house: House) -> None:
    kept, liu = house.referred(finding=a_finding(IN_DANGER)), house.unit()
    run_out(house, times=2)
    assert "the directory names nobody in charge to tell" in words_of(liu.get("/inbox").text)
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "turned to those in charge at Ruili City Public Security Bureau that day" in seen


def test_a_report_left_waiting_stands_among_the_more_urgent_and_says_so(house: House) -> None:
    urgent = house.triaged()
    run_out(house)
    immediate = house.triaged(finding=a_finding(IN_DANGER))
    later = house.triaged()
    page = house.duty().get("/queue").text
    assert re.findall(r'href="/reports/([^"]+)"', page) == [urgent.reference, immediate.reference, later.reference]
    assert words_of(page).count("late, reminded") == 1
    # Its history names the desk once, not as the one told of itself.
    told = words_of(house.duty().get(f"/reports/{urgent.reference}").text)
    assert "reminded" in told
    assert "→ Duty Desk" not in told


def test_a_raised_report_is_listed_once_however_many_pages_there_are(house: House) -> None:
    for rank in range(30):
        house.triaged(finding=a_finding(LABELS if rank % 2 else IN_DANGER))
    run_out(house)
    for rank in range(30):
        house.triaged(finding=a_finding(LABELS if rank % 2 else IN_DANGER))
    chen = house.duty()
    first = chen.get("/queue").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following is not None
    listed = re.findall(r'href="/reports/([^"]+)"', first + chen.get(following[1].replace("&amp;", "&")).text)
    assert len(listed) == len(set(listed)) == 60


def test_the_national_desk_hears_of_a_report_left_at_the_duty_desk_and_of_nothing_in_it(house: House) -> None:
    kept, nation = house.triaged(), house.unit(NATION)
    run_out(house, times=3)
    page = nation.get("/inbox")
    assert f"{kept.reference} Urgent overdue since" in words_of(page.text)
    assert "砖厂" not in page.text
    assert "Forced labour" not in page.text
    house.duty().act(f"/reports/{kept.reference}", "confirm")
    assert kept.reference not in nation.get("/inbox").text


def test_what_is_overdue_is_counted_by_hop(house: House) -> None:
    house.referred(finding=a_finding(IN_DANGER))
    house.triaged()
    run_out(house)
    figures = house.nobody().get("/metrics").text
    assert 'hotline_overdue{hop="desk"} 1.0' in figures
    assert 'hotline_overdue{hop="acceptance"} 1.0' in figures
    assert 'hotline_overdue{hop="feedback"} 0.0' in figures


def test_the_second_unit_that_gives_a_report_back_sends_it_to_their_common_superior(house: House) -> None:
    kept, chen = house.referred(finding=a_finding(IN_DANGER)), house.duty()
    bounce(house, kept, RUILI)
    assert house.row(kept)["state"] == "IN_TRIAGE"
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    house.deliver()
    bounce(house, kept, MANGSHI)
    house.deliver()
    row = house.row(kept)
    assert (row["state"], row["lead_unit"]) == ("REFERRED", CITY)
    assert lead(house, kept, CITY)["state"] == "DELIVERED"
    seen = words_of(chen.get(f"/reports/{kept.reference}").text)
    assert "Two units gave it back, so their common superior" in seen
    assert "the common superior: two units had given it back" in seen
    # The case stays with its first receiver until another accepts it.
    assert "the case is with: Ruili City Public Security Bureau" in seen
    told = words_of(house.unit().get(f"/inbox/{house.packet(kept)}").text)
    assert "Until another unit accepts it, the case is still yours." in told


def test_a_common_superior_that_gives_it_back_too_is_not_asked_again(house: House) -> None:
    kept, chen = house.referred(finding=a_finding(IN_DANGER)), house.duty()
    bounce(house, kept, RUILI)
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    house.deliver()
    answered = []
    for unit in (MANGSHI, CITY, "public_security-530000", NATION):
        bounce(house, kept, unit)
        house.deliver()
        answered.append((house.row(kept)["state"], house.row(kept)["lead_unit"]))
    assert answered == [
        ("REFERRED", CITY),
        ("REFERRED", "public_security-530000"),
        ("REFERRED", NATION),
        ("IN_TRIAGE", NATION),
    ]


def test_one_unit_that_gives_it_back_twice_is_not_two_units(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    for _ in range(2):
        bounce(house, kept, RUILI)
        assert house.row(kept)["state"] == "IN_TRIAGE"
        chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533102")
        house.deliver()
    assert house.row(kept)["urgency_rank"] == Urgency.URGENT.rank
