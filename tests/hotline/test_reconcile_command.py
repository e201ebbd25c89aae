"""What `hotline reconcile` keeps of a text that it fetched."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from config.outgoing import TwilioAccount
from hotline.reconcile_command import Arrivals
from reports.keys import DoorKeys, InnerKeys
from reports.receipt_digits import new_digits, shown
from reports.receipts import ReceiptBook
from tests.intake.doors import Doors, front_of, settings_of
from tests.workers.twilio_stand_in import ACCOUNT, NOW, NUMBER, Message, twilio
from workers.carriers.twilio_outgoing import TwilioOutgoing
from workers.reconcile import reconcile
from workers.ring import QuietBell


def test_a_fetched_text_is_put_with_the_report_of_its_receipt_without_the_digits(
    database_url: str, state: Path, inner_keys: InnerKeys
) -> None:
    doors = Doors(front_of(state, database_url), inner_keys)
    doors.form({"text": "我被关在砖厂三楼"})
    first, book, digits = doors.only(), ReceiptBook(doors.database, DoorKeys.load(state).receipts), new_digits()
    with doors.database.write() as connection:
        book.issue(connection, first.report_id, book.unlock(digits), "intake")
    late = Message(sid="SM" + "a" * 32, body=f"{shown(digits)} 他们要搬走了")
    with twilio(messages=[late]) as held:
        account = TwilioAccount(
            account_sid=ACCOUNT, auth_token="t" * 32, number=NUMBER, numbers=(NUMBER,), base_url=held.address
        )
        take = Arrivals(settings_of(state, database_url), QuietBell(), doors.database).take_text
        assert reconcile(doors.database, TwilioOutgoing(account), take, NOW - timedelta(days=1), NOW) == 1
        # Its own request comes after all.
        assert doors.sms(late.webhook(held.address)).status_code == 200
    kept = [one for one in doors.kept() if one.report_id != first.report_id]
    assert [one.content.text for one in kept] == ["他们要搬走了"]
    assert "brought_late" in kept[0].flags
    assert "conflict" not in kept[0].flags
    doors.database.dispose()
