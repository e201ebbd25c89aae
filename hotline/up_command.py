"""`hotline up`: everything on one machine, under one supervisor."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

import click
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Worker

from config.carriers import check_carrier_settings
from config.logs import start_logging
from config.outgoing import twilio_is_there
from config.settings import Settings, SettingsError
from hotline.alone import check_ports, only_one
from hotline.embedded_redis import server_command, socket_path
from hotline.exit_status import REFUSED
from hotline.first_start import invent_first_officers, invent_what_is_missing
from hotline.options import settings_now
from hotline.tether import end_with_this_parent, start_child
from reports.database import Database
from reports.schema import upgrade
from workers.redis_check import redis_faults
from workers.ring import QUEUES
from workers.stop import Stop

_READY_SECONDS = 60.0
_LONGEST_PAUSE = 8.0
# The exit status of gunicorn where its application could not be loaded, and how its log says why: the error's class
# stands behind this, and what it says on the lines below.
_APP_REFUSED, _APP_FAILED = 3, '"Exception in worker process", "error": "'
log = logging.getLogger("hotline.up")


@dataclass
class _Child:
    """One process the supervisor keeps alive. pause is how long it waits before the next start; it grows with each.

    keep_open are file descriptors that it holds beside the supervisor.
    """

    name: str
    command: list[str]
    keep_open: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    pause: float = 0.2
    start_at: float = 0.0
    started: float = 0.0


@click.command()
@click.option("--end-with-parent", is_flag=True, help="End when the process that started this one ends.")
def up(end_with_parent: bool) -> None:
    """Start everything: database, Redis, public app, desk, workers and sweep. Ctrl-C ends all of it.

    Invents keys, passwords and a pretended carrier account under HOTLINE_STATE on the first start.

    Example: HOTLINE_STATE=/var/lib/hotline hotline up
    """
    if end_with_parent:
        end_with_this_parent()
    # Whatever is written from here on, logs and database included, is this user's alone.
    os.umask(0o077)
    start_logging(logging.WARNING)
    settings = settings_now()
    check_ports(settings)
    invent_what_is_missing(settings.state, os.environ)
    # What is wrong with a carrier is said before anything starts, and not by one process after the other.
    check_carrier_settings(settings.state)
    stop = Stop()
    stop.listen()
    with only_one(settings.state) as lock:
        sys.exit(_Supervisor(settings, stop, lock).run())


class _Supervisor:
    """Starts the processes in order, restarts whatever ends, and ends them all."""

    def __init__(self, settings: Settings, stop: Stop, lock: TextIO) -> None:
        self._settings, self._stop = settings, stop
        self._logs = settings.state / "logs"
        self._logs.mkdir(exist_ok=True)
        self._redis_url = settings.redis_url or f"unix://{socket_path(settings.state)}"
        self._environment: Mapping[str, str] = {
            **os.environ,
            "HOTLINE_STATE": str(settings.state),
            "HOTLINE_DATABASE_URL": settings.database_url,
            "HOTLINE_REDIS_URL": self._redis_url,
            "HOTLINE_PUBLIC_URL": settings.public_url,
            "HOTLINE_CONFIG": str(settings.config),
        }
        # Redis holds the lock too: where this process is killed, the next one waits until the files are free.
        own = [] if settings.redis_url else [server_command(settings.state)]
        self._redis = [_Child("redis", command, keep_open=(lock.fileno(),)) for command in own]
        program = [sys.executable, "-m", "hotline"]
        self._children = [
            _Child("intake", _gunicorn("intake.wsgi", settings.intake_port, workers=2, threads=8)),
            _Child("console", _gunicorn("console.wsgi", settings.console_port, workers=1, threads=8)),
            _Child("crew", [*program, "crew"]),
        ]
        if twilio_is_there(os.environ, settings.public_url):
            self._children.append(_Child("reconcile", [*program, "reconcile"]))

    def run(self) -> int:
        """Returns the exit status: 0 after being told to stop, 1 if the system did not come up.

        Raises SettingsError where starting again would not help.
        """
        try:
            return self._run()
        finally:
            self._end()

    def _run(self) -> int:
        for child in self._redis:
            self._start(child)
        self._wait_for_redis()
        database = Database(self._settings.database_url, pool_size=1)
        upgrade(database)
        invent_first_officers(self._settings.state, database)
        database.dispose()
        for child in self._children:
            self._start(child)
        deadline = time.monotonic() + _READY_SECONDS
        while not self._stop.asked and not self._answers():
            if time.monotonic() > deadline:
                click.echo(
                    f"hotline did not come up in {_READY_SECONDS:.0f} s. See the files in {self._logs}.", err=True
                )
                return 1
            self._give_up_if_refused()
            self._restart_what_ended()
            self._stop.wait(0.1)
        if not self._stop.asked:
            public, desk = self._addresses()
            click.echo(
                f"hotline is ready: public {public}  desk {desk}  (officers in {self._settings.state}/officers.json)"
            )
            sys.stdout.flush()
        while not self._stop.asked:
            for name in self._restart_what_ended():
                log.warning("A process ended and is started again.", extra={"child": name})
            self._stop.wait(0.2)
        return 0

    def _addresses(self) -> tuple[str, str]:
        return f"http://127.0.0.1:{self._settings.intake_port}", f"http://127.0.0.1:{self._settings.console_port}"

    def _wait_for_redis(self) -> None:
        deadline = time.monotonic() + 10
        connection = self._ask_redis()
        # One's own server has just been started; another is there or is not.
        while self._redis and not self._stop.asked and time.monotonic() < deadline:
            try:
                connection.ping()
            except (RedisError, OSError):
                self._stop.wait(0.05)
            else:
                break
        connection.close()
        for fault in redis_faults(self._redis_url):
            # Redis may be away: the sweep routes then. One that throws jobs away silently may not be used at all.
            if not fault.is_away:
                raise SettingsError(fault.sentence)
            click.echo(f"hotline: {fault.sentence}", err=True)

    def _ask_redis(self) -> Redis:
        """A connection that says at once where nobody answers: the client's own retries would take seconds."""
        return Redis.from_url(self._redis_url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))

    def _give_up_if_refused(self) -> None:
        """Says what a process said where it refused to start, as with a broken rulebook or a slip in a table."""
        for child in self._children:
            status = child.process.poll() if child.process is not None else None
            if status not in (REFUSED, _APP_REFUSED):
                continue
            said = (self._logs / f"{child.name}.log").read_text(encoding="utf-8")
            if "hotline" in child.command and status == REFUSED:
                # Its sentence is one line; what others logged while they were ended may stand below.
                raise SettingsError(said.rpartition("hotline: ")[2].partition("\n")[0])
            error, _, below = said.rpartition(_APP_FAILED)[2].partition('"}\n')
            if error == "SettingsError":
                raise SettingsError(below.partition("\n{")[0].strip())

    def _answers(self) -> bool:
        return self._workers_listen() and all(
            _answers(f"{address}{path}")
            for address, path in zip(self._addresses(), ("/readyz", "/healthz"), strict=True)
        )

    def _workers_listen(self) -> bool:
        """Whether every worker is on its queue. Where Redis is away nobody can be, and the sweep does their work."""
        crews = {child.process.pid for child in self._children if child.process and "crew" in child.command}
        connection = Redis.from_url(self._redis_url, socket_timeout=1, socket_connect_timeout=1)
        try:
            # A crew leads a session of its own, in which its workers are.
            ours = [worker for worker in Worker.all(connection=connection) if _session_of(worker.pid) in crews]
            return {name for worker in ours for name in worker.queue_names()} >= set(QUEUES)
        except (RedisError, OSError):
            return True
        finally:
            connection.close()

    def _start(self, child: _Child) -> None:
        log_file = self._logs / f"{child.name}.log"
        child.process = start_child(child.command, self._environment, log_file, child.keep_open)
        child.started = time.monotonic()

    def _restart_what_ended(self) -> list[str]:
        """Returns the names of those that ended."""
        now, ended = time.monotonic(), []
        for child in (*self._redis, *self._children):
            if child.process is not None and child.process.poll() is not None:
                ended.append(child.name)
                # One that ran for a while is started at once; one that cannot start is not started in a frenzy.
                child.pause = 0.2 if now - child.started > 10 else min(child.pause * 2, _LONGEST_PAUSE)
                child.process, child.start_at = None, now + child.pause
            if child.process is None and now >= child.start_at:
                self._start(child)
        return ended

    def _end(self) -> None:
        for group, seconds in ((self._children, 15.0), (self._redis, 5.0)):
            running = [child.process for child in group if child.process is not None and child.process.poll() is None]
            for process in running:
                process.terminate()
            deadline = time.monotonic() + seconds
            for process in running:
                try:
                    process.wait(max(0.1, deadline - time.monotonic()))
                except subprocess.TimeoutExpired:
                    process.kill()


def _gunicorn(application: str, port: int, workers: int, threads: int) -> list[str]:
    return [
        sys.executable, "-m", "gunicorn", f"{application}:application", "--bind", f"127.0.0.1:{port}",
        "--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads), "--timeout", "20",
        "--graceful-timeout", "10", "--limit-request-line", "8190", "--limit-request-fields", "50",
        "--log-level", "warning", "--logger-class", "hotline.gunicorn_log.GunicornLog", "--no-control-socket",
    ]  # fmt: skip


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _session_of(pid: int | None) -> int:
    try:
        return os.getsid(pid) if pid else 0
    except OSError:
        return 0
