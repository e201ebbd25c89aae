"""The door for partners: schools, hospitals, shelters and other hotlines file reports by JSON."""

from __future__ import annotations

import hmac
import json
import re
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from marshmallow import ValidationError
from werkzeug.wrappers import Response as BaseResponse

from intake.openapi import describe
from intake.problems import problem
from intake.receive import Hallway
from intake.schemas import api_report
from intake.strict_json import BadJSON, read_json
from intake.transport import whole_body
from reports.content import Receipt, keepable

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
PARTNER = "partner"


class PartnerAPI:
    """Takes reports from whoever holds the partner's key."""

    def __init__(self, hallway: Hallway, api_key: str) -> None:
        self._hallway, self._api_key = hallway, api_key.encode()
        self._description = json.dumps(describe(), ensure_ascii=False)

    def receive(self) -> Response:
        """201 with the reference once the report is committed; the same key and body again get the same answer."""
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), self._api_key):
            return _as_flask(problem(401, "Send your key as `Authorization: Bearer <key>`."))
        if request.mimetype != "application/json":
            return _as_flask(problem(415, "Send the report as application/json."))
        idempotency_key = request.headers.get("Idempotency-Key", "")
        if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            return _as_flask(
                problem(400, "Send an Idempotency-Key header of 1 to 64 letters, digits, - or _, new for each report.")
            )
        raw = whole_body(request)
        try:
            new = api_report(read_json(raw), PARTNER, idempotency_key, raw)
        except BadJSON as fault:
            return _as_flask(problem(400, str(fault)))
        except ValidationError as fault:
            return _as_flask(problem(422, "Some fields are not as wanted; see errors.", errors=_sentences(fault)))
        receipt = self._hallway.receive(new)
        if receipt.conflict:
            return _as_flask(
                problem(
                    422,
                    "This Idempotency-Key was used before for another body. The first report is kept; "
                    "send this one again under a key of its own.",
                    kind="/api/v1/openapi.json#idempotency-key-reused",
                )
            )
        return _kept(receipt)

    def description(self) -> Response:
        """The OpenAPI 3.1 description of this door."""
        return Response(self._description, mimetype="application/json")


def _kept(receipt: Receipt) -> Response:
    received_at = datetime.fromtimestamp(receipt.received_at / 1000, UTC).isoformat(timespec="milliseconds")
    body = {"reference": receipt.reference, "received_at": received_at, "status": "received"}
    return Response(json.dumps(body), status=201, mimetype="application/json")


def _sentences(fault: ValidationError) -> dict[str, list[str]]:
    messages: dict[str, object] = fault.normalized_messages()  # type: ignore[no-untyped-call]
    return {keepable(str(name)): [str(sentence) for sentence in _flat(found)] for name, found in messages.items()}


def _flat(found: object) -> list[object]:
    if isinstance(found, dict):
        return [sentence for inner in found.values() for sentence in _flat(inner)]
    return list(found) if isinstance(found, list) else [found]


def _as_flask(response: BaseResponse) -> Response:
    return Response(response.response, response.status, response.headers)


def api_blueprint(api: PartnerAPI) -> Blueprint:
    """POST /api/v1/reports and GET /api/v1/openapi.json."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    blueprint.add_url_rule("/reports", "receive", api.receive, methods=["POST"])
    blueprint.add_url_rule("/openapi.json", "description", api.description, methods=["GET"])
    return blueprint
