"""The conversation at the desk: what came and what we sent, in order; approved sentences alone may be sent."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy import text as statement

from config.replies import Replies
from config.settings import PACKAGED_CONFIG
from console.texting_page import TextingVerbs
from reports.audit import AuditEntry
from reports.claims import claim_waiting
from reports.database import database_now
from reports.joining import join
from reports.tables import conversations, correspondents, replies, reports
from reports.unsafe_numbers import heed_wishes
from tests.console.house import LABELS, House, Kept, a_finding, words_of
from tests.waiting import wait_until

INDEX = "a" * 32
WORDS = Replies.load(PACKAGED_CONFIG)


@pytest.fixture
def texted(house: House) -> House:
    """A desk that answers texts."""
    object.__setattr__(house.services.settings, "replies", True)
    return house


def from_a_number(house: House, kept: Kept) -> None:
    """The worker has noted the number that the report came from."""
    with house.database.write() as connection:
        mine = select(reports.c.conversation_id).where(reports.c.id == kept.report_id).scalar_subquery()
        connection.execute(update(conversations).where(conversations.c.id == mine).values(number_index=INDEX))
        row = {"number_index": INDEX, "report_id": kept.report_id, "wrote_at": database_now()}
        connection.execute(insert(correspondents).values(row))


def add(house: House, kept: Kept, text: str) -> None:
    """Another text that was joined to the report."""
    house.waiting(text)
    (claimed,) = claim_waiting(house.database, "normal", 5, 15, 5)
    with house.database.write() as connection:
        assert join(house.services.store, connection, house.services.keys, claimed, kept.report_id)
        connection.execute(update(reports).where(reports.c.id == kept.report_id).values(to_read_at=None))


def test_the_messages_of_a_report_stand_in_order_and_say_what_they_mean_for_texting(house: House) -> None:
    kept = house.triaged("他们扣了身份证。暗号是苹果")
    for text in ("苹果。在瑞丽", "没事了", "退订"):
        add(house, kept, text)
    page = house.duty().get(f"/reports/{kept.reference}").text
    items = re.findall(r'<li class="theirs">(.*?)</li>', page, re.DOTALL)
    said = [words_of(item) for item in items]
    assert ["暗号是" in said[0], "瑞丽" in said[1], "没事了" in said[2], "退订" in said[3]] == [True] * 4
    assert "agreed a safe word" in said[0]
    assert "has the safe word" in said[1]
    assert "without the safe word" in said[2]
    assert "says all is well" in said[2]
    assert "wants no more contact" in said[3]


def test_a_single_message_is_shown_as_before(house: House) -> None:
    kept = house.triaged()
    assert '<li class="theirs">' not in house.duty().get(f"/reports/{kept.reference}").text


def test_a_text_in_its_quiet_time_says_until_when_it_is_waited_for(house: House) -> None:
    kept = house.waiting("他们扣了身份证")
    with house.database.write() as connection:
        connection.execute(update(reports).values(to_read_at=database_now() + 45_000))
    duty = house.duty()
    assert "may not have finished" in duty.get(f"/reports/{kept.reference}").text
    queue = duty.get("/queue").text
    assert "more may come; read by " in queue
    assert "no clock" not in queue


def test_an_officer_who_decides_while_more_is_told_is_told_so_and_keeps_what_they_wrote(house: House) -> None:
    kept = house.triaged()
    duty = house.duty()
    page = f"/reports/{kept.reference}"
    seen = duty.version(page)
    add(house, kept, "他们把我带走了")
    refused = duty.post(f"{page}/close", {"version": seen, "reason": "核实过", "outcome": "no_crime"})
    assert refused.status_code == 409
    assert "The reporter told more while you were looking" in refused.text
    assert "核实过" in refused.text
    with house.database.write() as connection:
        house.services.store.mark(connection, kept.report_id, ["more_told", "media"])
    assert "More was told since" in duty.get(page).text
    assert duty.act(page, "correct", matters="forced_labour", urgency="urgent", reporter="victim", place="瑞丽市",
                    place_role="occurrence").status_code == 303  # fmt: skip
    after = duty.get(page).text
    assert "More was told since" not in after
    assert "Has attachments" in after


def test_a_merged_report_leads_to_the_one_that_has_its_words(house: House) -> None:
    kept = house.triaged()
    adding = house.waiting("更多")
    (claimed,) = claim_waiting(house.database, "normal", 5, 15, 5)
    with house.database.write() as connection:
        join(house.services.store, connection, house.services.keys, claimed, kept.report_id)
    page = house.duty().get(f"/reports/{adding.reference}").text
    assert f'href="/reports/{kept.reference}"' in page
    assert "更多" not in words_of(page)
    assert "could not read" not in words_of(page)


def test_an_officer_has_an_approved_sentence_sent_once(texted: House) -> None:
    kept = texted.triaged()
    from_a_number(texted, kept)
    duty = texted.duty()
    page = duty.get(f"/reports/{kept.reference}").text
    assert WORDS.sentence("question_waits", "zh") in page
    # Whoever has no receipt is asked by text: the key for asking leads there.
    assert re.findall('<summary data-key="a">([^<]+)', page) == ["Send a text"]
    chance = re.search(r'name="chance" value="([0-9a-f]{32})"', page)
    assert chance
    for _ in range(2):
        sent = duty.post(f"/reports/{kept.reference}/send_text", {"sentence": "question_waits", "chance": chance[1]})
        assert sent.status_code == 303
    with texted.database.read() as connection:
        (row,) = connection.execute(select(replies)).all()
    assert (row.code, row.state, row.asked_by) == ("question_waits", "WAITING", duty.id)
    assert "waits to be sent" in words_of(duty.get(f"/reports/{kept.reference}").text)


@pytest.mark.parametrize("sentence", ["received_by_police", "", "betraying", "../x"])
def test_nothing_but_an_approved_sentence_is_sent(texted: House, sentence: str) -> None:
    kept = texted.triaged()
    from_a_number(texted, kept)
    refused = texted.duty().post(f"/reports/{kept.reference}/send_text", {"sentence": sentence, "chance": "c" * 32})
    assert refused.status_code == 422
    assert "cannot be texted" in refused.text
    with texted.database.read() as connection:
        assert connection.execute(select(replies)).all() == []


def test_a_number_that_may_never_be_texted_is_offered_no_text(texted: House) -> None:
    kept = texted.triaged()
    from_a_number(texted, kept)
    duty = texted.duty()
    assert duty.post(f"/reports/{kept.reference}/never_text").status_code == 303
    page = duty.get(f"/reports/{kept.reference}").text
    assert "Texting this number is not safe" in page
    assert "send_text" not in page
    refused = duty.post(f"/reports/{kept.reference}/send_text", {"sentence": "done", "chance": "d" * 32})
    assert refused.status_code == 422
    assert "ended all texts to this number" in words_of(page)


@pytest.mark.parametrize("wish", ["unsafe_to_call", "no_contact"])
def test_an_officer_who_corrects_the_label_to_not_safe_stops_what_waits_and_is_offered_no_text(
    texted: House, wish: str
) -> None:
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/send_text", {"sentence": "where", "chance": "e" * 32})
    corrected = duty.act(page, "correct", matters="forced_labour", urgency="urgent", reporter="victim", place="瑞丽市",
                         place_role="occurrence", contact=wish)  # fmt: skip
    assert corrected.status_code == 303
    with texted.database.read() as connection:
        assert connection.execute(select(replies.c.state, replies.c.failure)).all() == [("WITHHELD", "unsafe")]
    assert "Texting this number is not safe" in duty.get(page).text
    assert "send_text" not in duty.get(page).text


def test_where_texts_are_off_none_is_offered(house: House) -> None:
    kept = house.triaged()
    from_a_number(house, kept)
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert "the desk’s texting is switched off" in page
    assert "approved sentences" not in page
    assert 'name="sentence"' not in page


@pytest.mark.parametrize(
    ("speaks", "lang", "said"),
    [
        ("ar", "en", "there are no approved sentences in the reporter’s language (Arabic)."),
        ("ar", "zh", "可发的几句话里没有报告人的语言（阿拉伯语），所以不发短信。"),
        ("und", "en", "it is not known which language the reporter reads."),
        ("und", "zh", "不知道报告人看得懂哪种语言，所以不发短信。"),
    ],
)
def test_who_cannot_be_texted_for_their_language_is_named_that_reason_alone(
    texted: House, speaks: str, lang: str, said: str
) -> None:
    kept = texted.triaged(finding=a_finding(language=speaks))
    from_a_number(texted, kept)
    page = words_of(texted.duty(language=lang).get(f"/reports/{kept.reference}").text)
    assert said in page
    assert "texting is switched off" not in page
    assert "没有打开" not in page


def test_who_was_not_read_yet_is_not_texted_and_the_page_says_why(texted: House) -> None:
    kept = texted.waiting("他们扣了身份证")
    from_a_number(texted, kept)
    page = words_of(texted.duty().get(f"/reports/{kept.reference}").text)
    assert "it is not known which language the reporter reads" in page


def test_who_is_asked_something_may_be_told_by_a_text_that_says_only_that(texted: House) -> None:
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/give_receipt", {"chance": "a" * 32})
    assert f"which only says: {WORDS.sentence('note_waits', 'zh')}" in words_of(duty.get(page).text)
    for chance, more in (("b" * 32, {}), ("c" * 32, {"text": "1"}), ("c" * 32, {"text": "1"})):
        asked = duty.act(page, "ask_reporter", chance=chance, words="在几楼？", **more)
        assert asked.status_code == 303
    with texted.database.read() as connection:
        (row,) = connection.execute(select(replies)).all()
    assert (row.code, row.asked_by) == ("note_waits", duty.id)


def test_a_question_whose_text_is_refused_is_not_put_and_sent_again_without_it_is_put_once(house: House) -> None:
    kept, duty = house.triaged(), house.duty()
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/give_receipt", {"chance": "a" * 32})
    assert 'name="text"' not in duty.get(page).text
    refused = duty.act(page, "ask_reporter", chance="b" * 32, words="在几楼？", text="1")
    assert refused.status_code == 422
    assert "cannot be texted" in words_of(refused.text)
    assert "在几楼？" in words_of(refused.text), "what was typed is not to be typed again"
    # The page came back with another chance.
    assert duty.act(page, "ask_reporter", chance="c" * 32, words="在几楼？").status_code == 303
    assert words_of(duty.get(page).text).count("在几楼？") == 1
    with house.database.read() as connection:
        assert connection.execute(select(replies)).all() == []


def test_texts_that_were_stopped_are_let_again_with_a_reason_and_stopped_again(texted: House) -> None:
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/never_text")
    assert duty.post(f"{page}/text_again", {"reason": " "}).status_code == 422
    assert "Texting this number is not safe" in duty.get(page).text
    assert duty.post(f"{page}/text_again", {"reason": "她来电说换了手机"}).status_code == 303
    shown = words_of(duty.get(page).text)
    assert "let texts be sent to this number again" in shown
    assert "她来电说换了手机" in shown
    assert 'name="sentence"' in duty.get(page).text
    duty.post(f"{page}/never_text")
    assert "Texting this number is not safe" in duty.get(page).text
    about = [action for _, action in texted.audit(kept.report_id) if action.startswith("texting")]
    assert about == ["texting_stopped", "texting_allowed", "texting_stopped"]


def test_a_stop_word_is_lifted_only_by_an_officer_and_once(texted: House) -> None:
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    with texted.database.write() as connection:
        connection.execute(update(correspondents).values(stopped_at=database_now()))
    page = f"/reports/{kept.reference}"
    assert "The reporter wants no more texts" in duty.get(page).text
    assert texted.unit().post(f"{page}/text_again", {"reason": "要求"}).status_code in (403, 404)
    for _ in range(2):
        assert duty.post(f"{page}/text_again", {"reason": "本人要求"}).status_code == 303
    assert [action for _, action in texted.audit(kept.report_id)].count("texting_allowed") == 1


def test_a_number_is_not_let_be_texted_while_its_report_says_that_it_is_not_safe(texted: House) -> None:
    finding = a_finding(replace(LABELS, contact=("unsafe_to_call",)))
    kept, duty = texted.triaged(finding=finding), texted.duty()
    from_a_number(texted, kept)
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/never_text")
    assert "text_again" not in duty.get(page).text
    refused = duty.post(f"{page}/text_again", {"reason": "本人要求"})
    assert refused.status_code == 422
    assert "Correct them first" in refused.text
    assert "Texting this number is not safe" in duty.get(page).text


def test_a_number_is_not_let_be_texted_while_another_report_from_it_says_that_it_is_not_safe(texted: House) -> None:
    unsafe = texted.triaged(finding=a_finding(replace(LABELS, contact=("no_contact",))))
    from_a_number(texted, unsafe)
    kept, duty = texted.triaged(), texted.duty()
    with texted.database.write() as connection:
        connection.execute(update(conversations).values(number_index=INDEX))
    page = f"/reports/{kept.reference}"
    duty.post(f"{page}/never_text")
    refused = duty.post(f"{page}/text_again", {"reason": "本人要求"})
    assert refused.status_code == 422
    assert "Another report from this number says" in words_of(refused.text)
    assert "本人要求" in refused.text
    assert "Texting this number is not safe" in duty.get(page).text
    corrected = duty.act(f"/reports/{unsafe.reference}", "correct", matters="forced_labour", urgency="urgent",
                         reporter="victim", place="瑞丽市", place_role="occurrence")  # fmt: skip
    assert corrected.status_code == 303
    assert duty.post(f"{page}/text_again", {"reason": "本人要求"}).status_code == 303
    assert "Texting this number is not safe" not in duty.get(page).text


def close(house: House, kept: Kept) -> None:
    """An officer closes the report."""
    assert house.duty().act(f"/reports/{kept.reference}", "close", outcome="solved").status_code == 303


def asked_for(house: House) -> list[tuple[str, str, str]]:
    with house.database.read() as connection:
        return [(row.code, row.language, row.asked_by) for row in connection.execute(select(replies)).all()]


@pytest.mark.parametrize(
    ("contact", "is_on", "told"),
    [
        (("text_only",), True, [("done", "zh", "machine")]),
        (("text_only",), False, []),
        ((), True, []),
        (("anonymous",), True, []),
        (("text_only", "unsafe_to_call"), True, []),
        (("text_only", "no_contact"), True, []),
    ],
)
def test_who_asked_for_texts_is_told_by_one_that_the_matter_has_ended_where_that_is_on_and_safe(
    texted: House, contact: tuple[str, ...], is_on: bool, told: list[tuple[str, str, str]]
) -> None:
    object.__setattr__(texted.services.settings, "closing_text", is_on)
    kept = texted.triaged(finding=a_finding(replace(LABELS, contact=contact)))
    from_a_number(texted, kept)
    close(texted, kept)
    assert asked_for(texted) == told


def test_nobody_is_told_of_the_end_whose_number_wants_no_texts(texted: House) -> None:
    object.__setattr__(texted.services.settings, "closing_text", True)
    kept = texted.triaged(finding=a_finding(replace(LABELS, contact=("text_only",))))
    from_a_number(texted, kept)
    with texted.database.write() as connection:
        connection.execute(update(correspondents).values(stopped_at=database_now()))
    close(texted, kept)
    assert asked_for(texted) == []


def test_a_text_that_waits_for_the_day_says_so(texted: House) -> None:
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    page = f"/reports/{kept.reference}"
    hours = texted.services.replies.hours
    duty.post(f"{page}/send_text", {"sentence": "where", "chance": "a" * 32})
    for ends, says in ((0, True), (1440, False)):
        texted.services.replies.hours = replace(hours, begins=0, ends=ends)
        assert ("leaves when it is day there" in duty.get(page).text) is says


def test_an_officer_and_the_machine_that_stop_texts_at_once_do_not_wait_in_a_circle(texted: House) -> None:
    """The machine holds the chain when it comes to the number: had the officer taken the number first, the database
    would end one of them."""
    kept, duty = texted.triaged(), texted.duty()
    from_a_number(texted, kept)
    store = texted.services.store
    (officer,) = [one for one in texted.services.officers.list() if one.name == duty.name]
    with ThreadPoolExecutor(1) as pool:
        with texted.database.write() as connection:
            store.chain.append(connection, [AuditEntry("machine", "read_again", f"report:{kept.report_id}", {})])
            other = pool.submit(TextingVerbs(texted.services).never, officer, kept.reference)
            if not texted.database.is_sqlite:
                until_somebody_waits(connection)
            heed_wishes(store, connection, kept.report_id, a_finding(replace(LABELS, contact=("no_contact",))))
        other.result(20)
    assert "Texting this number is not safe" in duty.get(f"/reports/{kept.reference}").text


def until_somebody_waits(connection: Connection) -> None:
    waiting = statement("SELECT count(*) FROM pg_locks WHERE NOT granted")
    wait_until(lambda: connection.execute(waiting).scalar_one(), otherwise=lambda: "nobody waits")
