"""Which part of a longer message a text is, as phones and gateways say it (3GPP TS 23.040, 9.2.3.24)."""

from __future__ import annotations

from workers.carriers.carrier import Part

_SHORT_REFERENCE, _LONG_REFERENCE = 0x00, 0x08


def part_of(header: bytes) -> Part | None:
    """The part that a user data header names, its first byte being its length; None where it names none or is cut."""
    if not header or len(header) < header[0] + 1:
        return None
    elements, end = header[1 : header[0] + 1], 0
    while end + 2 <= len(elements):
        kind, length = elements[end], elements[end + 1]
        body, end = elements[end + 2 : end + 2 + length], end + 2 + length
        found = _part(kind, body)
        if found is not None:
            return found
    return None


def _part(kind: int, body: bytes) -> Part | None:
    if kind == _SHORT_REFERENCE and len(body) == 3:
        reference, of, number = body[0], body[1], body[2]
    elif kind == _LONG_REFERENCE and len(body) == 4:
        reference, of, number = int.from_bytes(body[:2], "big"), body[2], body[3]
    else:
        return None
    return Part(reference=reference, number=number, of=of) if 1 <= number <= of else None
