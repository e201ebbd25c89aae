"""A Chromium before the pages of a system on this machine, for pictures and for tests."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Page, Playwright

_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def open_browser(playwright: Playwright) -> Browser:
    """A Chromium that calls nobody. Raises RuntimeError where the machine has none."""
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise RuntimeError("No Chromium was found. `make test` installs it with apt-get on Debian.")
    return playwright.chromium.launch(executable_path=path, args=list(_FLAGS))


def sign_in(page: Page, desk: str, name: str, password: str, language: str = "zh") -> None:
    """Signs an officer in at the desk's address."""
    page.goto(f"{desk}/sign-in?lang={language}")
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
