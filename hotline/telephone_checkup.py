"""What can be wrong with the telephone: its table, who is on duty, and languages that nobody speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from config.settings import Settings, SettingsError
from hotline.checkup import Check, Grade
from workers.voice_table import SENTENCES, Transcription, VoiceTable


def check_telephone(settings: Settings) -> Iterator[Check]:
    """Every check in turn."""
    try:
        table = VoiceTable.load(settings.config)
    except SettingsError as fault:
        yield Check(name="telephone", grade=Grade.WRONG, found=str(fault))
        return
    yield _duty(table)
    yield _languages(table, settings.state)
    terms = table.transcription
    if terms.by is Transcription.LOCAL and not (Path(terms.program).is_file() and Path(terms.model).exists()):
        yield Check(
            name="writing down",
            grade=Grade.WRONG,
            found=f"{terms.program} or its model {terms.model} is not there.",
            remedy="Correct [transcription] in voice.toml; until then officers write recordings down.",
        )


def _duty(table: VoiceTable) -> Check:
    if table.duty:
        found = f"{len(table.duty)} number(s) on duty, then {table.emergency}"
        return Check(name="telephone", grade=Grade.FINE, found=found)
    return Check(
        name="telephone",
        grade=Grade.LOOK,
        found=f"nobody is on duty by telephone; callers in danger are put through to {table.emergency}",
        remedy="Put the numbers that are to ring into `duty` of voice.toml.",
    )


def _languages(table: VoiceTable, state: Path) -> Check:
    folder = state / "voice-prompts"
    unspoken = [
        tongue.english
        for tongue in table.tongues.values()
        if not tongue.voice and not all((folder / tongue.code / f"{name}.mp3").is_file() for name in SENTENCES)
    ]
    if not unspoken:
        return Check(name="spoken languages", grade=Grade.FINE, found=f"{len(table.tongues)} are spoken")
    return Check(
        name="spoken languages",
        grade=Grade.LOOK,
        found=f"asked in {table.tongues[table.fallback].english} instead: {', '.join(unspoken)}",
        remedy=f"Have the sentences of voice.toml read aloud, and put them into {folder}/<language>/<sentence>.mp3.",
    )
