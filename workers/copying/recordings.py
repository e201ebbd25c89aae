"""Recordings played once and written down anew: their sound, and of a video a few stills.

A whole video is not made anew: that takes minutes of a processor for a file that anybody may send. What officers need
of one is who and what is to be seen in it, and what is said.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import av
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

from config.files import CopyLimits
from workers.copying.part import JPEG, MP3, NOT_ALL, Part, Refused
from workers.copying.pictures import jpeg

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mp3,wav,ogg,aac,amr,flac,avi,asf,mpeg,mpegts,flv"
# Speech, as a telephone hears it and better.
_RATE, _BITS = 24_000, 48_000
_FAULTS = (FFmpegError, OSError, ValueError, IndexError, KeyError, TypeError, StopIteration, EOFError)


def prepare(limits: CopyLimits) -> None:
    """Loads all that playing needs, while files can still be opened."""
    av.logging.set_level(None)
    jpeg(_drawn(av.VideoFrame(16, 16, "yuv420p")), 16)
    silence = av.AudioFrame(format="s16", layout="mono", samples=1152)
    silence.sample_rate = _RATE
    made = io.BytesIO()
    with av.open(made, "w", format="wav") as container:
        stream = container.add_stream("pcm_s16le", rate=_RATE)
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    for _ in parts(made.getvalue(), limits):
        pass


def parts(data: bytes, limits: CopyLimits) -> Iterator[Part]:
    """The stills of a video, then its sound. Raises Refused: NOT_ALL at the end where the sound goes on for longer."""
    heard = None
    try:
        with _opened(data) as container:
            for still in _stills(container, limits):
                yield Part(JPEG, still)
        with _opened(data) as container:
            heard, is_all = _sound(container, limits.sound_minutes * 60)
    except _FAULTS:
        raise Refused("broken") from None
    if heard:
        yield Part(MP3, heard)
    if not is_all:
        raise Refused(NOT_ALL)


def _opened(data: bytes) -> InputContainer:
    return av.open(io.BytesIO(data), "r", options={"format_whitelist": _FORMATS, "protocol_whitelist": ""})


def _stills(container: InputContainer, limits: CopyLimits) -> Iterator[bytes]:
    if not container.streams.video:
        return
    stream = container.streams.video[0]
    stream.codec_context.thread_count = 1
    if stream.codec_context.width * stream.codec_context.height > limits.megapixels * 1_000_000:
        raise Refused("too_large")
    length = container.duration or 0
    for place in range(limits.stills if length else 1):
        if place:
            container.seek(length * place // limits.stills)
        frame = next(container.decode(stream), None)
        if frame is not None:
            yield jpeg(_drawn(frame), limits.side)


def _drawn(frame: av.VideoFrame) -> Image.Image:
    drawn: Image.Image = frame.reformat(format="rgb24", threads=1).to_image()  # type: ignore[no-untyped-call]
    return drawn


def _sound(container: InputContainer, most_seconds: int) -> tuple[bytes, bool]:
    """The sound as MP3, b"" where there is none, and whether it is all."""
    if not container.streams.audio:
        return b"", True
    stream = container.streams.audio[0]
    stream.codec_context.thread_count = 1
    written, seconds = io.BytesIO(), 0.0
    to_speech = av.AudioResampler(format="s16p", layout="mono", rate=_RATE)
    with av.open(written, "w", format="mp3", options={"id3v2_version": "0", "write_xing": "0"}) as out:
        voice = out.add_stream("libmp3lame", rate=_RATE, layout="mono")
        voice.bit_rate = _BITS
        for frame in container.decode(stream):
            # A recording that was cut has times that jump; what is heard follows on.
            frame.pts = None
            for speech in to_speech.resample(frame):
                seconds += speech.samples / _RATE
                out.mux(voice.encode(speech))
            if seconds > most_seconds:
                break
        out.mux(voice.encode(None))
    return written.getvalue() if seconds else b"", seconds <= most_seconds
