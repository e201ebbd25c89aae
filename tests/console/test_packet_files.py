"""The files of a packet: a unit whose list has them opens copies in its inbox, written down, and never an original."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from reports.referrals import open_packet
from reports.states import ReferralState
from reports.tables import referrals
from tests.console.house import IN_DANGER, LABELS, MANGSHI, RUILI, House, Kept, a_finding, words_of
from tests.console.test_attachments import JPEG, PHOTO, copied, picture, with_file

OWN = replace(LABELS, contact=("not_police",))


def referred(house: House) -> tuple[Kept, str]:
    """A report with a photo, whose units have their packets, and the photo's id."""
    kept = house.triaged()
    file = with_file(house, kept)
    copied(house, picture())
    house.duty().act(f"/reports/{kept.reference}", "confirm")
    house.deliver()
    return kept, file


def test_the_unit_that_answers_opens_the_copy_and_that_is_written_down(house: House) -> None:
    kept, file = referred(house)
    packet = house.packet(kept)
    liu, page = house.unit(name="Liu"), f"/inbox/{packet}"
    listed = liu.get(page)
    assert "1, opened in the inbox" in words_of(listed.text)
    assert "窑厂" not in listed.text
    assert "original" not in listed.text.replace("the original is needed", "")
    assert base64.b64encode(JPEG).decode() not in listed.text
    assert not any(action == "opened_copy" for _, action in house.audit())

    shown = liu.post(f"{page}/files/{file}")
    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', shown.text)
    assert base64.b64decode(data) == JPEG
    assert 'class="veiled"' in shown.text
    assert " checked" not in shown.text
    assert (shown.headers["Cache-Control"], shown.status_code) == ("no-store", 200)
    assert (liu.id, "opened_copy") in house.audit(packet)
    # The desk sees who looked.
    assert "Liu" in words_of(house.duty().get(f"/reports/{kept.reference}").text.split("opened the copy of a file")[0])


def test_a_packet_says_how_many_files_there_are_and_holds_none_of_them(house: House) -> None:
    kept, _ = referred(house)
    (lead,) = [packet for packet in house.packets(kept) if packet["part"] == "lead"]
    key = house.services.keys.opening.open_report_key(kept.report_id, house.row(kept)["wrapped_key"])
    whole = open_packet(key, lead["id"], lead["sealed_packet"])
    assert json.loads(whole)["fields"]["files"] == 1
    assert PHOTO.data[:20] not in whole
    assert "窑厂" not in whole.decode()


def test_a_unit_whose_list_has_no_files_sees_and_opens_none(house: House) -> None:
    kept, file = referred(house)
    packet = house.packet(kept)
    fields = [field for field in house.packets(kept)[0]["fields"].split() if field != "files"]
    with house.database.write() as connection:
        connection.execute(update(referrals).values(fields=" ".join(fields)))
    liu = house.unit()
    assert f"/inbox/{packet}/files" not in liu.get(f"/inbox/{packet}").text
    assert liu.post(f"/inbox/{packet}/files/{file}").status_code == 404
    assert not any(action == "opened_copy" for _, action in house.audit())


@pytest.mark.parametrize("stands", [ReferralState.REVOKED, ReferralState.PENDING, ReferralState.FAILED])
def test_what_was_called_back_or_never_came_opens_nothing(house: House, stands: ReferralState) -> None:
    kept, file = referred(house)
    packet = house.packet(kept)
    with house.database.write() as connection:
        connection.execute(update(referrals).values(state=stands.value))
    assert house.unit().post(f"/inbox/{packet}/files/{file}").status_code == 404
    assert not any(action == "opened_copy" for _, action in house.audit())


def test_nobody_else_opens_it_and_no_file_of_another_report(house: House) -> None:
    kept, file = referred(house)
    packet = house.packet(kept)
    other = with_file(house, house.triaged())
    copied(house, picture())
    for officer in (house.unit(MANGSHI), house.duty(), house.nobody()):
        assert officer.post(f"/inbox/{packet}/files/{file}").status_code in (302, 303, 403, 404)
    liu = house.unit()
    assert liu.post(f"/inbox/{packet}/files/{other}").status_code == 404
    assert liu.post(f"/inbox/{packet}/files/x").status_code == 400
    assert liu.get(f"/inbox/{packet}/files/{file}").status_code == 405
    assert not any(action == "opened_copy" for _, action in house.audit())


def test_a_file_without_a_copy_is_said_to_be_at_the_desk_and_its_original_is_nobodys(house: House) -> None:
    kept = house.triaged()
    coming, failed = with_file(house, kept), with_file(house, kept)
    copied(house, failure="not_readable")
    house.duty().act(f"/reports/{kept.reference}", "confirm")
    house.deliver()
    packet, liu = house.packet(kept), house.unit()
    shown = words_of(liu.get(f"/inbox/{packet}").text)
    assert "still being made" in shown
    assert "ask the duty desk" in shown
    for file in (coming, failed):
        assert liu.post(f"/inbox/{packet}/files/{file}").status_code == 404


def test_the_story_that_stays_with_the_desk_keeps_its_photos_there(house: House) -> None:
    decision = house.decision(OWN)
    assert any({"text", "files"} <= set(kept.fields) for kept in decision.withheld)
    assert "files" not in decision.lead_fields
    assert "files" in house.decision(IN_DANGER).lead_fields
    kept = house.referred(finding=a_finding(OWN))
    file = with_file(house, kept)
    copied(house, picture())
    assert house.unit(RUILI).post(f"/inbox/{house.packet(kept)}/files/{file}").status_code == 404
