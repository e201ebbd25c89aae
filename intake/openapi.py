"""The partner API described as OpenAPI 3.1, from the same schema that reads the reports."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from intake.schemas import APIReportSchema

_PROBLEMS = {
    "400": "The body is not JSON that can be taken, or the Idempotency-Key is missing or malformed.",
    "401": "The bearer key is missing or unknown.",
    "411": "The body has no Content-Length.",
    "413": "The body is larger than 64 KB.",
    "415": "The body is not application/json, or is compressed.",
    "422": "A field has another shape than wanted, or the Idempotency-Key was used for another body.",
    "500": "Something went wrong here and nothing was kept. Send it again with the same Idempotency-Key.",
    "503": "Nothing can be kept just now. Send it again with the same Idempotency-Key.",
}


def describe() -> dict[str, Any]:
    """The whole description as JSON values."""
    spec = APISpec(
        title="Partner reports", version="1", openapi_version="3.1.0", plugins=[MarshmallowPlugin()],
        info={"description": "Files one report at a time. A report is never refused for what it says."},
    )  # fmt: skip
    spec.components.schema("Report", schema=APIReportSchema)
    spec.components.schema("Receipt", _object(reference="string", received_at="string", status="string"))
    spec.components.schema("Problem", _problem())
    spec.components.security_scheme("partner_key", {"type": "http", "scheme": "bearer"})
    kept = {
        "description": "Durably kept. The same key and body again get the same answer.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipt"}}},
    }
    key = {
        "name": "Idempotency-Key", "in": "header", "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
    }  # fmt: skip
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Report"}}}}
    spec.path(
        "/api/v1/reports",
        operations={
            "post": {
                "summary": "File a report",
                "security": [{"partner_key": []}],
                "parameters": [key],
                "requestBody": body,
                "responses": {"201": kept, **_refusals()},
            }
        },
    )
    described: dict[str, Any] = spec.to_dict()
    return described


def _problem() -> dict[str, Any]:
    problem = _object(type="string", title="string", status="integer", detail="string")
    problem["properties"]["errors"] = {
        "type": "object",
        "description": "Sentences by field, where fields are not as wanted.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    }
    return problem


def _refusals() -> dict[str, Any]:
    refused: dict[str, dict[str, Any]] = {
        status: {
            "description": sentence,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, sentence in _PROBLEMS.items()
    }
    wait = {"description": "After how many seconds to send it again.", "schema": {"type": "integer"}}
    refused["503"]["headers"] = {"Retry-After": wait}
    return refused


def _object(**types: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in types.items()},
        "required": list(types),
    }
