"""Whether what comes through a door is played for an exercise: said by a signed header alone, never by what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import has_request_context, request
from werkzeug.wrappers import Request

from config.exercise_proof import HEADER, is_exercise_proof


class Exercises:
    """Knows those who may hold one by the exercise's key."""

    def __init__(self, key: str, now: Callable[[], datetime]) -> None:
        """key is '' where no exercise may be held."""
        self._key, self._now = key, now

    def is_played(self) -> bool:
        """Whether the request of this moment is part of an exercise. What is not fetched by a request never is."""
        return has_request_context() and self._is_proved(request)

    def is_falsely_claimed(self, asked: Request) -> bool:
        """Whether a request says that it is part of an exercise, without the proof."""
        return HEADER in asked.headers and not self._is_proved(asked)

    def _is_proved(self, asked: Request) -> bool:
        proof = asked.headers.get(HEADER, "")
        return is_exercise_proof(proof, self._key, asked.method, asked.path, self._now().timestamp())
