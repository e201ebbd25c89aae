"""The door for city platforms: Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), in XML and JSON.

A platform sees its own reports and no others, and of those where they stand and nothing that they say: the
descriptions, addresses and coordinates that other servers publish stay empty here.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from config.outcomes import Outcomes
from intake.api import moment
from intake.callers import Callers
from intake.georeport import FORMATS, Value, answer, answer_one, errors, format_of
from intake.limits import Limiter
from intake.open311_query import language_of, query_of, request_form, source_id_of
from intake.problems import Refused
from intake.receive import Hallway
from intake.service_catalogue import Attribute, Service, ServiceCatalogue
from intake.service_request import service_report
from intake.transport import whole_body
from reports.content import keepable
from reports.database import Database
from reports.own_reports import OwnReport, own_report, own_reports
from reports.partners import Partner, Scope
from reports.states import ReportState

_ROOT = "/open311/v2"
_NOTICE = "Received. Whoever can act is told; the status says how far it has come."


class Open311:
    """Takes service requests from city platforms, and says where their own stand."""

    def __init__(
        self,
        hallway: Hallway,
        callers: Callers,
        limiter: Limiter,
        database: Database,
        catalogue: ServiceCatalogue,
        public_url: str,
        outcomes: Outcomes,
    ) -> None:
        self._hallway, self._callers, self._limiter, self._database = hallway, callers, limiter, database
        self._catalogue, self._public_url, self._outcomes = catalogue, public_url, outcomes

    def discovery(self, form: str) -> Response:
        """Where this server's one endpoint is, and what it speaks."""
        endpoint: Value = {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": f"{self._public_url}{_ROOT}",
            "changeset": "2026-11-25T00:00:00Z",
            "type": "production",
            "formats": list(FORMATS.values()),
        }
        said = {"changeset": "2026-11-25T00:00:00Z", "contact": self._catalogue.contact, "key_service": ""}
        return answer_one(form, "discovery", {**said, "endpoints": [endpoint]})

    def services(self, form: str) -> Response:
        """The services that a report may be filed under."""
        self._check_jurisdiction(request.args.get("jurisdiction_id", ""))
        language = language_of(request)
        listed = [_service(one, language) for one in self._catalogue.services.values()]
        return answer(form, "services", "service", listed)

    def definition(self, code: str, form: str) -> Response:
        """What a service asks."""
        self._check_jurisdiction(request.args.get("jurisdiction_id", ""))
        service, language = self._service(code), language_of(request)
        asked = [_attribute(place, one, language) for place, one in enumerate(self._catalogue.attributes, 1)]
        return answer_one(form, "service_definition", {"service_code": service.code, "attributes": asked})

    def create(self, form: str) -> Response:
        """201 with the reference once the report is committed."""
        raw = whole_body(request)
        sent = request_form(request, raw)
        partner = self._partner(sent.first().get("api_key", ""))
        self._check_jurisdiction(sent.first().get("jurisdiction_id", ""))
        service = self._service(sent.first().get("service_code", ""))
        new = service_report(sent, service, self._catalogue, partner, source_id_of(request), raw)
        receipt = self._hallway.receive(new, self._limiter.of_partner(partner))
        if receipt.conflict:
            raise Refused(400, "This Idempotency-Key was used before for another body. Send this one under a new key.")
        kept: Value = {"service_request_id": receipt.reference, "service_notice": _NOTICE, "account_id": None}
        return answer(form, "service_requests", "request", [kept], 201)

    def token(self, token: str, form: str) -> Response:
        """The id behind a token. Ids are given at once here, so that each is its own token."""
        found = self._own(token)
        return answer(
            form, "service_requests", "request", [{"service_request_id": found.reference, "token": found.reference}]
        )

    def one(self, reference: str, form: str) -> Response:
        """Where one of the platform's own requests stands; 404 for any other, there or not."""
        return answer(form, "service_requests", "request", [self._request(self._own(reference))])

    def many(self, form: str) -> Response:
        """Where the platform's own requests stand, the newest first: those asked for, else those of 90 days."""
        partner = self._partner(request.args.get("api_key", ""))
        self._limiter.check_look_up(partner)
        self._check_jurisdiction(request.args.get("jurisdiction_id", ""))
        query = query_of(request, datetime.now(UTC))
        with self._database.read() as connection:
            found = own_reports(
                connection,
                partner.id,
                references=query.references,
                services=query.services,
                since=query.since,
                until=query.until,
                closed=query.closed,
            )
        return answer(form, "service_requests", "request", [self._request(one) for one in found])

    def _own(self, reference: str) -> OwnReport:
        partner = self._partner(request.args.get("api_key", ""))
        self._limiter.check_look_up(partner)
        self._check_jurisdiction(request.args.get("jurisdiction_id", ""))
        with self._database.read() as connection:
            found = own_report(connection, partner.id, reference)
        if found is None:
            raise Refused(404, "service_request_id: there is no request of yours with this id.")
        return found

    def _partner(self, api_key: str) -> Partner:
        """The platform, by the api_key of the specification or by a bearer token, which no log on the way keeps."""
        try:
            if request.headers.get("Authorization"):
                return self._callers.bearer(request, Scope.OPEN311)
            return self._callers.holder(keepable(api_key).strip(), Scope.OPEN311)
        except Refused:
            raise Refused(403, "api_key: missing, unknown, revoked, or not for this.") from None

    def _check_jurisdiction(self, given: str) -> None:
        if given and given != self._catalogue.jurisdiction:
            raise Refused(404, f"jurisdiction_id: this server has one, {self._catalogue.jurisdiction!r}.")

    def _service(self, code: str) -> Service:
        if not code:
            raise Refused(400, "service_code: send one of those that services lists; `other` is always right.")
        service = self._catalogue.services.get(code)
        if service is None:
            raise Refused(404, "service_code: there is no such service. services lists them; `other` is always right.")
        return service

    def _request(self, report: OwnReport) -> Value:
        service, language = self._catalogue.services.get(report.service), language_of(request)
        is_closed = report.state is ReportState.CLOSED
        unsaid = ("description", "agency_responsible", "service_notice", "expected_datetime", "address", "address_id",
                  "zipcode", "lat", "long", "media_url")  # fmt: skip
        return {
            "service_request_id": report.reference,
            "status": "closed" if is_closed else "open",
            "status_notes": self._outcomes.said_to_reporter(report.state, report.outcome, language),
            "service_name": service.name[language] if service else report.service,
            "service_code": report.service,
            "requested_datetime": moment(report.received_at),
            "updated_datetime": moment(report.closed_at or report.received_at),
            **dict.fromkeys(unsaid),
        }


def _service(service: Service, language: str) -> Value:
    return {
        "service_code": service.code,
        "service_name": service.name[language],
        "description": service.about[language],
        "metadata": True,
        "type": "realtime",
        "keywords": service.keywords,
        "group": service.group,
    }


def _attribute(place: int, attribute: Attribute, language: str) -> Value:
    values = [{"key": key, "name": words[language]} for key, words in attribute.values.items()]
    return {
        "variable": True,
        "code": attribute.code,
        "datatype": attribute.datatype,
        "required": False,
        "datatype_description": None,
        "order": place,
        "description": attribute.question[language],
        "values": values,
    }


def open311_blueprint(door: Open311) -> Blueprint:
    """What begins with /open311: discovery, services, requests and tokens, each in both formats."""
    blueprint = Blueprint("open311", __name__, url_prefix="/open311")
    form = f"<any({', '.join(FORMATS)}):form>"
    for name, path, view, method in (
        ("discovery", f"/discovery.{form}", door.discovery, "GET"),
        ("services", f"/v2/services.{form}", door.services, "GET"),
        ("definition", f"/v2/services/<code>.{form}", door.definition, "GET"),
        ("create", f"/v2/requests.{form}", door.create, "POST"),
        ("many", f"/v2/requests.{form}", door.many, "GET"),
        ("one", f"/v2/requests/<reference>.{form}", door.one, "GET"),
        ("token", f"/v2/tokens/<token>.{form}", door.token, "GET"),
    ):
        blueprint.add_url_rule(path, name, view, methods=[method])
    blueprint.register_error_handler(Refused, lambda fault: errors(format_of(request.path), fault))
    return blueprint
