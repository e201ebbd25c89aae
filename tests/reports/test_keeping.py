"""Keeping: a delivery is committed once, whoever sends it how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from sqlalchemy import func, select

from reports.attachments import attachments_of
from reports.audit import verify
from reports.content import Content, NewAttachment, NewReport
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys, InnerKeys
from reports.reading import open_report, sealed_messages
from reports.tables import messages, reports
from reports.values import Channel


def a_text(source_id: str = "SM1", text: str = "被关在砖厂", **changes: object) -> NewReport:
    whole: dict[str, object] = {
        "channel": Channel.SMS,
        "source": "twilio",
        "source_id": source_id,
        "content": Content(text=text, sender="+8613800000000"),
        "raw": f"Body={text}".encode(),
        **changes,
    }
    return NewReport(**whole)  # type: ignore[arg-type]


def count(database: Database, table: object = reports) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_report_is_kept_sealed_and_opens_with_the_inner_keys(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    receipt = Keeper(database, door_keys).keep(a_text(), urgent=True)
    with database.read() as connection:
        wrapped = connection.execute(select(reports.c.wrapped_key)).scalar_one()
        sealed = sealed_messages(connection, [receipt.report_id])[receipt.report_id]
    key, contents = open_report(inner_keys, receipt.report_id, wrapped, sealed)
    assert contents == (Content(text="被关在砖厂", sender="+8613800000000"),)
    assert sealed[0].open_raw(key) == "Body=被关在砖厂".encode()
    assert "砖厂".encode() not in sealed[0].sealed_content + sealed[0].sealed_raw


def test_twelve_deliveries_at_once_are_one_report_with_one_answer(database: Database, door_keys: DoorKeys) -> None:
    keeper = Keeper(database, door_keys)
    with ThreadPoolExecutor(12) as pool:
        receipts = list(pool.map(lambda _: keeper.keep(a_text(), urgent=False), range(12)))
    assert len({receipt.reference for receipt in receipts}) == 1
    assert [receipt.repeated for receipt in receipts].count(False) == 1
    assert count(database) == 1


def test_the_same_id_with_another_body_keeps_both_and_flags_them(database: Database, door_keys: DoorKeys) -> None:
    keeper = Keeper(database, door_keys)
    first = keeper.keep(a_text(), urgent=False)
    for _ in range(2):
        second = keeper.keep(a_text(text="没事了"), urgent=False)
        assert second.conflict
        assert second.reference == first.reference
    assert count(database, messages) == 2
    with database.read() as connection:
        flags = connection.execute(select(reports.c.flags).order_by(reports.c.received_at)).scalars().all()
    assert all("conflict" in flag for flag in flags)
    assert len(flags) == 2


def test_every_kept_report_is_in_the_audit_chain(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys, tmp_path: object
) -> None:
    keeper = Keeper(database, door_keys)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: keeper.keep(a_text(f"SM{n}"), urgent=False), range(40)))
    verdict = verify(database, inner_keys.checkpoints, tmp_path / "none")  # type: ignore[operator]
    assert verdict.entries == 40
    assert verdict.faults == ()


def test_the_same_words_sent_again_with_their_files_add_the_files_to_the_first_report(
    database: Database, door_keys: DoorKeys, inner_keys: InnerKeys
) -> None:
    keeper = Keeper(database, door_keys)
    words = a_text("token", channel=Channel.WEB, source="web")
    photo = NewAttachment(name="a.jpg", claimed_type="image/jpeg", data=b"photo")
    first = keeper.keep(words, urgent=False)
    again = keeper.keep(replace(words, attachments=(photo,)), urgent=False)
    assert (again.reference, again.repeated, again.conflict) == (first.reference, False, False)
    assert keeper.keep(replace(words, attachments=(photo,)), urgent=False).repeated
    assert keeper.keep(words, urgent=False).repeated
    with database.read() as connection:
        adding = connection.execute(select(reports).where(reports.c.id == again.report_id)).one()
        (told,) = sealed_messages(connection, [adding.id])[adding.id]
        assert len(attachments_of(connection, adding.id)) == 1
    assert (adding.follows, adding.flags) == (first.report_id, "")
    # The words are with the first report already; said twice they would be read twice.
    assert told.open(inner_keys.opening.open_report_key(adding.id, adding.wrapped_key)).text == ""


def test_files_first_and_then_the_same_words_alone_change_nothing(database: Database, door_keys: DoorKeys) -> None:
    keeper, photo = Keeper(database, door_keys), NewAttachment(name="", claimed_type="", data=b"photo")
    words = a_text("token", source="web")
    keeper.keep(replace(words, attachments=(photo,)), urgent=False)
    assert keeper.keep(words, urgent=False).repeated
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(reports)).scalar_one() == 1


def test_other_words_with_a_file_are_beside_the_first_and_a_person_compares(
    database: Database, door_keys: DoorKeys
) -> None:
    keeper, photo = Keeper(database, door_keys), NewAttachment(name="", claimed_type="", data=b"photo")
    keeper.keep(a_text("token", source="web"), urgent=False)
    other = keeper.keep(a_text("token", "别的话", source="web", attachments=(photo,)), urgent=False)
    assert other.conflict
