"""Keeping a call: one report from the first ring, to which every answer adds. However often the carrier posts the same
step of the same call, it is kept once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from intake.receive import Hallway
from intake.voice_request import Posted
from reports.audit import AuditChain
from reports.calls import PutThrough, call_adds_to, call_is_over, mark_call, note_put_through, quiet_left
from reports.content import Content, NewReport
from reports.database import Database
from reports.keeping import Keeper
from workers.call_report import SOURCE, CallRecording, call_report, part_report, recording_report, spoken
from workers.ring import Bell

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
        first = replace(call_report(posted.call, posted.caller, posted.raw), quiet_seconds=self._longest)
        return self._hallway.receive(first).report_id

    def speaks(self, posted: Posted, language: str) -> None:
        """Notes the language that a caller chose: whoever calls back must know, whatever else is said or not."""
        report_id = self.begin(posted)
        with self._database.write() as connection:
            mark_call(connection, report_id, *spoken(language))

    def answer(self, posted: Posted, answer: Answer) -> None:
        """Keeps what was said or pressed. Danger is read at once, the rest when the call is over."""
        report_id = self.begin(posted)
        content = Content(
            text=answer.text, sender=posted.caller, place=answer.place, wishes=answer.wishes, in_danger=answer.in_danger
        )
        flags = (*spoken(answer.language), *answer.flags)
        self._add(part_report(posted.call, answer.step, report_id, content, posted.raw, flags))

    def adds_to(self, posted: Posted, report_id: str) -> None:
        """What is told in this call adds to an earlier report, whose receipt the caller has presented."""
        call = self.begin(posted)
        with self._database.write() as connection:
            call_adds_to(connection, call, report_id)

    def recording(self, posted: Posted, language: str) -> bool:
        """Notes a recording in a language, to be fetched. Returns whether there is one."""
        found = CallRecording(call=posted.call, recording=posted.one("RecordingSid"), url=posted.one("RecordingUrl"))
        if _RECORDING_ID.fullmatch(found.recording) is None:
            return False
        report_id, account = self.begin(posted), posted.one("AccountSid")
        self._add(recording_report(found, account, report_id, posted.raw, spoken(language)))
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
            queues = call_is_over(self._chain, connection, report_id)
        for queue in queues:
            self._bell.ring(queue, report_id)

    def _add(self, part: NewReport) -> None:
        with self._database.read() as connection:
            quiet = quiet_left(connection, part.follows)
        self._hallway.receive(part if self._hallway.is_urgent(part) else replace(part, quiet_seconds=quiet))
