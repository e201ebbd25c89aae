"""Requests of an HTTP gateway of the kind Kannel speaks: its sms-service by post-url or get-url, and its dlr-url.

By POST with the text as the body (Kannel's post-url) neither number nor text stands in an address; a form by POST and
a query by GET are taken too, with these parameters: id, from, to, text, charset, coding, udh; id and status for what
became of a text. Names are Kannel's own (user guide 1.4.5, "SMS-Service Group" and "Delivery Reports").
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from werkzeug.http import parse_options_header

from reports.text_statuses import DeliveryState, StatusUpdate
from workers.carriers.carrier import Answer, CarrierRequest, InboundText, RequestRefused
from workers.carriers.charsets import read_text
from workers.carriers.proof import FORM, Proof, pairs_of, query_of
from workers.carriers.urlencoded import Pairs
from workers.carriers.user_data_header import part_of

_MESSAGE_ID = re.compile(r"[0-9A-Za-z._:-]{1,64}")
_TOKEN = re.compile(r"\btoken=[^&]*")
_TEXT_BODIES = ("text/plain", "application/octet-stream")
_HEADERS = {b"from": "x-kannel-from", b"to": "x-kannel-to", b"coding": "x-kannel-coding"}
# A mask of bits in Kannel, of which one is set in each report. 4 and 8: the text waits at, or is with, the carrier.
_STATES = {
    "1": DeliveryState.DELIVERED,
    "2": DeliveryState.UNDELIVERED,
    "4": DeliveryState.SENT,
    "8": DeliveryState.SENT,
    "16": DeliveryState.UNDELIVERED,
}


class GatewayIncoming:
    """Recognises and reads what one gateway brings."""

    methods: tuple[str, ...] = ("GET", "POST")
    # Whatever stood here would be sent to the reporter as a text.
    accepted = Answer(body="", content_type="text/plain")

    def __init__(self, name: str, proof: Proof) -> None:
        self.source = f"carrier:{name}"
        self._proof = proof

    def verify(self, asked: CarrierRequest) -> bool:
        """Whether the gateway proved itself. Raises RequestRefused (400, 415)."""
        return self._proof.holds(asked)

    def parse_inbound(self, asked: CarrierRequest) -> tuple[InboundText, ...]:
        """The one text that a request brings. Raises RequestRefused (400, 405, 415)."""
        values = _values(asked)
        read = read_text(values.get(b"text", b""), _plain(values, b"charset"), _plain(values, b"coding"))
        text = InboundText(
            message_id=_id(values),
            sender=_plain(values, b"from"),
            to=_plain(values, b"to"),
            text=read.text,
            raw=_raw(asked),
            part=part_of(values.get(b"udh", b"")),
            marks=() if read.is_as_stated else ("charset_unsure",),
        )
        return (text,)

    def parse_status(self, asked: CarrierRequest) -> tuple[StatusUpdate, ...]:
        """What became of one text. Raises RequestRefused (400, 405, 415)."""
        values = _values(asked)
        message_id, mask = _id(values), _plain(values, b"status")
        state = _STATES.get(mask)
        return () if state is None else (StatusUpdate(message_id=message_id, state=state, code=mask),)


def _values(asked: CarrierRequest) -> dict[bytes, bytes]:
    pairs = _parameters(asked)
    values = dict(pairs)
    if len(values) < len(pairs):
        raise RequestRefused(400, "A parameter came twice.")
    return values


def _parameters(asked: CarrierRequest) -> Pairs:
    if asked.method == "GET":
        return query_of(asked)
    if asked.method != "POST":
        raise RequestRefused(405, "A gateway calls by POST or GET.")
    if asked.content_type == FORM:
        # What stands in the address beside a form is not read: a signature would not cover it.
        return pairs_of(asked.body)
    if asked.content_type not in _TEXT_BODIES:
        raise RequestRefused(415, f"A gateway posts {FORM}, or a text as text/plain or application/octet-stream.")
    pairs = query_of(asked)
    known = {name for name, _ in pairs}
    pairs += [(name, asked.headers.get(header, "").encode("latin-1", "replace"))
              for name, header in _HEADERS.items() if name not in known]  # fmt: skip
    if b"udh" not in known:
        pairs.append((b"udh", unquote_to_bytes(asked.headers.get("x-kannel-udh", "").replace("+", " "))))
    if b"charset" not in known:
        stated = parse_options_header(asked.headers.get("content-type"))[1].get("charset", "")
        pairs.append((b"charset", stated.encode("utf-8", "replace")))
    return [*pairs, (b"text", asked.body)]


def _id(values: dict[bytes, bytes]) -> str:
    found = _plain(values, b"id")
    if not _MESSAGE_ID.fullmatch(found):
        raise RequestRefused(400, "The request should have an id of 1 to 64 letters, digits, dots, colons, _ or -.")
    return found


def _plain(values: dict[bytes, bytes], name: bytes) -> str:
    return values.get(name, b"").decode("utf-8", "replace").strip()


def _raw(asked: CarrierRequest) -> bytes:
    """All of it but the token: the headers say who wrote and in which charset, the address may hold the text."""
    lines = [f"{asked.method} {_TOKEN.sub('token=', asked.target)}"]
    lines += [f"{name}: {value}" for name, value in sorted(asked.headers.items()) if name.startswith("x-kannel-")]
    lines.append(f"content-type: {asked.headers.get('content-type', '')}")
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + asked.body
