"""Who writes recordings down on this machine, as voice.toml says."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from config.settings import Settings, SettingsError
from workers.context import Context
from workers.stop import Stop
from workers.transcription.local_program import LocalProgram
from workers.voice_table import Transcription, VoiceTable
from workers.write_down import run_writing_down

log = logging.getLogger("hotline.sweep")


def writing_down(context: Context, settings: Settings, stop: Stop) -> tuple[threading.Thread, ...]:
    """A thread that writes recordings down by a local program, started; none where voice.toml names no such program.

    A table that cannot be read keeps nothing else from running: `hotline doctor` says what is wrong with it.
    """
    try:
        terms = VoiceTable.load(settings.config).transcription
    except SettingsError:
        log.warning("Recordings are not written down: voice.toml cannot be read.", extra={"code": "voice"})
        return ()
    if terms.by is not Transcription.LOCAL:
        return ()
    program = LocalProgram(Path(terms.program), Path(terms.model), terms.seconds)
    arguments = (context, program, float(terms.seconds), stop)
    thread = threading.Thread(target=run_writing_down, args=arguments, name="writing down")
    thread.start()
    return (thread,)
