"""A unit's own server: the packet goes there as a signed event (CloudEvents 1.0 in JSON, Standard Webhooks 1.0)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.settings import SettingsError
from routing.rulebook.addresses import literal, may_call, webhook_problem
from routing.rulebook.units import Unit
from workers.senders.deadline import ends_within
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed
from workers.senders.unit_keys import read_keys

EVENT_TYPE = "hotline.packet"
# Of each machine that a host's name may mean.
_CONNECT_SECONDS = 2.0
_MOST_MACHINES = 2
_MOST_ANSWER_BYTES = 16 * 1024
# Of the refusals, these mean "not now" and the rest "never".
_NOT_NOW = (408, 425, 429)
_LONGEST_RECEIPT = 80


class WebhookSender:
    """Posts packets to the addresses of the directory, and to no other."""

    def __init__(
        self,
        state: Path,
        source: str,
        *,
        seconds: float = 6.0,
        tls: ssl.SSLContext | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """state holds the units' keys; source says in the event where it comes from; seconds is how long one call may
        take as a whole; now is the signature's clock."""
        self._state, self._source, self._seconds, self._now = state, source, seconds, now
        self._tls = tls or ssl.create_default_context()

    def send(self, packet: Packet, unit: Unit) -> str:
        """Returns the "receipt" of the answer's JSON, or an empty string. Raises DeliveryFailed."""
        if not unit.webhook or webhook_problem(unit.webhook, unit.private_network):
            raise DeliveryFailed("no_address", is_final=True)
        try:
            keys = read_keys(self._state, unit.id)
        except SettingsError:
            raise DeliveryFailed("no_key") from None
        body = event(packet, self._source)
        headers = signed_headers(packet.delivery_id, int(self._now()), body, keys)
        status, answer = self._post(urlsplit(unit.webhook), unit.private_network, body, headers)
        _check(status)
        return _receipt(answer)

    def _post(
        self, address: SplitResult, private_network: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """The status of the answer and the beginning of its body."""
        ends_at = time.monotonic() + self._seconds
        try:
            line = self._line(address, private_network)
        except OSError:
            raise DeliveryFailed("unreachable") from None
        with closing(line), ends_within(ends_at - time.monotonic(), lambda: line):
            try:
                if isinstance(line, ssl.SSLSocket):
                    line.do_handshake()
            except ssl.SSLCertVerificationError:
                raise DeliveryFailed("bad_certificate") from None
            except (OSError, ValueError):
                raise DeliveryFailed("unreachable") from None
            return _exchange(line, address, body, headers)

    def _line(self, address: SplitResult, private_network: str) -> socket.socket:
        plain = _connect(address, private_network)
        if address.scheme != "https":
            return plain
        return self._tls.wrap_socket(plain, server_hostname=address.hostname, do_handshake_on_connect=False)


def event(packet: Packet, source: str) -> bytes:
    """The event that tells of a packet, the same bytes at every try."""
    whole = {
        "specversion": "1.0",
        "id": packet.delivery_id,
        "source": source,
        "type": EVENT_TYPE,
        "datacontenttype": "application/json",
        "data": json.loads(packet.to_bytes()),
    }
    return json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def signed_headers(packet_id: str, seconds: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers of one try: seconds since 1970, and a signature with each of the unit's keys."""
    signed = f"{packet_id}.{seconds}.".encode() + body
    digests = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "Idempotency-Key": packet_id,
        "webhook-id": packet_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{digest}" for digest in digests),
        "User-Agent": "hotline",
    }


def _connect(address: SplitResult, private_network: str) -> socket.socket:
    """A line to one of the host's machines. The machine that was looked at is the one that is called, so that a name
    cannot mean another one a moment later.

    Raises DeliveryFailed where none may be called, OSError where none answers.
    """
    host, port = address.hostname or "", address.port or (443 if address.scheme == "https" else 80)
    found = dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    allowed = [one for one in found if (written := literal(one)) and may_call(written, private_network)]
    if not allowed:
        raise DeliveryFailed("private_address", is_final=True)
    for machine in allowed[: _MOST_MACHINES - 1]:
        with suppress(OSError):
            return socket.create_connection((machine, port), timeout=_CONNECT_SECONDS)
    return socket.create_connection((allowed[-1], port), timeout=_CONNECT_SECONDS)


def _exchange(line: socket.socket, address: SplitResult, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    connection.sock = line
    target = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        connection.request("POST", target, body, {**headers, "Host": address.netloc, "Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read(_MOST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException, ValueError):
        # Whether the unit has it is not known: it is sent again, and the unit knows it by its id.
        raise DeliveryFailed("no_answer") from None


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status == 410:
        raise DeliveryFailed("gone", is_final=True)
    if 300 <= status < 400:
        raise DeliveryFailed("redirected", is_final=True)
    if status in _NOT_NOW:
        raise DeliveryFailed("too_busy")
    if 400 <= status < 500:
        raise DeliveryFailed("refused", is_final=True)
    raise DeliveryFailed("server_error")


def _receipt(answer: bytes) -> str:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    receipt = told.get("receipt") if isinstance(told, dict) else None
    is_plain = isinstance(receipt, str) and re.fullmatch(rf"[!-~]{{1,{_LONGEST_RECEIPT}}}", receipt)
    return str(receipt) if is_plain else ""
