"""Texts through a real Kannel: from a phone to the county police and the closed case, and ours back to the phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from chaos.hotline_system import free_port, free_ports
from config.settings import Settings
from reports.keys import InnerKeys
from reports.reading import sealed_messages
from reports.tables import referrals, replies, reports
from reports.text_statuses import DeliveryState, status_of_text
from tests.hotline.running import Running
from tests.intake.carrier_doors import DOOR, set_up
from tests.journeys.conftest import Hotline
from tests.journeys.kannel import Kannel, kannel, ucs2, ucs2_part
from tests.journeys.test_to_the_end import follow_to_the_end
from workers.carriers.carrier import Outgoing
from workers.carriers.outgoing import outgoing_carriers

Soon = Callable[..., Any]
HELD = "救命，我被人贩子拐卖到云南临沧镇康县，现在被锁在屋里，有人看着"
# Whoever is not watched may be thanked.
SEEN = "镇康县凤尾镇砖厂里有三个人被锁着干活，请快来"
WHILE_AWAY = "被拐卖了，我在瑞丽市被人关着，救命"
PASSWORD = "a-password-of-the-gateway"
CARRIERS = """
[kannel]
kind = "gateway"
proof = "token"
sends_to = ["+86"]
send_url = "http://127.0.0.1:{port}/cgi-bin/sendsms"
user = "hotline"
number = "10690000"
"""


@dataclass(frozen=True)
class Kept:
    """One report: its reference, what it says, who wrote, the flags of the door, and the unit that was told."""

    reference: str
    text: str
    sender: str
    flags: str
    unit: str


@dataclass(frozen=True)
class Line:
    """Phones, a gateway and a hotline."""

    kannel: Kannel
    hotline: Running

    def kept(self, text: str) -> list[Kept]:
        """The reports that say just this."""
        keys = InnerKeys.load(self.hotline.state)
        with self.hotline.database() as database, database.read() as connection:
            rows = connection.execute(select(reports)).all()
            told = connection.execute(select(referrals.c.report_id, referrals.c.unit)).all()
            sealed = sealed_messages(connection, [row.id for row in rows])
        units = {one.report_id: one.unit for one in told}
        found = []
        for row in rows:
            key = keys.opening.open_report_key(row.id, row.wrapped_key)
            # Triage adds flags of its own by and by.
            flags = " ".join(flag for flag in row.flags.split() if flag in ("silent", "charset_unsure"))
            for content in (message.open(key) for message in sealed[row.id]):
                found.append(Kept(row.reference, content.text, content.sender, flags, units.get(row.id, "")))
        return [one for one in found if one.text == text]

    def outgoing(self) -> Outgoing:
        """What a worker sends texts by."""
        made = outgoing_carriers(Settings.read(self.hotline.environment), None)
        assert made is not None
        return made

    def reply_status(self) -> DeliveryState | None:
        """What the gateway said last about the newest answer to a reporter."""
        with self.hotline.database() as database, database.read() as connection:
            newest = select(replies.c.message_id).where(replies.c.message_id.is_not(None)).order_by(replies.c.id.desc())
            message_id = connection.execute(newest).scalars().first()
        return self.status(message_id) if message_id else None

    def status(self, message_id: str) -> DeliveryState | None:
        """What the gateway said last about a text of ours."""
        with self.hotline.database() as database, database.read() as connection:
            found = status_of_text(connection, "carrier:kannel", message_id)
        return found.state if found else None


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A hotline that comes up only after somebody has written to it."""
    folder: Path = tmp_path_factory.mktemp("line")
    state, (intake_port, send_port) = folder / "state", free_ports(2)
    state.mkdir()
    set_up(state, CARRIERS.format(port=send_port), ("kannel",))
    (state / "carriers" / "kannel" / "account").write_text(PASSWORD)
    with kannel(folder / "kannel", f"http://127.0.0.1:{intake_port}", DOOR, PASSWORD, send_port) as gateway:
        gateway.phone_sends(ucs2("+8613800000001", WHILE_AWAY))
        with Running(state, intake_port, HOTLINE_REPLIES="on") as hotline:
            hotline.wait_until_ready()
            yield Line(gateway, hotline)


def test_a_text_that_was_written_while_the_hotline_was_away_is_brought_once_it_is_back(line: Line, soon: Soon) -> None:
    (kept,) = soon(lambda: line.kept(WHILE_AWAY))
    assert (kept.sender, kept.flags) == ("+8613800000001", "")


def test_a_text_in_chinese_reaches_the_county_police_and_is_followed_to_its_end(line: Line, soon: Soon) -> None:
    line.kannel.phone_sends(ucs2("+8613800000002", HELD))
    (kept,) = soon(lambda: [one for one in line.kept(HELD) if one.unit])
    assert kept.unit == "public_security-530924"
    follow_to_the_end(Hotline(line.hotline.environment), soon, kept.reference, HELD)


def test_the_parts_of_a_long_text_are_one_report_in_their_order(line: Line, soon: Soon) -> None:
    text = "".join(f"第{n}天他们打我，不给饭吃。" for n in range(1, 12))
    first, second, third = text[:67], text[67:134], text[134:]
    parts = ((2, second), (3, third), (1, first))
    line.kannel.phone_sends(*(ucs2_part("+8613800000003", part, 9, number, 3) for number, part in parts))
    (kept,) = soon(lambda: line.kept(text))
    # Kannel puts parts together and forgets on the way that they were UCS-2; the words say it.
    assert kept.flags == "charset_unsure"


def test_parts_that_a_gateway_leaves_apart_are_put_together_here(line: Line, tmp_path: Path, soon: Soon) -> None:
    hotline = f"http://127.0.0.1:{line.hotline.ports[0]}"
    first, second = "他们把我从老家骗出来，说是进厂做工，", "现在不让走，也不给工钱。"
    with kannel(tmp_path / "kannel", hotline, DOOR, PASSWORD, free_port(), combine=False) as gateway:
        for number, part in ((1, first), (2, second)):
            gateway.phone_sends(ucs2_part("+8613800000006", part, 33, number, 2))
            soon(lambda part=part: line.kept(part))

        def joined() -> list[str]:
            with line.hotline.database() as database, database.read() as connection:
                flags = connection.execute(select(reports.c.flags)).scalars()
                return [one for one in flags if {"part:33:1:2", "part:33:2:2"} <= set(one.split())]

        soon(joined)


@pytest.mark.parametrize(
    ("number", "message", "text", "flags"),
    [
        pytest.param(4, "text help me  at the brickyard", "help me  at the brickyard", "", id="seven bits"),
        pytest.param(
            5, f"data {quote('被关在砖厂里'.encode('gbk'))}", "被关在砖厂里", "charset_unsure", id="GBK, unsaid"
        ),
        pytest.param(9, f"ucs2 {quote('🆘'.encode('utf-16-be'))}", "🆘", "silent", id="one emoji"),
        pytest.param(7, "text ", "", "silent", id="nothing at all"),
    ],
)
def test_whatever_a_phone_sends_is_kept(
    line: Line, soon: Soon, number: int, message: str, text: str, flags: str
) -> None:
    sender = f"+861380000000{number}"
    line.kannel.phone_sends(f"{sender} 10690000 {message}")
    (kept,) = soon(lambda: line.kept(text))
    assert (kept.sender, kept.flags) == (sender, flags)


def test_whoever_wrote_is_thanked_once_and_by_the_way_they_wrote(line: Line, soon: Soon) -> None:
    number = "+8613800000008"
    line.kannel.phone_sends(ucs2(number, SEEN))
    with line.kannel.phones_on():
        assert soon(lambda: line.kannel.got(number)) == ["收到，谢谢。想到什么再说。"]
        soon(lambda: line.reply_status() is DeliveryState.DELIVERED)
    line.kannel.phone_sends(ucs2(number, "他们今晚要把人带走"))
    soon(lambda: line.kept("他们今晚要把人带走"))
    with line.kannel.phones_on():
        another = line.outgoing().send(number, "您好，请留意。")
        soon(lambda: line.status(another.message_id) is DeliveryState.DELIVERED)
    # What Kannel would say by itself, and a second answer, would stand between the two.
    assert line.kannel.got(number) == ["收到，谢谢。想到什么再说。", "您好，请留意。"]


def test_somebody_who_could_only_press_send_is_not_texted_back(line: Line, soon: Soon) -> None:
    number = "+8613800000007"
    soon(lambda: line.kept(""))
    with line.kannel.phones_on():
        sent = line.outgoing().send("+8613800000010", "您好，请留意。")
        assert sent.source == "carrier:kannel"
        soon(lambda: line.status(sent.message_id) is DeliveryState.DELIVERED)
    assert line.kannel.got("+8613800000010") == ["您好，请留意。"]
    assert line.kannel.got(number) == []
