"""Every page the public sees: small, neutral, of one piece, and with a way out."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping

import pytest

from intake.wording import LANGUAGES, load_words
from tests.intake.doors import FORM_TYPE, Doors

WORDS = load_words()
MOST_BYTES = 30_000
SCRIPTS = ("/static/page.js", "/static/work.js")
STATIC = ("/static/page.css", *SCRIPTS)
# What browsers of ten years ago do not know: in style they would lose the layout, in a script all of it.
YOUNG_STYLE = re.compile(
    r"display: *(inline-)?(flex|grid)|var\(|[{; ](gap|inset|aspect-ratio):|:is\(|:where\(|@layer|@container"
)
YOUNG_SCRIPT = re.compile(r"=>|\b(let|const|class|async|await|import)\b|`|\?\.|\?\?|\.\.\.|\bfetch\(|\bPromise\b")
LEAVE_TO = "https://www.weather.com.cn/"
ADDRESSES = re.compile(r'(?:href|src|action|data-to)="([^"]*)"')


def pages_of(doors: Doors, language: str) -> Iterator[tuple[str, int, str]]:
    """Each page of a language: its name, its status and its text."""
    at = f"/?lang={language}"
    fields = {"token": doors.token(), "text": "好"}
    answers = {
        "form": doors.client.get(at),
        "thanks": doors.client.post(at, data=fields),
        "again": doors.client.post(at, data={**fields, "token": "x"}),
        "receipt": doors.client.get(f"/receipt?lang={language}"),
        "missing": doors.client.get(f"/nothing?lang={language}"),
        "problem": doors.client.post(at, data=b"{}", content_type="application/json"),
        "too long": doors.client.post(at, data=b"x" * (64 * 1024 + 1), content_type=FORM_TYPE),
    }
    for name, answer in answers.items():
        yield name, answer.status_code, html.unescape(answer.text)


def sent(doors: Doors, address: str) -> tuple[str, Mapping[str, str]]:
    """What is served at an address, and its headers."""
    with doors.client.get(address) as answer:
        return answer.text, answer.headers


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_with_all_its_style_and_scripts_has_less_than_30_kilobytes(doors: Doors, language: str) -> None:
    beside = sum(len(sent(doors, address)[0].encode()) for address in STATIC)
    for name, _, text in pages_of(doors, language):
        assert len(text.encode()) + beside < MOST_BYTES, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_the_emergency_number_and_the_way_out_under_a_neutral_title(
    doors: Doors, language: str
) -> None:
    said = WORDS[language]["page"]
    for name, _, text in pages_of(doors, language):
        assert f"<title>{said['title']}</title>" in text, name
        assert f'<html lang="{said["tag"]}">' in text, name
        assert 'href="tel:110">110</a>' in text, name
        assert 'href="sms:12110">12110</a>' in text, name
        assert 'class="leave" href="/leave"' in text, name
        assert said["leave_cannot"] in text, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_refuses_says_why_in_the_readers_language(doors: Doors, language: str) -> None:
    kinds = {"again": 400, "missing": 404, "problem": 415, "too long": 413}
    for name, status, text in pages_of(doors, language):
        if name in kinds:
            assert status == kinds[name]
            assert WORDS[language][name.replace(" ", "_")]["sentence"] in text


def test_nothing_on_a_page_leads_to_or_comes_from_elsewhere_but_the_way_out(doors: Doors) -> None:
    for name, _, text in pages_of(doors, "en"):
        elsewhere = {
            address for address in ADDRESSES.findall(text) if not re.match(r"/(?!/)|#|data:image/|tel:|sms:", address)
        }
        assert elsewhere == {LEAVE_TO}, name
    style = sent(doors, "/static/page.css")[0]
    assert not re.search(r"url\(|@import|transition|animation", style)


def test_row_53_style_and_scripts_are_in_the_words_of_browsers_of_ten_years_ago(doors: Doors) -> None:
    style = re.sub(r"/\*.*?\*/", "", sent(doors, "/static/page.css")[0], flags=re.DOTALL)
    assert YOUNG_STYLE.findall(style) == []
    for address in SCRIPTS:
        script = re.sub(r"//.*", "", sent(doors, address)[0])
        assert YOUNG_SCRIPT.findall(script) == [], address


def test_no_page_sets_a_cookie_or_is_kept_by_a_browser_or_tells_where_it_was(doors: Doors) -> None:
    headers = [sent(doors, address)[1] for address in ("/", "/leave", "/nothing", *STATIC)]
    for one in [*headers, doors.form({"text": "好"}).headers]:
        assert "Set-Cookie" not in one
        assert one["Cache-Control"] == "no-store"
        assert one["Referrer-Policy"] == "no-referrer"
        assert "unsafe" not in one["Content-Security-Policy"]


def test_leaving_leads_away_at_once_and_has_the_browser_forget(doors: Doors) -> None:
    answer = doors.client.get("/leave")
    assert (answer.status_code, answer.headers["Location"]) == (303, LEAVE_TO)
    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert "hotline" not in answer.text.lower()
