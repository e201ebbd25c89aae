"""The partners' doors described as OpenAPI 3.1, from the same schema that reads the reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from config.outcomes import Outcomes
from intake.open311_openapi import add_open311
from intake.schemas import APIReportSchema
from intake.service_catalogue import ServiceCatalogue
from intake.uploads import LEFT

Described = dict[str, Any]

_PROBLEMS = {
    "400": "The body is not JSON or a form that can be taken, or the Idempotency-Key is missing or malformed.",
    "401": "The bearer key is missing, unknown or revoked.",
    "403": "The key is not for this.",
    "404": "There is no such report of this partner's; another's looks the same.",
    "411": "The body has no Content-Length.",
    "413": "The body, or of a form its report, is larger than 64 KB.",
    "415": "The body is neither application/json nor multipart/form-data, or is compressed.",
    "422": "A field has another shape than wanted, or the Idempotency-Key was used for another body.",
    "429": "The partner asked too often; nothing is lost by asking later.",
    "500": "Something went wrong here and nothing was kept. Send it again with the same Idempotency-Key.",
    "503": "Nothing can be kept just now. Send it again with the same Idempotency-Key.",
}
_TRANSPORT = ("400", "411", "413", "415", "500")
_FILING = (*_TRANSPORT, "401", "403", "422", "503")
_READING = (*_TRANSPORT, "401", "403", "404", "429", "503")
_KEYED: list[Described] = [{"partner_key": []}]


def describe(catalogue: ServiceCatalogue, outcomes: Outcomes) -> Described:
    """The whole description as JSON values."""
    spec = APISpec(
        title="Partner reports", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()],
        info={"description": "Files one report at a time. A report is never refused for what it says."},
    )  # fmt: skip
    spec.components.schema("Report", schema=APIReportSchema)
    spec.components.schema("ReportWithFiles", _report_with_files())
    spec.components.schema("Receipt", _receipt())
    spec.components.schema("Standing", _standing(outcomes))
    spec.components.schema("JWKSet", _jwk_set())
    spec.components.schema("Problem", _problem())
    spec.components.security_scheme("partner_key", {"type": "http", "scheme": "bearer"})
    spec.path("/api/v1/reports", operations={"post": _file()})
    spec.path("/api/v1/reports/{reference}", operations={"get": _follow()})
    spec.path("/api/v1/reports/{reference}/additions", operations={"post": _add()})
    spec.path("/api/v1/receipt-keys", operations={"get": _receipt_keys()})
    add_open311(spec, catalogue)
    described: Described = spec.to_dict()
    return described


def _file() -> Described:
    with_files = {"schema": _ref("ReportWithFiles"), "encoding": {"report": {"contentType": "application/json"}}}
    content = {"application/json": {"schema": _ref("Report")}, "multipart/form-data": with_files}
    body = {"required": True, "content": content}
    kept = _answer("Durably kept. The same key and body again get the same answer.", "Receipt")
    return {
        "summary": "File a report",
        "operationId": "fileReport",
        "security": _KEYED,
        "parameters": [_idempotency_key()],
        "requestBody": body,
        "responses": {"201": kept, **_refusals(_FILING)},
    }


def _follow() -> Described:
    return {
        "summary": "Say where one of your reports stands",
        "operationId": "followReport",
        "security": _KEYED,
        "parameters": [_reference()],
        "responses": {"200": _answer("Where it stands.", "Standing"), **_refusals(_READING)},
    }


def _add() -> Described:
    kept = _answer("Durably kept, and read with the report it adds to. reference is that report's.", "Receipt")
    return {
        **_file(),
        "summary": "Add to one of your reports",
        "operationId": "addToReport",
        "parameters": [_reference(), _idempotency_key()],
        "responses": {"201": kept, **_refusals((*_FILING, "404"))},
    }


def _receipt_keys() -> Described:
    keys = _answer("The public keys.", "JWKSet", "application/jwk-set+json")
    return {
        "summary": "The keys that signed receipts are checked against (RFC 7517)",
        "operationId": "receiptKeys",
        "responses": {"200": keys, **_refusals(_TRANSPORT)},
    }


def _idempotency_key() -> Described:
    return {
        "name": "Idempotency-Key", "in": "header", "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    }  # fmt: skip


def _reference() -> Described:
    return {
        "name": "reference", "in": "path", "required": True, "schema": {"type": "string"},
        "description": "The reference that the report was given, such as K7M2-QX3TD4.",
    }  # fmt: skip


def _receipt() -> Described:
    receipt = _object(reference="string", received_at="string", status="string")
    receipt["properties"]["received_at"]["format"] = "date-time"
    receipt["properties"]["files"] = _files()
    receipt["properties"]["signed_receipt"] = {
        "type": "string",
        "description": "For keys with the scope receipt: a JSON Web Signature (RFC 7515, Ed25519) over issuer, "
        "partner, reference, time and the SHA-256 of the body, of a form that of the field report. Checked with the "
        "keys of /api/v1/receipt-keys.",
    }
    return receipt


def _report_with_files() -> Described:
    return {
        "type": "object",
        "description": "A report and its files. A file that is too large, one too many, empty or broken off costs "
        "neither the report nor the other files; the answer says what was not kept.",
        "properties": {
            "report": _ref("Report"),
            "files": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}},
        },
        "required": ["report"],
        "additionalProperties": False,
    }


def _files() -> Described:
    return {
        "type": "object",
        "description": "Of a report with files: the SHA-256 of each that is kept, and how many are not, by why.",
        "properties": {
            "kept": {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
            "not_kept": {
                "type": "object",
                "propertyNames": {"enum": list(LEFT)},
                "additionalProperties": {"type": "integer"},
            },
        },
        "required": ["kept", "not_kept"],
    }


def _standing(outcomes: Outcomes) -> Described:
    standing = _object(reference="string", received_at="string", status="string")
    standing["properties"]["received_at"]["format"] = "date-time"
    standing["properties"]["status"]["enum"] = list(dict.fromkeys(outcomes.steps_of.values()))
    standing["properties"]["closed_at"] = {"type": "string", "format": "date-time"}
    standing["properties"]["outcome"] = {"type": "string", "enum": ["", *outcomes.outcomes]}
    return standing


def _jwk_set() -> Described:
    return {
        "type": "object",
        "properties": {
            "keys": {"type": "array", "items": _object(kty="string", crv="string", x="string", kid="string")}
        },
        "required": ["keys"],
    }


def _problem() -> Described:
    problem = _object(type="string", title="string", status="integer", detail="string")
    problem["properties"]["errors"] = {
        "type": "object",
        "description": "Sentences by field, where fields are not as wanted.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    }
    return problem


def _refusals(statuses: tuple[str, ...]) -> dict[str, Described]:
    refused: dict[str, Described] = {
        status: _answer(_PROBLEMS[status], "Problem", "application/problem+json") for status in sorted(statuses)
    }
    wait = {"description": "After how many seconds to send it again.", "schema": {"type": "integer"}}
    for status in ("429", "503"):
        if status in refused:
            refused[status]["headers"] = {"Retry-After": wait}
    return refused


def _answer(sentence: str, schema: str, media_type: str = "application/json") -> Described:
    return {"description": sentence, "content": {media_type: {"schema": _ref(schema)}}}


def _ref(schema: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}


def _object(**types: str) -> Described:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in types.items()},
        "required": list(types),
    }
