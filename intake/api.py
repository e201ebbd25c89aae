"""The door for partners: schools, hospitals, shelters and other hotlines file reports by JSON, and follow their own.

A report with files is a form: its JSON in the field `report`, the files beside it. Base64 inside the JSON would take a
third more room and all of it in memory at once; a form is read as it comes, by what reads the public's.
"""

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
from intake.form_body import Form, NoForm, TooManyWords
from intake.form_reader import closing
from intake.limits import Limiter
from intake.openapi import describe
from intake.problems import Refused, problem
from intake.receive import Hallway
from intake.schemas import api_report
from intake.service_catalogue import ServiceCatalogue
from intake.strict_json import BadJSON, read_json
from intake.transport import MORE_TIME, MOST_BYTES, MULTIPART, whole_body
from intake.uploads import BUSY, CUT, Uploads
from reports.content import NewReport, Receipt, keepable
from reports.database import Database
from reports.own_reports import OwnReport, own_report
from reports.partners import Partner, Scope
from reports.signed_receipts import ReceiptSigner, SignedReceipt, body_digest
from workers.carriers.urlencoded import TooManyFields

_REPORT_FIELD, _MOST_FIELDS = "report", 10
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
        uploads: Uploads,
    ) -> None:
        self._uploads = uploads
        self._hallway, self._callers, self._limiter, self._database = hallway, callers, limiter, database
        self._signer, self._public_url, self._outcomes = signer, public_url, outcomes
        self._description = json.dumps(describe(catalogue, outcomes), ensure_ascii=False)
        self._receipt_keys = json.dumps(signer.published())

    def receive(self) -> Response:
        """201 with the reference once the report is committed; the same key and body again get the same answer."""
        partner = self._callers.bearer(request, Scope.FILE)
        new, form = self._read_report(partner)
        receipt = self._hallway.receive(new, self._limiter.of_partner(partner))
        return self._kept(receipt, partner, form, reference=receipt.reference)

    def add(self, reference: str) -> Response:
        """201 once what adds to one of the partner's own reports is committed; 404 for any other report."""
        partner = self._callers.bearer(request, Scope.FILE)
        own = self._own(partner, reference)
        new, form = self._read_report(partner)
        # Under an id of its own: the same key for a new report is another request.
        new = replace(new, follows=own.report_id, source_id=f"{own.reference}+{new.source_id}")
        receipt = self._hallway.receive(new, self._limiter.of_partner(partner))
        return self._kept(receipt, partner, form, reference=own.reference)

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

    def _read_report(self, partner: Partner) -> tuple[NewReport, Form]:
        """The report in the request, and the form it was read from. Raises Refused."""
        idempotency_key = request.headers.get("Idempotency-Key", "")
        if request.mimetype not in ("application/json", MULTIPART):
            raise Refused(415, "Send the report as application/json, or with files as multipart/form-data.")
        if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise Refused(
                400, "Send an Idempotency-Key header of 1 to 64 letters, digits, - or _, new for each report."
            )
        form = self._form()
        try:
            return api_report(read_json(form.raw), partner, idempotency_key, form), form
        except BadJSON as fault:
            raise Refused(400, str(fault)) from None
        except ValidationError as fault:
            raise Refused(422, "Some fields are not as wanted; see errors.", errors=_sentences(fault)) from None

    def _form(self) -> Form:
        """The report's JSON as raw, with the files that came beside it. Raises Refused."""
        if request.mimetype != MULTIPART:
            return Form((), whole_body(request))
        boundary = request.mimetype_params.get("boundary", "").encode("ascii", "replace")
        stream, length = request.environ["wsgi.input"], request.content_length or 0
        try:
            form = self._uploads.read(stream, length, boundary, _MOST_FIELDS, MOST_BYTES, request.environ[MORE_TIME])
        except (NoForm, TooManyFields):
            raise Refused(400, "The body is no multipart/form-data that can be taken apart.") from None
        except TooManyWords:
            raise Refused(413, "The report itself may have 64 KB at most; its files come on top.") from None
        named = [name for name, _ in form.fields]
        if not named and (BUSY in form.left or CUT in form.left):
            raise Refused(503, "The files came before the report, and could not be read to their end. Send it again.")
        if named != [_REPORT_FIELD]:
            raise Refused(400, "Beside its files, the form has one field: report, with the report as JSON.")
        return replace(form, raw=form.first()[_REPORT_FIELD].encode())

    def _kept(self, receipt: Receipt, partner: Partner, form: Form, *, reference: str) -> Response:
        if receipt.conflict:
            raise Refused(
                422,
                "This Idempotency-Key was used before for another body. The first report is kept; "
                "send this one again under a key of its own.",
                kind="/api/v1/openapi.json#idempotency-key-reused",
            )
        received_at = moment(receipt.received_at)
        kept: dict[str, object] = {"reference": reference, "received_at": received_at, "status": "received"}
        files = tuple(body_digest(one.data) for one in form.files)
        if form.has_files:
            kept["files"] = {"kept": list(files), "not_kept": dict(form.left)}
        if partner.may(Scope.RECEIPT):
            proof = SignedReceipt(
                iss=self._public_url,
                partner=partner.name,
                reference=reference,
                received_at=received_at,
                body_sha256=body_digest(form.raw),
                files_sha256=files,
            )
            kept["signed_receipt"] = self._signer.sign(proof)
        answer = _json(kept, 201)
        return answer if form.is_read else closing(answer)


def moment(milliseconds: int) -> str:
    """A time as ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _json(body: Mapping[str, object], status: int = 200) -> Response:
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
