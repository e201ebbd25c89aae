"""A rulebook comes into use while everything runs: real processes, none of them started anew."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from reports.tables import decisions
from tests.hotline.running import Running, run
from tests.waiting import wait_until
from tests.workers import versions


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    system = Running(tmp_path_factory.mktemp("up") / "state")
    system.wait_until_ready()
    yield system
    system.end()


def _decided(running: Running) -> list[str]:
    """The rulebook of every decision, the oldest first."""
    with running.database() as database, database.read() as connection:
        return list(connection.execute(select(decisions.c.rulebook).order_by(decisions.c.made_at)).scalars())


def _serving(running: Running) -> dict[str, str]:
    """What each process says that it decides by, from the desk's figures."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.ports[1]}/metrics", timeout=30) as answer:
        figures = answer.read().decode()
    found = re.findall(r'hotline_rulebook\{fingerprint="(\w+)",process="([\w-]+)"\} 1.0', figures)
    return {process: fingerprint for fingerprint, process in found}


def _change(running: Running, *command: str) -> str:
    """Changes what is in use, sends a report, and waits until everybody goes by it. Returns the fingerprint."""
    done = run(running.environment, "rules", *command)
    assert done.returncode == 0, done.stderr
    (in_use,) = re.findall(r"^In use: (\w{64})$", done.stdout, re.MULTILINE)
    before = _decided(running)
    assert running.send(source_id=f"SM{len(before)}" + "0" * 31) == 200
    wait_until(lambda: _decided(running) == [*before, in_use])
    wait_until(lambda: _serving(running).items() >= {"desk": in_use, "sweep": in_use}.items())
    return in_use


def test_running_processes_take_over_what_comes_into_use_and_go_back(running: Running, tmp_path: Path) -> None:
    before = {process.pid for process in running.family()}
    changed = versions.changed(versions.copy_of_the_rulebook(tmp_path / "changed"))
    assert running.send(source_id="SM9" + "0" * 31) == 200
    wait_until(lambda: len(_decided(running)) == 1)
    assert _change(running, "activate", str(changed)) not in _decided(running)[:1]
    assert _change(running, "activate", "--rollback") == _decided(running)[0]
    assert {process.pid for process in running.family()} == before
