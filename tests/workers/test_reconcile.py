"""What a carrier could not bring is fetched from its list: all of it, nothing twice, whoever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from config.outgoing import TwilioAccount
from reports.errors import StoreUnavailable
from reports.keys import InnerKeys
from reports.tables import attachments, messages
from tests.intake.doors import Doors, ListeningBell, front_of
from tests.workers.twilio_stand_in import ACCOUNT, NOW, NUMBER, Message, Twilio, media_path, twilio
from workers.carriers.carrier import CarrierUnknown
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.reconcile import reconcile

DAY = timedelta(days=1)


@pytest.fixture
def bell() -> ListeningBell:
    """Notes who was rung for."""
    return ListeningBell()


@pytest.fixture
def doors(database_url: str, state: Path, inner_keys: InnerKeys, bell: ListeningBell) -> Iterator[Doors]:
    """The public app, once on each database."""
    front = replace(front_of(state, database_url), bell=bell)
    yield Doors(front, inner_keys)
    front.database.dispose()


def texts(count: int) -> list[Message]:
    """Different ones, from different people."""
    return [
        Message(sid=f"SM{n:032x}", body=f"第{n}个人被关在砖厂", sender=f"+861380000000{n % 10}") for n in range(count)
    ]


def bring(doors: Doors, held: Twilio, messages: list[Message]) -> list[int]:
    """What Twilio's requests for these messages are answered."""
    return [doors.sms(message.webhook(held.address)).status_code for message in messages]


def fetch(doors: Doors, held: Twilio, since: timedelta = DAY) -> int:
    """One comparison, by the vendor's own client library and through the app's own hallway."""
    account = TwilioAccount(
        account_sid=ACCOUNT, auth_token="t" * 32, number=NUMBER, numbers=(NUMBER,), base_url=held.address
    )
    receive = doors.app.view_functions["texts.twilio_sms"].__self__._hallway.receive  # type: ignore[attr-defined]
    return reconcile(doors.database, TwilioOutgoing(account), receive, NOW - since, NOW)


def test_exactly_the_three_that_failed_are_fetched(
    doors: Doors, bell: ListeningBell, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = texts(8)
    with twilio(messages=sent) as held:
        assert bring(doors, held, sent[:5]) == [200] * 5
        with monkeypatch.context() as broken:

            def away(*_: object, **__: object) -> None:
                raise StoreUnavailable("the database is away")

            broken.setattr("reports.keeping.Keeper.keep", away)
            assert bring(doors, held, sent[5:]) == [503] * 3
        assert len(doors.kept()) == 5
        bell.rung.clear()
        assert fetch(doors, held) == 3
    kept = doors.kept()
    assert sorted(one.content.text for one in kept) == [message.body for message in sent]
    late = [one for one in kept if "brought_late" in one.flags]
    assert {one.content.text for one in late} == {message.body for message in sent[5:]}
    assert {one.content.sender for one in late} == {message.sender for message in sent[5:]}
    assert {report_id for _, report_id in bell.rung} == {one.report_id for one in late}


def test_fetching_again_and_again_brings_nothing_twice(doors: Doors) -> None:
    with twilio(messages=texts(4)) as held:
        assert [fetch(doors, held) for _ in range(4)] == [4, 0, 0, 0]
    assert len(doors.kept()) == 4


def test_a_request_that_comes_after_its_text_was_fetched_is_answered_and_adds_nothing(doors: Doors) -> None:
    sent = texts(2)
    with twilio(messages=sent) as held:
        assert fetch(doors, held) == 2
        assert bring(doors, held, sent) == [200] * 2
    assert len(doors.kept()) == 2
    assert all("conflict" not in one.flags for one in doors.kept())


def test_requests_and_fetching_at_the_same_moment_make_one_report_of_each_text(doors: Doors) -> None:
    sent = texts(12)
    with twilio(messages=sent) as held, ThreadPoolExecutor(6) as pool:
        brought = [pool.submit(bring, doors, held, sent[start::3]) for start in range(3)]
        fetched = [pool.submit(fetch, doors, held) for _ in range(2)]
        assert {status for one in brought for status in one.result()} == {200}
        for one in fetched:
            one.result()
    assert sorted(one.content.text for one in doors.kept()) == sorted(message.body for message in sent)
    assert not [one for one in doors.kept() if "conflict" in one.flags]


def test_a_text_that_was_erased_is_not_fetched_again(doors: Doors) -> None:
    with twilio(messages=texts(2)) as held:
        assert fetch(doors, held) == 2
        with doors.database.write() as connection:
            connection.execute(update(messages).values(sealed_content=b"", sealed_raw=b"", digest=""))
        assert fetch(doors, held) == 0


def test_a_list_of_many_pages_is_read_to_its_end(doors: Doors) -> None:
    with twilio(messages=texts(23), most_a_page=5) as held:
        assert fetch(doors, held) == 23
        assert len(held.asked) == 5
    assert len(doors.kept()) == 23


def test_only_texts_to_our_numbers_in_the_time_asked_for_are_fetched(doors: Doors) -> None:
    ours = Message(sid="SM" + "a" * 32, body="被关在砖厂")
    others = [
        replace(ours, sid="SM" + "b" * 32, direction="outbound-api"),
        replace(ours, sid="SM" + "c" * 32, to="+15005550009"),
        replace(ours, sid="SM" + "d" * 32, sent=NOW - 2 * DAY),
        replace(ours, sid="SM" + "e" * 32, sent=NOW + timedelta(seconds=30)),
    ]
    with twilio(messages=[*others, ours]) as held:
        assert fetch(doors, held) == 1
    assert doors.only().content.text == "被关在砖厂"


def test_the_pictures_of_a_text_that_is_fetched_are_awaited_as_if_it_had_been_brought(doors: Doors) -> None:
    message = Message(sid="MM" + "a" * 32, body="", media=("image/jpeg", "audio/amr"))
    with twilio(messages=[message]) as held:
        assert fetch(doors, held) == 1
        assert bring(doors, held, [message]) == [200]
    kept = doors.only()
    assert set(kept.flags) == {"media", "brought_late"}
    assert media_path(message.sid, 1).rpartition("/")[2].encode() in kept.raw
    with doors.database.read() as connection:
        rows = connection.execute(attachments.select()).all()
    assert [row.source_id for row in rows] == [f"{message.sid}:0", f"{message.sid}:1"]


def test_someone_who_could_only_press_send_is_fetched_too(doors: Doors) -> None:
    with twilio(messages=[Message(sid="SM" + "a" * 32, body="")]) as held:
        assert fetch(doors, held) == 1
    assert set(doors.only().flags) == {"silent", "brought_late"}
    assert doors.only().queue == "urgent"


@pytest.mark.parametrize("status", [401, 429, 500])
def test_a_carrier_that_does_not_tell_is_asked_again_the_next_time(doors: Doors, status: int) -> None:
    with twilio(messages=texts(3), status=status) as held:
        with pytest.raises(CarrierUnknown) as fault:
            fetch(doors, held)
        assert str(fault.value) == "sms_unreachable"
        held.status = 200
        assert fetch(doors, held) == 3


def test_what_was_fetched_before_the_store_went_away_stays_and_the_rest_is_fetched_later(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    hallway = doors.app.view_functions["texts.twilio_sms"].__self__._hallway  # type: ignore[attr-defined]
    receive, calls = hallway.receive, []

    def twice_only(new: object) -> object:
        calls.append(new)
        if len(calls) > 2:
            raise StoreUnavailable("the database is away")
        return receive(new)

    with twilio(messages=texts(5)) as held:
        with monkeypatch.context() as broken:
            broken.setattr(hallway, "receive", twice_only)
            with pytest.raises(StoreUnavailable):
                fetch(doors, held)
        assert len(doors.kept()) == 2
        assert fetch(doors, held) == 3
    assert len(doors.kept()) == 5
