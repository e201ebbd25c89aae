"""Writing down recordings by a program on this machine, and what becomes of the report then."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from reports.attachments import add_to_report
from reports.content import NewAttachment
from reports.tables import attachments, messages, reports, transcripts
from tests.workers.made import Work
from workers.transcription.local_program import LocalProgram
from workers.transcription.transcriber import TranscriptionFailed
from workers.write_down import write_down_once

SOUND = b"RIFF sound of a voice"
SECONDS = 5.0


class ToldTranscriber:
    """Gives what it is told to, or fails with a code."""

    def __init__(self, words: str = "被关在瑞丽的砖厂", fails: str = "") -> None:
        self.given, self.fails = words, fails
        self.asked: list[tuple[bytes, str]] = []

    def words(self, sound: bytes, language: str) -> str:
        self.asked.append((sound, language))
        if self.fails:
            raise TranscriptionFailed(self.fails)
        return self.given


def recorded(work: Work, report_id: str, kind: str = "recording") -> str:
    new = NewAttachment(name="", claimed_type="audio/x-wav", data=SOUND, kind=kind, source_id="RE" + "1" * 32)
    with work.database.write() as connection:
        found = add_to_report(connection, work.context.store.chain, work.context.keys, report_id, new)
    assert found is not None
    return found


def a_call(work: Work, *flags: str) -> str:
    """A call in which nothing was said to the machine, read already."""
    report_id = work.keep("weak", flags=("recording", *flags))
    work.triage()
    return report_id


def test_a_recording_is_written_down_and_the_report_is_read_again_with_the_words(work: Work) -> None:
    report_id = a_call(work, "spoken_my")
    recorded(work, report_id)
    transcriber = ToldTranscriber()
    assert write_down_once(work.context, transcriber, SECONDS)
    assert transcriber.asked == [(SOUND, "my")]
    work.triage(work.report(report_id).queue)
    assert work.reader.texts[-1] == "weak\n被关在瑞丽的砖厂"
    assert "machine_transcript" in work.report(report_id).flags.split()
    assert [row.actor for row in work.audited("written_down")] == ["machine"]


def test_a_recording_is_written_down_once_however_many_look(work: Work) -> None:
    recorded(work, a_call(work))
    transcriber = ToldTranscriber()
    assert [write_down_once(work.context, transcriber, SECONDS) for _ in range(3)] == [True, False, False]
    assert len(transcriber.asked) == 1
    assert len(work.all(messages)) == 2


def test_silence_is_not_added_as_words(work: Work) -> None:
    recorded(work, a_call(work))
    assert write_down_once(work.context, ToldTranscriber(""), SECONDS)
    assert not write_down_once(work.context, ToldTranscriber(""), SECONDS)
    assert len(work.all(messages)) == 1


def test_what_fails_is_tried_three_times_and_then_left_to_the_officer(work: Work) -> None:
    recorded(work, a_call(work))
    transcriber = ToldTranscriber(fails="too_slow")
    tried = 0
    while write_down_once(work.context, transcriber, SECONDS):
        tried += 1
        work.set_all(transcripts, lease_until=0)
    assert tried == 3
    assert [row.failure for row in work.all(transcripts)] == ["too_slow"]
    assert len(work.all(messages)) == 1


def test_a_failed_attempt_is_not_made_again_at_once(work: Work) -> None:
    recorded(work, a_call(work))
    transcriber = ToldTranscriber(fails="too_slow")
    assert write_down_once(work.context, transcriber, SECONDS)
    assert not write_down_once(work.context, transcriber, SECONDS)


def test_only_recordings_that_are_here_are_written_down(work: Work) -> None:
    report_id = a_call(work)
    recorded(work, report_id, kind="file")
    recording = recorded(work, a_call(work))
    with work.database.write() as connection:
        connection.execute(update(attachments).where(attachments.c.id == recording).values(state="LOST"))
    assert not write_down_once(work.context, ToldTranscriber(), SECONDS)


def test_words_follow_a_recording_that_was_moved_to_another_report_meanwhile(work: Work) -> None:
    part, call = a_call(work), a_call(work)
    recording = recorded(work, part)

    class Moving(ToldTranscriber):
        def words(self, sound: bytes, language: str) -> str:
            with work.database.write() as connection:
                connection.execute(update(attachments).where(attachments.c.id == recording).values(report_id=call))
            return super().words(sound, language)

    assert write_down_once(work.context, Moving(), SECONDS)
    assert {row.report_id for row in work.all(messages) if row.source == "written-down"} == {call}
    assert work.report(call).to_read_at is not None


def test_a_closed_report_goes_before_a_person_when_its_recording_is_written_down(work: Work) -> None:
    report_id = a_call(work)
    recorded(work, report_id)
    with work.database.write() as connection:
        connection.execute(update(reports).values(state="CLOSED"))
    assert write_down_once(work.context, ToldTranscriber(), SECONDS)
    work.triage(work.report(report_id).queue)
    assert work.report(report_id).state == "IN_TRIAGE"


PROGRAMS = {
    "says what it was called with": 'echo "$1=$2 $3=$4"; cat "$5"',
    "says nothing": "exit 0",
    "fails": "echo half; exit 3",
    "never ends": "sleep 60",
    "leaves a child behind": "sleep 60 & echo words",
    "says no text": "printf '\\377\\376'",
    "says too much": "yes words",
    "wants to know our secrets": "env",
}


def program(folder: Path, name: str) -> Path:
    path = folder / "whisper-like"
    path.write_text(f"#!/bin/sh\n{PROGRAMS[name]}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_program_is_given_model_language_and_sound_and_prints_the_words(tmp_path: Path) -> None:
    local = LocalProgram(program(tmp_path, "says what it was called with"), tmp_path / "model", SECONDS)
    assert local.words("救命".encode(), "zh") == f"--model={tmp_path / 'model'} --language=zh\n救命"
    assert list(tmp_path.iterdir()) == [tmp_path / "whisper-like"]


def test_a_program_that_hears_nothing_says_nothing(tmp_path: Path) -> None:
    assert LocalProgram(program(tmp_path, "says nothing"), tmp_path, SECONDS).words(SOUND, "zh") == ""


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("fails", "program_failed"),
        ("never ends", "too_slow"),
        ("says no text", "no_text"),
        ("says too much", "too_long"),
    ],
)
def test_whatever_goes_wrong_with_a_program_has_a_word(tmp_path: Path, name: str, code: str) -> None:
    started = time.monotonic()
    with pytest.raises(TranscriptionFailed) as failed:
        LocalProgram(program(tmp_path, name), tmp_path, 1.0).words(SOUND, "zh")
    assert failed.value.code == code
    assert time.monotonic() - started < 20


def test_a_program_that_is_not_there_has_a_word_too(tmp_path: Path) -> None:
    with pytest.raises(TranscriptionFailed) as failed:
        LocalProgram(tmp_path / "nowhere", tmp_path, 1.0).words(SOUND, "zh")
    assert failed.value.code == "no_program"


def test_whatever_a_program_started_ends_with_it(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(TranscriptionFailed) as failed:
        LocalProgram(program(tmp_path, "leaves a child behind"), tmp_path, 1.0).words(SOUND, "zh")
    assert failed.value.code == "too_slow"
    assert time.monotonic() - started < 20


def test_a_program_learns_nothing_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "t" * 32)
    monkeypatch.setenv("HOTLINE_STATE", "/state")
    seen = LocalProgram(program(tmp_path, "wants to know our secrets"), tmp_path, SECONDS).words(SOUND, "zh")
    assert "TWILIO" not in seen
    assert "HOTLINE" not in seen
    assert "PATH=" in seen
    assert os.environ["TWILIO_AUTH_TOKEN"]
