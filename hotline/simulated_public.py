"""Invented reports, and the carrier and the public that bring them: what `hotline simulate` plays.

The carrier's part is signed by the vendor's own library, so that the real door is what is tried.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import secrets
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from config.exercise_proof import HEADER, exercise_proof
from config.secrets import DoorSecrets
from hotline.simulated_caller import Carrier, Press, Reaction, Say, Silence
from reports.values import Channel
from routing.areas import AreaTree, Level

_TEXTS = Path(__file__).resolve().parent / "simulated_reports.toml"
# How often each door is used, in a hundred reports.
_DOORS = {Channel.SMS: 60, Channel.WEB: 25, Channel.API: 15}
_TIMEOUT_SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class InventedReport:
    """One report to send. source_id makes the delivery recognisable, as the carrier's or the partner's id does."""

    channel: Channel
    kind: str
    text: str
    sender: str
    source_id: str


def invented_reports(areas: AreaTree, count: int, seed: int | None, calls: int = 0) -> Iterator[InventedReport]:
    """`count` reports; the same texts, doors and senders for the same seed, but ids that were never used before.

    calls is how many in a hundred are told by telephone.
    """
    doors = {**{door: share * (100 - calls) for door, share in _DOORS.items()}, Channel.VOICE: calls * 100}
    chance = random.Random(seed)  # noqa: S311
    kinds = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))["report"]
    places = sorted(area.name for area in areas.current() if area.level is Level.COUNTY)
    for _ in range(count):
        kind = chance.choice(kinds)
        text = chance.choice(kind["texts"]).replace("{place}", chance.choice(places))
        channel = chance.choices(list(doors), list(doors.values()))[0]
        yield InventedReport(
            channel=channel,
            kind=kind["kind"],
            text=text,
            # No carrier gives out a number with this many zeros.
            sender=f"+86138000{chance.randrange(100_000):05d}",
            source_id=f"SM{secrets.token_hex(16)}",
        )


def invented_conversations(areas: AreaTree, count: int, seed: int | None) -> Iterator[InventedReport]:
    """The texts of `count` conversations, one conversation after the other, each from a number of its own."""
    chance = random.Random(seed)  # noqa: S311
    kinds = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))["conversation"]
    places = sorted(area.name for area in areas.current() if area.level is Level.COUNTY)
    for _ in range(count):
        place = chance.choice(places)
        yield from conversation([text.replace("{place}", place) for text in chance.choice(kinds)["texts"]], chance)


def conversation(texts: Sequence[str], chance: random.Random) -> Iterator[InventedReport]:
    """These texts, from one number."""
    sender = f"+86138000{chance.randrange(100_000):05d}"
    for text in texts:
        source_id = f"SM{secrets.token_hex(16)}"
        yield InventedReport(channel=Channel.SMS, kind="conversation", text=text, sender=sender, source_id=source_id)


class Public:
    """Sends reports to the doors of a running system. Not safe to share between threads."""

    def __init__(self, port: int, public_url: str, doors: DoorSecrets, *, exercise: bool = False) -> None:
        """port is the intake's on this machine; public_url the address the carrier signs; exercise proves with each
        request that what it sends is played."""
        self._port, self._public_url, self._doors, self._exercise = port, public_url, doors, exercise
        self._signer = RequestValidator(doors.auth_token)
        self._connection: http.client.HTTPConnection | None = None

    def send(self, report: InventedReport) -> int:
        """The HTTP status the door gave. Raises OSError if nothing answers."""
        if report.channel is Channel.WEB:
            return self._fill_in_form(report)
        if report.channel is Channel.API:
            return self._call_api(report)
        if report.channel is Channel.VOICE:
            return self._telephone(report)
        return self._deliver_text(report)

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _deliver_text(self, report: InventedReport) -> int:
        fields = {
            "ToCountry": "CN", "SmsMessageSid": report.source_id, "NumMedia": "0", "SmsSid": report.source_id,
            "SmsStatus": "received", "Body": report.text, "FromCountry": "CN", "To": self._doors.numbers[0],
            "NumSegments": "1", "MessageSid": report.source_id, "AccountSid": self._doors.account_sid,
            "From": report.sender, "ApiVersion": "2010-04-01",
        }  # fmt: skip
        signature = self._signer.compute_signature(f"{self._public_url}/twilio/sms", fields)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        return self._ask("POST", "/twilio/sms", urlencode(fields).encode(), headers)[0]

    def _telephone(self, report: InventedReport) -> int:
        """A call in Chinese or English whose caller is in no danger, says what happened, and may be called back."""
        language = Press("2" if report.text.isascii() else "1")
        reactions: list[Reaction] = [language, Press("2"), Say(report.text), Silence(), Press("1")]
        call = self.carrier().play(reactions, report.sender, sid=f"CA{report.source_id[2:]}")
        return next((status for status in call.statuses if status >= 300), call.statuses[0])

    def carrier(self, behaviour: Mapping[str, str] | None = None, recordings_url: str = "") -> Carrier:
        """The carrier of calls to the system that runs on this machine.

        behaviour is how those that are rung behave; recordings lie under recordings_url, the carrier's own by default.
        """
        return Carrier(
            self._doors, self._public_url, self._post_call, behaviour=behaviour, recordings_url=recordings_url
        )

    def _post_call(self, path: str, fields: Mapping[str, str], signature: str) -> tuple[int, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        status, answer = self._ask("POST", path, urlencode(fields).encode(), headers)
        return status, answer.decode("utf-8", "replace")

    def _fill_in_form(self, report: InventedReport) -> int:
        status, page = self._ask("GET", "/", None, {})
        found = re.search(r'name="token" value="([^"]+)"', page.decode("utf-8", "replace"))
        if status != 200 or found is None:
            return status
        body = urlencode({"token": found[1], "text": report.text, "contact": report.sender}).encode()
        return self._ask("POST", "/", body, {"Content-Type": "application/x-www-form-urlencoded"})[0]

    def _call_api(self, report: InventedReport) -> int:
        body = json.dumps({"text": report.text}, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json", "Authorization": f"Bearer {self._doors.api_key}",
            "Idempotency-Key": report.source_id,
        }  # fmt: skip
        return self._ask("POST", "/api/v1/reports", body, headers)[0]

    def _proof(self, method: str, path: str) -> Mapping[str, str]:
        if not self._exercise:
            return {}
        key, target = self._doors.exercise_key, path.partition("?")[0]
        return {HEADER: exercise_proof(key, method, target, int(time.time()))}

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT_SECONDS)
        try:
            self._connection.request(method, path, body, {**headers, **self._proof(method, path)})
            response = self._connection.getresponse()
            return response.status, response.read()
        except (http.client.HTTPException, OSError) as fault:
            self.close()
            raise OSError(f"the public app did not answer ({type(fault).__name__})") from None
