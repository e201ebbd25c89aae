"""Keeping a call: one report from the first ring, to which every answer adds. However often the carrier posts the same
step of the same call, it is kept once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from intake.receive import Hallway
from intake.voice_request import Posted
from reports.audit import AuditChain
from reports.calls import PutThrough, call_adds_to, call_is_over, note_put_through, quiet_left
from reports.content import AwaitedAttachment, Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.values import Channel
from workers.ring import Bell

SOURCE = "twilio-voice"
RECORDING, SPOKEN = "recording", "spoken_"
_RECORDING_ID = re.compile(r"RE[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a caller said or pressed at one step of a call. The words are '' where they only pressed a key, the language
    where they chose none yet."""

    step: str
    text: str = ""
    place: str = ""
    in_danger: bool = False
    wishes: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    language: str = ""


class Calls:
    """Keeps calls and their parts. Every method raises StoreUnavailable where nothing could be kept."""

    def __init__(self, hallway: Hallway, keeper: Keeper, database: Database, bell: Bell, longest_seconds: int) -> None:
        """longest_seconds is after how long a call that nobody said the end of is read as it is."""
        self._hallway, self._keeper, self._database, self._bell = hallway, keeper, database, bell
        self._chain = AuditChain(database.engine)
        self._longest = longest_seconds

    def begin(self, posted: Posted) -> str:
        """The id of the call's report: kept now if this is the first that is heard of it.

        Nothing has been said yet, and that is already enough for a person to look: the report waits until the call is
        over or something is said that cannot wait.
        """
        known = self._keeper.find(SOURCE, posted.call)
        if known is not None:
            return known.report_id
        first = NewReport(
            channel=Channel.VOICE,
            source=SOURCE,
            source_id=posted.call,
            content=Content(text="", sender=posted.caller),
            raw=posted.raw,
            quiet_seconds=self._longest,
        )
        return self._hallway.receive(first).report_id

    def answer(self, posted: Posted, answer: Answer) -> None:
        """Keeps what was said or pressed. Danger is read at once, the rest when the call is over."""
        report_id = self.begin(posted)
        content = Content(
            text=answer.text, sender=posted.caller, place=answer.place, wishes=answer.wishes, in_danger=answer.in_danger
        )
        self._add(
            report_id,
            f"{posted.call}:{answer.step}",
            content,
            posted.raw,
            flags=(*_spoken(answer.language), *answer.flags),
        )

    def adds_to(self, posted: Posted, report_id: str) -> None:
        """What is told in this call adds to an earlier report, whose receipt the caller has presented."""
        call = self.begin(posted)
        with self._database.write() as connection:
            call_adds_to(connection, call, report_id)

    def recording(self, posted: Posted, language: str) -> bool:
        """Notes a recording in a language, to be fetched. Returns whether there is one.

        Its address is only taken where it is one of our account's and of this recording; a worker fetches it, from
        listed hosts alone.
        """
        recording, url = posted.one("RecordingSid"), posted.one("RecordingUrl")
        if _RECORDING_ID.fullmatch(recording) is None:
            return False
        is_ours = url.endswith(f"/Accounts/{posted.one('AccountSid')}/Recordings/{recording}")
        awaited = AwaitedAttachment(url=url, source_id=recording, claimed_type="audio/x-wav", kind=RECORDING)
        # The same for every post about it, so that the second is known for a repeat.
        self._add(
            self.begin(posted),
            f"{posted.call}:{recording}",
            Content(text=""),
            posted.raw,
            flags=(*_spoken(language), RECORDING if is_ours else "recording_elsewhere"),
            awaited=(awaited,) if is_ours else (),
        )
        return True

    def put_through(self, posted: Posted, whom: str, reached: bool) -> None:
        """Writes down whether the caller spoke with somebody."""
        report_id = self.begin(posted)
        with self._database.write() as connection:
            note_put_through(self._chain, connection, report_id, PutThrough(whom=whom, reached=reached))

    def over(self, posted: Posted) -> None:
        """The call is over: whatever was told is read now. Where nothing was, it is a silent contact for a person."""
        report_id = self.begin(posted)
        with self._database.write() as connection:
            queues = call_is_over(self._chain, connection, report_id, SOURCE, posted.call)
        for queue in queues:
            self._bell.ring(queue, report_id)

    def _add(
        self,
        report_id: str,
        source_id: str,
        content: Content,
        raw: bytes,
        *,
        flags: tuple[str, ...],
        awaited: tuple[AwaitedAttachment, ...] = (),
    ) -> None:
        with self._database.read() as connection:
            quiet = quiet_left(connection, report_id)
        part = NewReport(
            channel=Channel.VOICE,
            source=SOURCE,
            source_id=source_id,
            content=content,
            raw=raw,
            flags=flags,
            awaited=awaited,
            follows=report_id,
            quiet_seconds=quiet,
        )
        self._hallway.receive(replace(part, quiet_seconds=0) if self._hallway.is_urgent(part) else part)


def _spoken(language: str) -> tuple[str, ...]:
    # Whoever calls back, and whoever writes down a recording, must know which language it will be.
    return (f"{SPOKEN}{language}",) if language else ()
