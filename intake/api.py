"""The door for partners: schools, hospitals, shelters and other hotlines file reports by JSON, and follow their own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, request
from marshmallow import ValidationError

from config.outcomes import CLOSED, Outcomes
from intake.callers import Callers
from intake.limits import Limiter
from intake.openapi import describe
from intake.problems import Refused, problem
from intake.receive import Hallway
from intake.schemas import api_report
from intake.service_catalogue import ServiceCatalogue
from intake.strict_json import BadJSON, read_json
from intake.transport import whole_body
from reports.content import NewReport, Receipt, keepable
from reports.database import Database
from reports.own_reports import OwnReport, own_report
from reports.partners import Partner, Scope
from reports.signed_receipts import ReceiptSigner, SignedReceipt, body_digest

_IDEMPOTENCY_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class PartnerAPI:
    """Takes reports from whoever holds a partner's key, and says where their own stand."""

    def __init__(
        self,
        hallway: Hallway,
        callers: Callers,
        limiter: Limiter,
        database: Database,
        signer: ReceiptSigner,
        public_url: str,
        catalogue: ServiceCatalogue,
        outcomes: Outcomes,
    ) -> None:
        self._hallway, self._callers, self._limiter, self._database = hallway, callers, limiter, database
        self._signer, self._public_url, self._outcomes = signer, public_url, outcomes
        self._description = json.dumps(describe(catalogue, outcomes), ensure_ascii=False)
        self._receipt_keys = json.dumps(signer.published())

    def receive(self) -> Response:
        """201 with the reference once the report is committed; the same key and body again get the same answer."""
        partner = self._callers.bearer(request, Scope.FILE)
        new, raw = _read_report(partner)
        receipt = self._hallway.receive(new, self._limiter.of_partner(partner))
        return self._kept(receipt, partner, raw, reference=receipt.reference)

    def add(self, reference: str) -> Response:
        """201 once what adds to one of the partner's own reports is committed; 404 for any other report."""
        partner = self._callers.bearer(request, Scope.FILE)
        own = self._own(partner, reference)
        new, raw = _read_report(partner)
        # Under an id of its own: the same key for a new report is another request.
        new = replace(new, follows=own.report_id, source_id=f"{own.reference}+{new.source_id}")
        receipt = self._hallway.receive(new, self._limiter.of_partner(partner))
        return self._kept(receipt, partner, raw, reference=own.reference)

    def follow(self, reference: str) -> Response:
        """200 with where one of the partner's own reports stands; 404 for any other, there or not."""
        partner = self._callers.bearer(request, Scope.FOLLOW)
        self._limiter.check_look_up(partner)
        return _json(self._standing(self._own(partner, reference)))

    def receipt_keys(self) -> Response:
        """The JWK Set that receipts are checked against."""
        return Response(self._receipt_keys, mimetype="application/jwk-set+json")

    def description(self) -> Response:
        """The OpenAPI 3.1 description of this door."""
        return Response(self._description, mimetype="application/json")

    def _own(self, partner: Partner, reference: str) -> OwnReport:
        with self._database.read() as connection:
            found = own_report(connection, partner.id, reference)
        if found is None:
            raise Refused(404, "There is no report of yours with this reference.")
        return found

    def _standing(self, report: OwnReport) -> dict[str, str]:
        """The steps that a reporter with a receipt is told too: noise is set aside without saying so."""
        standing = {
            "reference": report.reference,
            "received_at": moment(report.received_at),
            "status": self._outcomes.steps_of[report.state],
        }
        if standing["status"] == CLOSED and report.closed_at is not None:
            standing["closed_at"] = moment(report.closed_at)
            standing["outcome"] = report.outcome
        return standing

    def _kept(self, receipt: Receipt, partner: Partner, raw: bytes, *, reference: str) -> Response:
        if receipt.conflict:
            raise Refused(
                422,
                "This Idempotency-Key was used before for another body. The first report is kept; "
                "send this one again under a key of its own.",
                kind="/api/v1/openapi.json#idempotency-key-reused",
            )
        kept = {"reference": reference, "received_at": moment(receipt.received_at), "status": "received"}
        if partner.may(Scope.RECEIPT):
            proof = SignedReceipt(
                iss=self._public_url,
                partner=partner.name,
                reference=reference,
                received_at=kept["received_at"],
                body_sha256=body_digest(raw),
            )
            kept["signed_receipt"] = self._signer.sign(proof)
        return _json(kept, 201)


def _read_report(partner: Partner) -> tuple[NewReport, bytes]:
    """The report in the request, and the bytes it was read from. Raises Refused."""
    if request.mimetype != "application/json":
        raise Refused(415, "Send the report as application/json.")
    idempotency_key = request.headers.get("Idempotency-Key", "")
    if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
        raise Refused(400, "Send an Idempotency-Key header of 1 to 64 letters, digits, - or _, new for each report.")
    raw = whole_body(request)
    try:
        return api_report(read_json(raw), partner, idempotency_key, raw), raw
    except BadJSON as fault:
        raise Refused(400, str(fault)) from None
    except ValidationError as fault:
        raise Refused(422, "Some fields are not as wanted; see errors.", errors=_sentences(fault)) from None


def moment(milliseconds: int) -> str:
    """A time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _json(body: Mapping[str, str], status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status=status, mimetype="application/json")


def _sentences(fault: ValidationError) -> dict[str, list[str]]:
    messages: dict[str, object] = fault.normalized_messages()  # type: ignore[no-untyped-call]
    return {keepable(str(name)): [str(sentence) for sentence in _flat(found)] for name, found in messages.items()}


def _flat(found: object) -> list[object]:
    if isinstance(found, dict):
        return [sentence for inner in found.values() for sentence in _flat(inner)]
    return list(found) if isinstance(found, list) else [found]


def api_blueprint(api: PartnerAPI) -> Blueprint:
    """What begins with /api/v1: reports, one report, the keys of receipts, and the description of it all."""
    blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
    blueprint.add_url_rule("/reports", "receive", api.receive, methods=["POST"])
    blueprint.add_url_rule("/reports/<reference>/additions", "add", api.add, methods=["POST"])
    blueprint.add_url_rule("/reports/<reference>", "follow", api.follow, methods=["GET"])
    blueprint.add_url_rule("/receipt-keys", "receipt_keys", api.receipt_keys, methods=["GET"])
    blueprint.add_url_rule("/openapi.json", "description", api.description, methods=["GET"])
    blueprint.register_error_handler(Refused, problem)
    return blueprint
