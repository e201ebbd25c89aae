"""What a part of a call tells without words: a key that was pressed, a recording, or that somebody rang."""

from __future__ import annotations

from reports.content import Content
from reports.reading import SealedMessage
from workers.call_report import SOURCE


def answers_of(content: Content, message: SealedMessage) -> tuple[str, ...]:
    """Codes of the desk's words `answered_…`; nothing for what did not come by telephone."""
    if message.source != SOURCE:
        return ()
    pressed = ["in_danger"] if content.in_danger else []
    if "unsafe_to_call" in content.wishes:
        pressed.append("unsafe_to_call")
    if pressed or content.text or content.place:
        return tuple(pressed)
    return ("recording",) if ":RE" in message.source_id else ("rang",)
