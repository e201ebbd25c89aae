"""Changing over: running processes take another rulebook over between two decisions, and lose none."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from reports.records import decision_from_json
from reports.tables import decisions, heartbeats
from reports.values import Channel, Decision, Facts
from routing.rulebook.route import route
from routing.rulebook.shelf import IN_USE
from tests.workers.made import Redises, Work, a_finding
from tests.workers.versions import Versions, two_versions
from workers.changeover import RulebookInUse, Serving, rulebook_in_use, who_serves_what
from workers.jobs import attend, make_worker
from workers.ring import RedisBell
from workers.sweep import sweep_once


@pytest.fixture(scope="module")
def shelved(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    return two_versions(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("changed"))


@pytest.fixture
def versions(shelved: Versions) -> Iterator[Versions]:
    """Two versions on a shelf, none of them in use; whatever a test does to the shelf is undone."""
    yield shelved
    (shelved.shelf.folder / IN_USE).unlink(missing_ok=True)


class Told:
    """What a process said about the rulebook it decides by."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def __call__(self, fingerprint: str, refused: str) -> None:
        self.said.append((fingerprint, refused))


def in_use(versions: Versions, told: Told | None = None) -> RulebookInUse:
    return RulebookInUse(versions.shelf, versions.config, told or Told())


@contextmanager
def unreadable(versions: Versions, fingerprint: str) -> Iterator[None]:
    """A version whose rules cannot be read any more."""
    path = versions.shelf.folder_of(fingerprint) / "rules.toml"
    away = path.with_name("away")
    path.rename(away)
    yield
    away.rename(path)


def test_before_anything_is_put_into_use_the_folder_decides(versions: Versions) -> None:
    assert in_use(versions).now().fingerprint == versions.first


def test_what_comes_into_use_is_taken_over_and_what_was_there_before_comes_back(versions: Versions) -> None:
    told = Told()
    rulebooks = in_use(versions, told)
    held = rulebooks.now()
    assert rulebooks.now() is held
    versions.use(versions.second)
    assert rulebooks.now().fingerprint == versions.second
    assert held.fingerprint == versions.first
    versions.use(versions.first)
    # Going back waits for no disk.
    assert rulebooks.now() is held
    assert told.said == [(versions.first, ""), (versions.second, ""), (versions.first, "")]


def test_a_process_begins_with_the_version_in_use(versions: Versions) -> None:
    versions.use(versions.second)
    assert in_use(versions).now().fingerprint == versions.second


def test_a_version_that_cannot_be_read_is_not_taken_over_and_everybody_hears_of_it(
    versions: Versions, work: Work, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    rulebooks = rulebook_in_use(versions.shelf.folder.parent, versions.config, work.database, "sweep")
    with unreadable(versions, versions.second):
        versions.use(versions.second)
        assert [rulebooks.now().fingerprint for _ in range(3)] == [versions.first] * 3
    errors = [line for line in caplog.records if line.levelno == logging.ERROR]
    # Told once, not at every job.
    assert [(line.rulebook, line.code) for line in errors] == [(versions.second, "RulebookError")]  # type: ignore[attr-defined]
    assert who_serves_what(work.database) == (Serving("sweep", versions.first, versions.second),)
    # It is tried again by itself as soon as some time has gone by.
    monkeypatch.setattr("workers.changeover._RETRY_SECONDS", 0.0)
    assert rulebooks.now().fingerprint == versions.second
    assert who_serves_what(work.database) == (Serving("sweep", versions.second, ""),)


@pytest.mark.parametrize("spoilt", ["{", None])
def test_a_list_that_is_spoilt_or_gone_changes_nothing(versions: Versions, spoilt: str | None) -> None:
    versions.use(versions.second)
    told = Told()
    rulebooks = in_use(versions, told)
    path = versions.shelf.folder / IN_USE
    if spoilt is None:
        path.unlink()
    else:
        path.write_text(spoilt)
    assert rulebooks.now().fingerprint == versions.second
    assert told.said[-1] == (versions.second, "unknown")


def test_a_process_that_cannot_read_the_version_in_use_begins_with_the_one_before(versions: Versions) -> None:
    versions.use(versions.second)
    versions.use(versions.first)
    told = Told()
    with unreadable(versions, versions.first):
        rulebooks = in_use(versions, told)
        assert rulebooks.now().fingerprint == versions.second
    assert told.said == [(versions.second, versions.first)]


def test_a_process_that_can_read_no_version_begins_with_the_folder(versions: Versions) -> None:
    versions.use(versions.second)
    told = Told()
    with unreadable(versions, versions.second):
        assert in_use(versions, told).now().fingerprint == versions.first
    assert told.said == [(versions.first, versions.second)]


def test_what_decides_without_having_been_put_into_use_is_kept_all_the_same(tmp_path: Path, work: Work) -> None:
    versions = two_versions(tmp_path / "other", tmp_path / "changed")
    rulebooks = rulebook_in_use(tmp_path, versions.config, work.database, "sweep")
    assert (tmp_path / "rulebooks" / rulebooks.now().fingerprint / "rules.toml").is_file()


def test_a_shelf_that_cannot_be_written_stops_no_process(tmp_path: Path, versions: Versions, work: Work) -> None:
    (tmp_path / "rulebooks").write_text("not a folder")
    rulebooks = rulebook_in_use(tmp_path, versions.config, work.database, "sweep")
    assert rulebooks.now().fingerprint == versions.first


@pytest.mark.usefixtures("signals")
def test_a_worker_takes_it_over_with_its_next_job(versions: Versions, work: Work, redis: Redises) -> None:
    work = work.but(rulebooks=in_use(versions))
    for fingerprint in (versions.first, versions.second):
        versions.use(fingerprint)
        report_id = work.keep()
        RedisBell(redis.url, work.context.machine).ring("normal", report_id)
        make_worker(work.context, "normal", redis.url).work(burst=True, logging_level="WARNING")
        assert work.report(report_id).rule == ("crime" if fingerprint == versions.first else "crime-anew")


def test_switching_twenty_times_a_second_mixes_no_decision_and_loses_no_report(versions: Versions, work: Work) -> None:
    number = 300
    work = work.with_machine(batch=7, inline_batch=7, grace_seconds=0.001, inline_seconds=0.001)
    work = work.but(rulebooks=in_use(versions))
    assert work.context.rulebooks is not None
    expected = {}
    for fingerprint in (versions.first, versions.second):
        versions.use(fingerprint)
        expected[fingerprint] = _decision(work, work.context.rulebooks)
    ids = {work.keep() for _ in range(number)}
    # Long enough that the rulebook is switched while reports are being read.
    work.reader.meanwhile = lambda _text: time.sleep(0.004)
    with _switching(versions) as switched:
        while "RECEIVED" in work.states():
            attend(work.context.renewed(), "normal")
            sweep_once(work.context.renewed())
    rows = work.all(decisions)
    assert {row.report_id for row in rows} == ids
    assert len(rows) == number
    assert work.states() == ["REFERRED"] * number
    for row in rows:
        decided = decision_from_json(row.body)
        assert replace(decided, withheld=()) == expected[row.rulebook]
        assert (row.rule, row.rulebook) == (decided.rule, decided.rulebook)
    # Both decided, and often enough in turn: what is tried here did happen.
    shares = Counter(row.rulebook for row in rows)
    assert min(shares.values()) > number / 10
    assert len(shares) == 2
    assert len(switched) > 10


def _decision(work: Work, rulebooks: RulebookInUse) -> Decision:
    facts = Facts(labels=a_finding().labels, channel=Channel.SMS, received_at="2026-11-01T12:00:00+08:00")
    return replace(route(facts, rulebooks.now()), withheld=())


@contextmanager
def _switching(versions: Versions) -> Iterator[list[str]]:
    """Puts one of two versions into use every 50 milliseconds, in turn."""
    over, switched = threading.Event(), list[str]()

    def switch() -> None:
        while not over.wait(0.05):
            fingerprint = versions.first if len(switched) % 2 else versions.second
            versions.use(fingerprint)
            switched.append(fingerprint)

    thread = threading.Thread(target=switch)
    thread.start()
    yield switched
    over.set()
    thread.join()


def test_the_heartbeat_of_a_sweep_is_not_what_says_which_rulebook_decides(versions: Versions, work: Work) -> None:
    rulebook_in_use(versions.shelf.folder.parent, versions.config, work.database, "worker-urgent")
    assert [row.name for row in work.all(heartbeats)] == ["rulebook worker-urgent"]
