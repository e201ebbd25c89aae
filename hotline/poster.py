"""The sheet that hangs at a venue: how to reach us, in several languages, on one page of A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import segno
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from config.public_page import PublicPage
from intake.wording import LANGUAGES, Words
from routing.finding.venues import Venue

_TEMPLATE = Path(__file__).resolve().parent / "poster.html"
# So many languages fit on one page of A4, at these sizes of print in points.
_SIZES = {1: 19, 2: 14.5, 3: 12, 4: 10}
MOST_LANGUAGES = len(_SIZES)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """How a reader of the poster reaches us. address is what the picture leads to; number takes texts, '' for none."""

    address: str
    number: str
    facts: PublicPage


def poster(venue: Venue, plan: str, ways: Ways, sheets: Sequence[Words]) -> str:
    """The sheet as one HTML file that needs nothing beside it, to be printed by any browser.

    The picture is a QR code (ISO/IEC 18004) of which a quarter may be torn or dirty. plan is the Plan's line that hangs
    it there. Raises ValueError for more languages than fit on one page.
    """
    if not 1 <= len(sheets) <= MOST_LANGUAGES:
        raise ValueError(
            f"One sheet has room for 1 to {MOST_LANGUAGES} languages, but {len(sheets)} were asked for. "
            f"Make two sheets. There are: {', '.join(LANGUAGES)}."
        )
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(_TEMPLATE.read_text("utf-8"))
    return template.render(
        venue=venue,
        plan=plan,
        address=ways.address,
        number=ways.number,
        facts=ways.facts,
        sheets=sheets,
        size=_SIZES[len(sheets)],
        picture=_picture(ways.address),
    )


def _picture(address: str) -> Markup:
    drawn = BytesIO()
    code = segno.make(address, error="q", micro=False)
    code.save(drawn, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, title=address)
    return Markup(drawn.getvalue().decode("utf-8"))  # noqa: S704 - drawn by segno, which escapes the title.
