"""A passkey in a real browser, with a device that the browser plays: set up, asked for, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page

from reports.officers import NewOfficer, Officers, Role
from tests.browser.conftest import PASSWORD, Town, Watched


def _person(town: Town, name: str) -> str:
    new = NewOfficer(name=name, role=Role.DUTY_OFFICER, unit="duty_desk", password=PASSWORD)
    Officers(town.database).add(new, actor="test")
    return name


def _with_device(context: BrowserContext, page: Page) -> None:
    """Plays a security key that is always touched."""
    wire = context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "automaticPresenceSimulation": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def _give_password(page: Page, desk: str, name: str) -> None:
    page.goto(f"{desk}/sign-in?lang=en")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_passkey_is_set_up_and_then_asked_for(
    town: Town, context: Callable[..., BrowserContext], look: Callable[..., Watched]
) -> None:
    # A browser makes passkeys for names, not for addresses in numbers.
    desk, name = town.desk.replace("127.0.0.1", "localhost"), _person(town, "Passkey")
    window = context()
    watched = Watched(window.new_page())
    page = watched.page
    _with_device(window, page)
    _give_password(page, desk, name)
    page.goto(f"{desk}/second-factor/new")
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/account")
    page.get_by_text("localhost").wait_for()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")
    _give_password(page, desk, name)
    page.goto(f"{desk}/queue")
    assert "/second-factor" in page.url
    page.locator("form[data-passkey] button").click()
    page.wait_for_url("**/queue")
    assert watched.wrongs == []
    # Another browser, with the password and a device of its own, comes no further.
    other = context()
    thief = other.new_page()
    _with_device(other, thief)
    _give_password(thief, desk, name)
    thief.locator("form[data-passkey] button").click()
    thief.locator("[data-failed]").wait_for(state="visible")
    thief.goto(f"{desk}/queue")
    assert "/second-factor" in thief.url


def test_without_scripts_a_code_is_asked_for_and_no_button_is_in_the_way(
    town: Town, look: Callable[..., Watched]
) -> None:
    name = _person(town, "No script")
    page = look(java_script_enabled=False).page
    _give_password(page, town.desk, name)
    page.goto(f"{town.desk}/second-factor/new")
    assert page.locator("form[data-passkey]").is_hidden()
    assert page.locator("#code").is_visible()
