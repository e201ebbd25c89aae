"""A conversation by text messages, from the first word to what the reporter's telephone shows at the end.

The story: somebody can only send a few words at a time from a telephone that others may read. They are asked one
question that could come from anybody, answer it with a bare name, and the police of that county have everything they
wrote in one packet. Later they are made to write that all is well, and nothing is closed by that; then they want no
more texts, and get none.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from chaos.hotline_system import HotlineSystem
from chaos.postgres import PostgreSQL
from config.replies import Replies
from config.secrets import write_secret
from config.settings import PACKAGED_CONFIG
from hotline.simulated_public import conversation
from tests.journeys.conftest import Town
from tests.journeys.visitor import Page
from tests.workers.unit_server import unit_server

Soon = Callable[..., Any]
NUMBER = "+8613800012345"
WORDS = Replies.load(PACKAGED_CONFIG)
COUNTY = "public_security-530924"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def answering_town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A hotline that answers texts by a carrier that writes down what it would send."""
    folder: Path = tmp_path_factory.mktemp("answering")
    postgres = PostgreSQL() if request.param == "postgresql" else None
    with unit_server() as carrier:
        system = HotlineSystem(
            folder, postgres, HOTLINE_REPLIES="on", HOTLINE_TWILIO_URL=f"http://127.0.0.1:{carrier.port}"
        )
        door = system.state / "carriers" / "pretend" / "door"
        door.parent.mkdir(parents=True)
        write_secret(door, secrets.token_urlsafe(32))
        carriers = '[pretend]\nkind = "simulator"\nsends_to = ["+"]\n'
        (system.state / "carriers.toml").write_text(carriers, encoding="utf-8")
        system.start()
        yield Town(system.environment, system, carrier)
        system.stop()
    shutil.rmtree(folder, ignore_errors=True)
    if postgres is not None:
        postgres.stop()


def telephone(town: Town) -> list[str]:
    """What the reporter's telephone shows, oldest first."""
    path = town.system.state / "carriers" / "pretend" / "sent.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    sent = [json.loads(line) for line in lines]
    return [one["text"] for one in sent if one["to"] == NUMBER]


def send(town: Town, text: str) -> None:
    """The reporter sends a text."""
    (report,) = conversation([text], Random())  # noqa: S311
    public = town.system.public()
    assert public.send(replace(report, sender=NUMBER)) == 200
    public.close()


def test_a_conversation_is_one_report_and_gives_nobody_away(answering_town: Town, soon: Soon) -> None:
    town = answering_town
    duty, unit = town.officer("duty_officer"), town.officer("unit_officer", COUNTY)

    send(town, "他们把我的身份证拿走了，不让走")
    soon(lambda: telephone(town) == [WORDS.sentence("where", "zh")])
    (report,) = town.reports()
    reference = str(report["reference"])
    assert report["state"] == "IN_TRIAGE"

    send(town, "镇康县")
    soon(lambda: town.report(reference)["state"] == "REFERRED")

    def delivered() -> Page | None:
        links = unit.get("/inbox").links("/inbox/")
        return unit.get(links[0]) if links else None

    packet = soon(delivered)
    assert "身份证拿走了" in packet.words
    assert "镇康县" in packet.words

    send(town, "没事了，你们不用来了")
    soon(lambda: "says_fine" in town.report(reference)["flags"])  # type: ignore[operator]
    soon(lambda: town.report(reference)["state"] == "IN_TRIAGE" or "没事了" in unit.get(packet.path).words)
    assert town.report(reference)["state"] in ("REFERRED", "IN_TRIAGE")
    assert unit.get(packet.path).status == 200

    page = duty.get(f"/reports/{reference}")
    assert "说没事了" in page.words
    token = page.token("chance")
    send(town, "退订")
    soon(lambda: "contact_stopped" in town.report(reference)["flags"])  # type: ignore[operator]
    asked = {"csrf_token": page.token(), "chance": token, "sentence": "question_waits"}
    assert duty.post(f"/reports/{reference}/send_text", **asked).status == 422

    page = duty.get(f"/reports/{reference}")
    order = [page.words.index(said) for said in ("他们把我的", WORDS.sentence("where", "zh"), "没事了，你们", "退订")]
    assert order == sorted(order)
    assert telephone(town) == [WORDS.sentence("where", "zh")]
    assert len(town.report(reference)["referrals"]) >= 1  # type: ignore[arg-type]
    assert town.command("audit", "verify").returncode == 0


def test_a_conversation_can_be_played_from_the_command_line(answering_town: Town, soon: Soon) -> None:
    before = {str(report["reference"]) for report in answering_town.reports()}
    played = answering_town.command(
        "simulate",
        "--say",
        "老板把我们的护照都收走了",
        "--say",
        "不让走，有人看着",
        "--say",
        "在镇康县",
        "--pause",
        "0.2",
    )
    assert played.returncode == 0, played.stderr
    assert "3 of 3 kept" in played.stdout

    def one_report() -> Any:
        new = [report for report in answering_town.reports() if str(report["reference"]) not in before]
        return [report for report in new if report["state"] == "REFERRED"] if len(new) == 3 else None

    (referred,) = soon(one_report)
    assert referred["lead"]["unit"] == COUNTY
