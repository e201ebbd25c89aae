"""Several partners: each with a key of their own, for their own reports alone."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from reports.partners import PartnerKind, Partners, Scope
from reports.signed_receipts import body_digest, read_receipt
from reports.tables import reports
from tests.intake.doors import API_KEY, PUBLIC_URL, Doors
from tests.intake.files import UPLOAD_TYPE, form_body
from tests.intake.test_api import BODY, problem_of


def bearer(key: str) -> list[tuple[str, str]]:
    return [("Authorization", f"Bearer {key}")]


def test_a_school_files_with_its_own_key_and_follows_its_report(doors: Doors) -> None:
    key = doors.partner(PartnerKind.SCHOOL)
    filed = doors.api(BODY, headers=bearer(key))
    assert filed.status_code == 201
    answer = doors.ask(f"/api/v1/reports/{filed.json['reference']}", key)
    assert answer.status_code == 200
    assert answer.json == {
        "reference": filed.json["reference"], "received_at": filed.json["received_at"], "status": "received",
    }  # fmt: skip


def test_a_reference_is_read_however_it_was_typed(doors: Doors) -> None:
    reference = doors.api(BODY).json["reference"]
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference} "):
        assert doors.ask(f"/api/v1/reports/{typed}", API_KEY).json["reference"] == reference


def test_anothers_report_looks_like_one_that_is_not_there(doors: Doors) -> None:
    reference = doors.api(BODY, headers=bearer(doors.partner(name="甲校"))).json["reference"]
    other = doors.partner(name="乙校")
    answers = [doors.ask(f"/api/v1/reports/{one}", other) for one in (reference, "K7M2-QX3TD4", "x", "%00")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert problem_of(answers[0])["status"] == 404


def test_a_report_of_the_public_is_nobodys(doors: Doors) -> None:
    doors.form({"text": "被关在砖厂"})
    reference = doors.only().reference
    assert doors.ask(f"/api/v1/reports/{reference}", API_KEY).status_code == 404


def test_two_partners_may_choose_the_same_idempotency_key(doors: Doors) -> None:
    first = doors.api(BODY, headers=bearer(doors.partner()))
    second = doors.api(b'{"text":"another"}', headers=bearer(doors.partner()))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json["reference"] != second.json["reference"]
    assert len(doors.kept()) == 2


def test_a_key_revoked_between_two_requests_files_nothing_more(doors: Doors) -> None:
    key = doors.partner(name="甲校")
    reference = doors.api(BODY, headers=bearer(key)).json["reference"]
    Partners(doors.database).revoke("甲校", "test")
    assert doors.api(BODY, key="2", headers=bearer(key)).status_code == 401
    assert doors.ask(f"/api/v1/reports/{reference}", key).status_code == 401
    assert len(doors.kept()) == 1


def test_a_key_is_for_what_its_scopes_say(doors: Doors) -> None:
    key = doors.partner(scopes=(Scope.FOLLOW,))
    answer = doors.api(BODY, headers=bearer(key))
    assert answer.status_code == 403
    assert "'file'" in problem_of(answer)["detail"]
    assert doors.kept() == []
    only_files = doors.partner(scopes=(Scope.FILE,))
    reference = doors.api(BODY, headers=bearer(only_files)).json["reference"]
    assert doors.ask(f"/api/v1/reports/{reference}", only_files).status_code == 403


def test_without_a_key_nothing_is_followed(doors: Doors) -> None:
    reference = doors.api(BODY).json["reference"]
    answer = doors.client.get(f"/api/v1/reports/{reference}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    # A key in an address would lie in every log on the way.
    assert doors.client.get(f"/api/v1/reports/{reference}?api_key={API_KEY}").status_code == 401


def test_a_mandatory_reporter_holds_a_receipt_that_anybody_can_check(doors: Doors) -> None:
    filed = doors.api(BODY, headers=bearer(doors.partner(PartnerKind.HOSPITAL, name="县人民医院")))
    published = doors.client.get("/api/v1/receipt-keys")
    assert published.mimetype == "application/jwk-set+json"
    said = read_receipt(filed.json["signed_receipt"], json.loads(published.data))
    assert (said.iss, said.partner, said.reference) == (PUBLIC_URL, "县人民医院", filed.json["reference"])
    assert (said.received_at, said.body_sha256) == (filed.json["received_at"], body_digest(BODY))


def test_the_same_request_again_gets_the_same_receipt(doors: Doors) -> None:
    key = doors.partner()
    first, second = (doors.api(BODY, headers=bearer(key)) for _ in range(2))
    assert first.data == second.data
    assert "signed_receipt" in first.json


@pytest.mark.parametrize("kind", [PartnerKind.HOTLINE, PartnerKind.CITY_PLATFORM])
def test_whoever_need_not_report_gets_none(doors: Doors, kind: PartnerKind) -> None:
    key = doors.partner(kind, scopes=(Scope.FILE,))
    assert "signed_receipt" not in doors.api(BODY, headers=bearer(key)).json


def test_what_is_added_is_kept_beside_its_report(doors: Doors) -> None:
    key = doors.partner()
    reference = doors.api(BODY, headers=bearer(key)).json["reference"]
    first = doors.only().report_id
    added = add(doors, reference, b'{"text":"\xe5\xa5\xb9\xe8\xaf\xb4\xe5\x9c\xa8\xe7\x91\x9e\xe4\xb8\xbd"}', key)
    assert added.status_code == 201
    assert (added.json["reference"], added.json["status"]) == (reference, "received")
    assert len(doors.kept()) == 2
    with doors.database.read() as connection:
        follows = connection.execute(select(reports.c.follows).where(reports.c.follows.is_not(None))).scalars().all()
    assert follows == [first]
    assert doors.ask(f"/api/v1/reports/{reference}", key).json["status"] == "received"


def test_the_same_addition_again_is_one_and_a_key_of_a_report_is_none_of_an_addition(doors: Doors) -> None:
    reference = doors.api(BODY).json["reference"]
    first, second = (add(doors, reference, BODY, API_KEY, idempotency_key="1") for _ in range(2))
    assert first.data == second.data
    assert len(doors.kept()) == 2
    assert add(doors, reference, b'{"text":"other"}', API_KEY, idempotency_key="1").status_code == 422


def test_nobody_adds_to_anothers_report(doors: Doors) -> None:
    reference = doors.api(BODY).json["reference"]
    other = doors.partner()
    assert [add(doors, one, BODY, other).status_code for one in (reference, "K7M2-QX3TD4")] == [404, 404]
    assert len(doors.kept()) == 1


def add(doors: Doors, reference: str, body: bytes, key: str, idempotency_key: str = "a") -> TestResponse:
    return doors.client.post(
        f"/api/v1/reports/{reference}/additions",
        data=body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key},
    )


def test_a_partner_is_told_how_it_ended_in_a_code(doors: Doors) -> None:
    reference = doors.api(BODY).json["reference"]
    with doors.database.write() as connection:
        ended = {"state": "CLOSED", "closed_at": reports.c.received_at + 60_000, "outcome": "victim_safe"}
        connection.execute(update(reports).values(**ended))
    said = doors.ask(f"/api/v1/reports/{reference}", API_KEY).json
    assert (said["status"], said["outcome"]) == ("closed", "victim_safe")
    assert said["closed_at"] > said["received_at"]


def test_what_was_joined_to_another_report_stands_where_that_one_does(doors: Doors) -> None:
    first = doors.api(BODY).json["reference"]
    second = doors.api(BODY, key="2").json["reference"]
    with doors.database.write() as connection:
        target = connection.execute(select(reports.c.id).where(reports.c.reference == first)).scalar_one()
        connection.execute(update(reports).where(reports.c.id == target).values(state="REFERRED"))
        moved = {"state": "MERGED", "merged_into": target}
        connection.execute(update(reports).where(reports.c.reference == second).values(**moved))
    assert doors.ask(f"/api/v1/reports/{second}", API_KEY).json["status"] == "acting"


def test_a_receipt_names_the_files_that_were_kept(doors: Doors) -> None:
    photo = ("门口.jpg", "image/jpeg", b"\xff\xd8photo")
    body = form_body({"report": BODY.decode()}, [photo])
    filed = doors.api(body, headers=bearer(doors.partner()), content_type=UPLOAD_TYPE)
    said = read_receipt(filed.json["signed_receipt"], json.loads(doors.client.get("/api/v1/receipt-keys").data))
    assert (said.body_sha256, said.files_sha256) == (body_digest(BODY), (body_digest(photo[2]),))
