"""The whole system, as `hotline up` starts it: once on each database, for all journeys."""

from __future__ import annotations

import io
import json
import re
import struct
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos.hotline_system import HotlineSystem
from chaos.postgres import PostgreSQL
from tests.journeys.visitor import Visitor
from tests.waiting import wait_until
from tests.workers.unit_server import UnitServer, unit_server

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Hotline:
    """A running hotline as its operator, its officers and the public meet it."""

    environment: dict[str, str]

    def command(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs `hotline` as an operator of this system would."""
        return subprocess.run(
            [sys.executable, "-m", "hotline", *arguments],
            env=self.environment, input=stdin, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def officer(self, role: str, unit: str = "duty_desk") -> Visitor:
        """A new officer of this role and unit, signed in at the desk."""
        name = f"{role} {time.monotonic_ns()}"
        added = self.command("officer", "add", name, "--role", role, "--unit", unit)
        found = re.search(r"once: (\S+)", added.stdout)
        assert found, added.stdout + added.stderr
        visitor = Visitor(int(self.environment["HOTLINE_CONSOLE_PORT"]))
        asked = visitor.sign_in(name, found[1])
        # Whoever was handed a password chooses one of their own before they see anything.
        own = f"my own {found[1]}"
        visitor.post("/own-password", csrf_token=asked.token(), next="/", new=own, again=own)
        return visitor

    def passer_by(self) -> Visitor:
        """Somebody who opens the public form."""
        return Visitor(int(self.environment["HOTLINE_INTAKE_PORT"]))

    def report(self, reference: str) -> dict[str, object]:
        """What `hotline report show` says."""
        shown = self.command("report", "show", reference, "--json")
        assert shown.returncode == 0, shown.stderr
        found: dict[str, object] = json.loads(shown.stdout)
        return found

    def reports(self) -> list[dict[str, object]]:
        """What `hotline report list` says."""
        listed = self.command("report", "list", "--json")
        assert listed.returncode == 0, listed.stderr
        found: list[dict[str, object]] = json.loads(listed.stdout)
        return found


@dataclass(frozen=True)
class Town(Hotline):
    """One on its own database, with the carrier that keeps what callers say until it is fetched."""

    system: HotlineSystem
    carrier: UnitServer


def a_sound() -> bytes:
    """Half a second of a tone, as a telephone carries it."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", 9000 if n // 10 % 2 else -9000) for n in range(4000)))
    return file.getvalue()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A running hotline on each of the databases."""
    folder: Path = tmp_path_factory.mktemp("town")
    postgres = PostgreSQL() if request.param == "postgresql" else None
    with unit_server(answer=a_sound(), headers={"Content-Type": "audio/x-wav"}) as carrier:
        system = HotlineSystem(folder, postgres, HOTLINE_TWILIO_URL=f"http://127.0.0.1:{carrier.port}")
        system.start()
        yield Town(system.environment, system, carrier)
        system.stop()
    if postgres is not None:
        postgres.stop()


@pytest.fixture(scope="session")
def soon() -> Callable[[Callable[[], object]], object]:
    """Waits until something is there, and gives it; fails after a while that is long on a busy machine too."""
    return lambda look: wait_until(look, _PATIENCE_SECONDS)
