"""multipart/form-data (RFC 7578) taken apart as it comes.

Written here because the library's decoder gives up a whole form over one header that is no UTF-8, which is how an old
telephone writes a file's name; and a form is more than that file.
"""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.http import parse_options_header

_MOST_HEADER = 16 * 1024


class Broken(Exception):
    """The body is not taken apart any further: it is no such form, or a part's header has no end."""


@dataclass(frozen=True)
class PartBegins:
    """A part: the name of its field, the name of the file in it (None for a field that is none), its type."""

    name: str
    filename: str | None
    kind: str


@dataclass(frozen=True)
class PartData:
    """The next bytes of the part that began last."""

    data: bytes


@dataclass(frozen=True)
class PartEnds:
    """The part is whole."""


Event = PartBegins | PartData | PartEnds


class MultipartParts:
    """Takes the bytes of a body in pieces of any size and gives events. Holds back no more than a header of 16 KB."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        # The first boundary stands at the very beginning, without the line end that belongs to all others.
        self._held = bytearray(b"\r\n")
        self._in_part = False
        self.is_whole = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that these bytes complete. Raises Broken."""
        self._held += piece
        events: list[Event] = []
        while not self.is_whole:
            step = self._data() if self._in_part else self._header()
            if not step:
                break
            events += step
        if self.is_whole:
            self._held.clear()
        return events

    def _data(self) -> list[Event]:
        end = self._held.find(self._mark)
        if end >= 0:
            data = bytes(self._held[:end])
            # The mark stays: the next part begins with it.
            del self._held[:end]
            self._in_part = False
            return [PartData(data), PartEnds()]
        # The last bytes may be the beginning of a mark.
        sure = len(self._held) - len(self._mark)
        if sure <= 0:
            return []
        data = bytes(self._held[:sure])
        del self._held[:sure]
        return [PartData(data)]

    def _header(self) -> list[Event]:
        begin = self._held.find(self._mark)
        if begin < 0:
            # Whatever stands before the first boundary says nothing.
            del self._held[: max(0, len(self._held) - len(self._mark))]
            return []
        after = begin + len(self._mark)
        if self._held[after : after + 2] == b"--":
            self.is_whole = True
            return []
        end = self._held.find(b"\r\n\r\n", after)
        if end < 0:
            if len(self._held) - after > _MOST_HEADER:
                raise Broken
            return []
        begins = _part(bytes(self._held[after:end]))
        del self._held[: end + 4]
        self._in_part = True
        return [begins]


def _part(header: bytes) -> PartBegins:
    lines = header.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    values = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    _, options = parse_options_header(values.get("content-disposition", ""))
    return PartBegins(options.get("name", ""), options.get("filename"), values.get("content-type", ""))
