"""A unit's inbox: its packets, of them only the fields it was sent, and what it does with them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from reports.database import database_now
from reports.states import ReportState
from reports.tables import referrals, reports
from reports.values import Urgency
from tests.console.house import IN_DANGER, LABELS, MANGSHI, RUILI, TEXT, House, a_finding, version_in, words_of


def test_a_unit_accepts_its_packet_acts_and_says_when_it_is_done(house: House) -> None:
    kept, liu = house.referred(finding=a_finding(IN_DANGER)), house.unit(name="Liu")
    packet = house.packet(kept)
    assert TEXT in liu.get(f"/inbox/{packet}").text
    assert liu.act(f"/inbox/{packet}", "accept").status_code == 303
    (row,) = [row for row in house.packets(kept) if row["id"] == packet]
    assert row["state"] == "ACCEPTED"
    # From now on the clock for a first action runs: a quarter of an hour, where somebody is in danger.
    assert row["due_at"] - row["accepted_at"] == pytest.approx(15 * 60_000, abs=1000)
    assert liu.act(f"/inbox/{packet}", "act", reason="车已出发").status_code == 303
    (row,) = [row for row in house.packets(kept) if row["id"] == packet]
    assert row["due_at"] - row["first_action_at"] == pytest.approx(30 * 60_000, abs=1000)
    assert liu.act(f"/inbox/{packet}", "done", reason="").status_code == 422
    assert liu.act(f"/inbox/{packet}", "done", reason="人已救出").status_code == 303
    seen = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "Liu accepted it for Ruili City Public Security Bureau" in seen
    assert "Liu finished it for Ruili City Public Security Bureau 人已救出" in seen
    assert "Liu reported the first action of Ruili City Public Security Bureau 车已出发" in seen
    done = [verb for actor, verb in house.audit(packet) if actor == liu.id and verb != "opened_packet"]
    assert done == ["accepted", "first_action", "done"]


def test_a_unit_that_was_passed_over_may_still_take_its_packet_on(house: House) -> None:
    kept, liu = house.referred(finding=a_finding(IN_DANGER)), house.unit()
    packet = house.packet(kept)
    for _ in range(3):
        with house.database.write() as connection:
            connection.execute(update(referrals).values(next_step_at=database_now() - 1000))
        house.escalate()
    house.deliver()
    above = [row for row in house.packets(kept) if row["part"] == "lead" and row["id"] != packet]
    assert [row["state"] for row in above] == ["DELIVERED"]
    assert packet in liu.get("/inbox").text
    assert "the unit above has it as well" in words_of(liu.get(f"/inbox/{packet}").text)
    told = words_of(house.duty().get(f"/reports/{kept.reference}").text)
    assert "The machine reminded Ruili City Public Security Bureau that its time is up" in told
    assert "The machine gave it to the unit above → Dehong" in told.replace(" · ", " ")
    assert liu.act(f"/inbox/{packet}", "accept").status_code == 303
    assert {row["unit"]: row["state"] for row in house.packets(kept) if row["part"] == "lead"} == {
        RUILI: "ACCEPTED",
        above[0]["unit"]: "REVOKED",
    }


def test_a_case_that_a_passed_over_unit_took_and_gave_back_says_at_the_desk_that_it_came_back(house: House) -> None:
    kept, liu, chen = house.referred(finding=a_finding(IN_DANGER)), house.unit(), house.duty()
    packet, page = f"/inbox/{house.packet(kept)}", f"/reports/{kept.reference}"
    for _ in range(3):
        with house.database.write() as connection:
            connection.execute(update(referrals).values(next_step_at=database_now() - 1000))
        house.escalate()
    house.deliver()
    liu.act(packet, "accept")
    liu.act(packet, "bounce", code="not_our_area")
    seen = words_of(chen.get(page).text)
    assert "It came back. Ruili City Public Security Bureau: Not our area" in seen
    # Whoever sends it anew and takes it back again has a report that nobody gave back.
    chen.act(page, "confirm")
    chen.act(page, "reopen")
    assert "It came back" not in words_of(chen.get(page).text)


def test_accepting_twice_is_told_and_changes_nothing(house: House) -> None:
    kept, liu = house.referred(), house.unit()
    page = f"/inbox/{house.packet(kept)}"
    version = liu.version(page)
    assert liu.post(f"{page}/accept", {"version": version}).status_code == 303
    again = liu.post(f"{page}/accept", {"version": version})
    assert again.status_code == 409
    assert "This packet changed a moment ago" in words_of(again.text)
    assert version_in(again.text) != version


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": "because"}, "Choose why it comes back."),
        ({"code": "not_our_area", "reason": " "}, "Please give a reason in one sentence"),
        ({"code": "not_our_area", "kind": "public_security", "area": "夜郎国"}, "“夜郎国” is not known"),
        ({"code": "not_our_area", "kind": "", "area": "芒市"}, "Choose the kind of unit."),
    ],
)
def test_a_packet_given_back_wrongly_is_asked_about_again(house: House, fields: dict[str, str], said: str) -> None:
    kept, liu = house.referred(), house.unit()
    asked = liu.act(f"/inbox/{house.packet(kept)}", "bounce", **fields)
    assert asked.status_code == 422
    assert said in words_of(asked.text)
    if fields.get("area"):
        assert f'value="{fields["area"]}"' in asked.text
    assert {packet["state"] for packet in house.packets(kept)} == {"DELIVERED"}


def test_a_unit_that_proposes_nobody_may_still_give_it_back(house: House) -> None:
    kept, liu = house.referred(), house.unit()
    assert liu.act(f"/inbox/{house.packet(kept)}", "bounce", code="conflict_of_interest").status_code == 303
    assert house.row(kept)["state"] == "IN_TRIAGE"


def test_a_copied_unit_sees_only_the_fields_it_was_sent(house: House) -> None:
    kept = house.referred(name="王某")
    copied = [packet for packet in house.packets(kept) if packet["part"] != "lead"]
    assert copied
    for packet in copied:
        shown = house.unit(packet["unit"]).get(f"/inbox/{packet['id']}").text
        assert ("砖厂" in shown) == ("text" in packet["fields"].split())
        assert "王某" not in shown
        assert "+8613800000000" not in shown


def test_the_list_tells_a_matter_only_where_the_packet_may_hold_it(house: House) -> None:
    kept, liu = house.referred(), house.unit()
    assert "Forced labour" in words_of(liu.get("/inbox").text)
    with house.database.write() as connection:
        connection.execute(update(referrals).values(fields="reference urgency persons"))
    assert "Forced labour" not in words_of(liu.get("/inbox").text)
    assert kept.reference in liu.get("/inbox").text


def test_what_was_called_back_shows_nothing_more(house: House) -> None:
    kept, liu = house.referred(), house.unit()
    packet = house.packet(kept)
    house.duty().act(f"/reports/{kept.reference}", "reroute", kind="public_security", area="芒市")
    shown = liu.get(f"/inbox/{packet}")
    assert shown.status_code == 200
    assert "The duty desk called this back" in words_of(shown.text)
    assert "砖厂" not in shown.text
    assert (liu.id, "opened_packet") not in house.audit(packet)


def test_a_packet_that_has_not_arrived_is_nothing_yet(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    chen.act(f"/reports/{kept.reference}", "confirm")
    assert house.unit().get(f"/inbox/{house.packet(kept)}").status_code == 404
    assert "To do <b>0</b>" in house.unit().get("/inbox").text


def test_packets_are_listed_a_page_at_a_time_each_once_the_most_urgent_first(house: House) -> None:
    for number in range(56):
        urgency = Urgency.from_rank(number % 4)
        house.triaged(finding=a_finding(replace(LABELS, urgency=urgency)), after=ReportState.REFERRED)
    house.deliver()
    liu = house.unit()
    first = liu.get("/inbox")
    assert "To do <b>56</b>" in first.text
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None
    second = liu.get(following[1].replace("&amp;", "&"))
    listed = re.findall(r'href="/inbox/([0-9a-f]{32})"', first.text + second.text)
    assert len(listed) == len(set(listed)) == 56
    shown = re.findall(r'<span class="urgency (\w+)">', first.text + second.text)
    assert shown == sorted(shown, key=["immediate", "urgent", "standard", "low"].index)
    assert 'rel="next"' not in second.text


def test_packets_that_are_over_are_found_again(house: House) -> None:
    kept, liu = house.referred(), house.unit()
    page = f"/inbox/{house.packet(kept)}"
    liu.act(page, "accept")
    liu.act(page, "done")
    assert kept.reference not in liu.get("/inbox").text
    assert kept.reference in liu.get("/inbox?ended=1").text
    assert "Over <b>1</b>" in liu.get("/inbox").text


def test_a_place_in_the_list_that_is_none_is_refused(house: House) -> None:
    for after in ("1", "10.1.x", "0.1", "0.x.y", "0.99999999999999999999.x", "٣.1.x"):
        for officer, page in ((house.unit(MANGSHI), "/inbox"), (house.duty(), "/queue")):
            assert officer.get(page, query_string={"after": after}).status_code == 400


def test_how_to_make_contact_stands_before_everything_else(house: House) -> None:
    kept = house.referred(finding=a_finding(replace(LABELS, contact=("interpreter", "text_only"))))
    shown = words_of(house.unit(RUILI).get(f"/inbox/{house.packet(kept)}").text)
    assert shown.index("Interpreter needed, Text only") < shown.index(TEXT)


def test_a_unit_finds_what_came_in_a_flood_behind_the_others_of_its_urgency(house: House) -> None:
    flooded = [house.referred() for _ in range(3)]
    with house.database.write() as connection:
        connection.execute(update(reports).values(marked=1))
    calm = house.referred(finding=a_finding(replace(LABELS, urgency=Urgency.LOW)))
    true = house.referred()
    listed = re.findall(r'href="/inbox/([0-9a-f]{32})"', house.unit(RUILI).get("/inbox").text)
    assert listed == [house.packet(one) for one in (true, *flooded, calm)]
