"""What a file is, by its first bytes. What its sender or its name says of it counts for nothing."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a copy can be made of."""

    PICTURE = "picture"
    PAPER = "paper"
    RECORDING = "recording"


_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"BM", b"II*\0", b"MM\0*")
_RECORDINGS = (
    b"ID3", b"OggS", b"fLaC", b"#!AMR", b"\x1aE\xdf\xa3", b"0&\xb2u\x8ef\xcf\x11", b"FLV\x01", b"\0\0\x01\xba",
)  # fmt: skip
_PICTURE_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")
_RIFF = {b"WEBP": Kind.PICTURE, b"WAVE": Kind.RECORDING, b"AVI ": Kind.RECORDING}


def kind_of(data: bytes) -> Kind | None:
    """The kind of a file, None for one that no copy is made of."""
    if data.startswith(b"%PDF-"):
        return Kind.PAPER
    if data.startswith(_PICTURES):
        return Kind.PICTURE
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return Kind.PICTURE if data[8:12] in _PICTURE_BRANDS else Kind.RECORDING
    # MPEG audio without a tag begins with eleven bits set; so does AAC.
    is_mpeg_audio = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0
    return Kind.RECORDING if is_mpeg_audio or data.startswith(_RECORDINGS) else None
