"""The whole system, started once, and a real browser in front of it."""

from __future__ import annotations

import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright
from sqlalchemy import ColumnElement, select

from chaos.hotline_system import HotlineSystem
from hotline.simulated_public import InventedReport, Public
from reports.database import Database
from reports.officers import NewOfficer, Officers, Role
from reports.states import ReportState
from reports.tables import messages, referrals, reports
from reports.values import Channel
from scripts.browser import open_browser, sign_in
from tests.waiting import wait_until

PASSWORD = "a long pass phrase"
# How long anything may take to be seen, for a machine that has much else to do.
PATIENCE_SECONDS = 30.0
expect.set_options(timeout=PATIENCE_SECONDS * 1000)


def _number_of(sid: str) -> str:
    """A number for each message: what one number sends is one report."""
    return f"+86138000{zlib.crc32(sid.encode()) % 100_000:05d}"


class Town:
    """The running system, as the public, the duty officer and the units meet it."""

    def __init__(self, system: HotlineSystem) -> None:
        self._system = system
        environment = system.environment
        self.public = f"http://127.0.0.1:{environment['HOTLINE_INTAKE_PORT']}"
        self.desk = f"http://127.0.0.1:{environment['HOTLINE_CONSOLE_PORT']}"
        self._passwords = {
            one["name"]: one["password"]
            for one in json.loads((system.state / "officers.json").read_text(encoding="utf-8"))
        }

    @property
    def database(self) -> Database:
        """The store, for what nobody does at a page."""
        return self._system.database

    @property
    def state(self) -> Path:
        """The state folder, with the keys."""
        return self._system.state

    def text(self, body: str, sid: str = "") -> str:
        """Sends a text message through the carrier. Returns its MessageSid."""
        sid = sid or f"SM{secrets.token_hex(16)}"
        carrier = self._system.public()
        report = InventedReport(channel=Channel.SMS, kind="", text=body, sender=_number_of(sid), source_id=sid)
        assert carrier.send(report) == 200
        carrier.close()
        return sid

    def triaged(self, body: str) -> str:
        """A report that waits for a duty officer: the carrier gave its id to two different texts. Its reference."""
        sid = self.text("喂")
        self.text(body, sid)
        return self.until(lambda: self._newest(sid, reports.c.state == ReportState.IN_TRIAGE.value))

    def read(self, body: str) -> str:
        """A report that the machine has read, whatever it made of it. Its reference."""
        sid = self.text("喂")
        self.text(body, sid)
        return self.until(lambda: self._newest(sid, reports.c.state != ReportState.RECEIVED.value))

    def count(self) -> int:
        """How many reports there are."""
        with self._system.database.read() as connection:
            return len(connection.execute(select(reports.c.id)).all())

    def told(self) -> int:
        """How many reports were told, and not played."""
        with self._system.database.read() as connection:
            return len(connection.execute(select(reports.c.id).where(reports.c.exercise == 0)).all())

    def row(self, reference: str) -> Any:
        """The report's row."""
        with self._system.database.read() as connection:
            return connection.execute(select(reports).where(reports.c.reference == reference)).one()

    def packets(self, reference: str) -> list[Any]:
        """The packets of a report."""
        with self._system.database.read() as connection:
            joined = select(referrals).join(reports, reports.c.id == referrals.c.report_id)
            return list(connection.execute(joined.where(reports.c.reference == reference)).all())

    def delivered(self, reference: str) -> None:
        """Returns once every unit of a report has its packet."""
        self.until(lambda: {one.state for one in self.packets(reference)} == {"DELIVERED"})

    def duty_officer(self, name: str) -> None:
        """Adds a duty officer."""
        self.officer(name, Role.DUTY_OFFICER)

    def unit_officer(self, unit: str) -> str:
        """Adds an officer of a unit, who is not the last one there. Returns the name."""
        return self.officer(f"{secrets.token_hex(3)} at {unit}", Role.UNIT_OFFICER, unit)

    def officer(self, name: str, role: Role, unit: str = "duty_desk") -> str:
        """Adds an officer under a name of their own. Returns it."""
        Officers(self._system.database).add(
            NewOfficer(name=name, role=role, unit=unit, password=PASSWORD), actor="test"
        )
        self.knows(name)
        return name

    def knows(self, name: str) -> None:
        """Remembers an officer who was added with PASSWORD."""
        self._passwords[name] = PASSWORD

    def carrier(self) -> Public:
        """What the carrier, a caller and a visitor of the form do."""
        return self._system.public()

    def know(self, name: str, password: str) -> None:
        """Remembers the password of an officer who was added."""
        self._passwords[name] = password

    def password(self, name: str) -> str:
        """An officer's password."""
        return str(self._passwords[name])

    def sign_in(self, page: Page, name: str = "duty") -> None:
        """Signs an officer in."""
        sign_in(page, self.desk, name, self.password(name))

    def open(self, page: Page, reference: str) -> None:
        """Opens a report; one that no work calls for is opened for a reason, as its page asks."""
        page.goto(f"{self.desk}/reports/{reference}")
        answer_why(page)

    @staticmethod
    def turn_to(page: Page, reference: str) -> Locator:
        """The line of a report in the list that a page shows, or in one that follows it."""
        line, following = page.locator(".queue a", has_text=reference), page.locator("a[rel=next]")
        while not line.count() and following.count():
            with page.expect_navigation():
                following.click()
        return line

    @staticmethod
    def until(look: Callable[[], Any], seconds: float = 2 * PATIENCE_SECONDS) -> Any:
        """What `look` finds once it finds something."""
        return wait_until(look, seconds)

    def _newest(self, sid: str, stands: ColumnElement[bool]) -> str:
        with self._system.database.read() as connection:
            query = (
                select(reports.c.reference)
                .join(messages, messages.c.report_id == reports.c.id)
                .where(messages.c.source_id == sid, messages.c.variant != "", stands)
            )
            return str(connection.execute(query).scalar() or "")


def fill_in_form(public: str, fields: Mapping[str, str]) -> int:
    """Sends the public form with these fields. Returns the status of the answer."""
    with urlopen(f"{public}/") as page:
        token = re.search(r'name="token" value="([^"]+)"', page.read().decode())
    assert token is not None
    with urlopen(f"{public}/", urlencode({"token": token[1], **fields}).encode()) as answer:
        return int(answer.status)


def ask_api(town: Town, fields: Mapping[str, str]) -> int:
    """Files a partner's report with these fields. Returns the status of the answer."""
    key = (town.state / "api-key").read_text(encoding="utf-8").strip()
    headers = {
        "Authorization": f"Bearer {key}", "Idempotency-Key": secrets.token_hex(8), "Content-Type": "application/json",
    }  # fmt: skip
    asked = Request(f"{town.public}/api/v1/reports", json.dumps(dict(fields)).encode(), headers)
    with urlopen(asked) as answer:
        return int(answer.status)


def answer_why(page: Page) -> None:
    """Says why a report is opened, where its page asks that."""
    if page.locator("form[action$='/open_report']").count():
        page.check("input[name=why][value=quality]")
        page.fill("#open_report-reason", "复核")
        page.locator("form[action$='/open_report'] button").click()
        page.wait_for_selector(".said")


def axe(page: Page, rules: Sequence[str]) -> list[Any]:
    """What axe finds wrong with a page by these sets of rules, each with the places where it is so.

    A page may be asked before its style has come, and nobody sees it so: a browser shows nothing until then.
    """
    page.wait_for_load_state()
    found = Axe().run(page, options={"runOnly": list(rules), "resultTypes": ["violations"]})
    return list(found.response["violations"])


@dataclass
class Watched:
    """A page, and everything that should not have happened on it."""

    page: Page
    wrongs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("pageerror", lambda error: self.wrongs.append(str(error)))
        self.page.on("console", self._console)

    def fits(self) -> bool:
        """Whether nothing lies beyond the right edge."""
        self.page.wait_for_load_state()
        widths = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        wide, room = self.page.evaluate(widths)
        return bool(wide <= room)

    def _dialog(self, dialog: Any) -> None:
        self.wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _console(self, message: ConsoleMessage) -> None:
        if re.search("Content.Security.Policy|Refused to", message.text):
            self.wrongs.append(message.text)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """`hotline up`, with everything in it."""
    system = HotlineSystem(Path(tmp_path_factory.mktemp("town")))
    system.start()
    yield Town(system)
    system.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Opens windows that know nothing of each other, and closes them."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        opened.append(browser.new_context(**{"locale": "zh-CN", **options}))
        opened[-1].set_default_timeout(PATIENCE_SECONDS * 1000)
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def look(context: Callable[..., BrowserContext]) -> Callable[..., Watched]:
    """Opens a watched page in a window of its own."""
    return lambda **options: Watched(context(**options).new_page())
