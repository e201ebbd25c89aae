"""A recording at the desk in a real browser: heard and written down by keyboard alone, on a telephone's screen."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable

from playwright.sync_api import Page, expect

from reports.attachments import add_to_report
from reports.content import NewAttachment
from reports.keys import InnerKeys
from reports.store import Store
from tests.browser.conftest import Town, Watched, axe
from tests.browser.test_desk import _tab_to as tab_to
from tests.browser.test_public_access import WCAG

PHONE = {"width": 390, "height": 800}
TOLD = "他们说明天把她送到瑞丽"


def a_second_of_sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", 9000 if n // 10 % 2 else -9000) for n in range(8000)))
    return file.getvalue()


def add_recording(town: Town, reference: str) -> None:
    sound = NewAttachment(
        name="", claimed_type="audio/x-wav", data=a_second_of_sound(), kind="recording", source_id="RE" + "1" * 32
    )
    keys, store = InnerKeys.load(town.state), Store(town.database)
    with town.database.write() as connection:
        add_to_report(connection, store.chain, keys, town.row(reference).id, sound)


def violations(page: Page) -> list[str]:
    return [one["id"] for one in axe(page, WCAG)]


def test_a_recording_is_heard_and_written_down_by_keyboard_alone(town: Town, look: Callable[..., Watched]) -> None:
    reference = town.triaged("我被关在云南省瑞丽市的砖厂")
    add_recording(town, reference)
    seen = look(viewport=PHONE)
    page, keys = seen.page, seen.page.keyboard
    town.sign_in(page)
    page.goto(f"{town.desk}/reports/{reference}")
    page.focus("#hear-1")
    keys.type("先听听说什么")
    keys.press("Enter")
    page.wait_for_url("**/recordings/*")
    page.wait_for_function("document.querySelector('audio').duration > 0.9")
    assert seen.fits()
    assert violations(page) == []
    tab_to(page, "#write_down-words")
    keys.type(TOLD)
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url(f"**/reports/{reference}")
    expect(page.locator(".said")).to_contain_text(TOLD)
    expect(page.locator(".looks")).to_contain_text("先听听说什么")
    assert seen.wrongs == []
