"""Reading the two kinds of body a form may have.

application/x-www-form-urlencoded is read to the bytes that were sent, as text messages are; multipart/form-data, in
which a Chinese character takes a third of the room, is read by the library.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from workers.carriers.urlencoded import TooManyFields, read_pairs

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


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
