"""Takes the pictures for newcomers to the desk, in docs/desk.md: python scripts/desk_pictures.py [FOLDER].

Starts a system of its own with invented reports, signs officers in, and ends it again. Each picture has the numbers on
it that the text beside it speaks of. Writes desk-queue.png, desk-report.png, desk-beside.png and desk-packet.png into
docs/images unless another folder is named. Needs what the tests need, and a font for Chinese
(on Debian: fonts-noto-cjk).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chaos.hotline_system import HotlineSystem  # noqa: E402
from hotline.simulated_public import InventedReport  # noqa: E402
from reports.states import ReportState  # noqa: E402
from reports.tables import messages, reports  # noqa: E402
from reports.values import Channel  # noqa: E402
from scripts.picture import open_browser, sign_in  # noqa: E402
from tests.waiting import wait_until  # noqa: E402

_DOUBTFUL = "我表妹在大城县一个KTV上班，不知道是不是自愿的，她不肯说"
_ALIKE = "大城县有个KTV，我表妹在里面上班，不知道是不是自愿的，她不肯说"
_CLEAR = "救命，我被人拐卖到云南镇康县，被锁在屋里，有人看着"
_REPORTS, _SEED, _WAIT_SECONDS = 14, 11, 90
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


@dataclass(frozen=True)
class House:
    """A running system, its officers and a browser before it."""

    system: HotlineSystem
    browser: Browser

    @property
    def desk(self) -> str:
        """The desk's address."""
        return f"http://127.0.0.1:{self.system.environment['HOTLINE_CONSOLE_PORT']}"

    def officer(self, name: str, width: int, height: int) -> Page:
        """The first page of an officer who has just signed in."""
        officers = json.loads((self.system.state / "officers.json").read_text(encoding="utf-8"))
        page = self.browser.new_page(viewport={"width": width, "height": height}, locale="en-GB")
        sign_in(page, self.desk, name, next(one["password"] for one in officers if one["name"] == name), "en")
        return page

    def text(self, words: str, number: int) -> str:
        """Sends a text through the carrier and waits until the machine has read it. Its reference."""
        source_id, sender = f"SM{number:032d}", f"+861380000{number:04d}"
        public = self.system.public()
        public.send(InventedReport(channel=Channel.SMS, kind="", text=words, sender=sender, source_id=source_id))
        public.close()
        found = (
            select(reports.c.reference)
            .join(messages, messages.c.report_id == reports.c.id)
            .where(messages.c.source_id == source_id, reports.c.state != ReportState.RECEIVED.value)
        )

        def reference() -> str:
            with self.system.database.read() as connection:
                return str(connection.execute(found).scalar() or "")

        late = f"The machine should have read a text within {_WAIT_SECONDS} s, but has not."
        return wait_until(reference, _WAIT_SECONDS, lambda: late)


def main(folder: Path) -> None:
    """Writes the pictures."""
    with tempfile.TemporaryDirectory(prefix="hotline-pictures-") as state, sync_playwright() as playwright:
        system = HotlineSystem(Path(state))
        system.start()
        try:
            play = [sys.executable, "-m", "hotline", "simulate", "--count", str(_REPORTS), "--rate", "20"]
            subprocess.run([*play, "--seed", str(_SEED)], env=system.environment, cwd=ROOT, check=True)  # noqa: S603
            house = House(system, open_browser(playwright))
            doubtful, alike, clear = (
                house.text(text, number) for number, text in enumerate((_DOUBTFUL, _ALIKE, _CLEAR))
            )
            _at_the_desk(house, folder, doubtful, alike)
            _at_a_unit(house, folder, clear)
            house.browser.close()
        finally:
            system.stop()
    for path in sorted(folder.glob("desk-*.png")):
        size = path.stat().st_size
        if size > _MOST_BYTES:
            sys.exit(f"{path} should have at most {_MOST_BYTES:,} bytes, but has {size:,}.")
        print(f"{path}: {size:,} bytes")


def _at_the_desk(house: House, folder: Path, reference: str, other: str) -> None:
    page = house.officer("duty", 1240, 560)
    page.goto(f"{house.desk}/queue")
    row = f"#r-{reference} td."
    numbered = (
        ".tally .urgency",
        ".filters a",
        *(f"{row}{one}" for one in ("when", "matter", "place", "channel", "unit")),
    )
    page.locator(f"#r-{reference}").wait_for()
    _picture(page, folder / "desk-queue.png", (*numbered, f"{row}on .pick", ".who .key"))
    page.set_viewport_size({"width": 1240, "height": 880})
    page.goto(f"{house.desk}/reports/{reference}")
    numbered = (
        ".heading .clock",
        ".there button",
        ".said .text",
        ".legend",
        ".verbs",
        ".card dl",
        ".tiles",
        ".sentence",
    )
    _picture(page, folder / "desk-report.png", numbered)
    page.set_viewport_size({"width": 1240, "height": 640})
    page.goto(f"{house.desk}/reports/{reference}/beside?with={other}")
    _picture(page, folder / "desk-beside.png", (".columns", "table.beside td", ".verbs"))


def _at_a_unit(house: House, folder: Path, reference: str) -> None:
    page = house.officer("unit", 390, 1440)
    link = page.locator(".queue a", has_text=reference)

    def has_come() -> bool:
        page.goto(f"{house.desk}/inbox")
        return link.count() > 0

    late = f"The unit should have had its packet within {_WAIT_SECONDS} s, but has not."
    wait_until(has_come, _WAIT_SECONDS, lambda: late)
    link.click()
    page.wait_for_load_state()
    _picture(page, folder / "desk-packet.png", (".heading .clock", "dd.text", ".verbs"))


def _picture(page: Page, target: Path, numbered: Sequence[str]) -> None:
    page.evaluate(_NUMBERED, list(numbered))
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(BytesIO(page.screenshot())) as shot:
        # Few colours are enough for a page, and make a third of the file.
        shot.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
