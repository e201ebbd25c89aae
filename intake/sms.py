"""The door for text messages: Twilio's webhook."""

from __future__ import annotations

import hmac
import logging
import re

from flask import Blueprint, Response, current_app, request

from config.secrets import DoorSecrets
from intake.form_body import TooManyFields, read_pairs
from intake.receive import Hallway
from intake.schemas import sms_report
from intake.signature import SignatureCheck
from intake.transport import whole_body

# The answer is always empty: a text sent this way would be sent again with every retry. Replies are a worker's matter.
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
_MESSAGE_ID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_MOST_PARAMETERS = 200
log = logging.getLogger(__name__)


class SMSDoor:
    """Takes text messages that the carrier signed, for our account and our numbers."""

    def __init__(self, hallway: Hallway, secrets: DoorSecrets, public_url: str) -> None:
        self._hallway, self._secrets = hallway, secrets
        self._check = SignatureCheck(secrets.auth_token, public_url)

    def receive(self) -> Response:
        """Keeps one message.

        200 with empty TwiML once it is committed; 403, 400 or 415 for what the carrier did not send.
        """
        # A parameter after the type, a file part or JSON would leave bytes that the signature does not cover.
        if request.mimetype != "application/x-www-form-urlencoded":
            return _refused(415, "Twilio posts application/x-www-form-urlencoded.")
        raw = whole_body(request)
        try:
            # Bytes, so that the signature is checked over what came and not over a repaired copy.
            parameters = read_pairs(raw, _MOST_PARAMETERS)
        except TooManyFields:
            return _refused(400, "The form has too many parameters.")
        target = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path.rstrip("?")
        if not self._check.holds(target, parameters, request.headers.get("X-Twilio-Signature", "")):
            return _refused(403, "The signature does not fit.")
        if len({name for name, _ in parameters}) < len(parameters):
            return _refused(400, "A parameter came twice.")
        values = {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in parameters}
        if not self._is_ours(values):
            return _refused(403, "The message is not for this account or number, or its id is malformed.")
        self._hallway.receive(sms_report(values, raw))
        return Response(EMPTY_TWIML, mimetype="text/xml")

    def _is_ours(self, values: dict[str, str]) -> bool:
        account = values.get("AccountSid", "").encode("utf-8", "replace")
        return (
            hmac.compare_digest(account, self._secrets.account_sid.encode())
            and values.get("To", "") in self._secrets.numbers
            and _MESSAGE_ID.fullmatch(values.get("MessageSid", "")) is not None
            and "From" in values
        )


def sms_blueprint(door: SMSDoor) -> Blueprint:
    """POST /twilio/sms."""
    blueprint = Blueprint("sms", __name__)
    blueprint.add_url_rule("/twilio/sms", "receive", door.receive, methods=["POST"])
    return blueprint


def _refused(status: int, sentence: str) -> Response:
    log.warning("A text message was refused: %s", sentence, extra={"door": "sms", "status": status})
    return current_app.response_class(sentence + "\n", status=status, mimetype="text/plain")
