"""A caller and the carrier between: follows the TwiML of the real door as the carrier would, and reacts as a person.

Signed by the vendor's own library, so that the real door is what is tried. Only the verbs that the door uses are known;
any other fails loudly.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator

from config.secrets import DoorSecrets

_MOST_STEPS = 60


@dataclass(frozen=True)
class Press:
    """Presses a key."""

    key: str


@dataclass(frozen=True)
class Say:
    """Says something where the carrier listens; where it only waits for keys, nobody hears it."""

    words: str


@dataclass(frozen=True)
class Record:
    """Speaks after the tone, for so many seconds; then_hangs_up says whether the line goes dead at the end."""

    seconds: int = 12
    then_hangs_up: bool = False


@dataclass(frozen=True)
class Silence:
    """Does nothing."""


@dataclass(frozen=True)
class HangUp:
    """Puts the telephone down."""


Reaction = Press | Say | Record | Silence | HangUp
# How whoever is rung behaves: picks up and presses the key, is busy, does not answer, or has an answering machine.
PICKS_UP, BUSY, NO_ANSWER, ANSWERING_MACHINE = "picks up", "busy", "no-answer", "answering machine"
Post = Callable[[str, Mapping[str, str], str], tuple[int, str]]


class _LineDead(Exception):
    """The caller hung up, or the carrier ended the call."""


@dataclass
class Call:
    """What became of one call: what the caller heard, whom the carrier rang, and which recordings it holds."""

    sid: str = field(default_factory=lambda: f"CA{secrets.token_hex(16)}")
    heard: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    rang: list[str] = field(default_factory=list)
    recordings: list[str] = field(default_factory=list)
    spoke_with: str = ""
    statuses: list[int] = field(default_factory=list)


class Carrier:
    """Plays one call after another. post sends a signed form to an address and gives the status and the answer."""

    def __init__(
        self,
        doors: DoorSecrets,
        public_url: str,
        post: Post,
        *,
        behaviour: Mapping[str, str] | None = None,
        recordings_url: str = "",
        repeats: int = 1,
    ) -> None:
        """behaviour is how each number that is rung behaves, PICKS_UP where it says nothing. Every post is sent
        `repeats` times, as a carrier does that had no answer in time; the last answer counts."""
        self._doors, self._public_url, self._post, self._repeats = doors, public_url, post, repeats
        self._behaviour, self._recordings_url = behaviour or {}, recordings_url or "https://api.twilio.com"
        self._signer = RequestValidator(doors.auth_token)

    def play(
        self, reactions: Sequence[Reaction], number: str = "+8613800000000", *, sid: str = "", says_over: bool = True
    ) -> Call:
        """One call from a number, who reacts to each question in turn and is silent when the reactions are used up.

        sid is the call's id, a new one where none is given; says_over whether the carrier tells at the end that the
        call is over.
        """
        playing = _Playing(self, Call(sid) if sid else Call(), number, list(reactions))
        with suppress(_LineDead):
            playing.follow("/twilio/voice", {})
        if says_over:
            playing.send("/twilio/voice/status", {"CallStatus": "completed", "CallDuration": "42"})
        return playing.call

    def send(self, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """Posts a signed form, as often as this carrier repeats itself."""
        signature = str(self._signer.compute_signature(self._public_url + path, dict(fields)))
        for _ in range(self._repeats - 1):
            self._post(path, fields, signature)
        return self._post(path, fields, signature)

    def behaviour(self, number: str) -> str:
        """How a number that is rung behaves."""
        return self._behaviour.get(number, PICKS_UP)

    def recording_url(self, sid: str) -> str:
        """Where a recording lies."""
        return f"{self._recordings_url}/2010-04-01/Accounts/{self._doors.account_sid}/Recordings/{sid}"

    def about(self, call: Call, caller: str, called: str = "") -> dict[str, str]:
        """What every post about a call has."""
        return {
            "CallSid": call.sid, "AccountSid": self._doors.account_sid, "From": caller,
            "To": called or self._doors.numbers[0], "Direction": "inbound", "ApiVersion": "2010-04-01",
            "CallStatus": "in-progress",
        }  # fmt: skip


class _Playing:
    """One call while it lasts."""

    def __init__(self, carrier: Carrier, call: Call, number: str, reactions: list[Reaction]) -> None:
        self._carrier, self.call, self._number, self._reactions = carrier, call, number, reactions

    def follow(self, path: str, fields: Mapping[str, str]) -> None:
        """Follows the door's answers from one to the next until the line is dead."""
        for _ in range(_MOST_STEPS):
            status, text = self.send(path, fields)
            if status != 200:
                # The carrier says that an application error has occurred, and hangs up.
                return
            path, fields = self._run(ElementTree.fromstring(text))  # noqa: S314
        raise AssertionError("The call does not come to an end.")

    def send(self, path: str, fields: Mapping[str, str]) -> tuple[int, str]:
        """One post about this call."""
        status, text = self._carrier.send(path, {**self._carrier.about(self.call, self._number), **fields})
        self.call.statuses.append(status)
        return status, text

    def _run(self, response: ElementTree.Element) -> tuple[str, Mapping[str, str]]:
        """Runs a document's verbs. Returns where the carrier posts next, and what."""
        for verb in response:
            following = getattr(self, f"_{verb.tag.lower()}")(verb)
            if following is not None:
                found: tuple[str, Mapping[str, str]] = following
                return found
        raise _LineDead

    def _say(self, verb: ElementTree.Element) -> None:
        self.call.heard.append(verb.text or "")

    def _play(self, verb: ElementTree.Element) -> None:
        self.call.heard.append(verb.text or "")

    def _hangup(self, _verb: ElementTree.Element) -> None:
        raise _LineDead

    def _redirect(self, verb: ElementTree.Element) -> tuple[str, Mapping[str, str]]:
        return _path(verb.text or ""), {}

    def _gather(self, verb: ElementTree.Element) -> tuple[str, Mapping[str, str]] | None:
        for sentence in verb:
            self.call.heard.append(sentence.text or "")
        path = _path(verb.attrib["action"])
        self.call.asked.append(path)
        reaction = self._next()
        if isinstance(reaction, Press):
            return path, {"Digits": reaction.key}
        if isinstance(reaction, Say) and "speech" in verb.attrib.get("input", "dtmf"):
            return path, {"SpeechResult": reaction.words, "Confidence": "0.9"}
        return (path, {}) if verb.attrib.get("actionOnEmptyResult") == "true" else None

    def _record(self, verb: ElementTree.Element) -> tuple[str, Mapping[str, str]] | None:
        path = _path(verb.attrib["action"])
        self.call.asked.append(path)
        reaction = self._next()
        if not isinstance(reaction, Record):
            return None
        sid = f"RE{secrets.token_hex(16)}"
        self.call.recordings.append(sid)
        fields = {
            "RecordingSid": sid, "RecordingUrl": self._carrier.recording_url(sid),
            "RecordingDuration": str(reaction.seconds),
        }  # fmt: skip
        if reaction.then_hangs_up:
            self.send(path, {**fields, "Digits": "hangup"})
            self._ready(verb, fields)
            raise _LineDead
        self._ready(verb, fields)
        return path, {**fields, "Digits": "#"}

    def _ready(self, verb: ElementTree.Element, fields: Mapping[str, str]) -> None:
        # The carrier names no numbers here.
        about = self._carrier.about(self.call, "")
        del about["From"], about["To"]
        path = _path(verb.attrib["recordingStatusCallback"])
        self._carrier.send(path, {**about, **fields, "RecordingStatus": "completed", "RecordingSource": "RecordVerb"})

    def _dial(self, verb: ElementTree.Element) -> tuple[str, Mapping[str, str]]:
        status, bridged = NO_ANSWER, False
        for number in verb:
            called = number.text or ""
            self.call.rang.append(called)
            behaviour = self._carrier.behaviour(called)
            if behaviour == PICKS_UP or (behaviour == ANSWERING_MACHINE and "url" not in number.attrib):
                status, bridged = "completed", True
                self.call.spoke_with = called
                self._screen(number, called)
                break
            status = "completed" if behaviour == ANSWERING_MACHINE else behaviour
        return _path(verb.attrib["action"]), {"DialCallStatus": status, "DialBridged": str(bridged).lower()}

    def _screen(self, number: ElementTree.Element, called: str) -> None:
        """Whoever picked up hears who calls, and presses 1."""
        if "url" not in number.attrib:
            return
        about = {**self._carrier.about(self.call, self._number, called), "CallSid": f"CA{secrets.token_hex(16)}"}
        _, text = self._carrier.send(_path(number.attrib["url"]), about)
        keys = next(iter(ElementTree.fromstring(text)))  # noqa: S314
        self._carrier.send(_path(keys.attrib["action"]), {**about, "Digits": "1"})

    def _next(self) -> Reaction:
        reaction = self._reactions.pop(0) if self._reactions else Silence()
        if isinstance(reaction, HangUp):
            raise _LineDead
        return reaction


def _path(address: str) -> str:
    return urlsplit(address).path
