"""Takes the pictures of the public page for the README: python scripts/public_pictures.py [FOLDER].

Starts a system of its own and ends it again. Writes form-zh.png, form-my.png and form-en.png, as wide as a telephone,
and poster.png into docs/images unless another folder is named.
Needs what the tests need, and fonts for Chinese and Burmese
(on Debian: fonts-noto-core and fonts-noto-cjk).
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from config.public_page import PublicPage  # noqa: E402
from config.settings import PACKAGED_CONFIG  # noqa: E402
from hotline.poster import Ways, poster  # noqa: E402
from intake.wording import load_words  # noqa: E402
from routing.finding.venues import Venues  # noqa: E402
from scripts.pictured_system import pictured_system, weigh  # noqa: E402

_LANGUAGES = ("zh", "my", "en")
_VENUE = "42102"
_MOST_BYTES = 100_000


def main(folder: Path) -> None:
    """Writes the pictures."""
    with pictured_system() as pictured:
        _forms(pictured.browser, pictured.public, folder)
        _poster(pictured.browser, pictured.folder / "poster.html", folder)
    weigh(sorted([*folder.glob("form-*.png"), folder / "poster.png"]), _MOST_BYTES)


def _forms(browser: Browser, public: str, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for language in _LANGUAGES:
        page.goto(f"{public}/?lang={language}&v={_VENUE}")
        page.screenshot(path=folder / f"form-{language}.png")


def _poster(browser: Browser, sheet: Path, folder: Path) -> None:
    venues, words = Venues.load(PACKAGED_CONFIG), load_words()
    venue = venues.find(_VENUE)
    assert venue is not None, f"venues.toml should have {_VENUE}"  # noqa: S101
    facts = PublicPage.load(PACKAGED_CONFIG)
    ways = Ways(address=f"https://hotline.example/?v={_VENUE}", number="+15005550006", facts=facts)
    sheet.write_text(poster(venue, venues.plan_of(venue), ways, [words[one] for one in _LANGUAGES]), encoding="utf-8")
    page = browser.new_page(viewport={"width": 760, "height": 1000}, device_scale_factor=0.75)
    page.goto(sheet.as_uri())
    page.screenshot(path=folder / "poster.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images")
