"""Recordings at the desk: heard in the page, with a reason, and written down into the report."""

from __future__ import annotations

import base64
import re

import pytest
from sqlalchemy import select

from reports.attachments import add_awaited
from reports.content import AwaitedAttachment
from reports.reading import open_report, sealed_messages
from reports.tables import messages, remarks, reports
from tests.console.house import SOUND, House, Kept, words_of


def page_of(kept: Kept, recording: str) -> str:
    return f"/reports/{kept.reference}/recordings/{recording}"


def contents(house: House, kept: Kept) -> list[str]:
    with house.database.read() as connection:
        sealed = sealed_messages(connection, [kept.report_id])[kept.report_id]
    _, told = open_report(house.services.keys, kept.report_id, house.row(kept)["wrapped_key"], sealed)
    return [content.text for content in told]


def test_a_recording_is_heard_in_the_page_once_the_officer_has_said_why(house: House) -> None:
    kept, chen = house.triaged(text=""), house.duty("Chen")
    recording = house.recorded(kept)
    assert page_of(kept, recording) in chen.get(f"/reports/{kept.reference}").text
    heard = chen.post(page_of(kept, recording), {"reason": "先听听说什么"})
    assert heard.status_code == 200
    found = re.search(r'src="data:(audio/[a-z-]+);base64,([^"]+)"', heard.text)
    assert found is not None
    assert (found[1], base64.b64decode(found[2])) == ("audio/x-wav", SOUND)
    assert (chen.id, "heard") in house.audit(kept.report_id)
    history = words_of(chen.get(f"/reports/{kept.reference}").text)
    assert "Chen listened to a recording 先听听说什么" in history


def test_the_page_may_play_what_lies_in_it_and_nothing_else(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    heard = chen.post(page_of(kept, house.recorded(kept)), {"reason": "听"})
    policy = heard.headers["Content-Security-Policy"]
    assert "media-src data:" in policy
    assert "default-src 'none'" in policy
    assert heard.headers["Cache-Control"] == "no-store"
    assert "media-src" not in chen.get(f"/reports/{kept.reference}").headers["Content-Security-Policy"]


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_opened(house: House, reason: str) -> None:
    kept, chen = house.triaged(), house.duty()
    refused = chen.post(page_of(kept, house.recorded(kept)), {"reason": reason})
    assert refused.status_code == 422
    assert "data:audio" not in refused.text
    assert 'name="reason"' in refused.text
    assert not {"heard", "opened_original"} & {action for _, action in house.audit(kept.report_id)}
    with house.database.read() as connection:
        assert connection.execute(select(remarks)).all() == []


def test_only_a_duty_officer_hears_and_only_the_recordings_of_the_report(house: House) -> None:
    kept, other = house.triaged(), house.triaged()
    recording = house.recorded(kept)
    chen = house.duty()
    assert house.unit().post(page_of(kept, recording), {"reason": "听"}).status_code == 404
    assert chen.post(page_of(other, recording), {"reason": "听"}).status_code == 404
    assert chen.post(page_of(kept, "0" * 32), {"reason": "听"}).status_code == 404
    assert chen.post(page_of(kept, "..%2Fx"), {"reason": "听"}).status_code in (400, 404)
    assert chen.get(page_of(kept, recording)).status_code == 405
    photo = house.triaged()
    assert chen.post(page_of(photo, house.recorded(photo, kind="file")), {"reason": "听"}).status_code == 404


def test_a_type_that_the_provider_made_up_never_becomes_part_of_the_page(house: House) -> None:
    kept, chen = house.triaged(), house.duty()
    heard = chen.post(page_of(kept, house.recorded(kept, claimed_type='text/html"><script>')), {"reason": "听"})
    assert "<script>" not in heard.text
    assert 'src="data:audio/wav;base64,' in heard.text


def test_what_an_officer_writes_down_becomes_a_message_and_the_report_is_to_be_read_again(house: House) -> None:
    kept, chen = house.triaged(text=""), house.duty("Chen")
    recording = house.recorded(kept)
    before = house.row(kept)
    sent = chen.post(f"{page_of(kept, recording)}/words", {"words": " 被关在瑞丽的砖厂 ", "chance": "a" * 32})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/reports/{kept.reference}")
    assert contents(house, kept) == ["", "被关在瑞丽的砖厂"]
    after = house.row(kept)
    assert before["to_read_at"] is None
    assert after["to_read_at"] is not None
    assert after["version"] > before["version"]
    assert (chen.id, "written_down") in house.audit(kept.report_id)
    assert "被关在瑞丽的砖厂" in re.sub("<[^>]+>", "", chen.get(f"/reports/{kept.reference}").text)


def test_what_is_heard_at_a_second_listening_is_added_to_the_first(house: House) -> None:
    kept, chen = house.triaged(text=""), house.duty()
    recording = house.recorded(kept)
    for chance, words in (("a" * 32, "在瑞丽"), ("b" * 32, "在瑞丽，有三个人")):
        fields = {"words": words, "chance": chance}
        assert chen.post(f"{page_of(kept, recording)}/words", fields).status_code == 303
    assert contents(house, kept) == ["", "在瑞丽", "在瑞丽，有三个人"]


def test_what_is_sent_twice_is_added_once_and_what_is_changed_before_that_is_kept(house: House) -> None:
    kept, chen = house.triaged(text=""), house.duty()
    page = page_of(kept, house.recorded(kept))
    chance = re.search(r'name="chance" value="([0-9a-f]{32})"', chen.post(page, {"reason": "听"}).text)
    assert chance is not None
    for words in ("在瑞丽", "在瑞丽", "在瑞丽，有三个人", "在瑞丽，有三个人"):
        assert chen.post(f"{page}/words", {"words": words, "chance": chance[1]}).status_code == 303
    assert contents(house, kept) == ["", "在瑞丽", "在瑞丽，有三个人"]
    assert house.audit(kept.report_id).count((chen.id, "written_down")) == 2


@pytest.mark.parametrize(("words", "said"), [("  ", "Write down what is said"), ("长" * 6001, "This is too long")])
def test_words_that_cannot_be_added_come_back_with_what_is_wrong(house: House, words: str, said: str) -> None:
    kept, chen = house.triaged(text=""), house.duty()
    refused = chen.post(f"{page_of(kept, house.recorded(kept))}/words", {"words": words, "chance": "a" * 32})
    assert refused.status_code == 422
    assert said in words_of(refused.text)
    assert words.strip() in refused.text
    assert f'name="chance" value="{"a" * 32}"' in refused.text
    with house.database.read() as connection:
        assert len(connection.execute(select(messages)).all()) == 1


def test_a_recording_on_its_way_is_said_to_be_so(house: House) -> None:
    kept, chen = house.triaged(text=""), house.duty()
    awaited = AwaitedAttachment(url="https://api.twilio.com/RE", source_id="RE1", kind="recording")
    with house.database.write() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == kept.report_id)).scalar_one()
        key = house.services.keys.opening.open_report_key(kept.report_id, wrapped)
        recording = add_awaited(connection, key, kept.report_id, 0, awaited)
    assert "The recording is on its way" in words_of(chen.get(f"/reports/{kept.reference}").text)
    assert chen.post(page_of(kept, recording), {"reason": "听"}).status_code == 404


def test_listening_alone_is_no_work_that_opens_a_report_later(house: House) -> None:
    kept, chen = house.referred(text=""), house.duty("Chen")
    assert chen.post(page_of(kept, house.recorded(kept)), {"reason": "听"}).status_code == 200
    assert f'action="/reports/{kept.reference}/open_report"' in chen.client.get(f"/reports/{kept.reference}").text
