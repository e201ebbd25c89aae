"""By hand: what does not reach its unit is seen by unit with its reasons, read out, and written down."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import BytecodeCache
from sqlalchemy import update

from config.settings import PACKAGED_CONFIG
from reports.keys import DoorKeys
from reports.states import ReportState
from reports.tables import referrals, remarks
from reports.values import Labels
from routing.rulebook.book import Rulebook
from routing.rulebook.load import read_rulebook
from tests.console.house import LABELS, RUILI, SENDER, TEXT, House, Kept, a_finding, words_of


def stick(house: House, kept: Kept, **columns: Any) -> str:
    """Leaves the lead's packet of a report with an officer."""
    packet = next(str(packet["id"]) for packet in house.packets(kept) if packet["part"] == "lead")
    values = {"way": "by_hand", "ways_failed": "webhook:gone sms:refused", "failure": "refused", **columns}
    with house.database.write() as connection:
        connection.execute(update(referrals).where(referrals.c.id == packet).values(**values))
    return packet


@pytest.fixture
def stuck(house: House) -> tuple[Kept, str]:
    kept = house.triaged(after=ReportState.REFERRED, name="无名氏甲")
    return kept, stick(house, kept)


def test_the_queue_says_how_many_packets_are_stuck_and_the_list_why(house: House, stuck: tuple[Kept, str]) -> None:
    kept, packet = stuck
    duty = house.duty()
    assert "1 packets have not reached their units" in duty.get("/queue").text
    page = duty.get("/by-hand").text
    assert f'href="/by-hand/{packet}"' in page
    said = words_of(page)
    assert "Ruili City Public Security Bureau the oldest since" in said
    assert "The unit’s server: the unit’s server says this address is no longer used" in said
    assert "Notice by text: " in said
    assert kept.reference in said
    assert TEXT not in said


def test_nothing_is_stuck_where_every_packet_arrived(house: House) -> None:
    house.referred()
    duty = house.duty()
    assert "have not reached" not in duty.get("/queue").text
    assert "Nothing is stuck." in duty.get("/by-hand").text


def test_whoever_watches_sees_by_unit_and_reason_what_is_stuck(house: House, stuck: tuple[Kept, str]) -> None:
    late = house.triaged("1", after=ReportState.REFERRED)
    stick(house, late, way="webhook", ways_failed="", failure=None, due_at=1)
    figures = house.nobody().get("/metrics").text
    for reason in ("webhook:gone", "sms:refused", "late"):
        assert f'hotline_stuck_packets{{reason="{reason}",unit="{RUILI}"}} 1.0' in figures
    assert f'hotline_stuck_oldest_seconds{{unit="{RUILI}"}}' in figures


def test_a_packet_that_is_late_or_failed_once_is_there_before_its_last_try(house: House) -> None:
    late, failed, new = (house.triaged(f"{number}", after=ReportState.REFERRED) for number in range(3))
    stick(house, late, way="webhook", ways_failed="", failure=None, due_at=1)
    stick(house, failed, way="webhook", ways_failed="", failure="no_answer", attempts=3)
    stick(house, new, way="webhook", ways_failed="", failure=None)
    page = house.duty().get("/by-hand").text
    assert late.reference in page
    assert failed.reference in page
    assert "tried 3 times" in page
    assert new.reference not in page


def test_the_words_are_those_of_the_units_own_packet_and_seeing_them_is_written_down(
    house: House, stuck: tuple[Kept, str]
) -> None:
    kept, packet = stuck
    duty = house.duty("Officer Seven")
    page = duty.get(f"/by-hand/{packet}").text
    said = words_of(page)
    assert "Read this to Ruili City Public Security Bureau" in said
    assert (
        f"Officer Seven speaking. I have a packet for Ruili City Public Security Bureau, reference {kept.reference}"
        in said
    )
    assert TEXT in said
    assert "无名氏甲" in said
    assert SENDER in said
    assert (duty.id, "opened_to_read") in house.audit(packet)


def test_a_copied_units_words_hold_no_field_outside_its_list(house: House) -> None:
    labels = replace(LABELS, matters=("forced_labour", "victim_relief"))
    kept = house.triaged(finding=a_finding(labels), after=ReportState.REFERRED, name="无名氏甲")
    copies = [packet for packet in house.packets(kept) if packet["part"] == "copy"]
    assert copies
    for packet in copies:
        page = house.duty().get(f"/by-hand/{packet['id']}").text
        assert ("无名氏甲" in page) == ("reporter_name" in packet["fields"].split())
        assert (SENDER in page) == ("reporter_contact" in packet["fields"].split())
        assert (TEXT in page) == ("text" in packet["fields"].split())


def test_what_was_read_out_is_delivered_with_officer_reason_and_clock(house: House, stuck: tuple[Kept, str]) -> None:
    kept, packet = stuck
    duty = house.duty()
    answer = duty.act(f"/by-hand/{packet}", "read-out", reason="值班民警接的，已复述")
    assert (answer.status_code, answer.location) == (303, f"/reports/{kept.reference}")
    (row,) = (one for one in house.packets(kept) if one["id"] == packet)
    assert (row["state"], row["way"]) == ("DELIVERED", "by_hand")
    assert row["due_at"] > row["delivered_at"]
    # Two readings of the database's clock in one statement may lie a moment apart.
    assert row["next_step_at"] == pytest.approx(row["due_at"], abs=1_000)
    assert (duty.id, "read_out") in house.audit(packet)
    assert "值班民警接的，已复述" in duty.get(f"/reports/{kept.reference}").text
    assert packet not in duty.get("/by-hand").text
    assert TEXT in house.unit(RUILI).get(f"/inbox/{packet}").text


def test_a_unit_that_takes_it_on_at_once_has_accepted_it(house: House, stuck: tuple[Kept, str]) -> None:
    kept, packet = stuck
    house.duty().act(f"/by-hand/{packet}", "read-out", taken_on="1")
    (row,) = (one for one in house.packets(kept) if one["id"] == packet)
    assert row["state"] == "ACCEPTED"
    assert row["accepted_at"] is not None
    assert [action for _, action in house.audit(packet)][-2:] == ["read_out", "accepted"]


def test_without_a_word_on_who_answered_nothing_is_written_down(house: House, stuck: tuple[Kept, str]) -> None:
    kept, packet = stuck
    answer = house.duty().act(f"/by-hand/{packet}", "read-out", reason=" ", taken_on="1")
    assert answer.status_code == 422
    assert "Please give a reason" in answer.text
    assert "checked" in answer.text
    assert {one["state"] for one in house.packets(kept)} == {"PENDING"}


def test_a_packet_that_arrived_meanwhile_is_not_told_twice_and_the_reason_is_kept(
    house: House, stuck: tuple[Kept, str]
) -> None:
    kept, packet = stuck
    first, second = house.duty(), house.duty()
    version = second.version(f"/by-hand/{packet}")
    first.act(f"/by-hand/{packet}", "read-out")
    answer = second.post(f"/by-hand/{packet}/read-out", {"version": version, "reason": "我也读了"})
    assert answer.status_code == 409
    assert "我也读了" in answer.text
    assert [action for _, action in house.audit(packet)].count("read_out") == 1


def test_reasons_are_sealed(house: House, stuck: tuple[Kept, str]) -> None:
    _, packet = stuck
    house.duty().act(f"/by-hand/{packet}", "read-out", reason="接电话的是值班民警")
    with house.database.read() as connection:
        (row,) = connection.execute(remarks.select()).all()
    assert "接电话的是值班民警".encode() not in row.sealed_text
    assert not any("接电话的" in json.dumps(list(map(str, one))) for one in house.audit())


def test_the_report_shows_how_each_unit_is_told_and_leads_to_the_words(house: House, stuck: tuple[Kept, str]) -> None:
    kept, packet = stuck
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert f'<a href="/by-hand/{packet}">Read out</a>' in page
    assert "By hand" in words_of(page)


@pytest.fixture(scope="session")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """A rulebook in which Ruili's public security takes no men and speaks Chinese only; its city's is there for all."""
    folder = tmp_path_factory.mktemp("limited") / "config"
    shutil.copytree(PACKAGED_CONFIG, folder, ignore=shutil.ignore_patterns("model", "__pycache__"))
    (folder / "units.csv").write_text(
        f"unit,serves,languages,hours,telephone\n{RUILI},women children,zh,mon-sun 00:00-24:00,0692-0000000\n",
        encoding="utf-8",
    )
    return read_rulebook(folder)


@pytest.fixture
def narrow(house: House, limited: Rulebook, door_keys: DoorKeys, compiled: BytecodeCache) -> House:
    """The desk with that rulebook."""
    return House(replace(house.services, rulebook=limited), door_keys, compiled)


def said_of(house: House, labels: Labels, language: str = "zh") -> str:
    kept = house.triaged(finding=a_finding(labels, language=language), after=ReportState.REFERRED)
    return words_of(house.duty().get(f"/reports/{kept.reference}").text)


def test_a_unit_that_takes_no_men_is_said_to_be_a_dead_end_with_the_decision(narrow: House) -> None:
    said = said_of(narrow, replace(LABELS, persons=("man",)))
    assert "Ruili City Public Security Bureau does not take men." in said
    assert "It can be sent to Dehong" in said


def test_a_unit_that_takes_the_person_harmed_is_no_dead_end(narrow: House) -> None:
    assert "Leads no further" not in said_of(narrow, replace(LABELS, persons=("woman",)))


def test_a_unit_that_does_not_speak_the_language_is_a_dead_end_too(narrow: House) -> None:
    said = said_of(narrow, replace(LABELS, persons=("woman",)), language="my")
    assert "Ruili City Public Security Bureau does not speak Burmese." in said


def test_whoever_reads_out_sees_the_number_and_whether_somebody_is_there(narrow: House) -> None:
    kept = narrow.triaged(after=ReportState.REFERRED)
    said = words_of(narrow.duty().get(f"/by-hand/{stick(narrow, kept)}").text)
    assert "0692-0000000" in said
    assert "Mon Tue Wed Thu Fri Sat Sun 00:00–24:00 there now" in said
    assert "Speaks Chinese" in said
