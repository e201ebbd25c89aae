"""The marks at the end of a text, which tell how somebody ends and not what happened."""

from __future__ import annotations

_ASKING_OR_CALLING = frozenset("?？!！")
_MARKS = "?？!！。. \t\r\n\u3000"


def calmly_ended(text: str) -> str:
    """The text with a full stop for marks of asking or calling at its end.

    Most who only ask end so, and therefore the layers take the mark for a sign of it. But "they have my papers, what
    can I do?" is no enquiry; what is one, its words tell.
    """
    words = text.rstrip(_MARKS)
    return f"{words}。" if _ASKING_OR_CALLING & set(text[len(words) :]) else text
