"""What somebody learns who guesses: at partners' keys and references, at receipts, at officers' names and reports.

A guess that comes near must look and take as long as one that is nowhere near, or the door is an oracle.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy import delete

from bench.table import Figure
from bench.telling_apart import compared
from config.secrets import read_door_secrets
from config.settings import PACKAGED_CONFIG, Settings
from console.app import create_app as create_desk
from console.services import make_services
from hotline.first_start import invent_what_is_missing
from intake.app import Front, create_app, make_front
from reports.database import Database
from reports.identity import new_reference
from reports.officers import NewOfficer, Officers, Role
from reports.partners import NewPartner, PartnerKind, Partners, Scope
from reports.receipt_digits import POSSIBLE, digits_from
from reports.receipt_keys import ReceiptKey
from reports.schema import upgrade
from reports.sessions import Sessions
from reports.tables import receipt_gates

_GUESSES = 2_000
_PASSWORD = "a long password"  # noqa: S105


def measure(show: Callable[[str], None]) -> list[Figure]:
    """The public app and the desk over one database, each kind of guess two thousand times."""
    # Each refusal is a line of the log, which nobody reads here.
    logging.getLogger().addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        settings = _settings(Path(folder))
        front = _front(settings)
        client, partners = create_app(front).test_client(), Partners(front.database)
        mine, revoked, another = (_add(partners, name) for name in ("guessing", "revoked", "another"))
        others = [_file(client, another, number) for number in range(50)]
        partners.revoke("revoked", "bench")
        return [
            *_at_the_partners(client, mine, revoked, others, show),
            *_at_receipts(client, front.database, show),
            *_at_the_desk(settings, others, show),
        ]


def _settings(folder: Path) -> Settings:
    config = folder / "config"
    shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("model", "*.py", "__pycache__"))
    limits = config / "limits.toml"
    # Whoever guesses is told to come later after some questions; here every guess is to be timed.
    limits.write_text(limits.read_text(encoding="utf-8").replace("most = 120", "most = 100000000"), encoding="utf-8")
    return Settings.read({"HOTLINE_STATE": str(folder / "state"), "HOTLINE_CONFIG": str(config)})


def _front(settings: Settings) -> Front:
    invent_what_is_missing(settings.state, {})
    front = make_front(settings, read_door_secrets({}, settings.state))
    upgrade(front.database)
    # Stretching digits and passwords takes as long for all, and would hide what does not: here both are light.
    return replace(front, keys=replace(front.keys, receipts=ReceiptKey(secrets.token_bytes(32), cost=16)))


def _add(partners: Partners, name: str) -> str:
    scopes = (Scope.FILE, Scope.FOLLOW)
    return partners.add(NewPartner(name=name, kind=PartnerKind.HOTLINE, scopes=scopes), "bench")[1]


def _file(client: FlaskClient, key: str, number: int) -> str:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"k{number}"}
    answer = client.post("/api/v1/reports", json={"text": f"report {number}"}, headers=headers)
    return str(answer.json["reference"]) if answer.json else ""


def _at_the_partners(
    client: FlaskClient, mine: str, revoked: str, others: list[str], show: Callable[[str], None]
) -> list[Figure]:
    def asked(key: str, reference: str) -> float:
        headers = {"Authorization": f"Bearer {key}"}
        return _timed((401, 404), lambda: client.get(f"/api/v1/reports/{reference}", headers=headers))

    show("guessing: references")
    references = compared(
        "another's reference against one that is not there",
        lambda n: asked(mine, others[n % len(others)]),
        lambda n: asked(mine, new_reference()),
        _GUESSES,
    )
    show("guessing: keys")
    keys = compared(
        "a revoked key against an invented one",
        lambda n: asked(revoked, others[0]),
        lambda n: asked(f"hotline_{secrets.token_urlsafe(32)}", others[0]),
        _GUESSES,
    )
    return [*references, *keys]


def _at_receipts(client: FlaskClient, database: Database, show: Callable[[str], None]) -> list[Figure]:
    def presented(digits: str) -> float:
        with database.write() as connection:
            # A gate lets few guesses through; here every one is to be timed.
            connection.execute(delete(receipt_gates))
        return _timed((200,), lambda: client.post("/receipt?lang=en", data={"number": digits, "do": "look"}))

    show("guessing: receipts")
    return compared(
        "a mistyped receipt against one that was never given",
        lambda n: presented(_invented_digits()[:15]),
        lambda n: presented(_invented_digits()),
        _GUESSES,
    )


def _invented_digits() -> str:
    return digits_from(secrets.randbelow(POSSIBLE))


def _at_the_desk(settings: Settings, others: list[str], show: Callable[[str], None]) -> list[Figure]:
    services = make_services(settings)
    light = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    officers = Officers(services.database, light)
    for name, role in (("duty", Role.DUTY_OFFICER), ("reviewer", Role.REVIEWER)):
        officers.add(NewOfficer(name=name, role=role, unit="duty_desk", password=_PASSWORD), actor="bench")
    app = create_desk(replace(services, sessions=Sessions(services.database, light)))
    reviewer = app.test_client()
    reviewer.post("/sign-in", data={"name": "reviewer", "password": _PASSWORD})

    def tried(name: str) -> float:
        # A browser for each guess: nobody who guesses shows a cookie.
        client = app.test_client()
        return _timed((403,), lambda: client.post("/sign-in", data={"name": name, "password": "another password"}))

    def opened(reference: str) -> float:
        return _timed((404,), lambda: reviewer.get(f"/reports/{reference}"))

    show("guessing: officers' names")
    names = compared(
        "an officer's name against one that nobody has",
        lambda n: tried("duty"),
        lambda n: tried("nobody"),
        _GUESSES,
    )
    show("guessing: reports at the desk")
    reports = compared(
        "a report that is not a reviewer's against one that is not there",
        lambda n: opened(others[n % len(others)]),
        lambda n: opened(new_reference()),
        _GUESSES,
    )
    services.database.dispose()
    return [*names, *reports]


def _timed(refused: tuple[int, ...], ask: Callable[[], Any]) -> float:
    """The seconds that a question took. It must be answered with one of these."""
    started = time.perf_counter()
    answer = ask()
    seconds = time.perf_counter() - started
    if answer.status_code not in refused:
        raise RuntimeError(f"A guess was answered with {answer.status_code}.")
    return seconds
