"""Forms with files, read as they come: the words first, then of the files what fits, within a bound of memory.

Nothing about a file can cost the reporter their words. What of the files is not kept is counted by why, so that the
page can say so.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol
from urllib.parse import urlencode

from config.files import FileLimits
from intake.form_body import Form, NoForm, TooManyWords, form_of
from intake.multipart import Broken, Event, MultipartParts, PartBegins, PartData
from reports.content import NewAttachment, keepable
from workers.carriers.urlencoded import Pairs, TooManyFields

TOO_LARGE, TOO_MUCH, TOO_MANY, EMPTY, CUT, BUSY = "too_large", "too_much", "too_many", "empty", "cut", "busy"
LEFT = (TOO_LARGE, TOO_MUCH, TOO_MANY, EMPTY, CUT, BUSY)
_READ_BYTES = 64 * 1024
# Names are a sender's words and may be as long as they like; what is longer than any file system takes is no name.
_LONGEST_NAME = 1000


class Stream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes:
        """Up to so many bytes; fewer only at the end."""


class Uploads:
    """Reads forms with files for one process, few at a time: each may hold a report's worth of bytes in memory."""

    def __init__(self, limits: FileLimits) -> None:
        self.limits = limits
        self._slots = threading.BoundedSemaphore(limits.uploads_at_once)

    def read(
        self,
        stream: Stream,
        length: int,
        boundary: bytes,
        most_fields: int,
        most_words: int,
        more_time: Callable[[], None] = lambda: None,
    ) -> Form:
        """The form in a body of so many bytes. Raises NoForm, TooManyFields and TooManyWords.

        Where the body breaks off inside a file or is longer than anybody waits for, the words and whole files stand.
        more_time is called once the words are here and a place for the files is free.
        """
        reader = _Reader(boundary, self.limits, most_fields, most_words)
        pieces = _pieces(stream, min(length, self.limits.body_bytes))
        if not _feed(reader, pieces, until_file=True):
            return reader.finish(length, CUT)
        with self._slot() as has_slot:
            if has_slot:
                more_time()
                _feed(reader, pieces)
            return reader.finish(length, CUT if has_slot else BUSY)

    @contextmanager
    def _slot(self) -> Iterator[bool]:
        has_slot = self._slots.acquire(blocking=False)
        try:
            yield has_slot
        finally:
            if has_slot:
                self._slots.release()


def _feed(reader: _Reader, pieces: Iterator[bytes], *, until_file: bool = False) -> bool:
    """Feeds the reader, until a file begins if so asked. Returns whether more may be to come."""
    for piece in pieces:
        if not reader.feed(piece):
            return False
        if until_file and reader.has_file:
            return True
    return False


def _pieces(stream: Stream, length: int) -> Iterator[bytes]:
    # A server gives a piece when it is whole. The first ones are small, so that words on a slow line are heard early.
    come = 0
    while come < length and (piece := stream.read(min(length - come, _READ_BYTES if come > _READ_BYTES else 4096))):
        come += len(piece)
        yield piece


class _Reader:
    """Takes a multipart body in pieces and sorts its parts."""

    def __init__(self, boundary: bytes, limits: FileLimits, most_fields: int, most_words: int) -> None:
        self._parts = MultipartParts(boundary)
        self._limits, self._most_fields, self._most_words = limits, most_fields, most_words
        self._fed = self._words = self._kept_bytes = self._files_seen = 0
        self._raw: list[bytes] = []
        self._fields: Pairs = []
        self._files: list[NewAttachment] = []
        self._left: Counter[str] = Counter()
        self._part: _FieldPart | _FilePart | None = None

    @property
    def has_file(self) -> bool:
        """Whether a file has begun to come."""
        return self._files_seen > 0

    def feed(self, piece: bytes) -> bool:
        """Takes the next bytes. Returns whether more are of use."""
        self._fed += len(piece)
        if not self.has_file:
            self._raw.append(piece)
            # Boundaries and the headers of parts come on top of the words.
            if self._fed > self._most_words + 2 * _READ_BYTES:
                raise TooManyWords
        try:
            for event in self._parts.feed(piece):
                self._take(event)
        except Broken:
            return False
        return not self._parts.is_whole

    def finish(self, length: int, why_cut: str) -> Form:
        """The form as far as it came. Raises NoForm where it broke off before its words were whole."""
        if not self._parts.is_whole:
            if not self.has_file or isinstance(self._part, _FieldPart):
                raise NoForm
            self._left[why_cut] += 1
        raw = urlencode(self._fields).encode() if self.has_file else b"".join(self._raw)
        form = form_of(self._fields, raw)
        return replace(form, files=tuple(self._files), left=dict(self._left), is_read=self._fed == length)

    def _take(self, event: Event) -> None:
        if isinstance(event, PartBegins):
            self._begin(event)
        elif isinstance(event, PartData):
            if isinstance(self._part, _FieldPart):
                self._count_words(event.data)
                self._part.value += event.data
            elif self._part is not None:
                self._take_file(self._part, event.data)
        elif isinstance(self._part, _FieldPart):
            self._fields.append((self._part.name, bytes(self._part.value)))
            self._part = None
        elif self._part is not None:
            self._end_file(self._part)
            self._part = None

    def _begin(self, begins: PartBegins) -> None:
        if begins.filename is not None:
            self._part = _FilePart(begins.filename, begins.kind)
            # A browser sends an empty part without a name where no file was chosen.
            if begins.filename:
                self._see(self._part)
            return
        name = begins.name.encode()
        self._count_words(name)
        if len(self._fields) >= self._most_fields:
            raise TooManyFields
        self._part = _FieldPart(name)

    def _see(self, part: _FilePart) -> None:
        part.is_seen = True
        self._files_seen += 1

    def _count_words(self, said: bytes) -> None:
        self._words += len(said)
        if self._words > self._most_words:
            raise TooManyWords

    def _take_file(self, part: _FilePart, data: bytes) -> None:
        if data and not part.is_seen:
            self._see(part)
        part.size += len(data)
        part.why = part.why or self._why_not(part.size)
        if part.why:
            part.pieces.clear()
        else:
            part.pieces.append(data)

    def _why_not(self, size: int) -> str:
        if self._files_seen > self._limits.files:
            return TOO_MANY
        if size > self._limits.file_bytes:
            return TOO_LARGE
        return TOO_MUCH if self._kept_bytes + size > self._limits.report_bytes else ""

    def _end_file(self, part: _FilePart) -> None:
        if not part.is_seen:
            return
        why = part.why or ("" if part.size else EMPTY)
        if why:
            self._left[why] += 1
            return
        self._kept_bytes += part.size
        name, kind = keepable(part.name[:_LONGEST_NAME]), keepable(part.kind[:_LONGEST_NAME])
        self._files.append(NewAttachment(name=name, claimed_type=kind, data=b"".join(part.pieces)))


@dataclass
class _FieldPart:
    name: bytes
    value: bytearray = field(default_factory=bytearray)


@dataclass
class _FilePart:
    name: str
    kind: str
    size: int = 0
    why: str = ""
    is_seen: bool = False
    pieces: list[bytes] = field(default_factory=list)
