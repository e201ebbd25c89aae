"""Files through a real browser: chosen at the form, seen veiled at the desk, and never run by anybody."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from reports.states import AttachmentState
from reports.tables import attachments, reports
from tests.browser.conftest import Town, Watched
from tests.workers import hostile_files

Look = Callable[..., Watched]
TELEPHONE = {"width": 390, "height": 800}
SIZES = [pytest.param(TELEPHONE, id="telephone"), pytest.param({"width": 1440, "height": 900}, id="desk")]


def chosen(name: str, kind: str, data: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": kind, "buffer": data}


def sent(town: Town, page: Page, *files: dict[str, object], text: str = "有人被关在云南瑞丽的砖厂，照片是大门") -> str:
    """Fills in the form with these files and sends it. Returns the reference."""
    page.goto(f"{town.public}/?lang=zh")
    page.fill("#text", text)
    page.set_input_files("#files", files)  # type: ignore[arg-type]
    page.click("button[type=submit]")
    page.wait_for_selector(".reference")
    return page.inner_text(".reference strong")


def settled(town: Town, reference: str, number: int) -> None:
    """Waits until the copier has done with so many files."""

    def done() -> bool:
        with town.database.read() as connection:
            query = select(attachments.c.state).join(reports, reports.c.id == attachments.c.report_id)
            states = connection.execute(query.where(reports.c.reference == reference)).scalars().all()
        over = (AttachmentState.COPIED.value, AttachmentState.UNCOPIED.value)
        return sum(1 for state in states if state in over) == number

    town.until(done)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_photo_is_chosen_and_sent_on_a_telephone(town: Town, look: Look, script: bool) -> None:
    seen = look(java_script_enabled=script, viewport=TELEPHONE)
    photo = chosen("大门.jpg", "image/jpeg", hostile_files.photo())
    reference = sent(town, seen.page, photo, chosen("空.jpg", "image/jpeg", b""))
    assert "收到的文件: 1" in seen.page.inner_text("main")
    assert "空文件: 1" in seen.page.inner_text("main")
    with town.database.read() as connection:
        row = connection.execute(select(reports).where(reports.c.reference == reference)).one()
    assert set(row.flags.split()) >= {"media", "file_empty"}
    assert seen.wrongs == []


@pytest.mark.parametrize("size", SIZES)
def test_an_officer_sees_a_copy_with_the_keyboard_alone_and_it_is_veiled_at_first(
    town: Town, look: Look, size: dict[str, int]
) -> None:
    reference = sent(town, look().page, chosen("门.jpg", "image/jpeg", hostile_files.photo(size=(1600, 900))))
    settled(town, reference, 1)
    seen = look(viewport=size)
    page = seen.page
    town.sign_in(page)
    town.open(page, reference)
    assert page.locator("img").count() == 0
    page.focus(".files input[name=reason]")
    page.keyboard.type("看清门牌")
    page.keyboard.press("Enter")
    picture = page.locator(".veiled img")
    picture.wait_for()
    expect(picture).to_have_css("filter", re.compile("blur"))
    page.focus(".veiled input")
    page.keyboard.press("Space")
    expect(picture).to_have_css("filter", "none")
    expect(picture).to_have_js_property("naturalWidth", 1600)
    assert seen.fits()
    assert seen.wrongs == []


HARMFUL = {
    "page.html": b"<!doctype html><script>alert('page')</script>",
    "cat.svg": hostile_files.svg_with_script(),
    "a.gif": hostile_files.gif_and_script(),
    "a.pdf": hostile_files.paper_with_script(),
    "virus.txt": hostile_files.EICAR,
}


def test_nothing_that_a_file_brings_is_run_by_the_officers_browser(town: Town, look: Look, tmp_path: Path) -> None:
    files = [chosen(name, "text/html", data) for name, data in HARMFUL.items()]
    name = "<img src=x onerror=alert(1)>\u202egpj.exe"
    reference = sent(town, look().page, *files)
    hostile = sent(town, look().page, chosen(name, "image/svg+xml", hostile_files.svg_with_script()))
    settled(town, reference, len(files))
    settled(town, hostile, 1)
    seen = look()
    page = seen.page
    town.sign_in(page)
    town.open(page, hostile)
    assert page.locator("img").count() == 0
    town.open(page, reference)
    addresses = [one.get_attribute("href") for one in page.locator(".files a").all()]
    assert len(addresses) == len(files)
    taken = set()
    for address in addresses:
        page.goto(f"{town.desk}{address}")
        page.fill("input[name=reason]", "交技术科检验")
        with page.expect_download() as downloading:
            page.click("form.narrow button")
        download = downloading.value
        assert re.fullmatch(rf"{reference}-[0-9a-f]{{6}}\.bin", download.suggested_filename)
        kept = tmp_path / download.suggested_filename
        download.save_as(kept)
        taken.add(kept.read_bytes())
    assert taken == set(HARMFUL.values())
    assert seen.wrongs == []
