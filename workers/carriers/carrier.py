"""What every carrier of text messages looks like from here: what it brings, what it takes, and how it fails.

An adapter knows one carrier's wire and nothing else: no database, no queue, no web framework. Its two halves are apart
because the public app must only recognise and read what comes in; the account that texts are sent by stays with the
workers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from reports.content import AwaitedAttachment
from reports.text_statuses import StatusUpdate


class CarrierRefused(Exception):
    """The carrier surely did not take the text. code is a word for logs and digests, never a number or a text.

    is_final says that the same text to the same number will never be taken.
    """

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_final = code, is_final


class CarrierUnknown(Exception):
    """Nobody knows whether the text was taken: the answer did not come, or made no sense. code is as above.

    source and message_id are what status reports will name the text by, where the id was ours to choose.
    """

    def __init__(self, code: str, *, source: str = "", message_id: str = "") -> None:
        super().__init__(code)
        self.code, self.source, self.message_id = code, source, message_id


class RequestRefused(Exception):
    """A request that this carrier does not make, and the HTTP status and sentence to answer it with."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@dataclass(frozen=True, kw_only=True)
class CarrierRequest:
    """One HTTP request to a carrier's door, as it came.

    target is the raw path and query, never decoded. content_type is lower case and without its parameters; the names of
    headers are lower case.
    """

    method: str
    target: str
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The place of one text in a longer one (3GPP TS 23.040, 9.2.3.24.1): number counts from 1 up to `of`.

    reference is the sender's phone's own and soon used again: it is worth something only together with the number.
    """

    reference: int
    number: int
    of: int


@dataclass(frozen=True, kw_only=True)
class InboundText:
    """One text message that somebody sent to us.

    message_id is the carrier's, the same however often it delivers the message. sender is as the carrier wrote it: a
    number, a short code, a word or nothing. raw is what the carrier sent about this message and no other, byte for
    byte. media are attachments that still lie with the carrier. marks are flags for the officer.
    """

    message_id: str
    sender: str
    to: str
    text: str
    raw: bytes
    media: tuple[AwaitedAttachment, ...] = ()
    part: Part | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A text that the carrier took. source and message_id are what its status reports will name it by."""

    source: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What stands in an answer to a carrier."""

    body: str
    content_type: str


class Incoming(Protocol):
    """The half of an adapter that the public app holds.

    source names the carrier in the store; with a message's id it makes a delivery recognisable for ever. methods are
    the HTTP methods it calls by, accepted is what it wants to hear once everything it brought is kept.
    """

    source: str
    methods: tuple[str, ...]
    accepted: Answer

    def verify(self, asked: CarrierRequest) -> bool:
        """Whether the carrier itself made this request. Takes the same time for any wrong proof.

        Raises RequestRefused for a form of request that this carrier never makes.
        """

    def parse_inbound(self, asked: CarrierRequest) -> tuple[InboundText, ...]:
        """The texts in a request that was verified. Raises RequestRefused where it is none, or is not for us."""

    def parse_status(self, asked: CarrierRequest) -> tuple[StatusUpdate, ...]:
        """The reports in a request that was verified, but for those in words we do not know. Raises RequestRefused."""


class Outgoing(Protocol):
    """The half of an adapter that workers hold."""

    def send(self, to: str, text: str) -> Sent:
        """Hands one text over, once: never tried again in here. to is a number such as +8613800000000.

        Raises CarrierRefused where it was surely not taken, CarrierUnknown where it perhaps was.
        """


class Listing(Protocol):
    """What a carrier has that keeps the texts it took for us, so that one its request did not bring can be fetched."""

    source: str

    def list_inbound(self, since: datetime, until: datetime) -> Iterator[InboundText]:
        """The texts to our numbers of that time, in any order. Raises CarrierUnknown where it cannot be asked."""
