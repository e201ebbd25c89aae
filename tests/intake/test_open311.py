"""The door for city platforms: GeoReport v2 in both formats, and nothing of a report but where it stands."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from reports.partners import PartnerKind, Partners
from reports.tables import reports
from tests.intake.doors import API_KEY, Doors, ListeningBell

FORM = "application/x-www-form-urlencoded"
REQUEST = {
    "jurisdiction_id": "hotline",
    "service_code": "forced_labour",
    "lat": "24.012",
    "long": "97.851",
    "address_string": "云南省瑞丽市姐告路砖厂",
    "description": "三十多人被扣身份证，不让走",
    "first_name": "某",
    "last_name": "李",
    "phone": "+8613800000000",
    "email": "someone@example.com",
    "media_url": "https://city.example/photo.jpg",
    "attribute[danger]": "no",
    "attribute[persons]": "三十多个外地民工",
    "attribute[wishes][]": "unsafe_to_call",
}


@pytest.fixture
def key(doors: Doors) -> str:
    return doors.partner(PartnerKind.CITY_PLATFORM, name="市民平台")


def file(doors: Doors, key: str, form: str = "json", **changes: Any) -> TestResponse:
    fields = {"api_key": key, **REQUEST, **changes}
    sent = urlencode({name: value for name, value in fields.items() if value is not None}, doseq=True)
    return doors.client.post(f"/open311/v2/requests.{form}", data=sent, content_type=FORM)


def get(doors: Doors, path: str, key: str = "", **query: str) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return doors.client.get(f"/open311/{path}", query_string=query, headers=headers)


def xml_of(answer: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(answer)  # noqa: S314


def error_of(answer: TestResponse) -> tuple[int, str]:
    if answer.mimetype == "application/json":
        (error,) = json.loads(answer.data)
        found = int(error["code"]), str(error["description"])
    else:
        root = xml_of(answer.data)
        assert root.tag == "errors"
        (one,) = root
        found = int(one.findtext("code", "")), one.findtext("description", "")
    assert found[0] == answer.status_code
    return found


def test_a_platform_finds_the_server_and_what_it_may_file(doors: Doors) -> None:
    found = get(doors, "discovery.json").json
    assert found["endpoints"][0]["url"] == "https://hotline.example/open311/v2"
    services = get(doors, "v2/services.json", jurisdiction_id="hotline").json
    assert {"forced_labour", "missing_person", "other"} <= {one["service_code"] for one in services}
    assert {one["type"] for one in services} == {"realtime"}
    definition = get(doors, "v2/services/other.json").json
    danger = next(one for one in definition["attributes"] if one["code"] == "danger")
    assert (danger["datatype"], danger["required"]) == ("singlevaluelist", False)
    assert {"key": "now", "name": "是，现在"} in danger["values"]


def test_the_same_is_told_in_xml_with_the_names_of_the_specification(doors: Doors) -> None:
    answer = get(doors, "v2/services.xml")
    assert answer.content_type == "text/xml; charset=utf-8"
    assert answer.data.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = xml_of(answer.data)
    assert (root.tag, {one.tag for one in root}) == ("services", {"service"})
    assert root.findtext("service/metadata") == "true"
    definition = xml_of(get(doors, "v2/services/forced_labour.xml").data)
    assert definition.findtext("attributes/attribute/values/value/key") == "now"
    assert [one.text for one in definition.iterfind("attributes/attribute/order")] == ["1", "2", "3"]


def test_words_come_in_the_language_that_the_platform_prefers(doors: Doors) -> None:
    answer = doors.client.get("/open311/v2/services.json", headers={"Accept-Language": "en"})
    assert answer.json[0]["service_name"] == "Missing person"


def test_a_request_is_kept_whole_and_its_number_is_said(doors: Doors, key: str, bell: ListeningBell) -> None:
    answer = file(doors, key)
    kept = doors.only()
    assert answer.status_code == 201
    assert answer.json[0]["service_request_id"] == kept.reference
    assert kept.content.text == "三十多人被扣身份证，不让走\n三十多个外地民工"
    assert kept.content.place == REQUEST["address_string"]
    assert (kept.content.name, kept.content.contact) == ("李 某", "+8613800000000, someone@example.com")
    assert kept.content.wishes == ("unsafe_to_call",)
    assert kept.content.suggested == ("forced_labour", "child_labour")
    assert dict(kept.content.particulars) == {
        "lat": "24.012", "long": "97.851", "media_url": "https://city.example/photo.jpg",
    }  # fmt: skip
    assert bell.rung == [(kept.queue, kept.report_id)]


def test_the_answer_in_xml_names_the_request(doors: Doors, key: str) -> None:
    root = xml_of(file(doors, key, "xml").data)
    assert root.tag == "service_requests"
    assert root.findtext("request/service_request_id") == doors.only().reference


def test_danger_now_is_read_first(doors: Doors, key: str) -> None:
    file(doors, key, description="见附件", **{"attribute[danger]": "now"})
    assert doors.only().content.in_danger
    assert doors.only().queue == "urgent"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"lat": None, "long": None, "address_string": None}, id="no place"),
        pytest.param({"lat": "x", "long": "9" * 400}, id="coordinates that are none"),
        pytest.param({"description": None}, id="no description"),
        pytest.param({"description": "长" * 5000}, id="more than the 4,000 letters of the specification"),
        pytest.param({"attribute[danger]": "maybe", "attribute[colour]": "red"}, id="answers to no question"),
        pytest.param({"description": "a\x00b<script>&"}, id="characters that cannot be kept"),
        pytest.param({"jurisdiction_id": None}, id="no jurisdiction, where there is one"),
    ],
)
def test_nothing_is_refused_for_what_it_says_or_leaves_out(doors: Doors, key: str, changes: dict[str, Any]) -> None:
    assert file(doors, key, **changes).status_code == 201
    assert len(doors.kept()) == 1


def test_a_request_that_says_nothing_is_a_silent_contact(doors: Doors, key: str) -> None:
    empty = dict.fromkeys([name for name in REQUEST if name != "service_code"])
    assert file(doors, key, **empty).status_code == 201
    assert (doors.only().flags, doors.only().queue) == (("silent",), "urgent")


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize(
    ("changes", "code", "names"),
    [
        ({"api_key": None}, 403, "api_key"),
        ({"api_key": "x" * 40}, 403, "api_key"),
        ({"api_key": "钥" * 40}, 403, "api_key"),
        ({"jurisdiction_id": "elsewhere"}, 404, "jurisdiction_id"),
        ({"service_code": None}, 400, "service_code"),
        ({"service_code": "potholes<"}, 404, "service_code"),
        ({f"field{number}": "x" for number in range(100)}, 400, "fields"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_an_error_of_the_specification_in_the_format_asked_for(
    doors: Doors, key: str, form: str, changes: dict[str, Any], code: int, names: str
) -> None:
    answer = file(doors, key, form, **changes)
    said = error_of(answer)
    assert said[0] == code
    assert names in said[1]
    assert answer.mimetype == ("text/xml" if form == "xml" else "application/json")
    assert doors.kept() == []


def test_a_school_s_key_is_not_for_this_door(doors: Doors) -> None:
    assert error_of(file(doors, doors.partner(PartnerKind.SCHOOL)))[0] == 403


def test_a_bearer_token_serves_as_well_and_needs_no_field(doors: Doors) -> None:
    answer = doors.client.post(
        "/open311/v2/requests.json",
        data=urlencode(REQUEST),
        content_type=FORM,
        headers={"Authorization": f"Bearer {API_KEY}"},
    )
    assert answer.status_code == 201


def test_with_an_idempotency_key_the_same_is_kept_once_and_without_one_each_is(doors: Doors, key: str) -> None:
    headers = {"Idempotency-Key": "a-1", "Authorization": f"Bearer {key}"}
    once = [
        doors.client.post("/open311/v2/requests.json", data=urlencode(REQUEST), content_type=FORM, headers=headers)
        for _ in range(2)
    ]
    assert once[0].data == once[1].data
    assert len(doors.kept()) == 1
    other = doors.client.post(
        "/open311/v2/requests.json", data="service_code=other", content_type=FORM, headers=headers
    )
    assert error_of(other)[0] == 400
    assert [file(doors, key).status_code for _ in range(2)] == [201, 201]
    assert len(doors.kept()) == 3


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY f SYSTEM "file:///etc/passwd">]><requests><description>&b;&f;</description></requests>'
)


@pytest.mark.parametrize("content_type", ["text/xml", "application/xml", "application/json", "text/plain", ""])
def test_xml_is_never_read(doors: Doors, key: str, content_type: str) -> None:
    answer = doors.client.post(
        "/open311/v2/requests.xml", data=BOMB, content_type=content_type, headers={"Authorization": f"Bearer {key}"}
    )
    assert error_of(answer)[0] == 415
    assert doors.kept() == []


def test_what_is_refused_before_the_door_is_an_error_of_the_specification_too(doors: Doors, key: str) -> None:
    assert error_of(file(doors, key, description="x" * 70_000))[0] == 413
    assert error_of(doors.client.get("/open311/v2/nothing"))[0] == 404
    answer = doors.client.delete("/open311/v2/requests.json")
    assert error_of(answer)[0] == 405
    assert "POST" in answer.headers["Allow"]


def test_a_platform_follows_its_requests_to_closed_and_reads_none_of_their_words(doors: Doors, key: str) -> None:
    reference = file(doors, key).json[0]["service_request_id"]
    (before,) = get(doors, f"v2/requests/{reference}.json", key).json
    assert (before["status"], before["status_notes"]) == ("open", "收到了，会有人看。")
    assert (before["service_code"], before["service_name"]) == ("forced_labour", "强迫劳动、童工")
    with doors.database.write() as connection:
        ended = {"state": "CLOSED", "closed_at": reports.c.received_at + 60_000, "outcome": "victim_safe"}
        connection.execute(update(reports).values(**ended))
    (after,) = get(doors, f"v2/requests/{reference}.json", key).json
    assert after["status"] == "closed"
    assert after["status_notes"] not in ("", before["status_notes"])
    assert after["updated_datetime"] > after["requested_datetime"]
    for said in ("砖厂", "13800000000", "24.012", "三十多"):
        assert said not in str(after)
        assert said not in get(doors, f"v2/requests/{reference}.xml", key).text


def test_another_platforms_requests_are_not_there(doors: Doors, key: str) -> None:
    reference = file(doors, key).json[0]["service_request_id"]
    other = doors.partner(PartnerKind.CITY_PLATFORM, name="别的平台")
    answers = [get(doors, f"v2/requests/{one}.json", other) for one in (reference, "K7M2-QX3TD4", "1")]
    assert {error_of(answer) for answer in answers} == {error_of(answers[0])}
    assert error_of(answers[0])[0] == 404
    assert get(doors, "v2/requests.json", other).json == []
    assert error_of(get(doors, f"v2/tokens/{reference}.json", other))[0] == 404
    assert error_of(get(doors, "v2/requests.json"))[0] == 403


def test_a_revoked_platform_files_and_follows_no_more(doors: Doors, key: str) -> None:
    reference = file(doors, key).json[0]["service_request_id"]
    Partners(doors.database).revoke("市民平台", "test")
    assert error_of(file(doors, key))[0] == 403
    assert error_of(get(doors, f"v2/requests/{reference}.json", key))[0] == 403


def test_a_token_leads_to_its_request(doors: Doors, key: str) -> None:
    reference = file(doors, key).json[0]["service_request_id"]
    assert get(doors, f"v2/tokens/{reference}.json", key).json == [
        {"service_request_id": reference, "token": reference}
    ]


def test_a_list_holds_what_was_asked_for(doors: Doors, key: str) -> None:
    first = file(doors, key).json[0]["service_request_id"]
    second = file(doors, key, service_code="other").json[0]["service_request_id"]
    with doors.database.write() as connection:
        connection.execute(update(reports).where(reports.c.reference == first).values(state="CLOSED"))
        connection.execute(update(reports).where(reports.c.reference == second).values(received_at=1_000))

    def listed(**query: str) -> list[str]:
        return [one["service_request_id"] for one in get(doors, "v2/requests.json", key, **query).json]

    assert listed() == [first]
    assert listed(start_date="1970-01-01T00:00:00Z") == [first, second]
    assert listed(start_date="1970-01-01T00:00:00Z", end_date="1970-01-02T00:00:00+08:00") == [second]
    assert listed(service_request_id=f"{second},x,{first}") == [first, second]
    assert listed(start_date="1970-01-01T00:00:00Z", service_code="other,forced_begging") == [second]
    assert listed(start_date="1970-01-01T00:00:00Z", status="open") == [second]
    assert listed(status="closed") == listed(status="closed,open") == [first]
    assert xml_of(get(doors, "v2/requests.xml", key).data).tag == "service_requests"


@pytest.mark.parametrize(
    "query", [{"status": "half"}, {"start_date": "yesterday"}, {"end_date": "9999-99-99"}, {"jurisdiction_id": "x"}]
)
def test_a_wrong_query_says_which_argument(doors: Doors, key: str, query: dict[str, str]) -> None:
    code, said = error_of(get(doors, "v2/requests.json", key, **query))
    assert code in (400, 404)
    assert next(iter(query)) in said


@pytest.mark.parametrize("odd", ["\x00", "'", "%", "é", "\ufffe", "a" * 1500])
def test_odd_characters_find_nothing_and_break_nothing(doors: Doors, key: str, odd: str) -> None:
    assert get(doors, "v2/requests.json", key, service_request_id=odd).json == []
    assert get(doors, "v2/requests.xml", key, service_code=odd).status_code == 200
