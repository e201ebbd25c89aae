"""The door for city platforms as OpenAPI 3.1: GeoReport v2 with each of its answers in both formats."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apispec import APISpec

from intake.georeport import FORMATS, JSON
from intake.service_catalogue import ServiceCatalogue

Described = dict[str, Any]

_ERRORS = {
    "400": "An argument is missing or malformed; the description names it.",
    "403": "The key is missing, unknown, revoked, or not for this.",
    "404": "There is no such jurisdiction, service or request of this platform's.",
    "411": "The body has no Content-Length.",
    "413": "The body is larger than 64 KB.",
    "415": "The body is not a form, or is compressed. XML is never read.",
    "429": "The platform asked too often; nothing is lost by asking later.",
    "500": "Something went wrong here and nothing was kept.",
    "503": "Nothing can be kept or read just now.",
}
_PUBLIC = ("400", "404", "411", "413", "415", "500")
_OWN = (*_PUBLIC, "403", "429", "503")
_FILING = (*_PUBLIC, "403", "503")
_SERVICE = ("service_code", "service_name", "description", "metadata", "type", "keywords", "group")
_FIELDS = ("lat", "long", "address_string", "address_id", "email", "device_id", "account_id", "first_name", "last_name",
           "phone", "description", "media_url")  # fmt: skip


def add_open311(spec: APISpec, catalogue: ServiceCatalogue) -> None:
    """Adds the paths of GeoReport v2, and what they answer with."""
    spec.components.schema("GeoReportErrors", _list({"code": "integer", "description": "string"}))
    spec.components.schema("Services", _list(dict.fromkeys(_SERVICE, "string") | {"metadata": "boolean"}))
    spec.components.schema("ServiceDefinition", _object({"service_code": "string", "attributes": "array"}))
    spec.components.schema("Filed", _list({"service_request_id": "string", "service_notice": "string"}))
    spec.components.schema("Token", _list({"service_request_id": "string", "token": "string"}))
    spec.components.schema("Requests", _list(dict.fromkeys(_REQUEST, "string")))
    spec.components.schema("Discovery", _object({"changeset": "string", "contact": "string", "endpoints": "array"}))
    jurisdiction = _query("jurisdiction_id", catalogue.jurisdiction)
    code = _path("code", "A service_code.") | {"schema": {"type": "string", "enum": list(catalogue.services)}}
    reference = _path("reference", "A service_request_id.")
    filters = [_query(name) for name in ("service_request_id", "service_code", "start_date", "end_date", "status")]
    reads = {
        "/open311/discovery.{form}": _get("Find the server", "Discovery", _PUBLIC, []),
        "/open311/v2/services.{form}": _get("List the services", "Services", _PUBLIC, [jurisdiction]),
        "/open311/v2/services/{code}.{form}": _get(
            "Say what a service asks", "ServiceDefinition", _PUBLIC, [code, jurisdiction]
        ),
        "/open311/v2/requests/{reference}.{form}": _get(
            "Say where a request stands", "Requests", _OWN, [reference, jurisdiction], keyed=True
        ),
        "/open311/v2/tokens/{token}.{form}": _get(
            "Give the request of a token", "Token", _OWN, [_path("token", "A token."), jurisdiction], keyed=True
        ),
    }
    for path, operation in reads.items():
        spec.path(path, operations={"get": operation})
    many = _get("Say where requests stand", "Requests", _OWN, [*filters, jurisdiction], keyed=True)
    spec.path("/open311/v2/requests.{form}", operations={"get": many, "post": _file(catalogue)})


_REQUEST = ("service_request_id", "status", "status_notes", "service_name", "service_code", "requested_datetime",
            "updated_datetime")  # fmt: skip


def _file(catalogue: ServiceCatalogue) -> Described:
    fields = dict.fromkeys(("jurisdiction_id", "api_key", *_FIELDS), {"type": "string"})
    asked = {f"attribute[{one.code}]": {"type": "string", "description": one.question["en"]}
             for one in catalogue.attributes}  # fmt: skip
    form = {
        "type": "object",
        "properties": {"service_code": {"type": "string", "enum": list(catalogue.services)}, **fields, **asked},
        "required": ["service_code"],
    }
    return {
        "summary": "File a request",
        "description": "Nothing but a key and a service_code is required; no request is refused for what it says.",
        "security": [{"partner_key": []}],
        "parameters": [_form()],
        "requestBody": {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}},
        "responses": {"201": _answer("Durably kept.", "Filed"), **_refusals(_FILING)},
    }


def _get(
    summary: str, schema: str, errors: Iterable[str], parameters: list[Described], *, keyed: bool = False
) -> Described:
    operation: Described = {
        "summary": summary,
        "parameters": [_form(), *parameters],
        "responses": {"200": _answer("As asked for.", schema), **_refusals(errors)},
    }
    if keyed:
        operation["security"] = [{"partner_key": []}]
    return operation


def _form() -> Described:
    return {"name": "form", "in": "path", "required": True, "schema": {"type": "string", "enum": list(FORMATS)}}


def _path(name: str, sentence: str) -> Described:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": sentence}


def _query(name: str, only: str = "") -> Described:
    schema: Described = {"type": "string", "enum": [only]} if only else {"type": "string"}
    return {"name": name, "in": "query", "schema": schema}


def _refusals(statuses: Iterable[str]) -> dict[str, Described]:
    return {status: _answer(_ERRORS[status], "GeoReportErrors") for status in sorted(statuses)}


def _answer(sentence: str, schema: str) -> Described:
    """The same in both formats; XML has the names of the specification, which JSON Schema does not describe."""
    shapes: dict[str, Described] = {form: {"type": "string"} for form in FORMATS}
    shapes[JSON] = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": sentence, "content": {FORMATS[form]: {"schema": shape} for form, shape in shapes.items()}}


def _list(types: dict[str, str]) -> Described:
    return {"type": "array", "items": _object(types)}


def _object(types: dict[str, str]) -> Described:
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in types.items()},
        "required": list(types),
    }
