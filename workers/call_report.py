"""A call and its parts as reports, whether the carrier posted them or was asked for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reports.attachments import RECORDING
from reports.content import AwaitedAttachment, Content, NewReport
from reports.values import Channel

SOURCE = "twilio-voice"
SPOKEN = "spoken_"


@dataclass(frozen=True, kw_only=True)
class CallRecording:
    """A recording that lies with the carrier: the call it is of, its own id, and its address."""

    call: str
    recording: str
    url: str


def call_report(call: str, caller: str, raw: bytes) -> NewReport:
    """The report that a call is before anything was said."""
    return NewReport(
        channel=Channel.VOICE, source=SOURCE, source_id=call, content=Content(text="", sender=caller), raw=raw
    )


def part_report(
    call: str, step: str, report_id: str, content: Content, raw: bytes, flags: tuple[str, ...] = ()
) -> NewReport:
    """One part of a call, which adds to the call's report."""
    return NewReport(
        channel=Channel.VOICE,
        source=SOURCE,
        source_id=f"{call}:{step}",
        content=content,
        raw=raw,
        flags=flags,
        follows=report_id,
    )


def recording_report(
    one: CallRecording, account: str, report_id: str, raw: bytes, flags: tuple[str, ...] = ()
) -> NewReport:
    """A recording of a call, to be fetched; only where its address is one of this account's and of this recording.

    Everything but raw is the same for every post about it, so that the second is known for a repeat.
    """
    part = part_report(one.call, one.recording, report_id, Content(text=""), raw)
    if not one.url.endswith(f"/Accounts/{account}/Recordings/{one.recording}"):
        return replace(part, flags=(*flags, "recording_elsewhere"))
    awaited = AwaitedAttachment(url=one.url, source_id=one.recording, claimed_type="audio/x-wav", kind=RECORDING)
    return replace(part, flags=(*flags, RECORDING), awaited=(awaited,))


def spoken(language: str) -> tuple[str, ...]:
    """The flag that says which language a caller chose: whoever calls back, or writes it down, must know."""
    return (f"{SPOKEN}{language}",) if language else ()
