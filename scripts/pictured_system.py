"""A system of its own with invented reports, and a browser before it: what the pictures are taken of."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select

from chaos.hotline_system import HotlineSystem
from hotline.simulated_public import InventedReport
from reports.states import ReferralState, ReportState
from reports.tables import messages, referrals, reports
from reports.values import Channel
from scripts.browser import open_browser, sign_in
from tests.waiting import wait_until

_ROOT = Path(__file__).resolve().parents[1]
# Generous: a busy machine takes long, and nobody waits for longer than it takes.
WAIT_SECONDS = 90
_SEED = 11


@dataclass(frozen=True)
class PicturedSystem:
    """A running system, a folder for what is needed beside it, and a browser."""

    system: HotlineSystem
    folder: Path
    browser: Browser

    @property
    def public(self) -> str:
        """The address of the public page."""
        return f"http://127.0.0.1:{self.system.environment['HOTLINE_INTAKE_PORT']}"

    @property
    def desk(self) -> str:
        """The desk's address."""
        return f"http://127.0.0.1:{self.system.environment['HOTLINE_CONSOLE_PORT']}"

    def officer(self, name: str, width: int, height: int, language: str) -> Page:
        """The first page of an officer who has just signed in; language is zh or en."""
        officers = json.loads((self.system.state / "officers.json").read_text(encoding="utf-8"))
        locale = {"zh": "zh-CN", "en": "en-GB"}[language]
        page = self.browser.new_page(viewport={"width": width, "height": height}, locale=locale)
        sign_in(page, self.desk, name, next(one["password"] for one in officers if one["name"] == name), language)
        return page

    def played(self, number: int) -> None:
        """Plays the same invented public every time, and waits until all of it was read and its units were told."""
        play = [sys.executable, "-m", "hotline", "simulate", "--count", str(number), "--rate", "20"]
        subprocess.run([*play, "--seed", str(_SEED)], env=self.system.environment, cwd=_ROOT, check=True)  # noqa: S603
        late = f"All that was played should have been read within {WAIT_SECONDS} s, but was not."
        wait_until(self._is_done, WAIT_SECONDS, lambda: late)

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

        late = f"The machine should have read a text within {WAIT_SECONDS} s, but has not."
        return wait_until(reference, WAIT_SECONDS, lambda: late)

    def _is_done(self) -> bool:
        unread = select(func.count()).where(reports.c.state == ReportState.RECEIVED.value)
        untold = select(func.count()).where(referrals.c.state == ReferralState.PENDING.value)
        with self.system.database.read() as connection:
            return not any(connection.execute(query).scalar_one() for query in (unread, untold))


@contextmanager
def pictured_system() -> Iterator[PicturedSystem]:
    """Starts a system and a browser, and ends both whatever happens."""
    with tempfile.TemporaryDirectory(prefix="hotline-pictures-") as name, sync_playwright() as playwright:
        system = HotlineSystem(Path(name))
        system.start()
        try:
            browser = open_browser(playwright)
            yield PicturedSystem(system, Path(name), browser)
            browser.close()
        finally:
            system.stop()


def weigh(pictures: Iterable[Path], most_bytes: int) -> None:
    """Says what each picture weighs, and ends the program where one is too heavy for a page."""
    for path in pictures:
        size = path.stat().st_size
        if size > most_bytes:
            sys.exit(f"{path} should have at most {most_bytes:,} bytes, but has {size:,}.")
        print(f"{path}: {size:,} bytes")
