"""Texts by Twilio's API, from one of our own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.base.values import unset
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance

from config.outgoing import TwilioAccount
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, InboundText, Sent
from workers.carriers.twilio_incoming import SOURCE, twilio_media

_SECONDS = 5.0
_NOT_NOW = (408, 425, 429)
PAGE = 1000
FAULTS = (TwilioException, requests.RequestException, OSError, ValueError)


def twilio_client(account: TwilioAccount) -> Client:
    """The vendor's client, which answers or fails within seconds."""
    # The client's default would keep its retries and time-outs to itself.
    line = TwilioHttpClient(timeout=_SECONDS, max_retries=0)
    client = Client(account.account_sid, account.auth_token, http_client=line)
    client.api.base_url = account.base_url
    return client


class TwilioOutgoing:
    """Sends, and lists what came in."""

    source = SOURCE

    def __init__(self, account: TwilioAccount) -> None:
        """account.base_url is where Twilio is reached; a stand-in has another."""
        self._client, self._account = twilio_client(account), account

    def send(self, to: str, text: str) -> Sent:
        """Hands one message over. Raises CarrierRefused or CarrierUnknown."""
        callback = self._account.status_url or unset
        try:
            made = self._client.messages.create(to=to, from_=self._account.number, body=text, status_callback=callback)
        except TwilioRestException as fault:
            # Its text quotes the number.
            if 400 <= fault.status < 500:
                raise CarrierRefused("sms_refused", is_final=fault.status not in _NOT_NOW) from None
            raise CarrierUnknown("sms_refused") from None
        except FAULTS:
            raise CarrierUnknown("sms_unreachable") from None
        if not made.sid:
            raise CarrierUnknown("sms_unreachable")
        return Sent(source=SOURCE, message_id=made.sid)

    def list_inbound(self, since: datetime, until: datetime) -> Iterator[InboundText]:
        """The messages that Twilio holds to our numbers, newest first. Raises CarrierUnknown."""
        try:
            for number in self._account.numbers:
                held = self._client.messages.stream(
                    to=number, date_sent_after=since, date_sent_before=until, page_size=PAGE
                )
                yield from (self._inbound(message) for message in held if message.direction == "inbound")
        except FAULTS:
            raise CarrierUnknown("sms_unreachable") from None

    def _inbound(self, held: MessageInstance) -> InboundText:
        """A message of the list as its request would have brought it, attachments included."""
        fields = {
            "MessageSid": str(held.sid), "AccountSid": str(held.account_sid), "From": held.from_ or "",
            "To": held.to or "", "Body": held.body or "", "NumMedia": str(held.num_media or "0"),
            "DateSent": str(held.date_sent or ""),
        }  # fmt: skip
        if fields["NumMedia"] != "0":
            for place, one in enumerate(held.media.list()):
                fields[f"MediaUrl{place}"] = self._account.base_url + str(one.uri).removesuffix(".json")
                fields[f"MediaContentType{place}"] = str(one.content_type or "")
        return InboundText(
            message_id=fields["MessageSid"],
            sender=fields["From"],
            to=fields["To"],
            text=fields["Body"],
            raw=urlencode(fields).encode(),
            media=twilio_media(fields["MessageSid"], fields),
        )
