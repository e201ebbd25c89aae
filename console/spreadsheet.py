"""Tables for a spreadsheet program: CSV that says what it says and runs nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# Programs take what begins with one of these for a formula, some the wide forms too, and some look behind spaces.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")  # noqa: RUF001
# Without it Excel reads Chinese as something else.
_BYTE_ORDER_MARK = "\ufeff"


def to_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark: the header and the rows, every text that could be a formula made one
    that is none (OWASP, CSV Injection). Numbers stay numbers."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(one) for one in header])
    writer.writerows([_cell(one) for one in row] for row in rows)
    return (_BYTE_ORDER_MARK + out.getvalue()).encode("utf-8")


def _cell(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "\ufffd")
    is_formula = text.startswith(_STARTS_A_FORMULA) or text.lstrip().startswith(_STARTS_A_FORMULA)
    return f"'{text}" if is_formula else text
