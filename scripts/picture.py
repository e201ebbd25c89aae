"""Takes the picture of the desk for the README: python scripts/picture.py [FILE].

Starts a system of its own with invented reports, signs in, and ends it again. Writes docs/images/desk.png unless
another file is named. Needs what the tests need: the packages of requirements-dev.lock and a Chromium.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from chaos.hotline_system import HotlineSystem  # noqa: E402

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_REPORTS, _SEED = 24, 11
_MOST_BYTES = 200_000


def open_browser(playwright: Playwright) -> Browser:
    """A Chromium that calls nobody. Raises RuntimeError where the machine has none."""
    path = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("No Chromium was found. `make test` installs it with apt-get on Debian.")
    return playwright.chromium.launch(executable_path=path, args=list(FLAGS))


def sign_in(page: Page, desk: str, name: str, password: str, language: str = "zh") -> None:
    """Signs an officer in at the desk's address."""
    page.goto(f"{desk}/sign-in?lang={language}")
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def main(target: Path) -> None:
    """Writes the picture."""
    with tempfile.TemporaryDirectory(prefix="hotline-picture-") as folder, sync_playwright() as playwright:
        system = HotlineSystem(Path(folder))
        system.start()
        try:
            play = [sys.executable, "-m", "hotline", "simulate", "--count", str(_REPORTS), "--rate", "20"]
            subprocess.run([*play, "--seed", str(_SEED)], env=system.environment, cwd=ROOT, check=True)  # noqa: S603
            time.sleep(3)
            officers = json.loads((system.state / "officers.json").read_text(encoding="utf-8"))
            desk = f"http://127.0.0.1:{system.environment['HOTLINE_CONSOLE_PORT']}"
            browser = open_browser(playwright)
            page = browser.new_page(viewport={"width": 1200, "height": 660}, locale="zh-CN")
            sign_in(page, desk, "duty", next(one["password"] for one in officers if one["name"] == "duty"))
            target.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=target)
            browser.close()
        finally:
            system.stop()
    size = target.stat().st_size
    if size > _MOST_BYTES:
        sys.exit(f"{target} should have at most {_MOST_BYTES:,} bytes, but has {size:,}.")
    print(f"{target}: {size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/images/desk.png")
