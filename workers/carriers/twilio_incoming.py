"""Twilio's requests: texts to our numbers and what became of texts of ours, signed by the account's token."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping

from config.secrets import DoorSecrets
from reports.content import AwaitedAttachment
from reports.replies import STOPPED
from reports.text_statuses import DeliveryState, StatusUpdate
from workers.carriers.carrier import Answer, CarrierRequest, InboundText, RequestRefused
from workers.carriers.twilio_signature import SignatureCheck
from workers.carriers.urlencoded import Pairs, TooManyFields, read_pairs

SOURCE = "twilio"
_MESSAGE_ID = re.compile(r"(SM|MM)[0-9a-f]{32}")
_MOST_PARAMETERS = 200
_MOST_MEDIA = 10
# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
_STATES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), DeliveryState.ACCEPTED),
    "sent": DeliveryState.SENT,
    **dict.fromkeys(("delivered", "read"), DeliveryState.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "canceled"), DeliveryState.UNDELIVERED),
}


class TwilioIncoming:
    """Recognises and reads what Twilio posts for our account and our numbers."""

    source = SOURCE
    methods: tuple[str, ...] = ("POST",)
    # Always empty: a text sent this way would be sent again with every retry. Replies are a worker's matter.
    accepted = Answer(body='<?xml version="1.0" encoding="UTF-8"?><Response></Response>', content_type="text/xml")

    def __init__(self, secrets: DoorSecrets, public_url: str) -> None:
        self._secrets = secrets
        self._check = SignatureCheck(secrets.auth_token, public_url)

    def verify(self, asked: CarrierRequest) -> bool:
        """Whether the account's token signed it. Raises RequestRefused (415, 400)."""
        return self._check.holds(asked.target, twilio_pairs(asked), asked.headers.get("x-twilio-signature", ""))

    def parse_inbound(self, asked: CarrierRequest) -> tuple[InboundText, ...]:
        """The one text that a request brings. Raises RequestRefused (400, 403)."""
        values = twilio_values(asked)
        if not (self._is_ours(values) and values.get("To", "") in self._secrets.numbers and "From" in values):
            raise RequestRefused(403, "The message is not for this account or number, or its id is malformed.")
        media = twilio_media(values["MessageSid"], values)
        text = InboundText(
            message_id=values["MessageSid"],
            sender=values["From"],
            to=values["To"],
            text=values.get("Body", ""),
            raw=asked.body,
            media=media,
            marks=(*_media_marks(values, len(media)), *_opted_out(values)),
        )
        return (text,)

    def parse_status(self, asked: CarrierRequest) -> tuple[StatusUpdate, ...]:
        """What became of one text. Raises RequestRefused (400, 403)."""
        values = twilio_values(asked)
        if not self._is_ours(values):
            raise RequestRefused(403, "The report is not for this account, or its id is malformed.")
        state = _STATES.get(values.get("MessageStatus", ""))
        if state is None:
            return ()
        return (StatusUpdate(message_id=values["MessageSid"], state=state, code=values.get("ErrorCode", "")),)

    def _is_ours(self, values: dict[str, str]) -> bool:
        # The signed string has no separators, so a signature alone does not say where a name or value ends.
        account = values.get("AccountSid", "").encode("utf-8", "replace")
        return (
            hmac.compare_digest(account, self._secrets.account_sid.encode())
            and _MESSAGE_ID.fullmatch(values.get("MessageSid", "")) is not None
        )


def twilio_pairs(asked: CarrierRequest) -> Pairs:
    """The parameters of a request as they were signed. Raises RequestRefused (415, 400)."""
    # A parameter after the type, a file part or JSON would leave bytes that the signature does not cover.
    if asked.content_type != "application/x-www-form-urlencoded":
        raise RequestRefused(415, "Twilio posts application/x-www-form-urlencoded.")
    try:
        # Bytes, so that the signature is checked over what came and not over a repaired copy.
        return read_pairs(asked.body, _MOST_PARAMETERS)
    except TooManyFields:
        raise RequestRefused(400, "The form has too many parameters.") from None


def twilio_values(asked: CarrierRequest) -> dict[str, str]:
    """The parameters as text. Raises RequestRefused (415, 400), also where one came twice: no signature covers that."""
    pairs = twilio_pairs(asked)
    if len({name for name, _ in pairs}) < len(pairs):
        raise RequestRefused(400, "A parameter came twice.")
    return {name.decode("utf-8", "replace"): value.decode("utf-8", "replace") for name, value in pairs}


def twilio_media(message_id: str, values: Mapping[str, str]) -> tuple[AwaitedAttachment, ...]:
    """The attachments that MediaUrl0 to MediaUrl10 name. Whether they may be fetched is not judged here."""
    named = [(n, url) for n in range(_MOST_MEDIA + 1) if (url := values.get(f"MediaUrl{n}"))]
    return tuple(
        AwaitedAttachment(
            url=url,
            source_id=f"{message_id}:{n}",
            claimed_type=values.get(f"MediaContentType{n}", ""),
        )
        for n, url in named
    )


def _opted_out(values: Mapping[str, str]) -> tuple[str, ...]:
    # Twilio's own stop words, in whatever language they were set up: what follows from them is ours to heed too.
    return (STOPPED,) if values.get("OptOutType") == "STOP" else ()


def _media_marks(values: Mapping[str, str], named: int) -> tuple[str, ...]:
    stated = values.get("NumMedia", "0")
    fits = re.fullmatch(r"[0-9]{1,3}", stated) is not None and int(stated) == named
    return () if fits else ("media_mismatch",)
