"""The doors for text messages: one for each carrier, all alike."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, current_app, request

from intake.receipts_in_texts import ReceiptsInTexts
from intake.receive import Hallway
from intake.transport import whole_body
from reports.database import Database
from reports.text_statuses import StatusUpdate, note_status
from workers.carriers.carrier import CarrierRequest, Incoming, RequestRefused
from workers.carriers.text_report import text_report

log = logging.getLogger(__name__)


class TextDoor:
    """Takes what one carrier brings, once it is sure that the carrier brings it."""

    def __init__(self, hallway: Hallway, database: Database, carrier: Incoming, receipts: ReceiptsInTexts) -> None:
        self._hallway, self._database, self._carrier, self._receipts = hallway, database, carrier, receipts
        self.methods = carrier.methods

    def receive(self) -> Response:
        """Keeps every text in a request.

        200 and what the carrier wants to hear once all are committed; 403, 400 or 415 for what it did not send.
        """

        def keep(asked: CarrierRequest) -> None:
            for text in self._carrier.parse_inbound(asked):
                self._hallway.receive(self._receipts.placed(text_report(self._carrier.source, text)))

        return self._answer("sms", keep)

    def note_statuses(self) -> Response:
        """Writes down what became of texts of ours. Answers as above; a report that is no news changes nothing."""

        def keep(asked: CarrierRequest) -> None:
            said = self._carrier.parse_status(asked)
            if said:
                self._note(said)

        return self._answer("sms_status", keep)

    def _answer(self, door: str, keep: Callable[[CarrierRequest], None]) -> Response:
        asked = as_it_came()
        try:
            if not self._carrier.verify(asked):
                raise RequestRefused(403, "The signature or token does not fit.")
            keep(asked)
        except RequestRefused as fault:
            said = {"door": door, "code": self._carrier.source, "status": fault.status}
            log.warning("A text message was refused: %s", fault.sentence, extra=said)
            return current_app.response_class(fault.sentence + "\n", status=fault.status, mimetype="text/plain")
        return Response(self._carrier.accepted.body, mimetype=self._carrier.accepted.content_type)

    def _note(self, said: tuple[StatusUpdate, ...]) -> None:
        with self._database.write() as connection:
            for status in said:
                note_status(connection, self._carrier.source, status)


def texts_blueprint(doors: Mapping[str, TextDoor]) -> Blueprint:
    """PATH/sms and PATH/status for each door, by its path."""
    blueprint = Blueprint("texts", __name__)
    for path, door in doors.items():
        name = path.strip("/").replace("/", "_")
        blueprint.add_url_rule(f"{path}/sms", f"{name}_sms", door.receive, methods=door.methods)
        blueprint.add_url_rule(f"{path}/status", f"{name}_status", door.note_statuses, methods=door.methods)
    return blueprint


def as_it_came() -> CarrierRequest:
    """The request with the raw address, which a carrier may have signed; the library decodes and encodes it anew."""
    target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
    return CarrierRequest(
        method=request.method,
        target=target,
        content_type=request.mimetype,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=whole_body(request) if request.content_length is not None else b"",
    )
