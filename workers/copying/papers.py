"""Papers as pictures of their pages: no script, form, link or attached file comes along."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2

from config.files import CopyLimits
from workers.copying.part import JPEG, NOT_ALL, Part, Refused
from workers.copying.pictures import jpeg

_BLANK = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>"
)


def prepare(limits: CopyLimits) -> None:
    """Loads all that reading papers needs, while files can still be opened."""
    for _ in pages(_BLANK, limits):
        pass


def pages(data: bytes, limits: CopyLimits) -> Iterator[Part]:
    """Each page as a JPEG. Raises Refused: NOT_ALL after the last one where there are more."""
    try:
        paper = pypdfium2.PdfDocument(data)
        for number in range(min(len(paper), limits.pages)):
            yield Part(JPEG, _page(paper[number], limits.side))
    except (pypdfium2.PdfiumError, ValueError, OverflowError):
        raise Refused("broken") from None
    if not len(paper):
        raise Refused("broken")
    if len(paper) > limits.pages:
        raise Refused(NOT_ALL)


def _page(page: pypdfium2.PdfPage, side: int) -> bytes:
    longest = max(page.get_width(), page.get_height())
    if not longest > 0:
        raise Refused("broken")
    drawn = page.render(scale=side / longest, may_draw_forms=False)
    return jpeg(drawn.to_pil(), side)
