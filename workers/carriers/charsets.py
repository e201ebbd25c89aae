"""Text out of the bytes of a message, whatever the gateway says about them and whether it is right."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass

_UCS2 = "utf-16-be"
# What gateways write; anything else that Python knows by that name is taken too.
_NAMES = {
    "gsm": "utf-8", "gsm-7bit": "utf-8", "utf8": "utf-8",
    "ucs-2": _UCS2, "ucs2": _UCS2, "ucs-2be": _UCS2, "iso-10646-ucs-2": _UCS2, "utf16-be": _UCS2,
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "cp936": "gb18030",
}  # fmt: skip
# In this order: bytes that are strict UTF-8 are hardly ever anything else, and nearly all bytes are some UTF-16.
_GUESSES = ("utf-8", "gb18030", _UCS2)
_BYTES_A_FLAW = 40
_NEVER_WRITTEN = ("Cc", "Cn", "Co", "Cs")


@dataclass(frozen=True)
class Read:
    """A text, and whether its charset was the one stated. Where it was not, a person looks at it."""

    text: str
    is_as_stated: bool


def read_text(raw: bytes, charset: str, coding: str) -> Read:
    """The text in `raw`. charset and coding (0 GSM, 1 eight bits, 2 UCS-2) are what the gateway says, or empty.

    A reading that leaves no character that nobody writes is looked for; bytes that are no text at all become marks,
    and nothing is cut.
    """
    if not raw:
        return Read("", is_as_stated=True)
    stated = _UCS2 if coding == "2" and not charset else _codec(charset)
    if stated == _UCS2 and _is_surely_utf8(raw):
        return Read(raw.decode("utf-8"), is_as_stated=False)
    if stated is not None:
        text = _strictly(raw, stated)
        if text is not None and "\0" not in text:
            return Read(text, is_as_stated=True)
        mended = raw.decode(stated, "replace")
        if "\0" not in mended and mended.count("\ufffd") <= max(1, len(raw) // _BYTES_A_FLAW):
            # One character was cut in two, as between the parts of a longer message.
            return Read(mended, is_as_stated=False)
    for guess in _GUESSES:
        text = _strictly(raw, guess)
        if text is not None and all(_is_written(character) for character in text):
            # Without a word about its charset, plain UTF-8 is what everybody means.
            return Read(text, is_as_stated=not charset and coding != "1" and guess == "utf-8")
    return Read(raw.decode(stated or "utf-8", "replace"), is_as_stated=False)


def _codec(charset: str) -> str | None:
    """Python's name for a charset; None for one that says nothing, such as "8-BIT"."""
    name = charset.strip().strip('"').lower()
    if not name:
        return None
    try:
        found = codecs.lookup(_NAMES.get(name, name))
    except (LookupError, ValueError):
        return None
    # Some names mean no charset but an encoding of bytes, such as "hex" or "zip".
    return found.name if getattr(found, "_is_text_encoding", True) else None


def _strictly(raw: bytes, codec: str) -> str | None:
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _is_surely_utf8(raw: bytes) -> bool:
    """Three bytes of UTF-8 that make one character begin, as UTF-16, with one that nobody may use."""
    text = _strictly(raw, "utf-8")
    return text is not None and any(character >= "\u0800" for character in text)


def _is_written(character: str) -> bool:
    return character in "\n\r\t" or unicodedata.category(character) not in _NEVER_WRITTEN
