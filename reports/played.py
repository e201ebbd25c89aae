"""What is played for an exercise and by whom, as its deliveries say it."""

from __future__ import annotations

# The door of a new officer's first shift. The id of each delivery begins with what its shift is known by.
FIRST_SHIFT = "first_shift"
_ALL = "exercise"


def played_among(source: str, source_id: str) -> str:
    """Among which reports one that is played may find others of its case: those of its own first shift, else all that
    are played and belong to none. The same for deliveries that may find each other, never ''."""
    return f"{FIRST_SHIFT} {source_id.partition(':')[0]}" if source == FIRST_SHIFT else _ALL
