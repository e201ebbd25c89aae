"""Two officers and one report: each sees the other, one is on it at a time, and nobody overwrites the other."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy import select, update

from reports.database import database_now
from reports.holding import HOLD_MINUTES, held_ids
from reports.tables import holds, openings, withheld
from tests.console.house import LABELS, House, Kept, a_finding, words_of


def page_of(kept: Kept) -> str:
    return f"/reports/{kept.reference}"


def its_time_is_over(house: House) -> None:
    with house.database.write() as connection:
        connection.execute(update(holds).values(until=database_now() - 1))


def test_who_takes_a_report_is_on_it_for_a_quarter_of_an_hour_and_others_see_it(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    assert "Nobody is on it." in words_of(chen.get(page_of(kept)).text)
    assert chen.post(f"{page_of(kept)}/take").status_code == 303
    assert "You are on it until" in words_of(chen.get(page_of(kept)).text)
    assert "Chen is on it until" in words_of(liu.get(page_of(kept)).text)
    with house.database.read() as connection:
        hold = connection.execute(select(holds, database_now().label("now"))).one()
    assert abs(hold.until - hold.now - HOLD_MINUTES * 60_000) < 60_000
    assert (chen.id, "took") in house.audit(kept.report_id)


def test_whoever_has_a_report_open_is_seen_by_the_other_and_no_longer_once_they_have_left(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    chen.get(page_of(kept))
    assert "Also open before: Chen" in words_of(liu.get(page_of(kept)).text)
    there = words_of(chen.get(f"{page_of(kept)}/there?version=2", headers={"HX-Request": "true"}).text)
    assert "Also open before: Liu" in there
    with house.database.write() as connection:
        connection.execute(update(openings).values(seen_at=database_now() - 80_000))
    assert "Also open" not in words_of(liu.get(page_of(kept)).text)


def test_the_second_is_told_who_is_on_it_and_nothing_is_overwritten(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    version = liu.version(page_of(kept))
    chen.post(f"{page_of(kept)}/take")
    before = dict(house.row(kept))
    for verb, fields in (("confirm", {}), ("quarantine", {}), ("close", {"outcome": "noise"})):
        told = liu.post(f"{page_of(kept)}/{verb}", {"version": version, "reason": "写好的理由", **fields})
        assert told.status_code == 409
        assert "Chen is on this report. Nothing was changed" in words_of(told.text)
        assert 'value="写好的理由"' in told.text
    assert dict(house.row(kept)) == before
    assert chen.act(page_of(kept), "confirm").status_code == 303


def test_nothing_is_told_to_anybody_past_who_is_on_it_and_what_protects_is_done_all_the_same(house: House) -> None:
    finding = a_finding(replace(LABELS, reporter="witness", contact=("not_police",)))
    kept, chen, liu = house.referred(finding=finding, name="无名氏乙"), house.duty("Chen"), house.duty("Liu")
    version = liu.version(page_of(kept))
    chen.post(f"{page_of(kept)}/take")
    with house.database.read() as connection:
        held = connection.execute(select(withheld)).first()
    assert held is not None
    for verb, fields in (
        ("ask_reporter", {"chance": "a" * 32, "words": "在几楼？", "version": version}),
        ("send_text", {"chance": "a" * 32, "sentence": "done"}),
        ("release", {"withheld": held.id, "version": str(held.version)}),
        ("put_back", {"passage": "0" * 32, "version": version}),
        ("answer_unit", {"referral": house.packet(kept)}),
    ):
        told = liu.post(f"{page_of(kept)}/{verb}", {"reason": "写好的理由", **fields})
        assert told.status_code == 409, verb
        assert "Chen is on this report. Nothing was changed" in words_of(told.text), verb
    assert liu.act(page_of(kept), "take_out", words="砖厂").status_code == 303
    assert liu.post(f"{page_of(kept)}/never_text").status_code == 303


def test_two_who_take_it_at_once_are_not_both_on_it(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    chen.post(f"{page_of(kept)}/take")
    told = liu.post(f"{page_of(kept)}/take")
    assert told.status_code == 409
    assert "Chen is on this report" in words_of(told.text)
    with house.database.read() as connection:
        assert held_ids(connection, chen.id) == (kept.report_id,)
        assert held_ids(connection, liu.id) == ()


def test_it_is_taken_over_with_a_reason_from_whom_one_saw_on_it_and_from_nobody_else(house: House) -> None:
    kept, chen, liu, wu = house.triaged(), house.duty("Chen"), house.duty("Liu"), house.duty("Wu")
    chen.post(f"{page_of(kept)}/take")
    seen = re.search(r'name="from_whom" value="([0-9a-f]{32})"', wu.get(page_of(kept)).text)
    assert seen is not None
    assert liu.post(f"{page_of(kept)}/take", {"from_whom": chen.id, "reason": " "}).status_code == 422
    assert liu.post(f"{page_of(kept)}/take", {"from_whom": chen.id, "reason": "陈在接电话"}).status_code == 303
    assert "Liu took it over 陈在接电话" in words_of(liu.get(page_of(kept)).text)
    late = wu.post(f"{page_of(kept)}/take", {"from_whom": seen[1], "reason": "我来"})
    assert late.status_code == 409
    assert "Liu is on this report" in words_of(late.text)


def test_a_hold_ends_by_itself_and_by_letting_go(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    chen.post(f"{page_of(kept)}/take")
    its_time_is_over(house)
    assert "Nobody is on it." in words_of(liu.get(page_of(kept)).text)
    assert liu.post(f"{page_of(kept)}/take").status_code == 303
    assert liu.post(f"{page_of(kept)}/let_go").status_code == 303
    assert "Nobody is on it." in words_of(chen.get(page_of(kept)).text)
    assert [action for _, action in house.audit(kept.report_id)][-3:-1] == ["took", "let_go"]


def test_opening_it_again_keeps_its_holder_on_it_and_a_page_left_open_does_not(house: House) -> None:
    kept, chen = house.triaged(), house.duty("Chen")
    chen.post(f"{page_of(kept)}/take")

    def until() -> int:
        with house.database.read() as connection:
            return int(connection.execute(select(holds.c.until - database_now())).scalar_one())

    with house.database.write() as connection:
        connection.execute(update(holds).values(until=database_now() + 60_000))
    chen.get(f"{page_of(kept)}/there?version=2", headers={"HX-Request": "true"})
    assert until() <= 60_000
    chen.get(page_of(kept))
    assert until() > (HOLD_MINUTES - 1) * 60_000


def test_a_page_says_when_the_report_is_no_longer_as_it_shows_it(house: House) -> None:
    kept, chen, liu = house.triaged(), house.duty("Chen"), house.duty("Liu")
    version = chen.version(page_of(kept))
    there = f"{page_of(kept)}/there?version={version}"
    assert "has changed" not in words_of(chen.get(there).text)
    liu.act(page_of(kept), "confirm")
    assert "This report has changed since you opened it." in words_of(chen.get(there).text)


def test_a_page_that_keeps_itself_up_to_date_keeps_its_title(house: House) -> None:
    # What a page fetches for a part of itself names the whole page anew.
    kept, chen = house.triaged(), house.duty()
    titles = [
        re.findall("<title>(.*?)</title>", chen.get(path).text)
        for path in (page_of(kept), f"{page_of(kept)}/there?version=1")
    ]
    assert titles[0] == titles[1] != []


def test_who_is_on_a_report_is_nothing_for_a_unit_or_with_a_wrong_reference(house: House) -> None:
    kept = house.referred()
    for path in (page_of(kept), "/reports/AAAA-AAAAAA"):
        asker = house.unit() if path == page_of(kept) else house.duty()
        assert asker.post(f"{path}/take").status_code == 404
        assert asker.get(f"{path}/there?version=1").status_code == 404
    assert house.duty().post(f"{page_of(kept)}/take", {"from_whom": "' OR 1=1"}).status_code == 400
