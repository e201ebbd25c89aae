"""What every way of writing down a recording looks like to the worker that asks for it."""

from __future__ import annotations

from typing import Protocol


class TranscriptionFailed(Exception):
    """A recording could not be written down. code says why in one word, and quotes nothing of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Transcriber(Protocol):
    """Writes down what is said in a recording."""

    def words(self, sound: bytes, language: str) -> str:
        """The words, '' where none are heard. sound is a whole file, language a code such as zh.

        Raises TranscriptionFailed.
        """
