"""Texts by an HTTP gateway of the kind Kannel speaks: its sendsms, by POST with X-Kannel headers.

Number, text and password stand in headers and body, none of them in an address.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from urllib.parse import urlsplit

from config.carriers import Gateway
from reports.identity import new_id
from workers.carriers.carrier import CarrierRefused, CarrierUnknown, Sent
from workers.senders.deadline import ends_within

_SECONDS = 6.0
_MOST_ANSWER_BYTES = 4096
_NOT_NOW = (401, 403, 407, 408, 425, 429)
# All five of Kannel's reports: delivered, not delivered, waiting, with the carrier, refused by the carrier.
_EVERY_REPORT = "31"


class GatewayOutgoing:
    """Sends by one gateway, from one number."""

    def __init__(self, gateway: Gateway, password: str, status_url: str, make_id: Callable[[], str] = new_id) -> None:
        """status_url is the whole address of our own that reports are to call, "" for none; make_id makes the id that
        they name the text by, since the gateway's answer has none."""
        self._gateway, self._password, self._status_url, self._make_id = gateway, password, status_url, make_id
        self._address, self._source = urlsplit(gateway.send_url), f"carrier:{gateway.name}"

    def send(self, to: str, text: str) -> Sent:
        """Hands one text over. Raises CarrierRefused or CarrierUnknown."""
        message_id = self._make_id()
        try:
            status = self._post(text.encode("utf-8"), self._headers(to, message_id))
        except ConnectionRefusedError:
            raise CarrierRefused("sms_unreachable") from None
        except (OSError, http.client.HTTPException, ValueError):
            raise CarrierUnknown("sms_unreachable", source=self._source, message_id=message_id) from None
        if status in (200, 202):
            return Sent(source=self._source, message_id=message_id)
        if 400 <= status < 500:
            raise CarrierRefused("sms_refused", is_final=status not in _NOT_NOW)
        raise CarrierUnknown("sms_refused", source=self._source, message_id=message_id)

    def _headers(self, to: str, message_id: str) -> Mapping[str, str]:
        headers = {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._gateway.user,
            "X-Kannel-Password": self._password,
            "X-Kannel-From": self._gateway.number,
            "X-Kannel-To": to,
            "X-Kannel-Coding": "2",
        }
        if self._status_url:
            joined = "&" if "?" in self._status_url else "?"
            headers["X-Kannel-DLR-Mask"] = _EVERY_REPORT
            headers["X-Kannel-DLR-URL"] = f"{self._status_url}{joined}id={message_id}&status=%d"
        return headers

    def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        """The status of the answer; its words are not looked at, since they may quote the number."""
        made = http.client.HTTPSConnection if self._address.scheme == "https" else http.client.HTTPConnection
        line = made(self._address.hostname or "", self._address.port, timeout=_SECONDS)
        path = self._address.path or "/"
        target = f"{path}?{self._address.query}" if self._address.query else path

        def open_socket() -> socket.socket | None:
            return line.sock

        with closing(line), ends_within(_SECONDS, open_socket):
            line.request("POST", target, body, dict(headers))
            answer = line.getresponse()
            answer.read(_MOST_ANSWER_BYTES)
            return answer.status
