"""Reading the two kinds of body a form may have.

application/x-www-form-urlencoded is read to the bytes that were sent, whatever they are: the library's own parser turns
bytes that are no UTF-8 into other ones, and takes a name or value apart at every escape; a text message of a hundred
Chinese characters has three hundred of them. multipart/form-data, in which such a character takes a third of the room,
is read by the library.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

Pairs = list[tuple[bytes, bytes]]

_ESCAPES = re.compile(rb"(?:%[0-9a-fA-F]{2})+")


URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


class TooManyFields(Exception):
    """The form has more fields than any of ours."""


class NoForm(Exception):
    """The body is no form of either kind."""


@dataclass(frozen=True)
class Form:
    """What a browser sent: names and values in their order, and whether files came with them."""

    fields: tuple[tuple[str, str], ...]
    has_files: bool = False

    def first(self) -> dict[str, str]:
        """The first value of each name."""
        return dict(reversed(self.fields))

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return [value for one, value in self.fields if one == name]


def read_form(content_type: str, raw: bytes, most: int) -> Form:
    """The form in a whole body. Raises NoForm for another kind of body or a broken one, and TooManyFields."""
    kind, options = parse_options_header(content_type)
    if kind == URLENCODED:
        pairs = read_pairs(raw, most)
        return Form(tuple((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in pairs))
    boundary = options.get("boundary", "").encode("ascii", "replace")
    if kind != MULTIPART or not boundary:
        raise NoForm
    try:
        parser = MultiPartParser(max_form_memory_size=len(raw), max_form_parts=most)
        fields: MultiDict[str, str]
        files: MultiDict[str, FileStorage]
        fields, files = parser.parse(io.BytesIO(raw), boundary, len(raw))
    except RequestEntityTooLarge:
        raise TooManyFields from None
    except ValueError:
        raise NoForm from None
    for file in files.values():
        file.close()
    return Form(tuple(fields.items(multi=True)), has_files=bool(files))


def read_pairs(raw: bytes, most: int) -> Pairs:
    """Names and values in their order, as bytes; a field without "=" has an empty value. Raises TooManyFields."""
    fields = [field for field in raw.split(b"&") if field]
    if len(fields) > most:
        raise TooManyFields
    parts = [field.partition(b"=") for field in fields]
    return [(_plain(name), _plain(value)) for name, _, value in parts]


def _plain(quoted: bytes) -> bytes:
    spaced = quoted.replace(b"+", b" ")
    if b"%" not in spaced:
        return spaced
    return _ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace(b"%", b"").decode("ascii")), spaced)
