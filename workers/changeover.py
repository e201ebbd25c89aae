"""Changing over: a running process takes the rulebook that came into use, between two decisions, never within one."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from reports.database import Database
from reports.errors import StoreUnavailable
from reports.heartbeats import beat
from reports.tables import heartbeats
from routing.rulebook.book import Rulebook
from routing.rulebook.errors import ShelfError
from routing.rulebook.load import load_rulebook
from routing.rulebook.shelf import Shelf, Stamp, fingerprint_of_folder

# How a process is named among the heartbeats when it says which rulebook it decides by.
SERVING = "rulebook "
# What could not be taken over where not even its fingerprint could be read.
UNKNOWN = "unknown"
_RETRY_SECONDS = 30.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Serving:
    """The fingerprint that a process decides by. refused is one that it should but could not take over, else ''."""

    process: str
    fingerprint: str
    refused: str


class RulebookInUse:
    """The rulebook that this process decides by.

    `now` looks at one file and gives a value that never changes: whoever asks once at the beginning of a job, a pass or
    a request decides by one version to its end. A version that cannot be loaded is not taken over; the one before goes
    on, the log says so, and so does `say` to whoever watches.
    """

    def __init__(
        self, shelf: Shelf, config: Path, say: Callable[[str, str], None], at_hand: Rulebook | None = None
    ) -> None:
        """Takes the version in use; one that came before where it cannot be loaded; the folder `config` where none was
        ever put into use. say is given a fingerprint and, where one could not be taken over, which. at_hand is one that
        was loaded already, and need not be again if it is the one wanted.

        Raises RulebookError where nothing can be loaded.
        """
        self._shelf, self._say, self._at_hand = shelf, say, at_hand
        self._lock = threading.Lock()
        self._before: Rulebook | None = None
        self._tried_at = time.monotonic()
        self._stamp, self._refused, self._rulebook = self._first(config)
        self._say(self._rulebook.fingerprint, self._refused)

    def now(self) -> Rulebook:
        """The version to begin with now. Another thread that is just changing over is not waited for."""
        if self._is_news() and self._lock.acquire(blocking=False):
            try:
                self._change_over()
            finally:
                self._lock.release()
        return self._rulebook

    def _is_news(self) -> bool:
        if self._refused and time.monotonic() - self._tried_at > _RETRY_SECONDS:
            return True
        try:
            return self._shelf.stamp() != self._stamp
        except OSError:
            return not self._refused

    def _change_over(self) -> None:
        self._tried_at = time.monotonic()
        wanted, stamp = "", self._stamp
        # Nothing that is wrong with a version may keep a report from being decided by the one before.
        try:
            # Looked at before it is read: what is replaced in between is news again.
            stamp = self._shelf.stamp()
            wanted = self._wanted()
            rulebook = self._version(wanted)
        except Exception as fault:
            self._refused = wanted or UNKNOWN
            log.error(
                "The rulebook that came into use could not be loaded; the one before goes on deciding.",
                extra={"rulebook": self._refused, "code": type(fault).__name__},
            )
        else:
            self._refused = ""
            if rulebook is not self._rulebook:
                self._before, self._rulebook = self._rulebook, rulebook
            log.info("Another rulebook decides from here on.", extra={"rulebook": rulebook.fingerprint})
        self._stamp = stamp
        self._say(self._rulebook.fingerprint, self._refused)

    def _wanted(self) -> str:
        uses = self._shelf.uses()
        if not uses:
            raise ShelfError("The list of rulebooks that came into use is gone.")
        return uses[-1].fingerprint

    def _version(self, fingerprint: str) -> Rulebook:
        # The one before stays at hand: going back must not wait for a disk.
        for loaded in (self._rulebook, self._before):
            if loaded is not None and loaded.fingerprint == fingerprint:
                return loaded
        return self._loaded(fingerprint)

    def _loaded(self, fingerprint: str) -> Rulebook:
        if self._at_hand is not None and self._at_hand.fingerprint == fingerprint:
            return self._at_hand
        return self._shelf.load(fingerprint)

    def _first(self, config: Path) -> tuple[Stamp | None, str, Rulebook]:
        stamp, refused = None, ""
        try:
            stamp = self._shelf.stamp()
            # The newest first, each version once.
            versions = list(dict.fromkeys(use.fingerprint for use in reversed(self._shelf.uses())))
        except (ShelfError, OSError) as fault:
            versions, refused = [], UNKNOWN
            log.error(
                "It cannot be told which rulebook is in use; the folder of tables decides.",
                extra={"code": type(fault).__name__},
            )
        for fingerprint in versions:
            try:
                return stamp, refused, self._loaded(fingerprint)
            except Exception as fault:
                refused = refused or fingerprint
                log.error(
                    "A rulebook could not be loaded; the one before it is tried.",
                    extra={"rulebook": fingerprint, "code": type(fault).__name__},
                )
        if self._at_hand is not None and self._at_hand.fingerprint == fingerprint_of_folder(config):
            return stamp, refused, self._at_hand
        return stamp, refused, load_rulebook(config)


def rulebook_in_use(
    state: Path, config: Path, database: Database, process: str, at_hand: Rulebook | None = None
) -> RulebookInUse:
    """The rulebook that a process decides by; what it says is kept among the heartbeats. Raises RulebookError."""
    shelf = Shelf(state)
    keep_what_serves(shelf, config)

    def note(fingerprint: str, refused: str) -> None:
        _note(database, process, fingerprint, refused)

    return RulebookInUse(shelf, config, note, at_hand)


def rulebook_now(state: Path, config: Path) -> Rulebook:
    """The rulebook in use at this moment, to be handed to processes that are yet to start. Raises RulebookError."""
    return RulebookInUse(Shelf(state), config, lambda _fingerprint, _refused: None).now()


def keep_what_serves(shelf: Shelf, config: Path) -> None:
    """Puts the folder that decides while nothing was ever put into use on the shelf, so that its decisions can be
    explained later. A shelf that cannot be written is told, and stops nothing."""
    try:
        if shelf.stamp() is None and fingerprint_of_folder(config) not in shelf.versions():
            with shelf.alone():
                shelf.keep(config)
    except ShelfError:
        # Several processes start at once; one of them does it.
        log.info("Another process puts a rulebook on the shelf.")
    except OSError as fault:
        log.warning("The rulebook could not be put on the shelf.", extra={"code": type(fault).__name__})


def _note(database: Database, process: str, fingerprint: str, refused: str) -> None:
    try:
        with database.write() as connection:
            beat(connection, SERVING + process, {"rulebook": fingerprint, "refused": refused})
    except (StoreUnavailable, SQLAlchemyError) as fault:
        # Whoever watches hears of it with the next change; the log has it already.
        log.warning("Which rulebook decides here could not be noted.", extra={"code": type(fault).__name__})


def who_serves_what(database: Database) -> tuple[Serving, ...]:
    """What each sort of process said last about the rulebook that it decides by."""
    with database.read() as connection:
        rows = connection.execute(
            select(heartbeats.c.name, heartbeats.c.detail)
            .where(heartbeats.c.name.startswith(SERVING, autoescape=True))
            .order_by(heartbeats.c.name)
        ).all()
    said = [(row.name.removeprefix(SERVING), json.loads(row.detail)) for row in rows]
    return tuple(Serving(process, detail["rulebook"], detail["refused"]) for process, detail in said)
