"""What a form says, and reading the kind of body that has no files.

application/x-www-form-urlencoded is read to the bytes that were sent, as text messages are; multipart/form-data is
`intake.uploads`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.content import NewAttachment
from workers.carriers.urlencoded import Pairs

URLENCODED = "application/x-www-form-urlencoded"


class TooManyWords(Exception):
    """The words of the form are longer than is kept in one piece."""


class NoForm(Exception):
    """The body is no form of a kind that is read, or broke off before its words were whole."""


@dataclass(frozen=True)
class Form:
    """What a browser sent: names and values in their order, and its files.

    left counts the files that are not kept, by why. raw is the body as it came; of a form with files, its fields alone,
    urlencoded byte for byte. is_read is whether the whole body was read.
    """

    fields: tuple[tuple[str, str], ...]
    raw: bytes
    files: tuple[NewAttachment, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    is_read: bool = True

    @property
    def has_files(self) -> bool:
        """Whether files came, kept or not."""
        return bool(self.files or self.left)

    def first(self) -> dict[str, str]:
        """The first value of each name."""
        return dict(reversed(self.fields))

    def all(self, name: str) -> list[str]:
        """Every value of a name."""
        return [value for one, value in self.fields if one == name]


def form_of(pairs: Pairs, raw: bytes) -> Form:
    """The form that these names and values make. Bytes that are no UTF-8 become U+FFFD; raw keeps them."""
    fields = tuple((name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in pairs)
    return Form(fields, raw)
