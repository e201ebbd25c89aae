"""Signing in by two factors: nothing is seen before the second, and nobody sets one up for somebody else."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from reports.database import read_now
from reports.keys import DoorKeys
from reports.officers import NewOfficer, Role
from reports.second_factors import code_at
from reports.tables import officers, second_factors, sessions
from tests.console.house import House, words_of

PASSWORD = "a long pass phrase"


class Person:
    """Somebody who signs in with a browser of their own."""

    def __init__(self, house: House, name: str, role: Role = Role.DUTY_OFFICER) -> None:
        self._house, self.name, self.secret = house, name, ""
        self.client: FlaskClient = house.app.test_client()
        if all(one.name != name for one in house.services.officers.list()):
            house.services.officers.add(NewOfficer(name=name, role=role, unit="duty_desk", password=PASSWORD), "test")

    def password(self, **fields: str) -> TestResponse:
        """Gives the password."""
        data = {"name": self.name, "password": PASSWORD, **fields}
        return self.client.post("/sign-in?lang=en", data=data)

    def send(self, page: str, path: str, **fields: str) -> TestResponse:
        """Sends a form of a page, with what the page put into it."""
        shown = self.client.get(page).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
        secret = re.search(r'name="secret" value="([^"]+)"', shown)
        found = {"csrf_token": token[1] if token else "", **({"secret": secret[1]} if secret else {})}
        self.secret = found.get("secret", self.secret)
        if fields.get("code") == "right":
            fields["code"] = self.code()
        return self.client.post(path, data={**found, **fields})

    def code(self) -> str:
        """What the app shows now; the desk has forgotten that it was used before."""
        with self._house.database.write() as connection:
            connection.execute(update(second_factors).values(last_step=0))
            return code_at(self.secret, read_now(connection))

    def enrolled(self) -> Person:
        """Sets up an app."""
        self.password()
        made = self.send("/second-factor/new", "/second-factor/new/code", code="right")
        assert made.status_code == 303
        return self


@pytest.fixture
def strict(house: House, door_keys: DoorKeys, compiled: BytecodeCache) -> House:
    """The desk where a second factor is required."""
    settings = replace(house.services.settings, second_factor=True)
    return House(replace(house.services, settings=settings), door_keys, compiled)


def test_without_it_being_required_a_password_is_enough_and_the_first_start_stays_simple(house: House) -> None:
    person = Person(house, "Chen")
    assert person.password().location == "/"
    assert person.client.get("/queue").status_code == 200


def test_where_it_is_required_the_first_sign_in_leads_to_setting_one_up(strict: House) -> None:
    person = Person(strict, "Chen")
    asked = person.password(next="/withheld")
    assert asked.location.startswith("/second-factor/new?next=")
    shown = person.client.get(asked.location, follow_redirects=True)
    assert "Set up a second factor" in words_of(shown.text)
    assert 'src="data:image/svg+xml' in shown.text
    page = person.client.get("/queue")
    assert (page.status_code, page.location.split("?")[0]) == (302, "/second-factor/new")
    made = person.send("/second-factor/new?next=/withheld", "/second-factor/new/code", code="right", next="/withheld")
    assert made.location == "/withheld"
    assert person.client.get("/withheld").status_code == 200


def test_a_wrong_code_sets_nothing_up_and_keeps_the_picture(strict: House) -> None:
    person = Person(strict, "Chen")
    person.password()
    refused = person.send("/second-factor/new", "/second-factor/new/code", code="000000")
    assert refused.status_code == 422
    assert person.secret in refused.text
    assert person.client.get("/queue").status_code == 302


@pytest.mark.parametrize("required", [True, False])
def test_whoever_has_one_is_asked_for_it_everywhere(strict: House, house: House, required: bool) -> None:
    desk = strict if required else house
    Person(desk, "Chen").enrolled() if required else _enrolled_by_choice(desk)
    again = Person(desk, "Chen")
    assert again.password().location.startswith("/second-factor")
    kept = desk.triaged()
    for path in ("/queue", f"/reports/{kept.reference}", "/statistics", "/rules", "/account", "/requests"):
        page = again.client.get(path)
        assert (page.status_code, page.location.split("?")[0]) == (302, "/second-factor"), path
    # With the password alone nobody sets up another one.
    assert again.client.get("/second-factor/new").location.startswith("/second-factor")
    assert again.send("/second-factor", "/second-factor/new/code", code="000000").status_code == 303


def _enrolled_by_choice(house: House) -> None:
    person = Person(house, "Chen")
    person.password()
    assert person.send("/second-factor/new", "/second-factor/new/code", code="right").location == "/account"


def test_the_right_code_signs_in_under_a_token_of_its_own(strict: House) -> None:
    secret = Person(strict, "Chen").enrolled().secret
    again = Person(strict, "Chen")
    again.secret = secret
    again.password()
    waiting = again.client.get_cookie("desk")
    assert again.send("/second-factor", "/second-factor", code="right", next="/queue").location == "/queue"
    whole = again.client.get_cookie("desk")
    assert waiting is not None
    assert whole is not None
    assert waiting.value != whole.value
    assert again.client.get("/queue").status_code == 200
    # Whoever held the token of before holds nothing.
    again.client.set_cookie("desk", waiting.value)
    assert again.client.get("/queue").location.startswith("/sign-in")


def test_a_code_is_taken_once(strict: House) -> None:
    person = Person(strict, "Chen").enrolled()
    code = person.code()
    first, second = Person(strict, "Chen"), Person(strict, "Chen")
    first.password()
    second.password()
    assert first.send("/second-factor", "/second-factor", code=code).status_code == 303
    assert second.send("/second-factor", "/second-factor", code=code).status_code == 403


def test_after_five_wrong_codes_neither_code_nor_password_serves_for_a_while(strict: House) -> None:
    secret = Person(strict, "Chen").enrolled().secret
    thief = Person(strict, "Chen")
    thief.secret = secret
    for _ in range(5):
        # The right password in between forgives nothing.
        thief.password()
        assert thief.send("/second-factor", "/second-factor", code="000000").status_code == 403
    assert thief.send("/second-factor", "/second-factor", code="right").status_code == 403
    assert thief.password().status_code == 403


def test_a_password_alone_is_forgotten_after_ten_minutes(strict: House) -> None:
    person = Person(strict, "Chen").enrolled()
    again = Person(strict, "Chen")
    again.secret = person.secret
    again.password()
    with strict.database.write() as connection:
        connection.execute(update(sessions).values(started_at=sessions.c.started_at - 11 * 60_000))
    assert again.client.get("/second-factor").status_code == 404
    assert again.client.get("/queue").location.startswith("/sign-in")


def test_no_code_is_taken_from_another_page_or_site(strict: House) -> None:
    person = Person(strict, "Chen").enrolled()
    again = Person(strict, "Chen")
    again.secret = person.secret
    again.password()
    code = again.code()
    assert again.client.post("/second-factor", data={"code": code, "csrf_token": "x"}).status_code == 403
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert again.client.post("/second-factor", data={"code": code}, headers=elsewhere).status_code == 403
    assert again.client.get("/queue").status_code == 302


def test_whoever_signs_in_over_an_old_cookie_gets_a_new_one(house: House) -> None:
    """Session fixation: a cookie that somebody planted is nobody's session before or after."""
    person = Person(house, "Chen")
    person.client.set_cookie("desk", "planted-by-somebody")
    person.password()
    cookie = person.client.get_cookie("desk")
    assert cookie is not None
    assert cookie.value != "planted-by-somebody"
    other = house.app.test_client()
    other.set_cookie("desk", "planted-by-somebody")
    assert other.get("/queue").status_code == 302


def test_what_wants_a_fresh_proof_takes_the_second_factor_and_not_the_password(strict: House) -> None:
    person = Person(strict, "Chen").enrolled()
    with strict.database.write() as connection:
        connection.execute(update(sessions).values(proved_at=1))
    asked = person.client.get("/second-factor/new")
    assert asked.location.startswith("/step-up")
    assert person.client.get(asked.location).location.startswith("/second-factor")
    assert person.send("/queue", "/step-up", password=PASSWORD).location.startswith("/second-factor")
    assert person.client.get("/second-factor/new").status_code == 303
    assert person.send("/second-factor", "/second-factor", code="right", next="/second-factor/new").status_code == 303
    assert person.client.get("/second-factor/new").status_code == 200


def test_after_a_loss_two_others_let_an_officer_set_up_a_new_one(strict: House) -> None:
    lost = Person(strict, "Chen").enrolled()
    supervisor, administrator = strict.officer(Role.SUPERVISOR), strict.officer(Role.ADMINISTRATOR)
    with strict.database.read() as connection:
        chen = connection.execute(select(officers.c.id).where(officers.c.name == "Chen")).scalar_one()
    assert supervisor.post(f"/officers/{chen}/recover", {"ground": "lost_device"}).status_code == 303
    assert lost.client.get("/queue").status_code == 200
    found = re.search(r'action="(/requests/[0-9a-f]{32}/confirm)"', administrator.get("/requests").text)
    assert found is not None
    assert supervisor.post(found[1]).status_code == 403
    shown = administrator.post(found[1]).text
    code = re.search(r'<code class="reference">([^<]+)</code>', shown)
    assert code is not None
    # Every session ended, the old app serves no more, and the password alone sets nothing up.
    assert lost.client.get("/queue").status_code == 302
    again = Person(strict, "Chen")
    again.secret = lost.secret
    again.password()
    assert again.send("/second-factor", "/second-factor", code="right").status_code == 403
    assert again.client.get("/second-factor/new").location.startswith("/second-factor")
    given = again.send("/second-factor", "/second-factor", code=html.unescape(code[1]))
    assert given.location.startswith("/second-factor/new")
    assert again.client.get("/queue").status_code == 302
    assert again.send("/second-factor/new", "/second-factor/new/code", code="right").status_code == 303
    assert again.client.get("/queue").status_code == 200


def test_the_last_factor_stays_where_one_is_required(strict: House) -> None:
    person = Person(strict, "Chen").enrolled()
    with strict.database.read() as connection:
        factor = connection.execute(select(second_factors.c.id)).scalar_one()
    assert person.send("/account", "/account/remove_factor", factor=factor).status_code == 422
    assert "The last one stays" in words_of(person.send("/account", "/account/remove_factor", factor=factor).text)


def test_sessions_are_listed_and_ended_one_by_one_or_all(house: House) -> None:
    here, there = Person(house, "Chen"), Person(house, "Chen")
    here.password()
    there.password()
    page = here.client.get("/account").text
    assert "this one" in words_of(page)
    other = [name for name in re.findall(r'name="session" value="([0-9a-f]+)"', page) if name not in _own(page)]
    here.send("/account", "/account/end_session", session=other[0])
    assert there.client.get("/queue").status_code == 302
    assert here.client.get("/queue").status_code == 200
    here.send("/account", "/account/end_session")
    assert here.client.get("/queue").status_code == 302


def _own(page: str) -> list[str]:
    return re.findall(r'this one.*?name="session" value="([0-9a-f]+)"', page, re.DOTALL)[:1]


def test_a_supervisor_signs_somebody_out_and_only_an_administrator_ends_access(house: House) -> None:
    person = Person(house, "Chen")
    person.password()
    supervisor, administrator = house.officer(Role.SUPERVISOR), house.officer(Role.ADMINISTRATOR)
    with house.database.read() as connection:
        chen = connection.execute(select(officers.c.id).where(officers.c.name == "Chen")).scalar_one()
    assert "Chen" in supervisor.get("/officers").text
    assert supervisor.post(f"/officers/{chen}/end_sessions").status_code == 303
    assert person.client.get("/queue").status_code == 302
    assert supervisor.post(f"/officers/{chen}/disable").status_code == 404
    assert administrator.post(f"/officers/{chen}/disable").status_code == 303
    assert person.password().status_code == 403
    assert administrator.post(f"/officers/{administrator.id}/disable").status_code == 404
