"""A JSON array taken apart into the pieces that were sent, so that no report is kept with another one's words in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from workers.carriers.carrier import CarrierRequest, RequestRefused

_BLANK = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class Piece:
    """One object of the array: its fields, and its own bytes."""

    fields: Mapping[str, object]
    raw: bytes

    def text(self, name: str) -> str:
        """A field as a text; a number as it would be written, and empty where there is nothing."""
        value = self.fields.get(name)
        if isinstance(value, str):
            return value
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def json_pieces(asked: CarrierRequest) -> tuple[Piece, ...]:
    """The objects of a body that is an array, or the one that it is. Raises RequestRefused (400, 415)."""
    if asked.content_type != "application/json":
        raise RequestRefused(415, "This carrier posts application/json.")
    try:
        return tuple(_pieces(asked.body.decode("utf-8")))
    except (ValueError, RecursionError):
        raise RequestRefused(400, "The body should be one JSON object in UTF-8, or an array of them.") from None


def _pieces(text: str) -> list[Piece]:
    decoder = json.JSONDecoder(object_pairs_hook=_once_each)
    place = _after_blanks(text, 0)
    if text[place : place + 1] != "[":
        piece, place = _piece(decoder, text, place)
        found = [piece]
    else:
        found, place = _elements(decoder, text, _after_blanks(text, place + 1))
    if _after_blanks(text, place) != len(text):
        raise ValueError
    return found


def _elements(decoder: json.JSONDecoder, text: str, place: int) -> tuple[list[Piece], int]:
    found: list[Piece] = []
    if text[place : place + 1] == "]":
        return found, place + 1
    while True:
        piece, place = _piece(decoder, text, place)
        found.append(piece)
        place = _after_blanks(text, place)
        if text[place : place + 1] == "]":
            return found, place + 1
        if text[place : place + 1] != ",":
            raise ValueError
        place = _after_blanks(text, place + 1)


def _piece(decoder: json.JSONDecoder, text: str, place: int) -> tuple[Piece, int]:
    fields, end = decoder.raw_decode(text, place)
    if not isinstance(fields, dict):
        raise ValueError
    return Piece(fields, text[place:end].encode("utf-8")), end


def _after_blanks(text: str, place: int) -> int:
    match = _BLANK.match(text, place)
    return match.end() if match else place


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError
    return fields
