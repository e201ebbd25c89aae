"""`hotline up`: one line when it is ready, one line when it cannot be, and nobody left behind when it ends."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from sqlalchemy import select

from chaos.hotline_system import free_port, free_ports
from config.logs import ALLOWED
from config.settings import PACKAGED_CONFIG
from reports.database import Database
from reports.keeping import Keeper
from reports.keys import DoorKeys
from reports.tables import referrals, reports
from tests.hotline.running import DANGER, Running, environment_of, left_of, run
from tests.reports.made import a_text
from tests.waiting import wait_until

LOG_FIELDS = {"at", "level", "from", "says", "error", *ALLOWED}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One system for the tests that do it no lasting harm; the last of them kills it."""
    with Running(tmp_path_factory.mktemp("up") / "state") as system:
        system.wait_until_ready()
        yield system


def two_ports() -> dict[str, str]:
    """Settings for doors that nobody else has."""
    intake, console = free_ports(2)
    return {"HOTLINE_INTAKE_PORT": str(intake), "HOTLINE_CONSOLE_PORT": str(console)}


def states_in(database: Database) -> list[str]:
    with database.read() as connection:
        return sorted(connection.execute(select(reports.c.state)).scalars())


def wait_until_decided(database: Database, number: int) -> None:
    """Returns once so many reports are with a unit or before a duty officer, and no packet waits to be sent."""

    def decided() -> bool:
        states = states_in(database)
        with database.read() as connection:
            waiting = connection.execute(select(referrals.c.id).where(referrals.c.state == "PENDING")).all()
        return len(states) == number and "RECEIVED" not in states and not waiting

    wait_until(decided)


def refusal(environment: dict[str, str]) -> str:
    """The one line that `hotline up` says where it refuses."""
    refused = run(environment, "up")
    assert refused.returncode == 2, refused.stdout + refused.stderr
    (line,) = refused.stderr.strip().splitlines()
    assert line.startswith("hotline: ")
    return line


def test_the_ready_line_names_both_addresses_and_both_answer(running: Running) -> None:
    (line,) = running.said.splitlines()
    public, desk = (f"http://127.0.0.1:{port}" for port in running.ports)
    assert line == f"hotline is ready: public {public}  desk {desk}  (officers in {running.state}/officers.json)"


def test_a_text_message_in_danger_is_decided_in_seconds(running: Running) -> None:
    assert running.send() == 200
    with running.database() as database:
        wait_until_decided(database, 1)


def test_secrets_are_this_users_alone(running: Running) -> None:
    assert stat.S_IMODE(running.state.stat().st_mode) == 0o700
    for path in running.state.rglob("*"):
        assert path.lstat().st_mode & 0o077 == 0, path
    for name in ("api-key", "twilio-auth-token", "officers.json", "keys/opening/ring.json", "keys/intake/sealing.pub"):
        assert stat.S_IMODE((running.state / name).stat().st_mode) == 0o600


def test_only_the_two_apps_are_reached_from_outside(running: Running) -> None:
    for words in ("intake.wsgi", "console.wsgi", "worker urgent", "worker normal", "sweep", "redis"):
        wait_until(lambda words=words: len(running.called(words)) == 1)  # type: ignore[misc]
    assert {port for process in running.family() for port in listening(process)} == set(running.ports)


def listening(process: psutil.Process) -> list[int]:
    """The ports it waits on; none for one that has just ended."""
    try:
        connections = process.net_connections(kind="tcp")
    except psutil.Error:
        return []
    return [one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN]


def test_its_doctor_finds_nothing_wrong(running: Running) -> None:
    found = run(running.environment, "doctor")
    assert found.stdout.strip().endswith("Nothing is wrong."), found.stdout
    assert "WRONG" not in found.stdout
    assert found.returncode == 0


def test_a_second_one_on_the_same_state_says_who_has_it(running: Running) -> None:
    other = two_ports()
    line = refusal({**running.environment, **other})
    assert f"uses {running.state}" in line
    assert "HOTLINE_STATE" in line


def test_a_port_that_is_taken_is_named(running: Running, tmp_path: Path) -> None:
    environment = environment_of(tmp_path / "state", HOTLINE_CONSOLE_PORT=str(running.ports[0]))
    environment["HOTLINE_INTAKE_PORT"] = str(free_port())
    assert f"Port {running.ports[0]} should be free" in refusal(environment)


def test_two_doors_on_one_port_are_refused(tmp_path: Path) -> None:
    port = str(free_port())
    line = refusal(environment_of(tmp_path / "state", HOTLINE_INTAKE_PORT=port, HOTLINE_CONSOLE_PORT=port))
    assert f"two ports, but both are {port}" in line


@pytest.mark.parametrize("words", ["sweep", "worker urgent", "intake.wsgi", "redis"])
def test_a_process_that_is_killed_is_started_again(running: Running, words: str) -> None:
    (killed,) = running.called(words)
    killed.kill()
    # Until it has ended, whoever it forked could be taken for the one that was started again.
    killed.wait(30)
    wait_until(lambda: len(running.called(words)) == 1)


def test_everything_is_routed_after_that(running: Running) -> None:
    with running.database() as database:
        before = len(states_in(database))
        wait_until(lambda: _accepts(running, f"SM{before:032x}"))
        wait_until_decided(database, before + 1)
        assert len(states_in(database)) == before + 1


def _accepts(running: Running, source_id: str) -> bool:
    try:
        return running.send(source_id=source_id) == 200
    except OSError:
        return False


def test_log_files_hold_json_lines_with_ids_only(running: Running) -> None:
    for port in running.ports:
        for request in (
            b"GET /?phone=13800000000 HTTP/9.9\r\n\r\n",
            b"13800000000\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        ):
            # The doors of one that was killed close only once those that it forked have noticed.
            wait_until(partial(_takes, port, request))
    wait_until(lambda: "Invalid request" in (running.state / "logs" / "console.log").read_text(encoding="utf-8"))
    lines = [
        line
        for path in (running.state / "logs").glob("*.log")
        if path.name != "redis.log"
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert any('"Report triaged."' in line for line in lines)
    for line in lines:
        assert set(json.loads(line)) <= LOG_FIELDS, line
    written = b"".join(path.read_bytes() for path in (running.state / "logs").iterdir())
    for words in (DANGER, "瑞丽", "13800000000", "HTTP/9.9", "ip="):
        assert words.encode() not in written
        assert json.dumps(words).strip('"').encode() not in written


def send_raw(port: int, request: bytes) -> None:
    """These bytes, and whatever comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        while connection.recv(4096):
            pass


def _takes(port: int, request: bytes) -> bool:
    try:
        send_raw(port, request)
    except OSError:
        return False
    return True


def test_kill_9_leaves_nobody_and_a_restart_routes_what_was_kept_meanwhile(running: Running) -> None:
    family = running.family()
    running.process.kill()
    running.process.wait()
    assert left_of(family, 30) == []

    with running.database() as database:
        before = len(states_in(database))
        Keeper(database, DoorKeys.load(running.state)).keep(a_text("SM-meanwhile", DANGER), urgent=True)
        with Running(running.state) as started_again:
            started_again.wait_until_ready()
            wait_until_decided(database, before + 1)
            family = started_again.family()
            started_again.process.send_signal(signal.SIGINT)
            assert started_again.process.wait(40) == 0
            assert left_of(family, 5) == []


def test_a_redis_that_outlives_its_supervisor_keeps_the_folder(tmp_path: Path) -> None:
    with Running(tmp_path / "state") as killed:
        wait_until(lambda: (tmp_path / "state" / "redis" / "redis.sock").exists())
        (redis,) = killed.called("redis")
        family = killed.family()
        redis.suspend()
        try:
            killed.process.kill()
            killed.process.wait()
            ports = two_ports()
            assert "the Redis of one that was killed" in refusal({**killed.environment, **ports})
        finally:
            redis.resume()
        assert left_of(family, 30) == []


def test_a_redis_of_ones_own_is_used_and_none_is_started(tmp_path: Path) -> None:
    with Running(tmp_path / "state", HOTLINE_REDIS_URL="redis://127.0.0.1:1") as system:
        system.wait_until_ready()
        assert system.called("redis-server") + system.called("valkey") == []
        assert not (tmp_path / "state" / "redis").exists()
        assert "hotline: Redis does not answer" in system.said
        assert system.send() == 200
        with system.database() as database:
            wait_until_decided(database, 1)
        assert system.end() == 0


def test_a_broken_rulebook_is_said_in_one_line(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    rules = (config / "rules.toml").read_text(encoding="utf-8")
    first, second = re.findall(r'^id = "([^"]+)"', rules, re.MULTILINE)[:2]
    (config / "rules.toml").write_text(rules.replace(f'id = "{second}"', f'id = "{first}"'), encoding="utf-8")
    ports = two_ports()
    line = refusal(environment_of(tmp_path / "state", HOTLINE_CONFIG=str(config), **ports))
    assert "rules.toml" in line
    assert first in line
    wait_until(lambda: not any(str(tmp_path) in " ".join(_environment(one)) for one in psutil.process_iter()))


def test_a_slip_in_a_table_of_the_desk_is_said_with_its_line_and_not_waited_for(tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(PACKAGED_CONFIG, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    lessons = (config / "first_shift.toml").read_text(encoding="utf-8")
    (config / "first_shift.toml").write_text(lessons.replace('["quarantined"]', '["ignored"]'), encoding="utf-8")
    line = refusal(environment_of(tmp_path / "state", HOTLINE_CONFIG=str(config), **two_ports()))
    assert re.search(r"first_shift.toml, line \d+, \[\[lesson\]\] 6, acts: wanted one of confirmed, .* 'ignored'", line)
    wait_until(lambda: not any(str(tmp_path) in " ".join(_environment(one)) for one in psutil.process_iter()))


def _environment(process: psutil.Process) -> list[str]:
    try:
        return list(process.environ().values())
    except (psutil.Error, OSError):
        return []
