"""The marks at the end of a text: one asks, several only tell how upset somebody is."""

from __future__ import annotations

_ASKING_OR_CALLING = frozenset("?？!！")
_MARKS = "?？!！。. \t\r\n\u3000"


def calmly_ended(text: str) -> str:
    """The text with one full stop for several marks of asking or calling at its end.

    Whoever cries "they have my papers??" asks nothing.
    """
    words = text.rstrip(_MARKS)
    marks = [mark for mark in text[len(words) :] if mark in _ASKING_OR_CALLING]
    return f"{words}。" if len(marks) > 1 else text
