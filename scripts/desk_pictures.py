"""Takes the pictures for newcomers to the desk, in docs/desk.md: python scripts/desk_pictures.py [FOLDER].

Starts a system of its own with invented reports, signs officers in, and ends it again. Each picture has the numbers on
it that the text beside it speaks of. Writes desk-queue.png, desk-report.png, desk-beside.png and desk-packet.png into
docs/images unless another folder is named. Needs what the tests need, and a font for Chinese
(on Debian: fonts-noto-cjk).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.pictured_system import WAIT_SECONDS, PicturedSystem, pictured_system, weigh  # noqa: E402
from tests.waiting import wait_until  # noqa: E402

_DOUBTFUL = "我表妹在大城县一个KTV上班，不知道是不是自愿的，她不肯说"
_ALIKE = "大城县有个KTV，我表妹在里面上班，不知道是不是自愿的，她不肯说"
_CLEAR = "救命，我被人拐卖到云南镇康县，被锁在屋里，有人看着"
_REPORTS = 14
_MOST_BYTES, _COLOURS = 90_000, 128
# A number at the upper left corner of what it is about, over the page and without moving it.
_NUMBERED = """(selectors) => selectors.forEach((selector, index) => {
  const place = document.querySelector(selector).getBoundingClientRect(), badge = document.createElement('span');
  badge.textContent = String(index + 1);
  Object.assign(badge.style, {
    position: 'absolute', left: `${Math.max(2, place.left + scrollX - 14)}px`,
    top: `${Math.max(2, place.top + scrollY - 13)}px`,
    width: '20px', height: '20px', borderRadius: '50%', background: '#6a1b9a', color: '#fff', zIndex: 9,
    font: '600 13px/20px sans-serif', textAlign: 'center',
  });
  document.body.append(badge);
})"""


def main(folder: Path) -> None:
    """Writes the pictures."""
    with pictured_system() as pictured:
        pictured.played(_REPORTS)
        doubtful, alike, clear = (
            pictured.text(text, number) for number, text in enumerate((_DOUBTFUL, _ALIKE, _CLEAR))
        )
        _at_the_desk(pictured, folder, doubtful, alike)
        _at_a_unit(pictured, folder, clear)
    weigh(sorted(folder.glob("desk-*.png")), _MOST_BYTES)


def _at_the_desk(pictured: PicturedSystem, folder: Path, reference: str, other: str) -> None:
    page = pictured.officer("duty", 1240, 560, "en")
    page.goto(f"{pictured.desk}/queue")
    row = f"#r-{reference} td."
    numbered = (
        ".tally .urgency",
        ".filters a",
        *(f"{row}{one}" for one in ("when", "matter", "place", "channel", "unit")),
    )
    page.locator(f"#r-{reference}").wait_for()
    _picture(page, folder / "desk-queue.png", (*numbered, f"{row}on .pick", ".who .key"))
    page.set_viewport_size({"width": 1240, "height": 880})
    page.goto(f"{pictured.desk}/reports/{reference}")
    numbered = (
        ".heading .clock",
        ".there button",
        ".said .text",
        ".legend",
        ".verbs",
        ".why dl",
        ".sentence",
    )
    _picture(page, folder / "desk-report.png", numbered)
    page.set_viewport_size({"width": 1240, "height": 640})
    page.goto(f"{pictured.desk}/reports/{reference}/beside?with={other}")
    _picture(page, folder / "desk-beside.png", (".columns", "table.beside td", ".verbs"))


def _at_a_unit(pictured: PicturedSystem, folder: Path, reference: str) -> None:
    page = pictured.officer("unit", 390, 1440, "en")
    link = page.locator(".queue a", has_text=reference)

    def has_come() -> bool:
        page.goto(f"{pictured.desk}/inbox")
        return link.count() > 0

    late = f"The unit should have had its packet within {WAIT_SECONDS} s, but has not."
    wait_until(has_come, WAIT_SECONDS, lambda: late)
    link.click()
    page.wait_for_load_state()
    _picture(page, folder / "desk-packet.png", (".heading .clock", "dd.text", ".at-hand"))


def _picture(page: Page, target: Path, numbered: Sequence[str]) -> None:
    page.evaluate(_NUMBERED, list(numbered))
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(BytesIO(page.screenshot())) as shot:
        # Few colours are enough for a page, and make a third of the file.
        shot.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
