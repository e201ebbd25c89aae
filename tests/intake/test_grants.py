"""The public app under the grants of the runbook: all its doors work, and what is not theirs is refused.

The statements are read out of the runbook, so that what an operator types is what is tried here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import ProgrammingError

from hotline.simulated_caller import BUSY, HangUp, Press, Record, Say
from reports.database import Database
from reports.keys import InnerKeys
from reports.partners import PartnerKind
from reports.receipt_digits import new_digits
from reports.receipts import ReceiptBook
from reports.tables import feedback, metadata, reports
from tests.intake.callers import carrier_of
from tests.intake.doors import Doors, a_text, front_of
from tests.intake.visitor import Visitor

RUNBOOK = (Path(__file__).resolve().parents[2] / "docs/runbook.md").read_text(encoding="utf-8")
GRANTS = re.findall(r"^GRANT .*;$", RUNBOOK, re.MULTILINE)
# What a captured public app must not see, table by table; it may not see a row of the others at all.
SECRET = {
    "reports": ("wrapped_key", "matters", "lead_unit"),
    "messages": ("sealed_content", "sealed_raw"),
    "conversations": ("number_index",),
    "notes": ("sealed_text",),
    "attachments": ("sealed_key", "sealed_about"),
}
HIDDEN = ("findings", "decisions", "referrals", "remarks", "officers", "sessions", "made_to_do", "withheld")


class Clerk:
    """A database whose public role has the runbook's grants and no more."""

    def __init__(self, server: str) -> None:
        self.name, self.role = f"grants_{uuid4().hex}", f"web_{uuid4().hex}"
        self._server = server
        self._run(server, f"CREATE DATABASE {self.name} TEMPLATE shaped", f"CREATE ROLE {self.role} LOGIN PASSWORD 'x'")
        self.inner = _with(server, database=self.name)
        self._run(self.inner, *(grant.replace("hotline_web", self.role) for grant in GRANTS))
        self.public = _with(self.inner, user=f"{self.role}:x")

    def end(self) -> None:
        self._run(self.inner, f"DROP OWNED BY {self.role}", f"DROP ROLE {self.role}")
        self._run(self._server, f"DROP DATABASE {self.name} WITH (FORCE)")

    @staticmethod
    def _run(url: str, *statements: str) -> None:
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


def _with(url: str, *, database: str = "", user: str = "") -> str:
    if database:
        head, _, tail = url.partition("?")
        url = f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{tail}" if tail else "")
    return re.sub(r"://[^@/]*@", f"://{user}@", url) if user else url


@pytest.fixture(scope="module")
def clerk(postgres_url: str) -> Iterator[Clerk]:
    clerk = Clerk(postgres_url)
    yield clerk
    clerk.end()


@pytest.fixture
def inner(clerk: Clerk) -> Iterator[Database]:
    database = Database(clerk.inner, pool_size=2)
    yield database
    database.dispose()


@pytest.fixture
def doors(clerk: Clerk, state: Path, inner_keys: InnerKeys, caplog: pytest.LogCaptureFixture) -> Iterator[Doors]:
    """The public app as its own role, which is all that it is."""
    front = front_of(state, clerk.public)
    yield Doors(front, inner_keys)
    front.database.dispose()
    # Where a door makes do without something that it may not have, it says so in the log.
    assert [one.getMessage() for one in caplog.get_records("call") if one.levelname == "ERROR"] == []


def test_a_form_with_a_photo_is_kept_and_its_number_serves_to_the_end(
    doors: Doors, inner: Database, inner_keys: InnerKeys
) -> None:
    girl = Visitor(doors)
    girl.report("我被关在砖厂三楼")
    number = girl.take_a_number()
    girl.press("look")
    girl.press("say", text="他们要搬走了")
    with inner.write() as connection:
        connection.execute(reports.update().values(state="CLOSED", closed_at=1, outcome="solved"))
    girl.come_back(number)
    girl.press("helped", helped="no")
    girl.press("say", text="还在里面")
    with inner.read() as connection:
        assert connection.execute(select(feedback.c.helped)).scalars().all() == [0]
    photo = {"token": doors.token(), "text": "照片", "files": (BytesIO(b"\xff\xd8\xff"), "a.jpg")}
    assert doors.client.post("/", data=photo, content_type="multipart/form-data").status_code == 200


def test_a_number_that_was_read_out_is_swapped(doors: Doors, inner: Database, inner_keys: InnerKeys) -> None:
    doors.form({"text": "打电话来的"})
    book, told = ReceiptBook(inner, inner_keys.receipts), new_digits()
    unlocked = book.unlock(told)
    with inner.write() as connection:
        report_id = connection.execute(select(reports.c.id).order_by(reports.c.id.desc())).scalars().first()
        book.issue(connection, str(report_id), unlocked, "o", temporary=True)
    girl = Visitor(doors)
    girl.come_back(told)
    girl.press("swap")
    assert girl.page.status_code == 200
    assert book.find(told) is None


def test_a_text_is_kept_and_so_is_another_under_its_id(doors: Doors) -> None:
    for body in ("被关在砖厂", "另一句"):
        assert doors.sms(a_text(MessageSid="SM" + "7" * 32, Body=body)).status_code == 200


def test_a_call_is_kept_from_its_first_ring(doors: Doors, inner: Database) -> None:
    with inner.read() as connection:
        before = connection.execute(select(func.count()).select_from(reports)).scalar_one()
    carrier_of(doors, {}).play((Press("1"), Press("2")), "+8613800000000")
    with inner.read() as connection:
        assert connection.execute(select(func.count()).select_from(reports)).scalar_one() > before


def test_everything_that_may_happen_in_a_call_is_kept(doors: Doors, inner: Database, inner_keys: InnerKeys) -> None:
    book, digits = ReceiptBook(inner, inner_keys.receipts), new_digits()
    doors.form({"text": "上周报告的"})
    with inner.write() as connection:
        report_id = connection.execute(select(reports.c.id).order_by(reports.c.id.desc())).scalars().first()
        book.issue(connection, str(report_id), book.unlock(digits), "o")
    carrier = carrier_of(doors, {"110": BUSY})
    carrier.play([Press("*"), Say("在瑞丽"), Say("瑞丽"), Press("2")])
    carrier.play([Press("4"), Press("2"), Record(), Press("2")])
    call = carrier.play([Press("#"), Press(digits), Press("2"), Say("他们搬走了"), HangUp()])
    assert "收到了，会有人看。" in call.heard
    with inner.read() as connection:
        found = connection.execute(select(reports.c.flags, reports.c.follows)).all()
    assert report_id in {row.follows for row in found}
    assert any("nobody_at_emergency" in row.flags for row in found)
    assert any("spoken_my" in row.flags for row in found)


def test_partners_file_follow_and_add(doors: Doors, inner: Database) -> None:
    key = Doors.partner(cast("Any", SimpleNamespace(database=inner)), PartnerKind.CITY_PLATFORM, per_minute=None)
    filed = doors.client.post(
        "/open311/v2/requests.json",
        data={"api_key": key, "service_code": "other", "description": "有人被关", "address_string": "瑞丽"},
    )
    assert filed.status_code == 201, filed.text
    for path in ("/open311/v2/requests.json", f"/open311/v2/requests/{filed.json[0]['service_request_id']}.json"):
        assert doors.ask(path, key).status_code == 200, path
    # Beyond one a minute a report is marked, which the public app's role must be able to do.
    school = Doors.partner(cast("Any", SimpleNamespace(database=inner)), per_minute=1)
    headers = {"Authorization": f"Bearer {school}", "Idempotency-Key": "1"}
    reported = doors.client.post("/api/v1/reports", json={"text": "有人被关"}, headers=headers)
    assert reported.status_code == 201, reported.text
    path = f"/api/v1/reports/{reported.json['reference']}"
    assert doors.ask(path, school).status_code == 200
    added = doors.client.post(f"{path}/additions", json={"text": "在三楼"}, headers={**headers, "Idempotency-Key": "2"})
    assert added.status_code == 201, added.text
    with inner.read() as connection:
        assert connection.execute(select(func.max(reports.c.marked))).scalar_one() == 1


def test_what_is_not_the_public_apps_to_see_is_refused(clerk: Clerk) -> None:
    refused = [f"SELECT {column} FROM {table}" for table, columns in SECRET.items() for column in columns]
    refused += [f"SELECT * FROM {table}" for table in HIDDEN]
    refused += [f"DELETE FROM {table.name}" for table in metadata.sorted_tables]
    engine = create_engine(clerk.public)
    for statement in refused:
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text(statement))
    engine.dispose()
