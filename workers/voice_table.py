"""Reading voice.toml: who is put on the line and when, what callers hear, and who writes down what they said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any

from marshmallow import ValidationError, fields, validate

from config.settings import SettingsError
from routing.rulebook.addresses import MOBILE
from routing.rulebook.calendars import Holidays
from routing.rulebook.errors import Fault, RulebookError
from routing.rulebook.hours import WANTED, Hours
from routing.rulebook.read_calendars import calendars_from
from routing.rulebook.shapes import Strict, checked, sentence
from routing.rulebook.source import Source

VOICE, HOLIDAYS = "voice.toml", "holidays.toml"
CHINA_TIME = timezone(timedelta(hours=8))
# What is said to callers, each a sentence of every language.
SENTENCES = (
    "choose", "urgent", "danger", "connecting", "nobody", "what", "where", "record", "call_back", "thanks", "not_kept",
    "pick_up", "with_number", "number", "no_number",
)  # fmt: skip
_REMEDY = "Correct it and start again; `hotline doctor` checks this file."


class Transcription(StrEnum):
    """Who writes down what was said."""

    NONE = "none"
    PROVIDER = "provider"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """One language of the telephone. voice and say are the carrier's voice and its language, hears its speech
    recognition's; '' where it has none. says holds the sentences by name."""

    code: str
    english: str
    key: str
    prefixes: tuple[str, ...]
    voice: str
    say: str
    hears: str
    says: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class CallLimits:
    """How long callers may think, speak and be connected. Seconds, and minutes for the whole call."""

    answer_seconds: int
    pause_seconds: int
    recording_seconds: int
    recording_silence_seconds: int
    ring_seconds: int
    longest_call_minutes: int


@dataclass(frozen=True, kw_only=True)
class TranscriptionTerms:
    """Who writes down what was said; program, model and seconds are of a program on this machine."""

    by: Transcription
    program: str
    model: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class VoiceTable:
    """voice.toml, checked, with the days off it goes by."""

    duty: tuple[str, ...]
    emergency: str
    emergency_said: str
    language: str
    fallback: str
    offer: str
    hours: Hours
    holidays: Holidays
    limits: CallLimits
    transcription: TranscriptionTerms
    tongues: Mapping[str, Tongue]

    @classmethod
    def load(cls, config: Path) -> VoiceTable:
        """Reads voice.toml and holidays.toml of a folder. Raises SettingsError naming every mistake."""
        try:
            source = Source(config / VOICE, config)
            loaded = checked(_VoiceSchema(), source)
            holidays = calendars_from(Source(config / HOLIDAYS, config)).holidays
            return _table(source, loaded, holidays)
        except RulebookError as refused:
            told = (f"{f.file}{f', line {f.line}' if f.line else ''}: wanted {f.wanted}, but found {f.came}."
                    for f in refused.faults)  # fmt: skip
            raise SettingsError(" ".join([*told, _REMEDY])) from None

    def somebody_is_on_duty(self, moment: datetime) -> bool:
        """Whether a person is there at a moment of China's time, and has a number to be rung at."""
        return bool(self.duty) and bool(self.hours.open_at(moment, self.holidays))

    @property
    def longest_call_seconds(self) -> int:
        """After how long a call that nobody said the end of is taken for over."""
        return self.limits.longest_call_minutes * 60

    def tongue_of_number(self, number: str) -> Tongue:
        """The language of the country a number is of, the table's own where it is of none."""
        fitting = [
            (len(prefix), tongue.code)
            for tongue in self.tongues.values()
            for prefix in tongue.prefixes
            if number.startswith(prefix)
        ]
        return self.tongues[max(fitting)[1] if fitting else self.language]

    def tongue_of_key(self, key: str) -> Tongue | None:
        """The language that a key chooses."""
        return next((tongue for tongue in self.tongues.values() if tongue.key == key), None)


def _whole(least: int, most: int) -> fields.Integer:
    error = f"a whole number from {least} to {most}"
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=least, max=most, error=error))


def _text(pattern: str, wanted: str) -> fields.String:
    return fields.String(required=True, validate=validate.Regexp(pattern, error=wanted))


def _hours(written: Sequence[str]) -> None:
    try:
        Hours.read(written)
    except ValueError as fault:
        raise ValidationError(str(fault)) from None


class _HoursSchema(Strict):
    week = fields.List(fields.String(), required=True, validate=[validate.Length(min=1, error=WANTED), _hours])


class _LimitsSchema(Strict):
    answer_seconds = _whole(3, 60)
    pause_seconds = _whole(1, 10)
    recording_seconds = _whole(10, 3600)
    recording_silence_seconds = _whole(3, 60)
    ring_seconds = _whole(5, 120)
    longest_call_minutes = _whole(5, 240)


class _TranscriptionSchema(Strict):
    by = fields.Enum(Transcription, by_value=True, required=True)
    program = fields.String(required=True)
    model = fields.String(required=True)
    seconds = _whole(1, 3600)


_CARRIERS_NAME = r"^[A-Za-z0-9.-]{0,60}$", "a name of the carrier's, or nothing"
_TongueSchema = Strict.from_dict(
    {
        "code": _text(r"^[a-z]{2,3}$", "a language code of two or three small letters"),
        "en": sentence(),
        "key": _text(r"^[0-9]$", "one key from 0 to 9"),
        "prefixes": fields.List(_text(r"^\+[1-9][0-9]{0,6}$", "a country's prefix such as +86"), required=True),
        **{name: _text(*_CARRIERS_NAME) for name in ("voice", "say", "hears")},
        **{name: sentence() for name in SENTENCES},
    }
)


class _VoiceSchema(Strict):
    duty = fields.List(_text(f"^{MOBILE}$", "a number such as +8613800000000"), required=True)
    emergency = _text(r"^(\+[1-9][0-9]{6,14}|[0-9]{3,6})$", "a number such as 110 or +861000000000")
    emergency_said = _text(r"^[+0-9 ]{3,20}$", "a number as it is read out")
    language = fields.String(required=True)
    fallback = fields.String(required=True)
    offer = sentence()
    hours = fields.Nested(_HoursSchema, required=True)
    limits = fields.Nested(_LimitsSchema, required=True)
    transcription = fields.Nested(_TranscriptionSchema, required=True)
    languages = fields.List(fields.Nested(_TongueSchema), required=True, validate=validate.Length(min=1, max=10))


def _table(source: Source, loaded: Mapping[str, Any], holidays: Holidays) -> VoiceTable:
    tongues = {one["code"]: _tongue(one) for one in loaded["languages"]}
    faults = _faults(source, loaded, tongues)
    if faults:
        raise RulebookError(faults)
    return VoiceTable(
        duty=tuple(loaded["duty"]),
        emergency=loaded["emergency"],
        emergency_said=loaded["emergency_said"],
        language=loaded["language"],
        fallback=loaded["fallback"],
        offer=loaded["offer"],
        hours=Hours.read(loaded["hours"]["week"]),
        holidays=holidays,
        limits=CallLimits(**loaded["limits"]),
        transcription=TranscriptionTerms(**loaded["transcription"]),
        tongues=tongues,
    )


def _tongue(one: Mapping[str, Any]) -> Tongue:
    return Tongue(
        code=one["code"],
        english=one["en"],
        key=one["key"],
        prefixes=tuple(one["prefixes"]),
        voice=one["voice"],
        say=one["say"],
        hears=one["hears"],
        says={name: one[name] for name in SENTENCES},
    )


def _faults(source: Source, loaded: Mapping[str, Any], tongues: Mapping[str, Tongue]) -> list[Fault]:
    languages: Sequence[Mapping[str, Any]] = loaded["languages"]
    faults = []
    for name in ("code", "key"):
        values = [one[name] for one in languages]
        if len(set(values)) < len(values):
            faults.append(source.fault(["languages"], wanted=f"each {name} once", came=f"one {name} twice"))
    for number, one in enumerate(languages):
        if bool(one["voice"]) != bool(one["say"]):
            wanted = "voice and say together, or neither"
            faults.append(source.fault(["languages", number, "voice"], wanted=wanted, came="one of them"))
    for name in ("language", "fallback"):
        if loaded[name] not in tongues:
            faults.append(source.fault([name], wanted="a code of [[languages]]", came=loaded[name]))
    fallback = tongues.get(loaded["fallback"])
    if fallback is not None and not fallback.voice:
        faults.append(source.fault(["fallback"], wanted="a language that has a voice", came=fallback.code))
    terms = loaded["transcription"]
    if terms["by"] is Transcription.LOCAL and not (_is_path(terms["program"]) and _is_path(terms["model"])):
        wanted = "the whole paths of a program and of its model"
        faults.append(source.fault(["transcription", "program"], wanted=wanted, came="something else"))
    return faults


def _is_path(written: str) -> bool:
    return re.fullmatch(r"/[^\0]+", written) is not None
