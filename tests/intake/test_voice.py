"""The door for calls: danger first, every answer kept once, and nobody who called is nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import create_engine, select, text
from twilio.request_validator import RequestValidator

from hotline.simulated_caller import (
    ANSWERING_MACHINE,
    BUSY,
    NO_ANSWER,
    Call,
    HangUp,
    Press,
    Reaction,
    Record,
    Say,
    Silence,
)
from intake.voice_calls import Calls
from reports.errors import StoreUnavailable
from reports.keys import DoorKeys, InnerKeys
from reports.receipts import ReceiptBook
from reports.tables import attachments, audit_entries, reports
from tests.intake.callers import BY_NIGHT, DUTY, EMERGENCY, carrier_of, staffed
from tests.intake.doors import ACCOUNT, FORM_TYPE, NUMBER, PUBLIC_URL, TOKEN, Doors, Kept, ListeningBell, front_of
from tests.waiting import wait_until
from workers.voice_table import CHINA_TIME, Transcription

CHINESE, ENGLISH, VIETNAMESE, BURMESE = (Press(key) for key in "1234")
# National Day, half past eight.
MORNING = datetime(2026, 10, 1, 8, 30, tzinfo=CHINA_TIME)
YES, NO = Press("1"), Press("2")


@pytest.fixture
def bell() -> ListeningBell:
    return ListeningBell()


@pytest.fixture
def doors(database_url: str, state: Path, inner_keys: InnerKeys, bell: ListeningBell) -> Iterator[Doors]:
    """The public app of a hotline with somebody on duty, on each of the databases."""
    front = replace(staffed(front_of(state, database_url)), bell=bell)
    yield Doors(front, inner_keys)
    front.database.dispose()


def play(doors: Doors, *reactions: Reaction, number: str = "+8613800000000", **behaviour: str) -> Call:
    people = {DUTY: behaviour.get("duty", "picks up"), EMERGENCY: behaviour.get("emergency", "picks up")}
    return carrier_of(doors, people).play(reactions, number)


def at(doors: Doors, now: datetime, inner_keys: InnerKeys) -> Doors:
    return Doors(replace(doors.front, now=lambda: now), inner_keys)


def parts(doors: Doors, call: Call) -> dict[str, Kept]:
    """What was kept of a call, by step; '' for the call itself."""
    kept = {one.report_id: one for one in doors.kept()}
    with doors.database.read() as connection:
        rows = connection.execute(text("SELECT report_id, source_id FROM messages")).all()
    return {row.source_id.removeprefix(call.sid).lstrip(":"): kept[row.report_id] for row in rows}


def report_rows(doors: Doors) -> list[tuple[str, bool]]:
    """The queue of each report, and whether it is to be read by now."""
    with doors.database.read() as connection:
        rows = connection.execute(text("SELECT queue, to_read_at - received_at AS waits FROM reports")).all()
    return sorted((row.queue, row.waits <= 6000) for row in rows)


def audited(doors: Doors) -> list[str]:
    with doors.database.read() as connection:
        return list(connection.execute(select(audit_entries.c.action).order_by(audit_entries.c.number)).scalars())


def test_a_caller_who_presses_1_speaks_with_whoever_is_on_duty(doors: Doors) -> None:
    call = play(doors, CHINESE, YES)
    assert (call.rang, call.spoke_with) == ([DUTY], DUTY)
    kept = parts(doors, call)
    assert set(kept) == {"", "danger"}
    assert kept["danger"].content.in_danger
    assert kept["danger"].queue == "urgent"
    assert "spoke_with_duty" in audited(doors)
    assert "silent" not in kept[""].flags


def test_danger_is_read_while_the_call_goes_on_and_the_rest_when_it_is_over(doors: Doors) -> None:
    carrier = carrier_of(doors, {DUTY: BUSY, EMERGENCY: BUSY})
    carrier.play([CHINESE, YES, Say("他们把门锁了"), HangUp()], says_over=False)
    assert report_rows(doors) == [("normal", True), ("urgent", False), ("urgent", True)]


def test_an_ordinary_call_is_read_once_it_is_over(doors: Doors, bell: ListeningBell) -> None:
    carrier = carrier_of(doors)
    call = carrier.play([CHINESE, NO, Say("有人扣了我们的身份证"), Say("在叶县")], says_over=False)
    assert [read for _, read in report_rows(doors)] == [False, False, False]
    assert bell.rung == []
    carrier.send("/twilio/voice/status", {**carrier.about(call, "+8613800000000"), "CallStatus": "completed"})
    assert [read for _, read in report_rows(doors)] == [True, True, True]
    assert bell.rung
    kept = parts(doors, call)
    assert kept["what"].content.text == "有人扣了我们的身份证"
    assert kept["where"].content.place == "在叶县"
    assert {one.channel for one in kept.values()} == {"voice"}


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(BY_NIGHT, id="at night"),
        pytest.param(MORNING, id="on National Day, before nine"),
    ],
)
def test_out_of_hours_the_emergency_number_is_dialled(doors: Doors, inner_keys: InnerKeys, now: datetime) -> None:
    call = play(at(doors, now, inner_keys), CHINESE, YES)
    assert (call.rang, call.spoke_with) == ([EMERGENCY], EMERGENCY)


def test_on_a_saturday_that_is_worked_instead_somebody_is_on_duty(doors: Doors, inner_keys: InnerKeys) -> None:
    assert play(at(doors, MORNING.replace(day=10), inner_keys), CHINESE, YES).rang == [DUTY]
    assert play(at(doors, MORNING.replace(day=17), inner_keys), CHINESE, YES).rang == [EMERGENCY]


@pytest.mark.parametrize("duty", [BUSY, NO_ANSWER, "failed", ANSWERING_MACHINE])
def test_where_nobody_on_duty_picks_up_the_emergency_number_is_dialled(doors: Doors, duty: str) -> None:
    call = play(doors, CHINESE, YES, duty=duty)
    assert call.rang == [DUTY, EMERGENCY]
    assert call.spoke_with == EMERGENCY
    assert [one for one in audited(doors) if "with" in one or "nobody" in one] == [
        "nobody_at_duty", "spoke_with_emergency",
    ]  # fmt: skip


def test_where_nobody_can_be_reached_the_caller_is_told_what_to_do_and_asked_on(doors: Doors) -> None:
    call = play(doors, ENGLISH, YES, Say("They locked the door"), Say("Ruili"), duty=BUSY, emergency=BUSY)
    assert any("dial 110 yourself" in sentence for sentence in call.heard)
    kept = parts(doors, call)
    assert kept["what:2"].content.text == "They locked the door"
    assert kept["where:2"].content.place == "Ruili"


@pytest.mark.parametrize("key", ["*", "1"])
@pytest.mark.parametrize(
    "told",
    [
        pytest.param(["", "他们把门锁了", "在瑞丽"], id="danger at the first question"),
        pytest.param(["有个女孩", "", "他们把门锁了", "在瑞丽"], id="danger at the second question"),
        pytest.param(["", "他们把门锁了", "", "快来", "在芒市"], id="danger twice"),
    ],
)
def test_what_is_told_after_nobody_came_never_passes_for_the_first_answer_changed(
    doors: Doors, key: str, told: list[str]
) -> None:
    carrier = carrier_of(doors, {DUTY: BUSY, EMERGENCY: BUSY}, repeats=2)
    call = carrier.play([CHINESE, NO, *(Say(words) if words else Press(key) for words in told)])
    kept = parts(doors, call).values()
    heard = [one.content.text or one.content.place for one in kept]
    assert sorted(filter(None, heard)) == sorted(filter(None, told))
    assert sum(one.content.in_danger for one in kept) == told.count("")
    with doors.database.read() as connection:
        flags = connection.execute(select(reports.c.flags)).scalars().all()
    assert not any("conflict" in one for one in flags)


@pytest.mark.parametrize("step", ["recorded", "call-back"])
def test_a_store_that_fails_late_in_a_second_telling_leads_to_a_third_and_to_no_conflict(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Nobody picks up, and just what the caller tells the machine last cannot be kept: again nobody picks up."""
    refused = []

    def fails_first(kept: Callable[..., object], at: str) -> Callable[..., object]:
        # The carrier tells of a recording twice: that it lies ready, and that the caller goes on.
        most = 2 if at == "recorded" else 1

        def keep(self: object, posted: object, told: object) -> object:
            if len(refused) < most and (at == "recorded" or getattr(told, "step", "") == "call-back:2"):
                refused.append(at)
                raise StoreUnavailable("away")
            return kept(self, posted, told)

        return keep

    name = "recording" if step == "recorded" else "answer"
    monkeypatch.setattr(Calls, name, fails_first(getattr(Calls, name), step))
    told = [Silence(), Record()] if step == "recorded" else [Say("他们把门锁了"), Say("在瑞丽"), Press("2")]
    carrier = carrier_of(doors, {DUTY: BUSY, EMERGENCY: BUSY})
    call = carrier.play([CHINESE, YES, *told, Say("还有一个人"), Say("在芒市")])
    kept = parts(doors, call)
    assert set(refused) == {step}
    assert kept["what:3"].content.text == "还有一个人"
    assert kept["where:3"].content.place == "在芒市"
    with doors.database.read() as connection:
        assert not any("conflict" in one for one in connection.execute(select(reports.c.flags)).scalars())


def test_the_star_means_danger_before_any_language_is_chosen(doors: Doors) -> None:
    call = play(doors, Press("*"))
    assert call.spoke_with == DUTY
    assert parts(doors, call)["star"].content.in_danger


@pytest.mark.parametrize("key", ["*", "1"])
@pytest.mark.parametrize("step", ["what", "where"])
def test_the_star_means_danger_at_every_question_and_so_does_a_late_1(doors: Doors, step: str, key: str) -> None:
    said = [Say("有个女孩")] if step == "where" else []
    call = play(doors, CHINESE, NO, *said, Press(key))
    assert call.spoke_with == DUTY
    assert parts(doors, call)[step if step == "where" else "what"].content.in_danger


def test_words_of_danger_at_the_first_question_put_a_person_on_the_line(doors: Doors) -> None:
    call = play(doors, CHINESE, Say("救命 我被锁在屋里"))
    assert call.spoke_with == DUTY
    kept = parts(doors, call)["danger"]
    assert (kept.content.text, kept.content.in_danger, kept.queue) == ("救命 我被锁在屋里", True, "urgent")


def test_words_of_danger_later_in_the_call_are_read_at_once(doors: Doors) -> None:
    carrier = carrier_of(doors)
    carrier.play([CHINESE, NO, Say("救命 我被锁在屋里"), HangUp()], says_over=False)
    assert report_rows(doors) == [("urgent", False), ("urgent", True)]


def test_what_is_said_instead_of_a_key_is_kept(doors: Doors) -> None:
    call = play(doors, CHINESE, Say("我想问一下"), Say("我弟弟不见了"), Say("在瑞丽"))
    assert parts(doors, call)["danger"].content.text == "我想问一下"


@pytest.mark.parametrize(
    "reactions",
    [
        pytest.param([HangUp()], id="hangs up in the greeting"),
        pytest.param([CHINESE, HangUp()], id="hangs up after the language"),
        pytest.param([], id="says nothing at all"),
        pytest.param([CHINESE, NO, Silence(), HangUp()], id="hangs up before the tone"),
        pytest.param([BURMESE, NO, Silence()], id="says nothing after the tone"),
    ],
)
def test_a_call_in_which_nothing_is_said_is_a_silent_contact(doors: Doors, reactions: list[Reaction]) -> None:
    play(doors, *reactions)
    kept = doors.only()
    assert (kept.flags[-1], kept.queue) == ("silent", "urgent")
    assert kept.content.sender == "+8613800000000"
    assert report_rows(doors) == [("urgent", True)]


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_a_call_that_never_came_to_a_talk_is_a_silent_contact_too(doors: Doors, status: str) -> None:
    carrier = carrier_of(doors)
    about = carrier.about(Call(), "+8613800000000")
    assert carrier.send("/twilio/voice/status", {**about, "CallStatus": status})[0] == 204
    assert doors.only().flags == ("silent",)


def test_a_call_whose_end_nobody_tells_is_read_after_half_an_hour(doors: Doors) -> None:
    carrier_of(doors).play([HangUp()], says_over=False)
    with doors.database.read() as connection:
        waits = connection.execute(select(reports.c.to_read_at - reports.c.received_at)).scalar_one()
    assert abs(waits - 30 * 60_000) < 1000


def test_a_burmese_caller_is_asked_in_a_language_that_can_be_spoken_and_recorded(doors: Doors) -> None:
    call = play(doors, BURMESE, NO, Record(), YES)
    assert "For Burmese, press 4." in call.heard
    assert not any("မြန်မာ" in sentence for sentence in call.heard)
    (recording,) = call.recordings
    kept = parts(doors, call)[recording]
    assert kept.flags == ("spoken_my", "recording")
    with doors.database.read() as connection:
        (row,) = connection.execute(select(attachments)).all()
    assert (row.report_id, row.source_id, row.kind, row.state) == (kept.report_id, recording, "recording", "AWAITED")


def test_a_burmese_caller_hears_burmese_once_somebody_has_recorded_it(
    state: Path, database_url: str, inner_keys: InnerKeys
) -> None:
    folder = state / "voice-prompts" / "my"
    folder.mkdir(parents=True)
    (folder / "danger.mp3").write_bytes(b"ID3 danger")
    doors = Doors(staffed(front_of(state, database_url)), inner_keys)
    heard = play(doors, BURMESE, HangUp()).heard
    address = f"{PUBLIC_URL}/twilio/voice/prompts/my/danger.mp3"
    assert address in heard
    sound = doors.client.get(address.removeprefix(PUBLIC_URL))
    assert (sound.status_code, sound.mimetype, sound.data) == (200, "audio/mpeg", b"ID3 danger")
    assert doors.client.get("/twilio/voice/prompts/my/what.mp3").status_code == 404
    assert doors.client.get("/twilio/voice/prompts/../my/danger.mp3").status_code == 404
    doors.front.database.dispose()


def test_a_caller_whom_the_carrier_does_not_understand_speaks_after_the_tone(doors: Doors) -> None:
    call = play(doors, CHINESE, NO, Silence(), Record())
    assert set(parts(doors, call)) == {"", call.recordings[0]}


def test_a_line_that_goes_dead_while_speaking_keeps_what_was_said(doors: Doors) -> None:
    call = play(doors, BURMESE, NO, Record(then_hangs_up=True))
    assert set(parts(doors, call)) == {"", call.recordings[0]}


@pytest.mark.parametrize(
    ("number", "language"), [("+8613800000000", "普通话"), ("+84900000000", "Tiếng Việt"), ("+15005550123", "English")]
)
def test_the_language_of_the_callers_country_is_offered_first(doors: Doors, number: str, language: str) -> None:
    heard = play(doors, HangUp(), number=number).heard
    assert language in next(sentence for sentence in heard if "*" not in sentence and any(
        key in sentence for key in "1234567890"))  # fmt: skip
    assert len([sentence for sentence in heard if any(key in sentence for key in "1234567890")]) == 10


def test_a_caller_who_presses_nothing_is_asked_in_the_language_of_their_country(doors: Doors) -> None:
    assert play(doors, Silence(), NO, HangUp(), number="+84900000000").asked[1] == "/twilio/voice/vi/danger"


@pytest.mark.parametrize(("key", "wishes"), [("1", ()), ("2", ("unsafe_to_call",)), ("9", ())])
def test_whether_the_number_may_be_called_is_asked_last(doors: Doors, key: str, wishes: tuple[str, ...]) -> None:
    call = play(doors, CHINESE, NO, Say("我弟弟不见了"), Say("在瑞丽"), Press(key))
    assert call.asked[-1] == "/twilio/voice/zh/call-back"
    told = [wish for one in parts(doors, call).values() for wish in one.content.wishes]
    assert tuple(told) == wishes
    assert "会有人听" in call.heard[-1]


@pytest.mark.parametrize("number", ["anonymous", "+266696687", "Restricted"])
def test_whoever_shows_no_number_is_not_asked_about_it(doors: Doors, number: str) -> None:
    call = play(doors, CHINESE, NO, Say("我弟弟不见了"), Say("在瑞丽"), number=number)
    assert call.asked[-1] == "/twilio/voice/zh/where"


@pytest.mark.parametrize(
    "reactions",
    [
        [CHINESE, YES],
        [CHINESE, NO, Say("我弟弟不见了"), Say("在瑞丽"), NO],
        [BURMESE, NO, Record(), NO],
        [Press("*")],
        [HangUp()],
    ],
)
def test_every_step_that_is_posted_three_times_is_kept_once(doors: Doors, reactions: list[Reaction]) -> None:
    once = carrier_of(doors).play(reactions)
    kept_once = sorted(parts(doors, once))
    thrice = carrier_of(doors, repeats=3).play(reactions)
    assert thrice.heard == once.heard
    assert len(doors.kept()) == 2 * len(kept_once)
    assert not any(flag.startswith("conflict") for one in doors.kept() for flag in one.flags)
    assert audited(doors).count("call_over") == 2


def test_the_talk_with_a_person_is_not_recorded_and_no_word_is_starred_out(doors: Doors) -> None:
    answers: list[str] = []
    carrier_of(doors, seen=answers).play([CHINESE, YES])
    dials = [answer for answer in answers if "<Dial" in answer]
    assert dials
    assert all('record="do-not-record"' in dial and f'callerId="{NUMBER}"' in dial for dial in dials)
    spoken = [answer for answer in answers if "speech" in answer]
    assert spoken
    assert all('profanityFilter="false"' in answer for answer in spoken)


def test_the_emergency_number_sees_whose_call_it_is(doors: Doors, inner_keys: InnerKeys) -> None:
    answers: list[str] = []
    carrier_of(at(doors, BY_NIGHT, inner_keys), seen=answers).play([CHINESE, YES])
    assert all("callerId" not in answer for answer in answers if "<Dial" in answer)


def test_whoever_chose_a_language_and_hung_up_is_known_to_speak_it(doors: Doors) -> None:
    play(doors, BURMESE, HangUp())
    assert doors.only().flags == ("spoken_my", "silent")


def test_a_talk_with_a_person_has_no_end_of_ours(doors: Doors) -> None:
    answers: list[str] = []
    carrier_of(doors, seen=answers).play([CHINESE, YES])
    assert not any("timeLimit" in answer for answer in answers)


def test_a_step_that_is_posted_twelve_times_at_once_is_kept_once(doors: Doors) -> None:
    carrier = carrier_of(doors)
    call = carrier.play([CHINESE, NO, HangUp()], says_over=False)
    fields = {**carrier.about(call, "+8613800000000"), "SpeechResult": "我弟弟不见了"}
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: carrier.send("/twilio/voice/zh/what", fields), range(12)))
    assert {status for status, _ in answers} == {200}
    assert len({text for _, text in answers}) == 1
    assert set(parts(doors, call)) == {"", "what"}


def test_the_first_post_that_comes_twelve_times_at_once_is_one_call(doors: Doors) -> None:
    carrier = carrier_of(doors)
    about = carrier.about(Call(), "+8613800000000")
    with ThreadPoolExecutor(12) as pool:
        assert {status for status, _ in pool.map(lambda _: carrier.send("/twilio/voice", about), range(12))} == {200}
    assert len(doors.kept()) == 1


def with_receipt(doors: Doors, text: str = "我被关在瑞丽", digits: str = "4827193056471820") -> str:
    """A report of last week whose reporter took a receipt. Returns its id."""
    doors.form({"text": text})
    report_id = doors.only().report_id
    keys = DoorKeys.load(doors.front.settings.state)
    book = ReceiptBook(doors.database, keys.receipts)
    unlocked = book.unlock(digits)
    with doors.database.write() as connection:
        book.issue(connection, report_id, unlocked, "intake")
    return report_id


RECEIPT = Press("4827193056471820")
HASH = Press("#")


def test_whoever_comes_back_with_a_receipt_hears_how_it_stands_and_adds_to_it(doors: Doors) -> None:
    earlier = with_receipt(doors)
    call = play(doors, HASH, RECEIPT, NO, Say("他们搬到芒市了"), Say("芒市"), NO)
    assert "收到了，会有人看。" in call.heard
    with doors.database.read() as connection:
        follows = connection.execute(
            select(reports.c.follows).where(reports.c.id == parts(doors, call)[""].report_id)
        ).scalar()
    assert follows == earlier


@pytest.mark.parametrize("typed", ["4827193056471821", "482719305647182", "0000000000000000", "1", ""])
def test_every_wrong_receipt_sounds_alike_and_whoever_pressed_it_may_go_on(doors: Doors, typed: str) -> None:
    with_receipt(doors)
    call = play(doors, HASH, Press(typed) if typed else Silence(), NO, Say("我弟弟不见了"), Say("在瑞丽"))
    assert any("查不到这个编号" in sentence for sentence in call.heard)
    assert not any("会有人看" in sentence for sentence in call.heard)
    kept = parts(doors, call)
    assert kept["what"].content.text == "我弟弟不见了"
    assert not any(typed in one.content.text for one in kept.values() if typed)


def test_after_too_many_wrong_receipts_a_right_one_is_not_found_either(doors: Doors) -> None:
    with_receipt(doors)
    for number in range(6):
        play(doors, HASH, Press(f"482719305647183{number}"))
    assert any("查不到这个编号" in sentence for sentence in play(doors, HASH, RECEIPT).heard)
    # All callers together have a gate as well, which a fast machine keeps closed for another moment.
    wait_until(lambda: "会有人看" in "".join(play(doors, HASH, RECEIPT, number="+8613900000000").heard))


def test_a_receipt_is_heard_in_a_language_that_can_be_spoken(doors: Doors) -> None:
    with_receipt(doors)
    assert "Received. Someone will read it." in play(doors, HASH, RECEIPT, number="+95900000000").heard
    assert any("Đã nhận" in sentence for sentence in play(doors, HASH, RECEIPT, number="+84900000000").heard)


def test_row_33_a_recording_that_lies_elsewhere_is_not_fetched(doors: Doors) -> None:
    carrier = carrier_of(doors)
    call = carrier.play([BURMESE, NO, HangUp()], says_over=False)
    fields = {
        **carrier.about(call, "+8613800000000"), "RecordingSid": "RE" + "0" * 32, "RecordingDuration": "9",
        "RecordingUrl": "http://169.254.169.254/latest/meta-data",
    }  # fmt: skip
    assert carrier.send("/twilio/voice/my/recorded", fields)[0] == 200
    with doors.database.read() as connection:
        assert connection.execute(select(attachments)).all() == []
    assert parts(doors, call)["RE" + "0" * 32].flags == ("spoken_my", "recording_elsewhere")


def test_row_34_what_a_caller_says_never_becomes_twiml(doors: Doors) -> None:
    said = "</Say><Dial>+15005550099</Dial>"
    call = play(doors, CHINESE, NO, Say(said), Say(said))
    assert call.rang == []
    assert parts(doors, call)["what"].content.text == said


def test_what_the_carrier_wrote_down_is_added_and_marked_as_a_machines(doors: Doors) -> None:
    carrier = carrier_of(doors)
    call = carrier.play([BURMESE, NO, Record(), HangUp()], says_over=False)
    about = {**carrier.about(call, "+8613800000000"), "RecordingSid": call.recordings[0]}
    failed = {**about, "TranscriptionStatus": "failed", "TranscriptionText": ""}
    written = {**about, "TranscriptionStatus": "completed", "TranscriptionText": "help me"}
    assert carrier.send("/twilio/voice/my/transcript", failed)[0] == 204
    assert carrier.send("/twilio/voice/my/transcript", written)[0] == 204
    kept = parts(doors, call)[f"{call.recordings[0]}:words"]
    assert (kept.content.text, kept.flags) == ("help me", ("spoken_my", "machine_transcript"))


def test_without_a_store_whoever_is_in_danger_is_put_through_all_the_same(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.database.dispose()
    monkeypatch.setattr(doors.database, "engine", broken_engine())
    call = play(doors, CHINESE, YES)
    assert call.spoke_with == DUTY


def test_a_fault_of_ours_does_not_cut_off_whoever_is_in_danger(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("intake.voice_calls.Calls.answer", fail)
    assert play(doors, CHINESE, YES).spoke_with == DUTY


@pytest.mark.parametrize(("key", "is_asked"), [("2", True), ("1", False), ("4", False)])
def test_the_carrier_is_asked_to_write_down_english_alone(
    doors: Doors, inner_keys: InnerKeys, key: str, is_asked: bool
) -> None:
    table = doors.front.voice
    by_provider = replace(table, transcription=replace(table.transcription, by=Transcription.PROVIDER))
    asked = Doors(replace(doors.front, voice=by_provider), inner_keys)
    answers: list[str] = []
    carrier = carrier_of(asked, seen=answers)
    carrier.play([Press(key), NO, Silence(), HangUp()])
    assert any("transcribeCallback" in answer for answer in answers) is is_asked


def test_what_cannot_be_kept_is_never_thanked_for_but_told_to_a_person(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    doors.database.dispose()
    monkeypatch.setattr(doors.database, "engine", broken_engine())
    call = play(doors, CHINESE, NO, Say("我弟弟不见了"))
    assert call.spoke_with == DUTY
    assert not any("收到了" in sentence for sentence in call.heard)
    assert any("没能保存" in sentence for sentence in call.heard)


def broken_engine() -> object:
    return create_engine("sqlite:////nowhere/at/all.sqlite3")


STEPS = [
    "", "/language", "/zh/danger", "/zh/dialled/duty", "/zh/ask", "/zh/what", "/zh/where", "/zh/recorded", "/zh/silent",
    "/zh/call-back", "/pick-up", "/picked-up", "/my/recording", "/my/transcript", "/status",
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("changes", "status"),
    [
        pytest.param({"signature": ""}, 403, id="no signature"),
        pytest.param({"signature": "x" * 28}, 403, id="another signature"),
        pytest.param({"AccountSid": "AC" + "9" * 32}, 403, id="another account"),
        pytest.param({"To": "+15005550777"}, 403, id="another number"),
        pytest.param({"CallSid": "CA../../x"}, 403, id="an id that is none"),
        pytest.param({"type": "application/json"}, 415, id="JSON"),
        pytest.param({"twice": "&From=2"}, 400, id="a parameter twice"),
    ],
)
def test_whatever_the_carrier_did_not_send_is_refused_and_nothing_is_kept(
    doors: Doors, step: str, changes: dict[str, str], status: int
) -> None:
    called = DUTY if step.startswith("/pick") else NUMBER
    fields = {"CallSid": "CA" + "0" * 32, "AccountSid": ACCOUNT, "From": "+8613800000000", "To": called}
    fields |= {name: value for name, value in changes.items() if name in fields}
    path = f"/twilio/voice{step}"
    pairs = list(fields.items()) + ([("From", "2")] if "twice" in changes else [])
    signed = RequestValidator(TOKEN).compute_signature(PUBLIC_URL + path, dict(fields))
    if "twice" in changes:
        # As the bytes are signed: names in order, each with its value.
        signed = signature_of_bytes(PUBLIC_URL + path, pairs)
    answer = doors.client.post(
        path,
        data=urlencode(pairs),
        content_type=changes.get("type", FORM_TYPE),
        headers={"X-Twilio-Signature": changes.get("signature", signed)},
    )
    assert answer.status_code == status
    assert doors.kept() == []


def signature_of_bytes(url: str, pairs: list[tuple[str, str]]) -> str:
    signed = url + "".join(name + value for name, value in sorted(pairs))
    return base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()


@pytest.mark.parametrize("step", ["xx/danger", "zh/dialled/friend", "zh/nothing"])
def test_there_are_no_other_steps(doors: Doors, step: str) -> None:
    assert doors.client.post(f"/twilio/voice/{step}", data="", content_type=FORM_TYPE).status_code == 404


def test_a_step_is_only_posted(doors: Doors) -> None:
    assert doors.client.get("/twilio/voice").status_code == 405
