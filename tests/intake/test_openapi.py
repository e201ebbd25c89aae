"""The description of the partner API is valid, and tells every answer that the door gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from reports.errors import StoreUnavailable
from reports.partners import PartnerKind
from tests.intake.doors import API_KEY, Doors

BODY = '{"text":"三名女孩被带上车","wishes":["anonymous"]}'.encode()


@pytest.fixture
def description(doors: Doors) -> dict[str, Any]:
    answer = doors.client.get("/api/v1/openapi.json")
    assert answer.mimetype == "application/json"
    described: dict[str, Any] = json.loads(answer.data)
    return described


def validator_of(schema: dict[str, Any], description: dict[str, Any]) -> Draft202012Validator:
    # OpenAPI 3.1 schemas are JSON Schema 2020-12; their references lead into the description's components.
    return Draft202012Validator({**schema, "components": description["components"]})


def answers_of(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> list[TestResponse]:
    """One answer of each kind that the door gives."""

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    answers = [
        doors.api(BODY),
        doors.api(BODY, headers=[("Authorization", "")]),
        doors.api(b"{"),
        doors.api(BODY, key=None),
        doors.api(b"x" * 70_000),
        doors.api(BODY, content_type="text/plain"),
        doors.api(b'{"text":1,"more":2}'),
        doors.api(b'{"text":"another"}'),
        doors.client.post("/api/v1/reports", headers={"Authorization": f"Bearer {API_KEY}"}),
        doors.api(BODY, headers=[("Authorization", f"Bearer {doors.partner(PartnerKind.CITY_PLATFORM)}")]),
    ]
    for fail in (away, broken):
        monkeypatch.setattr("reports.keeping.Keeper.keep", fail)
        answers.append(doors.api(BODY))
    return answers


def test_the_description_is_valid_openapi_3_1(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(description).validate()


def test_every_answer_has_a_documented_status_and_shape(
    doors: Doors, description: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = description["paths"]["/api/v1/reports"]["post"]["responses"]
    seen = set()
    for answer in answers_of(doors, monkeypatch):
        status = str(answer.status_code)
        seen.add(status)
        schema = documented[status]["content"][answer.mimetype]["schema"]
        validator_of(schema, description).validate(json.loads(answer.data))
        for header in documented[status].get("headers", {}):
            assert header in answer.headers
    assert seen == set(documented)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (BODY, 201),
        (b'{"text":""}', 201),
        (b'{"text":"x","state":"closed"}', 422),
        (b'{"text":1}', 422),
        (b'{"text":"x","wishes":["fly"]}', 422),
        (b'{"place":"x"}', 422),
        (b"[]", 422),
    ],
)
def test_the_described_report_is_the_one_that_is_taken(
    doors: Doors, description: dict[str, Any], body: bytes, status: int
) -> None:
    report = validator_of({"$ref": "#/components/schemas/Report"}, description)
    assert report.is_valid(json.loads(body)) == (status == 201)
    assert doors.api(body).status_code == status


def test_the_described_key_is_the_one_that_is_taken(doors: Doors, description: dict[str, Any]) -> None:
    (key,) = description["paths"]["/api/v1/reports"]["post"]["parameters"]
    described = Draft202012Validator(key["schema"])
    for text in ("a", "A-b_9", "k" * 64, "k" * 65, "a b", "."):
        assert described.is_valid(text) == (doors.api(BODY, key=text).status_code == 201)
