"""What somebody learns who guesses: at the partners' keys and at the references of others' reports.

A guess that comes near must look and take as long as one that is nowhere near, or the door is an oracle.
"""

from __future__ import annotations

import math
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from flask.testing import FlaskClient

from bench.table import Better, Figure
from config.secrets import read_door_secrets
from config.settings import PACKAGED_CONFIG, Settings
from hotline.first_start import invent_what_is_missing
from intake.app import create_app, make_front
from reports.identity import new_reference
from reports.partners import NewPartner, PartnerKind, Partners, Scope
from reports.schema import upgrade

_GUESSES = 3_000
Guess = Callable[[int], float]


def measure(show: Callable[[str], None]) -> list[Figure]:
    """Welch's t over interleaved guesses in one process, the slowest twentieth of each side left out."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        client, partners = _door(Path(folder))
        mine, revoked, another = (_add(partners, name) for name in ("guessing", "revoked", "another"))
        others = [_file(client, another, number) for number in range(50)]
        partners.revoke("revoked", "bench")
        show("guessing: references")
        near, far = _interleaved(
            lambda n: _look(client, mine, others[n % len(others)]), lambda n: _look(client, mine, new_reference())
        )
        references = _figures("another's reference against one that is not there", near, far)
        show("guessing: keys")
        near, far = _interleaved(
            lambda n: _look(client, revoked, others[0]), lambda n: _look(client, _invented_key(), others[0])
        )
        return [*references, *_figures("a revoked key against an invented one", near, far)]


def _door(folder: Path) -> tuple[FlaskClient, Partners]:
    config = folder / "config"
    shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("model", "*.py", "__pycache__"))
    limits = config / "limits.toml"
    # Whoever guesses is told to come later after some questions; here every guess is to be timed.
    limits.write_text(limits.read_text(encoding="utf-8").replace("most = 120", "most = 100000000"), encoding="utf-8")
    environment = {"HOTLINE_STATE": str(folder / "state"), "HOTLINE_CONFIG": str(config)}
    settings = Settings.read(environment)
    invent_what_is_missing(settings.state, environment)
    front = make_front(settings, read_door_secrets(environment, settings.state))
    upgrade(front.database)
    return create_app(front).test_client(), Partners(front.database)


def _add(partners: Partners, name: str) -> str:
    scopes = (Scope.FILE, Scope.FOLLOW)
    return partners.add(NewPartner(name=name, kind=PartnerKind.HOTLINE, scopes=scopes), "bench")[1]


def _file(client: FlaskClient, key: str, number: int) -> str:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"k{number}"}
    answer = client.post("/api/v1/reports", json={"text": f"report {number}"}, headers=headers)
    return str(answer.json["reference"]) if answer.json else ""


def _look(client: FlaskClient, key: str, reference: str) -> float:
    """The seconds that a question took. It must be refused."""
    headers = {"Authorization": f"Bearer {key}"}
    started = time.perf_counter()
    answer = client.get(f"/api/v1/reports/{reference}", headers=headers)
    seconds = time.perf_counter() - started
    if answer.status_code not in (401, 404):
        raise RuntimeError(f"A guess was answered with {answer.status_code}.")
    return seconds


def _invented_key() -> str:
    return f"hotline_{secrets.token_urlsafe(32)}"


def _interleaved(near: Guess, far: Guess) -> tuple[list[float], list[float]]:
    """Both kinds in turn, so that whatever else the machine does strikes both alike."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(_GUESSES):
        first = number % 2
        for kind in (first, 1 - first):
            times[kind].append((near, far)[kind](number))
    return times


def _figures(name: str, near: Sequence[float], far: Sequence[float]) -> list[Figure]:
    near, far = (sorted(side)[: len(side) * 19 // 20] for side in (near, far))
    apart = statistics.mean(near) - statistics.mean(far)
    error = math.sqrt(statistics.variance(near) / len(near) + statistics.variance(far) / len(far))
    note = f"means {apart * 1e6:.1f} µs apart of {statistics.mean(far) * 1e6:.0f}, {len(far)} guesses each"
    return [
        Figure(name=f"{name}: |t|", value=abs(apart / error), unit="", better=Better.LOWER, floor=4.5, note=note),
        Figure(name=f"{name}: difference", value=abs(apart) * 1000, unit="ms", better=Better.LOWER, floor=1),
    ]  # fmt: skip
