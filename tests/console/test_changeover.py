"""The desk changes over between two requests: no page and no verb knows two rulebooks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import select
from werkzeug.test import Client

from console.changeover import ChangingDesk
from reports.records import decision_from_json
from reports.tables import decisions
from tests.console.house import House, Kept, Officer
from tests.workers.versions import Versions, two_versions
from workers.changeover import RulebookInUse


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    return two_versions(tmp_path_factory.mktemp("state"), tmp_path_factory.mktemp("changed"))


class Changing:
    """A house whose desk changes over; the first version is in use."""

    def __init__(self, house: House, versions: Versions) -> None:
        versions.use(versions.first)
        rulebooks = RulebookInUse(versions.shelf, versions.config, lambda *_: None)
        services = replace(house.services, rulebook=rulebooks.now(), rulebooks=rulebooks)
        self.house, self.desk = house, ChangingDesk(services)

    def duty(self) -> Officer:
        """A duty officer whose requests go to the desk that changes over."""
        seated = self.house.duty()
        cookie = seated.client.get_cookie("desk")
        assert cookie is not None
        return Officer(cast("Any", Client(self.desk)), cookie.value, seated.name, seated.id)

    def decided(self, kept: Kept) -> list[tuple[str, str]]:
        """Fingerprint and rule of each decision on a report, as its own text has them."""
        with self.house.database.read() as connection:
            query = select(decisions.c.body).where(decisions.c.report_id == kept.report_id).order_by(decisions.c.number)
            made = [decision_from_json(body) for body in connection.execute(query).scalars()]
        return [(decision.rulebook, decision.rule) for decision in made]


@pytest.fixture
def changing(house: House, versions: Versions) -> Iterator[Changing]:
    yield Changing(house, versions)
    versions.use(versions.first)


def test_the_next_request_shows_the_rules_that_came_into_use(changing: Changing, versions: Versions) -> None:
    duty = changing.duty()
    assert 'id="crime"' in duty.get("/rules").text
    versions.use(versions.second)
    anew = duty.get("/rules").text
    assert 'id="crime-anew"' in anew
    assert 'id="crime"' not in anew


def test_a_verb_decides_by_the_rulebook_that_its_request_began_with(changing: Changing, versions: Versions) -> None:
    duty, kept = changing.duty(), changing.house.triaged()
    page = f"/reports/{kept.reference}"
    version = duty.version(page)
    versions.use(versions.second)
    assert duty.post(f"{page}/confirm", {"version": version, "reason": "看过了"}).status_code == 303
    assert changing.decided(kept) == [(versions.first, "crime"), (versions.second, "crime-anew")]


def test_a_request_that_is_under_way_ends_by_the_rulebook_it_began_with(changing: Changing, versions: Versions) -> None:
    began, go_on = threading.Event(), threading.Event()
    app = changing.desk.app_now()

    def wait() -> None:
        began.set()
        assert go_on.wait(20)

    app.before_request_funcs.setdefault(None, []).append(wait)
    slow, quick = changing.duty(), changing.duty()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(slow.get, "/rules")
        assert began.wait(20)
        versions.use(versions.second)
        assert 'id="crime-anew"' in quick.get("/rules").text
        go_on.set()
        assert 'id="crime"' in answer.result().text


def test_the_app_is_made_anew_only_when_another_rulebook_comes_into_use(changing: Changing, versions: Versions) -> None:
    before = changing.desk.app_now()
    assert changing.desk.app_now() is before
    versions.use(versions.second)
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: changing.desk.app_now(), range(8)))
    # One thread changes over; nobody waits for it, and there is one new app, not eight.
    assert {app for app in asked if app is not before} <= {changing.desk.app_now()}
    assert changing.desk.app_now() is not before
