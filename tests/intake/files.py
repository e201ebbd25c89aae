"""Forms with files as browsers send them."""

from __future__ import annotations

from collections.abc import Sequence

BOUNDARY = b"----formBoundary7Ma4"
UPLOAD_TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"
Sent = tuple[str | bytes, str, bytes]


def field_part(name: str, value: str) -> bytes:
    """One field."""
    return b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
        BOUNDARY, name.encode(), value.encode(),
    )  # fmt: skip


def file_part(name: str | bytes, kind: str, data: bytes, field: str = "files") -> bytes:
    """One file: its name as it stands in the header, its type, its bytes."""
    written = name if isinstance(name, bytes) else name.encode()
    head = b'Content-Disposition: form-data; name="%s"; filename="%s"\r\nContent-Type: %s' % (
        field.encode(), written, kind.encode(),
    )  # fmt: skip
    return b"--%s\r\n%s\r\n\r\n%s\r\n" % (BOUNDARY, head, data)


def form_body(fields: dict[str, str], files: Sequence[Sent]) -> bytes:
    """The whole body: the fields in their order, then the files."""
    parts = [field_part(*one) for one in fields.items()] + [file_part(*one) for one in files]
    return b"".join(parts) + b"--%s--\r\n" % BOUNDARY
