"""A finding or a decision that was changed in the database: a clear page, and a person who judges anew."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from reports.tables import decisions, findings
from tests.console.house import RUILI, House, a_finding, words_of
from tests.console.test_recusal import COMPLAINT, labels_form

DAMAGE = ("{}", "[]", "", "not JSON", '{"labels": 7}', "[" * 5000)


def damage(house: House, table: Any, body: str = "{}") -> None:
    with house.database.write() as connection:
        connection.execute(update(table).values(body=body))


@pytest.mark.parametrize("table", [findings, decisions], ids=str)
@pytest.mark.parametrize("body", DAMAGE, ids=range(len(DAMAGE)))
def test_the_report_s_page_says_so_and_asks_for_labels(house: House, table: Any, body: str) -> None:
    kept, chen = house.referred(), house.duty()
    damage(house, table, body)
    page = chen.get(f"/reports/{kept.reference}")
    assert page.status_code == 200
    assert "The record of what was found or decided is damaged" in words_of(page.text)
    assert "/correct" in page.text
    assert "/reroute" not in page.text


def test_the_queue_shows_the_others_and_names_the_damaged_one(house: House) -> None:
    broken, sound = house.triaged(), house.triaged()
    with house.database.write() as connection:
        connection.execute(update(findings).where(findings.c.report_id == broken.report_id).values(body="{}"))
    page = words_of(house.duty().get("/queue").text)
    assert sound.reference in page
    assert f"{broken.reference}" in page
    assert page.count("Record damaged") == 1


def test_labels_given_anew_mend_it(house: House) -> None:
    kept, chen = house.referred(), house.duty()
    damage(house, findings)
    corrected = chen.act(f"/reports/{kept.reference}", "correct", **labels_form(COMPLAINT))
    assert corrected.status_code == 303
    assert "damaged" not in words_of(chen.get(f"/reports/{kept.reference}").text)
    assert house.row(kept)["state"] == "REFERRED"


def test_a_unit_may_still_accept_what_it_has(house: House) -> None:
    kept, liu = house.referred(), house.unit(RUILI)
    damage(house, decisions)
    assert liu.act(f"/inbox/{house.packet(kept)}", "accept").status_code == 303


def test_what_was_found_before_does_not_stand_in_for_what_is_damaged(house: House) -> None:
    kept, chen = house.referred(finding=a_finding()), house.duty()
    chen.act(f"/reports/{kept.reference}", "correct", **labels_form(COMPLAINT))
    with house.database.write() as connection:
        connection.execute(update(findings).where(findings.c.number == 2).values(body="{}"))
    page = words_of(chen.get(f"/reports/{kept.reference}").text)
    assert "The record of what was found or decided is damaged" in page
    assert "In danger" not in page
