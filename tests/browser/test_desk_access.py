"""Every page of the desk for everybody: found by following its links in each role, and held to WCAG 2.2 AA by axe."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from config.settings import Settings
from console.app import create_app
from console.services import make_services
from reports.officers import NewOfficer, Officers, Role
from reports.states import ReferralState
from reports.tables import referrals
from tests.browser.conftest import PASSWORD, Town, Watched
from tests.browser.test_desk import TEXT
from tests.browser.test_files import chosen, sent
from tests.browser.test_public_access import violations
from tests.workers import hostile_files

Look = Callable[..., Watched]
IN_DANGER = f"救命！{TEXT}"
PHONE, WIDE = {"width": 390, "height": 800}, {"width": 1440, "height": 900}
# What is no page for anybody to read: files, numbers for machines, addresses that lead on to another page, and what a
# page that keeps itself up to date asks for; and a file that waits until a second person agreed to it.
NO_PAGES = {
    "static", "home", "healthz", "metrics", "sign_in", "own_password", "second_factor", "step_up", "take_export",
    "there",
}  # fmt: skip


@pytest.fixture(scope="module")
def addresses(town: Town) -> MapAdapter:
    """The desk's map of addresses."""
    services = make_services(Settings.read({"HOTLINE_STATE": str(town.state)}))
    app = create_app(services)
    services.database.dispose()
    return app.url_map.bind("127.0.0.1")


@pytest.fixture(scope="module")
def photo(town: Town, browser: Browser) -> str:
    """A report with a file, which a unit has in its inbox, while another unit waits to be told by an officer."""
    window = browser.new_context()
    reference = sent(town, window.new_page(), chosen("门.jpg", "image/jpeg", hostile_files.photo()), text=IN_DANGER)
    window.close()
    town.until(lambda: "DELIVERED" in _by_part(town, reference).values())
    with town.database.write() as connection:
        connection.execute(
            update(referrals)
            .where(referrals.c.report_id == town.row(reference).id, referrals.c.part != "lead")
            .values(state=ReferralState.PENDING.value, way="by_hand", next_try_at=2**53, delivered_at=None)
        )
    return reference


@pytest.fixture(scope="module")
def names(town: Town, photo: str) -> dict[Role, str]:
    """An officer of each role, in a town where something of everything has happened."""
    town.triaged(TEXT)
    unit, found = str(town.row(photo).lead_unit), {}
    for role in Role:
        new = NewOfficer(name=f"{role.value} of all pages", role=role, password=PASSWORD,
                         unit=unit if role is Role.UNIT_OFFICER else "duty_desk")  # fmt: skip
        Officers(town.database).add(new, actor="test")
        town.knows(new.name)
        found[role] = new.name
    return found


@pytest.fixture(scope="module")
def walked(
    town: Town, browser: Browser, addresses: MapAdapter, names: dict[Role, str], photo: str
) -> dict[Role, dict[str, str]]:
    """One address of every page that each role can get to, by what the app calls the page."""
    found = {}
    for role, name in names.items():
        window = browser.new_context()
        page = window.new_page()
        town.sign_in(page, name)
        if role is Role.DUTY_OFFICER:
            town.open(page, photo)
        found[role] = dict(_pages(page, town, addresses, f"/reports/{photo}" if role is Role.DUTY_OFFICER else "/"))
        window.close()
    return found


@pytest.mark.parametrize("role", list(Role))
def test_axe_finds_nothing_wrong_with_any_page(
    town: Town, look: Look, names: dict[Role, str], walked: dict[Role, dict[str, str]], role: Role
) -> None:
    wrong, ran = [], []
    for how in ({"viewport": PHONE}, {"viewport": WIDE, "color_scheme": "dark"}):
        seen = look(**how)
        town.sign_in(seen.page, names[role])
        for path in filter(None, walked[role].values()):
            seen.page.goto(town.desk + path)
            seen.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            wrong += [(path, how, one) for one in violations(seen.page)]
            wrong += [] if seen.fits() else [(path, how, "something lies beyond the edge")]
        ran += seen.wrongs
    assert not wrong, "\n".join(map(str, wrong))
    assert ran == []


def test_every_page_can_be_got_to_by_links(addresses: MapAdapter, walked: dict[Role, dict[str, str]]) -> None:
    there = {rule.endpoint for rule in addresses.map.iter_rules() if "GET" in (rule.methods or ())}
    assert there - NO_PAGES == {endpoint for pages in walked.values() for endpoint in pages}


def test_axe_finds_nothing_wrong_before_and_beside_the_pages(town: Town, look: Look) -> None:
    seen = look(viewport=PHONE)
    for path in ("/sign-in", "/sign-in?lang=en&ended=1"):
        seen.page.goto(town.desk + path)
        assert violations(seen.page) == []
    town.sign_in(seen.page)
    seen.page.goto(f"{town.desk}/nowhere")
    assert violations(seen.page) == []
    seen.page.goto(f"{town.desk}/queue")
    seen.page.keyboard.press("?")
    expect(seen.page.locator("#keys")).to_be_visible()
    assert violations(seen.page) == []


def _by_part(town: Town, reference: str) -> dict[str, str]:
    return {packet.part: packet.state for packet in town.packets(reference)}


def _pages(page: Page, town: Town, addresses: MapAdapter, start: str) -> Iterator[tuple[str, str]]:
    """Follows every link from the first page on, one address for each page; '' for what is no page but a file."""
    waiting, known = ["/", start], set(NO_PAGES)
    while waiting:
        path = waiting.pop(0)
        answer = page.request.get(town.desk + path)
        assert answer.ok, path
        is_page = answer.headers["content-type"].startswith("text/html")
        endpoint = addresses.match(urlsplit(answer.url).path, "GET")[0]
        if endpoint not in NO_PAGES:
            yield endpoint, path if is_page else ""
        for link in re.findall(r'<a[^>]* href="(/[^"]*)"', answer.text()) if is_page else ():
            to = html.unescape(link)
            try:
                there, _ = addresses.match(urlsplit(to).path, "GET")
            except HTTPException:
                raise AssertionError(f"{path} has a link that leads nowhere: {to}") from None
            if there not in known:
                known.add(there)
                waiting.append(to)
