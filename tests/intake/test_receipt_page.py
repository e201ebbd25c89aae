"""Whoever comes back with a receipt: what they see, what nobody else sees, and what guessing gets."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import Any
from urllib.parse import quote_plus

import pytest
from sqlalchemy import select, update

from config.outcomes import Outcomes
from config.settings import PACKAGED_CONFIG
from intake.wording import LANGUAGES, load_words
from reports.database import database_now
from reports.errors import StoreUnavailable
from reports.identity import new_id
from reports.keeping import Keeper
from reports.keys import InnerKeys
from reports.notes import say
from reports.receipt_digits import new_digits, read_digits, shown
from reports.receipt_gate import Gate
from reports.receipts import MOST_FOR_A_REPORT, ReceiptBook
from reports.states import ReportState
from reports.store import Store
from reports.tables import feedback, notes, receipt_gates, receipts, reports
from tests.intake.doors import Doors, a_text
from tests.intake.visitor import Visitor
from tests.reports.made import a_step, advance, claim, count, standing_now, standing_of

WORDS = load_words()
SAID = {language: words["receipt"] for language, words in WORDS.items()}
OUTCOMES = Outcomes.load(PACKAGED_CONFIG, [state.value for state in ReportState], LANGUAGES)
TEXT = "我被关在砖厂三楼"


@pytest.fixture
def store(doors: Doors) -> Store:
    return Store(doors.database)


def reported(doors: Doors, language: str = "zh") -> tuple[Visitor, str, str]:
    """Somebody who reported and took a number: they, their report's id and the number."""
    girl = Visitor(doors, language)
    girl.report(TEXT)
    report_id = doors.kept()[-1].report_id
    return girl, report_id, girl.take_a_number()


def refer(store: Store, report_id: str) -> None:
    (claimed,) = [
        one for queue in ("urgent", "normal") for one in claim(store.database, queue) if one.report_id == report_id
    ]
    advance(store, a_step(standing_of(claimed), ReportState.REFERRED))


def close(store: Store, report_id: str, outcome: str = "cannot_act") -> None:
    standing = standing_now(store.database, report_id)
    advance(store, a_step(standing, ReportState.CLOSED, action="closed", detail={"outcome": outcome}))


def ask(doors: Doors, inner_keys: InnerKeys, report_id: str, text: str) -> None:
    with doors.database.write() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key).where(reports.c.id == report_id)).scalar_one()
        say(connection, report_id, inner_keys.opening.open_report_key(report_id, wrapped), "o", text, note_id=new_id())


def row(doors: Doors, table: Any) -> Any:
    with doors.database.read() as connection:
        return connection.execute(select(table)).one()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_is_told_in_every_language(doors: Doors, store: Store, language: str) -> None:
    girl, report_id, number = reported(doors, language)
    girl.press("look")
    assert OUTCOMES.told["received"][language] in girl.text
    refer(store, report_id)
    girl.come_back(number)
    assert OUTCOMES.told["acting"][language] in girl.text
    close(store, report_id, "victim_safe")
    girl.come_back(number)
    assert OUTCOMES.told["victim_safe"][language] in girl.text
    assert SAID[language]["helped_label"] in girl.text


def test_a_number_is_given_once_however_often_the_button_is_pressed(doors: Doors) -> None:
    girl, _, number = reported(doors)
    girl.again()
    assert girl.number == number
    assert count(doors.database, receipts) == 1


def test_two_clicks_at_once_give_one_number(doors: Doors) -> None:
    girl = Visitor(doors)
    girl.report(TEXT)

    def click() -> str:
        other = Visitor(doors)
        other.page = girl.page
        return other.take_a_number()

    with ThreadPoolExecutor(4) as pool:
        numbers = set(pool.map(lambda _: click(), range(4)))
    assert len(numbers) == 1
    assert count(doors.database, receipts) == 1


def test_nobody_has_to_take_a_number(doors: Doors) -> None:
    girl = Visitor(doors)
    girl.report(TEXT)
    assert SAID["zh"]["offer_button"] in girl.text
    assert count(doors.database, receipts) == 0


def test_the_page_that_offers_a_number_gives_none_the_next_day(doors: Doors) -> None:
    girl = Visitor(doors)
    girl.report(TEXT)
    with doors.database.write() as connection:
        connection.execute(update(reports).values(received_at=database_now() - 3_700_000))
    girl.press("new")
    assert SAID["zh"]["late"] in girl.text
    assert count(doors.database, receipts) == 0


def test_one_report_gets_only_so_many_numbers(doors: Doors) -> None:
    girl = Visitor(doors)
    token = doors.token()
    girl.page = doors.form({"text": TEXT}, token=token)
    for _ in range(MOST_FOR_A_REPORT):
        girl.press("new")
        girl.page = doors.form({"text": TEXT}, token=token)
    girl.press("new")
    assert SAID["zh"]["full"] in girl.text
    assert count(doors.database, receipts) == MOST_FOR_A_REPORT


def test_nothing_that_was_written_and_nobody_who_acts_is_shown(doors: Doors, store: Store) -> None:
    girl, report_id, number = reported(doors)
    refer(store, report_id)
    girl.come_back(number)
    said = girl.text.split("<main>")[1].split('<section class="danger"')[0]
    for secret in (TEXT, "砖厂", "瑞丽", "公安", "533102", doors.only().reference, report_id, "2026", "2027"):
        assert secret not in said


def test_the_number_stands_in_no_address_and_no_cookie(doors: Doors) -> None:
    girl, _, number = reported(doors)
    for _ in range(2):
        assert "Set-Cookie" not in girl.page.headers
        assert "Location" not in girl.page.headers
        assert girl.page.headers["Cache-Control"] == "no-store"
        assert girl.page.headers["Referrer-Policy"] == "no-referrer"
        assert not [line for line in girl.page.text.splitlines() if "href" in line and read_digits(number) in line]
        girl.come_back(number)
    assert doors.client.get(f"/receipt?number={read_digits(number)}").text.count(str(read_digits(number))) == 0


@pytest.mark.parametrize(
    "typed", ["０８７１", "", "12", "9" * 16, "abc", "0" * 50_000, "\x00", "' OR 1=1 --", "\u202e1234"]
)
def test_wrong_and_unknown_numbers_have_one_answer(doors: Doors, typed: str) -> None:
    stranger, other = Visitor(doors), Visitor(doors)
    stranger.come_back(typed)
    other.come_back(new_digits())
    assert SAID["zh"]["unknown"] in stranger.text
    assert stranger.page.status_code == other.page.status_code == 200
    assert _skeleton(stranger.text) == _skeleton(other.text)


def _skeleton(page: str) -> str:
    """The page without what the visitor typed themselves and without its token."""
    return re.sub(r' value="[^"]*"', "", page)


def test_a_number_is_read_however_it_is_typed(doors: Doors) -> None:
    girl, _, number = reported(doors)
    for typed in (number, number.replace(" ", "-"), number.translate({ord(str(n)): 0xFF10 + n for n in range(10)})):
        girl.come_back(typed)
        assert OUTCOMES.told["received"]["zh"] in girl.text


def test_a_question_is_read_and_answered(doors: Doors, inner_keys: InnerKeys) -> None:
    girl, report_id, number = reported(doors)
    ask(doors, inner_keys, report_id, "在几楼？<script>")
    assert row(doors, notes).seen_at is None
    girl.come_back(number)
    assert "在几楼？<script>" in girl.text
    assert "<script>" not in girl.page.text
    assert row(doors, notes).seen_at is not None
    assert row(doors, notes).answered_at is None
    girl.press("say", text="三楼，左边第二间")
    assert SAID["zh"]["kept"] in girl.text
    assert SAID["zh"]["answered"] in girl.text
    assert "左边第二间" not in girl.text
    kept = doors.kept()[-1]
    assert (kept.content.text, kept.flags) == ("三楼，左边第二间", ())
    assert row(doors, notes).answered_at is not None


def test_what_is_added_is_kept_once_and_without_the_number(doors: Doors) -> None:
    girl, _, number = reported(doors)
    girl.press("look")
    girl.press("say", text="他们要搬走了")
    girl.again()
    assert len(doors.kept()) == 2
    raw = doors.kept()[-1].raw
    assert str(read_digits(number)).encode() not in raw
    assert "%E4%BB%96" in raw.decode()


def test_what_is_written_beside_a_wrong_number_is_kept_too(doors: Doors) -> None:
    girl, _, number = reported(doors)
    girl.press("look")
    girl.press("say", text="他们要搬走了", number=new_digits())
    assert SAID["zh"]["kept_apart"] in girl.text
    kept = doors.kept()[-1]
    assert (kept.content.text, kept.flags) == ("他们要搬走了", ("receipt_unknown",))


def test_a_text_with_a_token_that_is_not_ours_comes_back_filled_in(doors: Doors) -> None:
    girl, _, _ = reported(doors)
    girl.press("look")
    girl.press("say", text="他们要搬走了", token="old")
    assert WORDS["zh"]["again"]["sentence"] in girl.text
    assert "他们要搬走了" in girl.text
    girl.press("say", text="他们要搬走了")
    assert doors.kept()[-1].content.text == "他们要搬走了"


def test_whether_it_helped_is_kept_once_for_each_end(doors: Doors, store: Store) -> None:
    girl, report_id, number = reported(doors)
    refer(store, report_id)
    close(store, report_id, "no_crime")
    girl.come_back(number)
    girl.press("helped", helped="yes")
    girl.press("helped", helped="no")
    girl.again()
    assert SAID["zh"]["not_helped"] in girl.text
    said = row(doors, feedback)
    assert (said.report_id, said.outcome, said.helped) == (report_id, "no_crime", 0)


def test_whoever_was_helped_is_not_asked_what_is_wrong(doors: Doors, store: Store) -> None:
    girl, report_id, number = reported(doors)
    refer(store, report_id)
    close(store, report_id, "victim_safe")
    girl.come_back(number)
    assert SAID["zh"]["reopen_button"] in girl.text
    girl.press("helped", helped="yes")
    assert SAID["zh"]["helped"] in girl.text
    assert SAID["zh"]["reopen_button"] not in girl.text
    girl.press("say", text="谢谢你们")
    assert doors.kept()[-1].content.text == "谢谢你们"


def test_a_report_that_is_not_closed_has_not_helped_yet(doors: Doors) -> None:
    girl, _, _ = reported(doors)
    girl.press("look")
    assert SAID["zh"]["helped_label"] not in girl.text
    forged = {"number": read_digits(reported(doors)[2]), "do": "helped", "helped": "yes"}
    doors.client.post("/receipt", data=forged)
    assert count(doors.database, feedback) == 0


def closed_hours_ago(doors: Doors, report_id: str, hours: int) -> None:
    """Puts the end of a report so many hours back."""
    with doors.database.write() as connection:
        then = database_now() - hours * 3_600_000
        connection.execute(update(reports).where(reports.c.id == report_id).values(closed_at=then))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_may_ask_again_is_told_for_how_many_days(doors: Doors, store: Store, language: str) -> None:
    girl, report_id, number = reported(doors)
    refer(store, report_id)
    close(store, report_id)
    last_hour = OUTCOMES.reopening_days * 24 - 1
    for hours, left in ((0, OUTCOMES.reopening_days), (last_hour - 24, 2), (last_hour, 1)):
        closed_hours_ago(doors, report_id, hours)
        page = doors.client.post(f"/receipt?lang={language}", data={"number": number, "do": "look"}).text
        assert SAID[language]["reopen_days"].format(days=left) in html.unescape(page)


def test_a_closed_report_is_taken_up_again_within_its_time(doors: Doors, store: Store) -> None:
    girl, report_id, number = reported(doors)
    refer(store, report_id)
    close(store, report_id)
    girl.come_back(number)
    girl.press("reopen", text="他们还在里面")
    assert SAID["zh"]["reopened"] in girl.text
    assert doors.kept()[-1].flags == ("asked_to_reopen",)
    closed_hours_ago(doors, report_id, (OUTCOMES.reopening_days + 1) * 24)
    girl.come_back(number)
    assert SAID["zh"]["reopen_button"] not in girl.text
    girl.press("say", text="我又听到了")
    assert doors.kept()[-1].flags == ()


def read_out(doors: Doors, inner_keys: InnerKeys, report_id: str) -> str:
    """A temporary receipt, as an officer reads it out on the telephone."""
    book, digits = ReceiptBook(doors.database, inner_keys.receipts), new_digits()
    unlocked = book.unlock(digits)
    with doors.database.write() as connection:
        book.issue(connection, report_id, unlocked, "o", temporary=True)
    return digits


def test_a_number_that_an_officer_read_out_is_swapped_before_anything_is_shown(
    doors: Doors, inner_keys: InnerKeys
) -> None:
    _, report_id, _ = reported(doors)
    told = read_out(doors, inner_keys, report_id)
    ask(doors, inner_keys, report_id, "在几楼？")
    girl = Visitor(doors)
    girl.come_back(told)
    assert "在几楼？" not in girl.text
    new = girl.number
    assert ReceiptBook(doors.database, doors.front.keys.receipts).find(told) == report_id, "not before she has noted it"
    girl.press("swap")
    assert "在几楼？" in girl.text
    girl.again()
    assert "在几楼？" in girl.text, "a double click must not lose her the new number"
    girl.come_back(told)
    assert SAID["zh"]["unknown"] in girl.text
    girl.come_back(new)
    assert "在几楼？" in girl.text


def test_of_two_who_swap_the_same_number_one_gets_a_new_one(doors: Doors, inner_keys: InnerKeys) -> None:
    _, report_id, _ = reported(doors)
    told = read_out(doors, inner_keys, report_id)
    two = [Visitor(doors), Visitor(doors)]
    for one in two:
        one.come_back(told)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.press("swap"), two))
    assert sorted(SAID["zh"]["unknown"] in one.text for one in two) == [False, True]


def test_what_is_said_with_a_number_that_was_read_out_is_kept_and_the_number_swapped_then(
    doors: Doors, inner_keys: InnerKeys
) -> None:
    girl, report_id, _ = reported(doors)
    girl.press("look")
    girl.press("say", text="他们要搬走了", number=read_out(doors, inner_keys, report_id))
    assert doors.kept()[-1].content.text == "他们要搬走了"
    assert SAID["zh"]["swap_heading"] in girl.text


def test_wrong_numbers_are_slowed_and_right_ones_too_while_a_network_guesses(doors: Doors) -> None:
    _, _, number = reported(doors)
    guesser, neighbour = Visitor(doors, address="203.0.113.9"), Visitor(doors, address="203.0.113.77")
    elsewhere = Visitor(doors, address="198.51.100.4")
    for _ in range(5):
        guesser.come_back(new_digits())
        assert SAID["zh"]["unknown"] in guesser.text
    guesser.come_back(new_digits())
    assert SAID["zh"]["wait"] in guesser.text
    assert guesser.page.status_code == 429
    assert guesser.page.headers["Retry-After"] == "60"
    neighbour.come_back(number)
    assert SAID["zh"]["wait"] in neighbour.text, "or a guesser would learn which are right"
    assert number in neighbour.text, "what was typed is not to be typed again"
    with doors.database.write() as connection:
        connection.execute(update(receipt_gates).where(receipt_gates.c.name == "total").values(free_at=0))
    for _ in range(8):
        elsewhere.come_back(number)
        assert OUTCOMES.told["received"]["zh"] in elsewhere.text


def test_what_is_written_while_a_network_guesses_is_kept(doors: Doors) -> None:
    girl, _, number = reported(doors)
    girl.press("look")
    gate = Gate(doors.database)
    while gate.enter(""):
        pass
    girl.press("say", text="他们要搬走了")
    assert SAID["zh"]["kept_apart"] in girl.text
    assert doors.kept()[-1].content.text == "他们要搬走了"


@pytest.mark.parametrize("is_live", [True, False])
def test_digits_in_a_text_that_nobody_may_look_up_now_reach_no_officer(doors: Doors, is_live: bool) -> None:
    _, _, number = reported(doors)
    digits = number if is_live else shown(new_digits())
    text = a_text(Body=f"{digits} 他们要搬走了")
    assert Gate(doors.database).enter("")
    with doors.database.write() as connection:
        shut_until = receipt_gates.c.free_at + 3_600_000
        connection.execute(update(receipt_gates).where(receipt_gates.c.name == "total").values(free_at=shut_until))
    doors.sms(text)
    kept = doors.kept()[-1]
    assert kept.content.text == "他们要搬走了"
    assert "receipt_not_looked_up" in kept.flags
    assert quote_plus(digits).encode() in kept.raw
    with doors.database.write() as connection:
        connection.execute(receipt_gates.delete())
    # Brought again, it may be looked up; it is the same text.
    doors.sms(text)
    assert len(doors.kept()) == 2
    assert not [one for one in doors.kept() if "conflict" in one.flags]


def test_what_cannot_be_kept_comes_back_filled_in(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    girl, _, number = reported(doors)
    girl.press("look")

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    with monkeypatch.context() as broken:
        broken.setattr(Keeper, "keep", away)
        girl.press("say", text="他们要搬走了")
    assert girl.page.status_code == 503
    assert WORDS["zh"]["away"]["resend"] in girl.text
    assert "他们要搬走了" in girl.text
    assert read_digits(number) in girl.text
    girl.press("say", text="他们要搬走了", number=number)
    assert doors.kept()[-1].content.text == "他们要搬走了"
    assert SAID["zh"]["kept"] in girl.text


def test_a_network_is_kept_as_a_keyed_digest(doors: Doors) -> None:
    Visitor(doors, address="203.0.113.9").come_back("1")
    with doors.database.read() as connection:
        names = set(connection.execute(select(receipt_gates.c.name)).scalars())
    assert len(names) == 3
    assert not [name for name in names if "203" in name and "113" in name and "." in name]


def test_a_number_whose_report_is_gone_is_like_one_that_never_was(doors: Doors) -> None:
    girl, _, number = reported(doors)
    with doors.database.write() as connection:
        connection.execute(receipts.delete())
    girl.come_back(number)
    stranger = Visitor(doors)
    stranger.come_back(new_digits())
    assert _skeleton(girl.text) == _skeleton(stranger.text)


def test_files_come_with_what_is_added(doors: Doors) -> None:
    girl, _, _ = reported(doors)
    girl.press("look")
    token = girl.page.text.split('name="token" value="')[1].split('"')[0]
    number = girl.page.text.split('name="number" value="')[1].split('"')[0]
    fields = {
        "do": "say",
        "number": number,
        "token": token,
        "text": "照片",
        "files": (BytesIO(b"\xff\xd8\xff"), "a.jpg"),
    }
    answer = doors.client.post("/receipt?lang=zh", data=fields, content_type="multipart/form-data")
    assert f"{WORDS['zh']['files']['kept']}: 1" in answer.text
    assert doors.kept()[-1].content.text == "照片"
    assert number.encode() not in doors.kept()[-1].raw


def a_text_with(number: str, text: str = "他们换地方了", **changes: str) -> dict[str, str]:
    return a_text(MessageSid=f"SM{text.encode().hex():0>32.32}", Body=f"{number} {text}", **changes)


def test_a_text_with_the_number_adds_to_its_report_and_is_kept_without_it(doors: Doors) -> None:
    _, report_id, number = reported(doors)
    for typed in (number, str(read_digits(number))):
        assert doors.sms(a_text_with(typed, f"他们换地方了{len(typed)}")).status_code == 200
        kept = doors.kept()[-1]
        assert kept.content.text == f"他们换地方了{len(typed)}"
        assert follows(doors, kept.report_id) == report_id


def test_a_text_with_other_digits_is_kept_as_it_is(doors: Doors) -> None:
    number = new_digits()
    doors.sms(a_text_with(number))
    kept = doors.only()
    assert kept.content.text == f"{number} 他们换地方了"
    assert follows(doors, kept.report_id) is None


def test_numbers_are_not_guessed_by_text_either(doors: Doors) -> None:
    _, report_id, number = reported(doors)
    for guess in range(6):
        doors.sms(a_text_with(new_digits(), f"{guess}"))
    doors.sms(a_text_with(number, "在三楼"))
    assert follows(doors, doors.kept()[-1].report_id) is None
    assert doors.kept()[-1].content.text == "在三楼", "or the live number would reach whoever reads it"
    assert "receipt_not_looked_up" in doors.kept()[-1].flags
    assert len(doors.kept()) == 8


def follows(doors: Doors, report_id: str) -> str | None:
    with doors.database.read() as connection:
        return connection.execute(select(reports.c.follows).where(reports.c.id == report_id)).scalar_one()
