"""The desk's saved lists: each report where it belongs, every number right, each list a page at a time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from reports.database import database_now
from reports.desk_views import DeskViews, Narrowed, View
from reports.officers import Officer as Seen
from reports.officers import Role
from reports.queue_view import After
from reports.tables import holds, referrals, reports
from reports.values import Place, PlaceRole, Urgency
from tests.console.house import IN_DANGER, LABELS, RUILI, House, Kept, Officer, a_finding, words_of


def listed(officer: Officer, query: str) -> list[str]:
    return re.findall(r'href="/reports/([^"]+)"', officer.get(f"/queue?{query}").text)


def number(officer: Officer, name: str, query: str = "") -> int:
    found = re.search(rf">{name} <b>(\d+)</b>", officer.get(f"/queue?{query}").text)
    assert found is not None, name
    return int(found[1])


def overdue(house: House, *kept: Kept, minutes: int = 5) -> None:
    for late, one in enumerate(kept):
        with house.database.write() as connection:
            due = database_now() - (minutes * 60_000 - late * 1000)
            connection.execute(update(reports).where(reports.c.id == one.report_id).values(due_at=due))


def silent(house: House, kept: Kept) -> None:
    with house.database.write() as connection:
        connection.execute(
            update(referrals)
            .where(referrals.c.report_id == kept.report_id, referrals.c.part == "lead")
            .values(due_at=database_now() - 3 * 3_600_000)
        )


def test_mine_and_nobodys_follow_who_takes_and_lets_go(house: House) -> None:
    first, second, third = (house.triaged() for _ in range(3))
    house.waiting()
    chen, liu = house.duty("Chen"), house.duty("Liu")
    chen.post(f"/reports/{first.reference}/take")
    liu.post(f"/reports/{second.reference}/take")
    assert listed(chen, "view=mine") == [first.reference]
    assert listed(liu, "view=mine") == [second.reference]
    assert third.reference in listed(chen, "view=unassigned")
    assert (number(chen, "Mine"), number(chen, "Nobody on it"), number(chen, "Open")) == (1, 2, 4)
    page = words_of(liu.get("/queue").text)
    assert "not sent yet Chen" in page
    assert "not sent yet You" in page
    chen.post(f"/reports/{first.reference}/let_go")
    assert (number(chen, "Mine"), number(chen, "Nobody on it")) == (0, 3)


def test_a_hold_whose_time_is_over_makes_a_report_nobodys_again(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    chen.post(f"/reports/{kept.reference}/take")
    with house.database.write() as connection:
        connection.execute(update(holds).values(until=database_now() - 1))
    assert listed(chen, "view=mine") == []
    assert listed(chen, "view=unassigned") == [kept.reference]


def test_what_is_overdue_here_is_listed_by_urgency_and_then_the_longest_overdue_first(house: House) -> None:
    calm, danger, other = house.triaged(), house.triaged(finding=a_finding(IN_DANGER)), house.triaged()
    in_time = house.triaged()
    overdue(house, other, calm, danger)
    chen = house.duty()
    assert listed(chen, "view=overdue") == [danger.reference, other.reference, calm.reference]
    assert number(chen, "Overdue here") == 3
    assert in_time.reference not in listed(chen, "view=overdue")


def test_a_unit_that_is_silent_is_named_with_the_hop_it_is_late_for(house: House) -> None:
    kept, answered = house.referred(finding=a_finding(IN_DANGER)), house.referred(finding=a_finding(IN_DANGER))
    silent(house, kept)
    chen = house.duty()
    assert listed(chen, "view=silent") == [kept.reference]
    assert number(chen, "Silent units") == 1
    page = words_of(chen.get("/queue?view=silent").text)
    assert "3 h late Unit accepts" in page
    assert "Ruili City Public Security Bureau Delivered" in page
    assert answered.reference not in page


def test_of_two_silent_units_of_one_report_each_has_its_line_and_counts(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    form = {"kind": "public_security", "area": "533103", "reason": "更近"}
    chen.act(f"/reports/{kept.reference}", "transfer", **form)
    house.deliver()
    silent(house, kept)
    page = chen.get("/queue?view=silent")
    assert listed(chen, "view=silent") == [kept.reference] * 2
    assert number(chen, "Silent units") == 2
    seen = words_of(page.text)
    assert "Ruili City Public Security Bureau" in seen
    assert "Mangshi City Public Security Bureau" in seen
    # What keeps the list up to date tells its lines apart by their names.
    names = re.findall(r'<tr id="([^"]+)"', page.text)
    assert len(set(names)) == 2


def test_what_its_unit_gave_back_stays_listed_until_somebody_decides_anew(house: House) -> None:
    kept = house.referred(finding=a_finding(IN_DANGER))
    chen = house.duty()
    house.unit(RUILI).act(f"/inbox/{house.packet(kept)}", "bounce", code="not_our_area")
    assert listed(chen, "view=bounced") == [kept.reference]
    assert number(chen, "Given back") == 1
    assert "Given back by its unit" in words_of(chen.get("/queue").text)
    chen.act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="533103")
    assert listed(chen, "view=bounced") == []
    assert number(chen, "Given back") == 0


def test_what_the_desk_itself_answers_for_is_listed_as_its_own(house: House) -> None:
    kept, chen = house.triaged(finding=a_finding(replace(LABELS, places=()))), house.duty()
    with house.database.write() as connection:
        connection.execute(
            update(reports).where(reports.c.id == kept.report_id).values(lead_unit="duty_desk", lead_region=None)
        )
    other = house.triaged()
    assert listed(chen, "view=my_unit") == [kept.reference]
    assert number(chen, "Kept by our desk") == 1
    assert other.reference not in listed(chen, "view=my_unit")


@pytest.mark.parametrize("view", ["mine", "unassigned", "my_unit", "overdue", "silent", "bounced"])
def test_what_is_kept_from_an_officer_is_on_no_list_and_in_no_number(house: House, view: str) -> None:
    named = house.duty("Named")
    kept = house.referred(finding=a_finding(IN_DANGER)) if view == "silent" else house.triaged()
    overdue(house, kept)
    if view == "silent":
        silent(house, kept)
    with house.database.write() as connection:
        back = {"came_back": 1, "lead_unit": "duty_desk"}
        connection.execute(update(reports).where(reports.c.id == kept.report_id).values(back))
    if view == "mine":
        named.post(f"/reports/{kept.reference}/take")
    seen = {name: words_of(named.get("/queue").text).count(f"{name} 1") for name in NAMES}
    assert listed(named, f"view={view}") == [kept.reference]
    house.kept_from(kept, named)
    assert listed(named, f"view={view}") == []
    assert sum(words_of(named.get("/queue").text).count(f"{name} 1") for name in NAMES) == 0
    assert sum(seen.values()) > 0


NAMES = ("Open", "Mine", "Nobody on it", "Kept by our desk", "Overdue here", "Silent units", "Given back", "Referred")


def test_a_list_is_narrowed_by_urgency_channel_language_and_province(house: House) -> None:
    yunnan = house.triaged()
    henan = replace(LABELS, places=(Place(code="410422", role=PlaceRole.OCCURRENCE),), urgency=Urgency.LOW)
    other = house.triaged(finding=a_finding(henan, language="vi"))
    chen = house.duty()
    assert listed(chen, "province=53") == [yunnan.reference]
    assert listed(chen, "province=41") == [other.reference]
    assert listed(chen, "urgency=low") == [other.reference]
    assert listed(chen, "language=vi&view=unassigned") == [other.reference]
    assert listed(chen, "channel=sms") == [yunnan.reference, other.reference]
    assert listed(chen, "channel=voice&state=IN_TRIAGE") == []


def test_a_number_stands_only_at_the_whole_list_and_what_narrows_it_is_said_and_taken_off(house: House) -> None:
    house.triaged()
    henan = replace(LABELS, places=(Place(code="410422", role=PlaceRole.OCCURRENCE),), urgency=Urgency.LOW)
    house.triaged(finding=a_finding(henan))
    chen = house.duty()
    page = chen.get("/queue?province=41&urgency=low&view=unassigned").text
    seen = words_of(page)
    assert "Only: Low, Henan Province Show all" in seen
    assert "Open in all" in seen
    assert re.search(r"Nobody on it\s+<b>", page) is None
    assert re.search(r'href="/queue\?view=unassigned"[^>]*>Show all', page)
    whole = words_of(chen.get("/queue?view=unassigned").text)
    assert "Nobody on it 2" in whole
    assert "Only:" not in whole


@pytest.mark.parametrize(
    "query",
    ["view=all", "state=OPEN", "view=mine&state=CLOSED", "urgency=high", "channel=fax", "language=xx", "province=99",
     "province=5%25", "exercise=2", "after=1", "after=1.2", "after=99.1.x", "after=-1.0.0"],
)  # fmt: skip
def test_what_the_page_itself_never_asks_for_is_refused(house: House, query: str) -> None:
    assert house.duty().get(f"/queue?{query}").status_code == 400


def test_links_keep_what_the_list_is_narrowed_to(house: House) -> None:
    house.triaged()
    page = house.duty().get("/queue?view=unassigned&province=53").text
    assert 'href="/queue?view=overdue&amp;province=53"' in page
    assert 'value="53" selected' in page
    assert '<input type="hidden" name="view" value="unassigned">' in page


def test_every_saved_list_is_paged_through_with_each_report_once(house: House) -> None:
    kept = [
        house.triaged(str(place), a_finding(replace(LABELS, urgency=list(Urgency)[place % 4]))) for place in range(9)
    ]
    overdue(house, *kept)
    chen = house.duty()
    with house.database.write() as connection:
        connection.execute(update(reports).values(came_back=1, lead_unit="duty_desk"))
        far = {"officer_id": chen.id, "taken_at": database_now(), "until": database_now() + 600_000}
        for one in kept:
            connection.execute(insert(holds).values(report_id=one.report_id, **far))
    officer = Seen(id=chen.id, name=chen.name, role=Role.DUTY_OFFICER, unit="duty_desk", active=True)
    for view in (View.MINE, View.MY_UNIT, View.OVERDUE, View.BOUNCED):
        with house.database.read() as connection:
            views, after, seen = DeskViews(connection, officer), None, []
            whole = [row.reference for row in views.page(view, Narrowed(), 100).rows]
            while True:
                found = views.page(view, Narrowed(), 2, After.read(str(after)) if after else None)
                seen += [row.reference for row in found.rows]
                after = found.following
                if after is None:
                    break
            assert views.counts()[view] == 9
        assert seen == whole, view
        assert sorted(seen) == sorted(one.reference for one in kept)


def test_what_is_new_is_told_by_those_in_danger_that_came_last_without_a_flood(house: House) -> None:
    calm, danger = house.triaged(), house.triaged(finding=a_finding(IN_DANGER))
    flooded = house.triaged(finding=a_finding(IN_DANGER))
    with house.database.write() as connection:
        connection.execute(update(reports).where(reports.c.id == flooded.report_id).values(marked=1))
    page = house.duty().get("/queue?state=CLOSED").text
    assert f'data-alarms="{danger.reference}"' in page
    assert calm.reference not in page
