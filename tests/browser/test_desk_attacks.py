"""Sixty attacks through every door and into every field of the desk: officers read them, and no browser does them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from hotline.simulated_public import InventedReport
from reports.officers import NewOfficer, Officers, Role
from reports.states import ReportState
from reports.tables import reports
from reports.values import Channel
from tests.browser.attacks import ATTACKS
from tests.browser.conftest import PASSWORD, Town, Watched, answer_why, ask_api, fill_in_form

# What a row of attacks makes of a page that shows them is looked at; sixty pages of one attack each show no more.
ROWS = [ATTACKS[start : start + 20] for start in range(0, len(ATTACKS), 20)]
# Beside what the desk itself brings, nothing on a page may be able to run, load or lead away.
_INJECTED = """() => [
    ...document.querySelectorAll(
      "script:not([src^='/static/']), link[rel~=stylesheet]:not([href^='/static/']), iframe, object, embed, base,"
      + "meta[http-equiv], style, marquee, keygen, math, main svg script, template:not(#ended), noscript, video,"
      + "[background]"),
    ...[...document.querySelectorAll("*")].filter((one) => [...one.attributes].some((attribute) =>
      /^on/i.test(attribute.name) || /^\\s*(javascript|vbscript|data:text)/i.test(attribute.value)
        && !["value", "title", "datetime"].includes(attribute.name))),
  ].map((one) => one.outerHTML.slice(0, 200))"""
_FILL = """(form, words) => {
  for (const one of form.elements) {
    if (one.type === "hidden") continue;
    if (one.matches("textarea, input:not([type]), input[type=text], input[type=search], input[type=tel]"))
      one.value = one.maxLength > 0 ? words.slice(0, one.maxLength) : words;
    if (one.matches("select")) one.selectedIndex = one.options.length - 1;
  }
  form.submit();
}"""
# These end the session, change its language or end the report before the other fields were tried.
_NOT_TRIED = ("/sign-out", "/language", "/close", "/quarantine", "/end_session", "/remove_factor", "/keep_away")


@dataclass
class Guarded:
    """A watched page that also writes down every request to elsewhere."""

    watched: Watched
    desk: str
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._request(request.url))

    @property
    def page(self) -> Page:
        """The page."""
        return self.watched.page

    def go(self, path: str) -> None:
        """Opens a page of the desk and looks what came with it."""
        self.page.goto(self.desk + path)
        self.look(path)
        if self.page.locator("form[action$='/open_report']").count():
            answer_why(self.page)
            self.look(path)

    def look(self, path: str) -> None:
        """Nothing on the page was made out of what somebody wrote."""
        assert self.page.evaluate(_INJECTED) == [], path
        assert self.watched.wrongs == [], path
        assert self.elsewhere == [], path
        # A report's number is drawn by chance, and may have these digits.
        assert "49" not in re.sub(r"[0-9A-Z]{4}-[0-9A-Z]{6}", "", self.page.title() or "")

    def _request(self, url: str) -> None:
        if not url.startswith((f"{self.desk}/", "data:")):
            self.elsewhere.append(url)


@pytest.fixture
def guarded(town: Town, look: Callable[..., Watched]) -> Callable[[str], Guarded]:
    """Opens a window at the desk for an officer."""

    def open_one(name: str = "duty") -> Guarded:
        seen = Guarded(look(), town.desk)
        town.sign_in(seen.page, name)
        return seen

    return open_one


@pytest.fixture(scope="module")
def told(town: Town) -> list[str]:
    """The references of reports that told every attack through every door, in every field that the door has."""
    with town.database.read() as connection:
        before = set(connection.execute(select(reports.c.id)).scalars())
    carrier = town.carrier()
    for row in ROWS:
        words = "\n".join(row)
        for channel in (Channel.SMS, Channel.VOICE):
            # A carrier hands over no NUL.
            text, sender = words.replace("\0", ""), f"+86138000{secrets.randbelow(100_000):05d}"
            sid = f"SM{secrets.token_hex(16)}"
            report = InventedReport(channel=channel, kind="", text=text, sender=sender, source_id=sid)
            assert carrier.send(report) == 200
        assert fill_in_form(town.public, {"text": words, "place": words, "contact": words, "name": words}) == 200
        assert ask_api(town, {"text": words, "place": words, "contact": words, "name": words}) == 201
    carrier.close()
    wanted = len(ROWS) * 4

    def read() -> list[str]:
        with town.database.read() as connection:
            rows = connection.execute(select(reports).order_by(reports.c.id)).all()
        new = [row for row in rows if row.id not in before and not row.exercise]
        is_read = all(row.state != ReportState.RECEIVED.value for row in new)
        return [row.reference for row in new if row.state != "MERGED"] if len(new) >= wanted and is_read else []

    return town.until(read)  # type: ignore[no-any-return]


def test_what_came_through_any_door_is_read_as_it_was_written(
    town: Town, guarded: Callable[[str], Guarded], told: Sequence[str]
) -> None:
    seen = guarded("duty")
    shown = []
    for reference in told:
        seen.go(f"/reports/{reference}")
        shown.append(seen.page.inner_text("main"))
        reveal = seen.page.locator("form[action$='/contact']").first
        if reveal.count():
            with seen.page.expect_navigation():
                reveal.evaluate("form => { form.reason.value = '回电'; form.submit(); }")
            seen.look(f"{reference} with its contact")
    for attack in ATTACKS:
        words = attack.replace("\0", "\ufffd").replace("\u202e", "⟨U+202E⟩").strip()
        line = next((part for part in words.replace("\u2028", "\n").splitlines() if part), "")
        found = sum(line in page or line.replace("\ufffd", "") in page for page in shown)
        assert found >= len(told) // len(ROWS) - 1, line
    for path in ("/queue", "/queue?state=IN_TRIAGE", "/queue?state=REFERRED", "/withheld", "/by-hand", "/statistics"):
        seen.go(path)


def test_what_is_written_into_any_field_of_the_desk_is_only_words(
    town: Town, guarded: Callable[[str], Guarded], told: Sequence[str]
) -> None:
    seen, tried = guarded("duty"), set[str]()
    for row, reference in zip(ROWS * 2, told, strict=False):
        words = "\n".join(row)
        for path in (f"/reports/{reference}", f"/reports/{reference}/recusal"):
            seen.go(path)
            for action in _forms(seen.page):
                seen.page.goto(seen.desk + path)
                form = seen.page.locator(f"form[action='{action}']").first
                if not form.count():
                    continue
                with seen.page.expect_navigation():
                    form.evaluate(_FILL, words)
                seen.look(f"{action} with attacks")
                tried.add(action.rsplit("/", 1)[1])
        seen.go(f"/reports/{reference}")
    assert {"contact", "correct", "reroute", "never_text"} <= tried


def test_no_address_that_is_made_up_does_anything(town: Town, guarded: Callable[[str], Guarded]) -> None:
    seen = guarded("duty")
    for attack in ATTACKS:
        made_up = quote(attack.replace("\0", ""), safe="")
        query = urlencode(dict.fromkeys(("state", "after", "search", "view", "next", "lang", "year"), attack))
        # Whatever the page is told, it is the problem or the queue: every attack lies in the address of one of them.
        seen.go(f"/queue?{query}" if ATTACKS.index(attack) % 2 else f"/reports/{made_up}?{query}")


def test_a_name_that_is_an_attack_is_a_name(town: Town, guarded: Callable[[str], Guarded]) -> None:
    seen = guarded(_named(town, ATTACKS[1], Role.SUPERVISOR))
    for path in ("/queue", "/account", "/officers", "/browsing", "/requests", "/statistics"):
        seen.go(path)
        assert ATTACKS[1] in seen.page.inner_text("header")
    privacy = guarded(_named(town, ATTACKS[3], Role.PRIVACY_OFFICER))
    privacy.go("/audit")
    assert ATTACKS[1] in privacy.page.inner_text("main")
    for attack in ATTACKS[:20]:
        privacy.go(f"/audit?{urlencode({'reference': attack, 'officer': attack})}")


def test_a_unit_reads_attacks_in_its_packet_and_writes_them_back(
    town: Town, guarded: Callable[[str], Guarded], told: Sequence[str]
) -> None:
    reference = town.triaged("我被人拐卖到云南镇康县，被锁在屋里，有人看着 " + "\n".join(ROWS[0][:10]))
    desk = guarded("duty")
    desk.go(f"/reports/{reference}")
    desk.page.fill("#confirm-reason", "\n".join(ROWS[2]))
    with desk.page.expect_navigation():
        desk.page.press("#confirm-reason", "Enter")
    packet = town.until(lambda: next((one for one in town.packets(reference) if one.state == "DELIVERED"), None))
    seen = guarded(town.unit_officer(packet.unit))
    seen.go(f"/inbox/{packet.id}")
    assert "<img src=x" in seen.page.inner_text("main")
    for action in _forms(seen.page):
        seen.page.goto(f"{seen.desk}/inbox/{packet.id}")
        form = seen.page.locator(f"form[action='{action}']").first
        if form.count():
            with seen.page.expect_navigation():
                form.evaluate(_FILL, "\n".join(ROWS[1]))
            seen.look(action)
    seen.go("/inbox")
    desk.go(f"/reports/{reference}")


def _named(town: Town, name: str, role: Role) -> str:
    Officers(town.database).add(NewOfficer(name=name, role=role, unit="duty_desk", password=PASSWORD), actor="test")
    town.know(name, PASSWORD)
    return name


def _forms(page: Page) -> list[str]:
    """The addresses that a page's forms send to, each once."""
    found = page.eval_on_selector_all("form[method=post]", "forms => forms.map((one) => one.getAttribute('action'))")
    return [one for one in dict.fromkeys(found) if one and not one.endswith(_NOT_TRIED)]
