"""Text messages by Twilio."""

from __future__ import annotations

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from config.outgoing import TwilioAccount
from workers.senders.sender import DeliveryFailed

_SECONDS = 5.0
_NOT_NOW = (408, 425, 429)


class TwilioGateway:
    """Sends from one of our own numbers."""

    def __init__(self, account: TwilioAccount) -> None:
        """account.base_url is where Twilio is reached; a stand-in has another."""
        # The client's default would keep its retries and time-outs to itself.
        client = TwilioHttpClient(timeout=_SECONDS, max_retries=0)
        self._client = Client(account.account_sid, account.auth_token, http_client=client)
        self._client.api.base_url = account.base_url
        self._from = account.number

    def text(self, to: str, words: str) -> None:
        """Hands one message over. Raises DeliveryFailed."""
        try:
            self._client.messages.create(to=to, from_=self._from, body=words)
        except TwilioRestException as fault:
            # Its text quotes the number.
            is_final = 400 <= fault.status < 500 and fault.status not in _NOT_NOW
            raise DeliveryFailed("sms_refused", is_final=is_final) from None
        except (TwilioException, requests.RequestException, OSError, ValueError):
            raise DeliveryFailed("sms_unreachable") from None
