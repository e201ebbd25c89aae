"""The public form: everything that can be typed is kept, and nothing that was typed is lost."""

from __future__ import annotations

import html
from typing import Any

import pytest

from intake.form_token import FormTokens
from intake.wording import load_words
from reports.content import NewReport, Receipt
from reports.errors import StoreUnavailable
from reports.keeping import Keeper
from reports.sealing import BlindIndex
from tests.intake.doors import FORM_TYPE, Doors, ListeningBell

WORDS = load_words()
OWN_SCRIPT = '<script src="/static/page.js" defer></script>'


def test_a_form_is_kept_and_its_number_is_said(doors: Doors, bell: ListeningBell) -> None:
    fields = {
        "text": "邻居家买来一个媳妇",
        "place": "瑞丽市姐相路",
        "contact": "13800000000",
        "name": "阿云",
        "wishes": ["text_only", "not_police"],
    }
    answer = doors.form(fields)
    kept = doors.only()
    assert answer.status_code == 200
    assert kept.reference in answer.text
    assert (kept.channel, kept.flags) == ("web", ())
    assert kept.content.text == fields["text"]
    assert kept.content.place == fields["place"]
    assert kept.content.contact == fields["contact"]
    assert kept.content.name == fields["name"]
    assert kept.content.wishes == ("text_only", "not_police")
    assert bell.rung == [(kept.queue, kept.report_id)]


def test_row_36_a_token_of_another_key_brings_the_form_back_filled_in(doors: Doors) -> None:
    fields = {
        "text": "\n第一行空着\n“引号”<b>",
        "place": '"瑞丽" & 芒市',
        "contact": "微信 a'b",
        "name": "阿云",
        "wishes": ["anonymous"],
    }
    stranger = FormTokens(BlindIndex(b"another key, 32 bytes or more ...")).new()
    answer = doors.form(fields, token=stranger)
    assert answer.status_code == 400
    assert WORDS["zh"]["again"]["sentence"] in answer.text
    page = html.unescape(answer.text)
    assert f">\n{fields['text']}</textarea>" in page
    for typed in (fields["place"], fields["contact"], fields["name"]):
        assert f'value="{typed}"' in page
    assert 'value="anonymous" checked' in page
    assert page.count(" checked") == 1
    assert doors.kept() == []


@pytest.mark.parametrize("token", ["", "x", "0" * 32 + "." + "0" * 32, "０" * 32 + "." + "0" * 32, "a" * 5000])
def test_row_36_what_comes_back_filled_in_is_taken_the_second_time(doors: Doors, token: str) -> None:
    text = "第一次没有送到"
    again = doors.form({"text": text}, token=token)
    assert again.status_code == 400
    fresh = again.text.split('name="token" value="')[1].split('"')[0]
    assert doors.form({"text": text}, token=fresh).status_code == 200
    assert doors.only().content.text == text


@pytest.mark.parametrize(
    ("fault", "status"), [(StoreUnavailable("the disk is full"), 503), (ValueError("a mistake of ours"), 500)]
)
def test_what_cannot_be_kept_comes_back_filled_in_and_is_one_report_when_it_is_sent_again(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    fields: dict[str, str | list[str]] = {"text": "救救我\n我在三楼", "place": "瑞丽", "wishes": ["text_only"]}
    token, keep = doors.token(), Keeper.keep

    def kept_but_not_said(keeper: Keeper, new: NewReport, *arguments: Any) -> Receipt:
        keep(keeper, new, *arguments)
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(Keeper, "keep", kept_but_not_said)
        given_back = doors.form(fields, token=token)
    assert given_back.status_code == status
    assert given_back.headers["Retry-After"] == "5"
    page = html.unescape(given_back.text)
    assert WORDS["zh"]["away"]["resend"] in page
    assert f">\n{fields['text']}</textarea>" in page
    assert 'value="text_only" checked' in page
    assert f'name="token" value="{token}"' in page
    assert doors.form(fields, token=token).status_code == 200
    assert doors.only().content.place == "瑞丽"


@pytest.mark.parametrize(
    ("language", "named"), [("zh", "瑞丽汽车客运站"), ("zh-Hant", "瑞丽"), ("my", "Ruili bus station")]
)
def test_a_scanned_poster_fills_in_its_place_which_the_reporter_sees(doors: Doors, language: str, named: str) -> None:
    page = doors.client.get(f"/?v=42102&lang={language}").text
    assert WORDS[language]["form"]["venue_label"] in page
    assert named in page
    assert 'name="venue" value="42102"' in page
    assert 'href="/?lang=ru&amp;v=42102"' in page
    assert doors.form({"text": "有人被关着", "venue": "42102"}).status_code == 200
    assert doors.only().content.venue == "42102"
    assert doors.only().content.particulars == (("poster", "瑞丽汽车客运站 / Ruili bus station"),)


def test_a_reporter_who_takes_the_mark_away_was_never_there(doors: Doors) -> None:
    doors.form({"text": "有人被关着", "place": "芒市"})
    assert doors.only().content.venue == ""


@pytest.mark.parametrize("code", ["", "42103", "<script>", "4" * 5000, "٤٢١٠٣", "²³²³²"])
def test_a_code_of_no_poster_shows_the_plain_form(doors: Doors, code: str) -> None:
    page = doors.client.get("/", query_string={"v": code})
    assert page.status_code == 200
    assert 'name="venue"' not in page.text


def test_a_form_that_comes_back_still_has_its_poster(doors: Doors) -> None:
    page = doors.form({"text": "好", "venue": "42102"}, token="x").text
    assert 'name="venue" value="42102"' in page


def test_only_a_code_and_nothing_said_is_still_somebody_who_could_only_press_send(doors: Doors) -> None:
    doors.form({"text": "", "venue": "42102"})
    assert (doors.only().flags, doors.only().queue) == (("silent",), "urgent")


def test_rows_37_and_38_the_same_form_sent_again_is_one_report_with_one_number(
    doors: Doors, bell: ListeningBell
) -> None:
    token = doors.token()
    pages = [doors.form({"text": "只按了一次"}, token=token).text for _ in range(3)]
    assert all(doors.only().reference in page for page in pages)
    assert len(bell.rung) == 1


def test_going_back_and_writing_more_keeps_both_texts(doors: Doors) -> None:
    token = doors.token()
    doors.form({"text": "有人被关着"}, token=token)
    doors.form({"text": "有人被关着，在三楼"}, token=token)
    first, second = doors.kept()
    assert {first.content.text, second.content.text} == {"有人被关着", "有人被关着，在三楼"}
    assert "conflict" in first.flags
    assert "conflict" in second.flags


MULTIPART = "multipart/form-data"
WRITTEN = [
    pytest.param("<script>alert(1)</script><img src=x onerror=alert(1)>", id="row 39: script"),
    pytest.param("javascript:alert(1)", id="row 39: a script address"),
    pytest.param("{{7*7}} ${7*7} %(x)s {% raw %}", id="row 40: templates"),
    pytest.param("=cmd|'/c calc'!A1", id="row 41: a formula"),
    pytest.param("x" * 8001, id="row 42: 8,001 letters"),
    pytest.param("字" * 7000, id="row 42: 7,000 Chinese characters"),
    pytest.param("2026-02-30，农历正月初三，昨天晚上", id="row 52: dates of every kind"),
    pytest.param("They keep me here", id="row 55: English"),
    pytest.param("مېنى سېتىۋەتتى", id="row 55: Uyghur"),
    pytest.param("ང་ཚོང་བ་རེད", id="row 55: Tibetan"),
    pytest.param("ကျွန်မကို ရောင်းလိုက်တယ်", id="row 55: Burmese"),
    pytest.param("저는 팔려 왔어요", id="row 55: Korean"),
    pytest.param("a" + "\u0301" * 500, id="row 56: 500 combining marks"),
]


@pytest.mark.parametrize("text", WRITTEN)
def test_whatever_is_written_is_kept_as_text(doors: Doors, text: str) -> None:
    answer = doors.form({"text": text, "name": text[:501] if len(text) < 1000 else ""})
    assert answer.status_code == 200
    assert text not in answer.text
    assert doors.only().content.text == text
    assert doors.only().content.name in (text, "")


@pytest.mark.parametrize("text", WRITTEN[:3])
def test_a_form_that_comes_back_shows_markup_as_letters(doors: Doors, text: str) -> None:
    fields = {name: text for name in ("text", "place", "contact", "name")}
    page = doors.form(fields, token="").text
    assert page.count("<script") == page.count(OWN_SCRIPT) == 1
    assert "<img" not in page
    assert html.unescape(page).count(text) == 4


@pytest.mark.parametrize(
    "contact",
    [
        pytest.param("１３８０００００００００", id="full-width digits"),
        pytest.param("０", id="one digit"),
        pytest.param("110", id="the police"),
        pytest.param("1" * 40, id="forty digits"),
        pytest.param("村口小卖部找老板", id="words"),
    ],
)
def test_row_51_any_way_to_be_reached_is_kept_as_written(doors: Doors, contact: str) -> None:
    assert doors.form({"text": "请联系我", "contact": contact}).status_code == 200
    assert doors.only().content.contact == contact


def test_an_empty_form_is_somebody_who_could_only_press_send(doors: Doors) -> None:
    assert doors.form({"text": "", "place": ""}).status_code == 200
    assert (doors.only().flags, doors.only().queue) == (("silent",), "urgent")


def test_row_54_a_filled_trap_is_flagged_and_the_report_kept(doors: Doors) -> None:
    assert doors.form({"text": "按键盘填的", "website": "https://spam.example"}).status_code == 200
    assert doors.only().flags == ("trap_filled",)


def test_unknown_fields_and_wishes_do_no_harm(doors: Doors) -> None:
    assert doors.form({"text": "好", "wishes": ["__class__", "text_only"], "state": "CLOSED"}).status_code == 200
    assert doors.only().content.wishes == ("text_only",)
    assert doors.only().state == "RECEIVED"


def test_bytes_that_are_no_text_are_marked_and_the_payload_keeps_them(doors: Doors) -> None:
    body = f"token={doors.token()}&text=".encode() + b"%FF%00%ED%A0%80ok"
    assert doors.client.post("/", data=body, content_type=FORM_TYPE).status_code == 200
    assert doors.only().content.text == "\ufffd" * 5 + "ok"
    assert doors.only().raw == body


def test_a_form_of_64_kilobytes_is_kept_whole(doors: Doors) -> None:
    head = f"token={doors.token()}&text="
    body = head + "x" * (64 * 1024 - len(head))
    assert doors.client.post("/", data=body, content_type=FORM_TYPE).status_code == 200
    assert doors.only().raw == body.encode()


@pytest.mark.parametrize(("language", "length"), [("zh", "两万字"), ("en", "20,000 Chinese characters")])
def test_row_43_a_longer_form_is_413_and_the_page_says_what_to_do(doors: Doors, language: str, length: str) -> None:
    body = "text=" + "x" * (64 * 1024)
    answer = doors.client.post(f"/?lang={language}", data=body, content_type=FORM_TYPE)
    assert answer.status_code == 413
    assert WORDS[language]["too_long"]["sentence"] in answer.text
    assert length in answer.text
    assert doors.kept() == []


def test_row_42_and_the_length_that_the_page_names_are_taken_as_a_browser_sends_them(doors: Doors) -> None:
    for text in ("字" * 8001, "被" * 20_000):
        answer = doors.client.post("/", data={"token": doors.token(), "text": text}, content_type=MULTIPART)
        assert answer.status_code == 200
        assert doors.kept()[-1].content.text == text


@pytest.mark.parametrize("body", [b"", b"--x", b"--x\r\nnothing", b"--x\r\nContent-Disposition: nonsense\r\n\r\n"])
def test_a_form_that_is_broken_off_is_refused_and_nothing_is_kept(doors: Doors, body: bytes) -> None:
    answer = doors.client.post("/", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (400, 415)
    assert doors.kept() == []


def test_row_45_a_compressed_form_is_415_and_not_an_empty_report(doors: Doors) -> None:
    answer = doors.form({"text": "压缩"}, headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 415
    assert doors.kept() == []


def test_row_53_the_page_needs_no_script_no_cookie_and_no_modern_browser(doors: Doors) -> None:
    page = doors.client.get("/")
    assert "Set-Cookie" not in page.headers
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert doors.form({"text": "老手机", "wishes": []}, headers={"User-Agent": ""}).status_code == 200


def test_row_58_an_officers_cookie_means_nothing_here(doors: Doors) -> None:
    answer = doors.form({"text": "好"}, headers={"Cookie": "__Host-session=officer; session=x"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert b"officer" not in doors.only().raw


@pytest.mark.parametrize("origin", ["null", "https://elsewhere.example"])
def test_row_59_any_origin_may_send_the_public_form(doors: Doors, origin: str) -> None:
    assert doors.form({"text": "好"}, headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/..%2f", "/twilio", "//elsewhere.example", "/%00", "/[", "/:x"])
def test_a_page_that_is_not_there_says_so_and_leads_back(doors: Doors, path: str) -> None:
    answer = doors.client.get("/", environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 404
    assert WORDS["zh"]["missing"]["sentence"] in answer.text
    assert 'href="/?lang=zh"' in answer.text
