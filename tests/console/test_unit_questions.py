"""A unit that cannot go on asks the desk, reads the answer with its packet, and gains no time by it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from reports.tables import remarks
from tests.console.house import MANGSHI, RUILI, House, words_of

QUESTION, ANSWER = "砖厂有两家，哪一家？", "靠河的那一家。"


def ask(house: House, packet: str, name: str = "") -> None:
    assert house.unit(name=name).act(f"/inbox/{packet}", "ask_desk", reason=QUESTION).status_code == 303


def test_a_question_goes_to_the_desk_and_its_answer_back_to_the_unit(house: House) -> None:
    kept = house.referred()
    packet, chen = house.packet(kept), house.duty("Chen")
    before = house.packets(kept)
    ask(house, packet, "Liu")
    # Its clock runs on, and nothing else about the packet changes.
    assert house.packets(kept) == before
    assert "A unit waits for an answer" in chen.get("/queue?state=REFERRED").text
    page = chen.get(f"/reports/{kept.reference}").text
    assert QUESTION in page
    assert "Liu asked the duty desk for Ruili City Public Security Bureau" in words_of(page)
    answer = chen.post(f"/reports/{kept.reference}/answer_unit", {"referral": packet, "reason": ANSWER})
    assert answer.status_code == 303
    read = house.unit().get(f"/inbox/{packet}").text
    assert read.index(QUESTION) < read.index(ANSWER)
    assert "A unit waits for an answer" not in chen.get("/queue?state=REFERRED").text
    assert [action for _, action in house.audit(packet) if action.startswith("unit_")] == [
        "unit_asked",
        "unit_answered",
    ]


def test_what_was_asked_lies_sealed_and_is_shown_to_that_unit_alone(house: House) -> None:
    kept = house.referred()
    ask(house, house.packet(kept))
    with house.database.read() as connection:
        (sealed,) = connection.execute(select(remarks.c.sealed_text).where(remarks.c.verb == "unit_asked")).scalars()
    assert QUESTION.encode() not in bytes(sealed)
    others = {packet["unit"] for packet in house.packets(kept)} - {RUILI}
    assert others
    for unit in others:
        page = house.unit(unit).get(f"/inbox/{house.packet(kept, unit)}")
        assert page.status_code == 200
        assert QUESTION not in page.text


def test_two_colleagues_answer_once(house: House) -> None:
    kept = house.referred()
    packet = house.packet(kept)
    ask(house, packet)
    form = {"referral": packet, "reason": ANSWER}
    assert house.duty().post(f"/reports/{kept.reference}/answer_unit", form).status_code == 303
    late = house.duty().post(f"/reports/{kept.reference}/answer_unit", form)
    assert late.status_code == 409
    assert "A colleague has answered already" in late.text
    ask(house, packet)
    assert house.duty().post(f"/reports/{kept.reference}/answer_unit", form).status_code == 303


@pytest.mark.parametrize(
    ("form", "status"),
    [({"referral": "x"}, 400), ({"referral": "0" * 32, "reason": ANSWER}, 409), ({"reason": "  "}, 422)],
)
def test_an_answer_to_nobody_or_without_words_changes_nothing(house: House, form: dict[str, str], status: int) -> None:
    kept = house.referred()
    ask(house, house.packet(kept))
    given = {"referral": house.packet(kept), **form}
    assert house.duty().post(f"/reports/{kept.reference}/answer_unit", given).status_code == status
    assert "unit_answered" not in dict(house.audit()).values()


def test_an_empty_question_and_one_about_an_older_page_are_told(house: House) -> None:
    kept = house.referred()
    page, liu = f"/inbox/{house.packet(kept)}", house.unit()
    assert liu.act(page, "ask_desk", reason=" ").status_code == 422
    version = liu.version(page)
    assert liu.act(page, "accept").status_code == 303
    late = liu.post(f"{page}/ask_desk", {"version": version, "reason": QUESTION})
    assert late.status_code == 409
    assert QUESTION in late.text


def test_a_packet_can_be_printed_to_be_handed_over(house: House) -> None:
    kept, liu = house.referred(), house.unit(name="Liu")
    page = liu.get(f"/inbox/{house.packet(kept)}").text
    sheet = re.search(r'<header class="sheet">.*?</header>', page, re.DOTALL)
    assert sheet is not None
    assert "Handover sheet Ruili City Public Security Bureau" in words_of(sheet[0])
    assert "Printed by Liu at" in words_of(sheet[0])
    assert "Taken over by" in page


def test_packets_of_an_exercise_are_marked_and_among_no_others(house: House) -> None:
    told, played = house.referred(), house.referred(exercise=True)
    liu = house.unit()
    inbox = words_of(liu.get("/inbox").text)
    assert "To do 1" in inbox
    assert "Exercise 1" in inbox
    assert told.reference in inbox
    assert played.reference not in inbox
    exercises = words_of(liu.get("/inbox?exercise=1").text)
    assert played.reference in exercises
    assert told.reference not in exercises
    packet = liu.get(f"/inbox/{house.packet(played)}").text
    assert "Exercise. This is no real report" in packet
    assert liu.act(f"/inbox/{house.packet(played)}", "accept").status_code == 303
    assert "Exercise. This is no real report" in house.duty().get(f"/reports/{played.reference}").text
    assert house.unit(MANGSHI).get(f"/inbox/{house.packet(played)}").status_code == 404
