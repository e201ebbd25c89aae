"""What is kept back from a unit is seen at the desk, with why and when it is looked at again; at the unit it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from reports.tables import withheld
from reports.withheld import bring_back
from tests.console.house import LABELS, RUILI, House, Kept, Officer, a_finding, words_of
from tests.workers.made import RecordingSender
from workers.senders.packet import Packet

WISHES = replace(LABELS, contact=("not_police", "anonymous"))


def test_the_desk_sees_what_is_kept_back_from_whom_why_and_until_when(house: House) -> None:
    kept = house.triaged(finding=a_finding(WISHES))
    decision = house.decision(WISHES)
    assert decision.withheld
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    _, _, told = seen.partition("Kept back")
    names = house.services.rulebook.units
    for held in decision.withheld:
        assert names.name(held.from_whom, "en") in told
        assert held.why_en in told
        assert held.review_at[:16].replace("T", " ") in told


def test_a_unit_s_packet_has_nothing_of_what_is_kept_back_from_it(house: House) -> None:
    kept = house.referred(finding=a_finding(WISHES), name="王某", contact="12345")
    held = house.decision(WISHES).withheld
    for packet in house.packets(kept):
        fields = {field for one in held if one.from_whom == packet["unit"] for field in one.fields}
        assert fields.isdisjoint(packet["fields"].split())
        page = house.unit(packet["unit"]).get(f"/inbox/{packet['id']}")
        assert page.status_code == 200
        if "reporter_name" in fields:
            assert "王某" not in page.text


NAME = "无名氏乙"
SECRET = replace(LABELS, reporter="witness", contact=("not_police",))
FAR = str(date.today() + timedelta(days=40))


@pytest.fixture
def secret(house: House) -> Kept:
    """A report whose police have it, without the reporter's name and contact, and whose time to look again has come."""
    kept = house.referred(finding=a_finding(SECRET), name=NAME)
    with house.database.write() as connection:
        connection.execute(withheld.update().values(review_at=1))
    assert bring_back(house.services.store, 50) == 1
    return kept


def row(house: House) -> Any:
    with house.database.read() as connection:
        return connection.execute(select(withheld).where(withheld.c.ended_at.is_(None))).one()


def answer(officer: Officer, house: House, kept: Kept, verb: str, **fields: str) -> TestResponse:
    held = row(house)
    form = {"withheld": held.id, "version": str(held.version), "reason": "想过了", **fields}
    return officer.post(f"/reports/{kept.reference}/{verb}", form)


def test_the_queue_says_that_something_is_to_be_looked_at_again_and_leads_there(house: House, secret: Kept) -> None:
    chen = house.duty()
    assert "1 things that are kept back are to be looked at again" in words_of(chen.get("/queue").text)
    page = chen.get("/withheld").text
    assert f'href="/reports/{secret.reference}#withheld"' in page
    assert "Ruili City Public Security Bureau" in words_of(page)
    assert NAME not in page
    assert "Look at it now" in words_of(chen.get(f"/reports/{secret.reference}").text)


def test_keeping_it_back_wants_a_reason_and_a_day_to_come(house: House, secret: Kept) -> None:
    chen = house.duty("Chen")
    for fields, said in (
        ({"until": FAR, "reason": " "}, "Please give a reason"),
        ({"until": ""}, "is no day"),
        ({"until": "tomorrow"}, "“tomorrow” is no day"),
        ({"until": "2026-01-01"}, "it must be after today and within a year"),
        ({"until": str(date.today() + timedelta(days=500))}, "it must be after today and within a year"),
    ):
        refused = answer(chen, house, secret, "keep_back", **fields)
        assert refused.status_code == 422
        assert said in words_of(refused.text)
        assert row(house).due_since is not None
    assert answer(chen, house, secret, "keep_back", until=FAR).status_code == 303
    held = row(house)
    assert held.due_since is None
    assert held.review_at > 1
    assert (chen.id, "kept_back") in house.audit(secret.report_id)
    page = words_of(chen.get(f"/reports/{secret.reference}").text)
    assert f"{FAR} 09:00" in page
    assert "Chen kept it back on from Ruili City Public Security Bureau" in page
    assert "想过了" in page
    assert "to be looked at again" not in words_of(chen.get("/queue").text).replace("To look at again", "")
    assert NAME not in house.unit().get(f"/inbox/{house.packet(secret)}").text


def test_releasing_it_gives_it_to_that_unit_in_the_packet_it_has(house: House, secret: Kept) -> None:
    chen, liu = house.duty(), house.unit()
    packet = house.packet(secret)
    assert liu.act(f"/inbox/{packet}", "accept").status_code == 303
    others = [one for one in house.packets(secret) if one["unit"] != RUILI]
    assert answer(chen, house, secret, "release").status_code == 303
    page = liu.get(f"/inbox/{packet}").text
    assert NAME in page
    assert "The duty desk has since released what it had kept back" in words_of(page)
    assert "Added to" in words_of(liu.get("/inbox").text)
    assert [one["state"] for one in house.packets(secret) if one["unit"] == RUILI] == ["ACCEPTED"]
    after = {one["id"]: one for one in house.packets(secret)}
    assert all(after[one["id"]]["sealed_packet"] == one["sealed_packet"] for one in others)
    assert "Released" in words_of(chen.get(f"/reports/{secret.reference}").text)
    assert "to be looked at again" not in words_of(chen.get("/queue").text)


def test_what_is_released_before_the_packet_went_out_goes_with_it(house: House) -> None:
    kept = house.triaged(finding=a_finding(SECRET), name=NAME)
    chen = house.duty()
    chen.act(f"/reports/{kept.reference}", "confirm")
    assert answer(chen, house, kept, "release").status_code == 303
    house.deliver()
    assert NAME in house.unit().get(f"/inbox/{house.packet(kept)}").text


def test_what_is_released_is_not_taken_away_by_a_renewal_that_was_on_its_way(house: House, secret: Kept) -> None:
    chen = house.duty()
    house.more_told(secret)
    answers: list[int] = []

    def release_meanwhile(_packet: Packet) -> None:
        if not answers:
            answers.append(answer(chen, house, secret, "release").status_code)

    server = RecordingSender(meanwhile=release_meanwhile)
    house.renew(server)
    assert answers == [303]
    assert NAME in house.unit().get(f"/inbox/{house.packet(secret)}").text
    house.renew(server)
    assert NAME in house.unit().get(f"/inbox/{house.packet(secret)}").text
    (newest,) = [packet for packet in server.sent if packet.unit == RUILI][-1:]
    assert newest.fields["reporter_name"] == NAME


def test_who_comes_second_is_told_and_changes_nothing(house: House, secret: Kept) -> None:
    chen, held = house.duty(), row(house)
    form = {"withheld": held.id, "version": str(held.version), "reason": "想过了", "until": FAR}
    page = f"/reports/{secret.reference}"
    assert chen.post(f"{page}/keep_back", form).status_code == 303
    for verb in ("keep_back", "release"):
        assert chen.post(f"{page}/{verb}", form).status_code == 409
    assert NAME not in house.unit().get(f"/inbox/{house.packet(secret)}").text
    assert [verb for _, verb in house.audit(secret.report_id)].count("kept_back") == 1


def test_nobody_but_a_duty_officer_releases_anything(house: House, secret: Kept) -> None:
    liu = house.unit()
    assert answer(liu, house, secret, "release").status_code == 404
    assert liu.get("/withheld").status_code == 404
    assert house.nobody().get("/withheld").status_code == 302
    assert row(house).ended_at is None


def test_nonsense_for_what_is_meant_changes_nothing(house: House, secret: Kept) -> None:
    chen = house.duty()
    for fields in ({"withheld": "x"}, {"version": "x"}, {"withheld": ""}):
        assert answer(chen, house, secret, "release", **fields).status_code == 400
    assert answer(chen, house, secret, "release", withheld="0" * 32).status_code == 409
