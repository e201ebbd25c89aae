"""Officers at the desk: two people add and change them, each has a password that nobody else knows."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from sqlalchemy import select
from werkzeug.test import TestResponse

from console.devices import Devices
from reports.keys import DoorKeys
from reports.officers import NewOfficer, Role
from reports.tables import officers, sessions
from tests.console.house import House, Officer, words_of

OWN = "a sentence only I know"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Two:
    """A supervisor who asks and an administrator who agrees."""

    def __init__(self, house: House) -> None:
        self.asks, self.agrees = house.officer(Role.SUPERVISOR), house.officer(Role.ADMINISTRATOR)

    def add(self, name: str, role: str = "duty_officer", **fields: str) -> TestResponse:
        """Asks for a new officer."""
        return self.asks.post("/officers/new", {"name": name, "role": role, "ground": "new_colleague", **fields})

    def agree(self) -> str:
        """Agrees to the newest request. Returns the password that is shown, '' if none is."""
        shown = self.agrees.post(self.waiting()[-1]).text
        found = re.search(r'<code class="reference">([^<]+)</code>', shown)
        return html.unescape(found[1]) if found else ""

    def waiting(self) -> list[str]:
        """Where whoever agrees sends their word."""
        return re.findall(r'action="(/requests/[0-9a-f]{32}/confirm)"', self.agrees.get("/requests").text)


@pytest.fixture
def two(house: House) -> Two:
    return Two(house)


def sign_in(house: House, name: str, password: str, **headers: str) -> tuple[FlaskClient, TestResponse]:
    client = house.app.test_client()
    return client, client.post("/sign-in?lang=en", data={"name": name, "password": password}, headers=headers)


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Sends the form of a page back to its address."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    return client.post(path, data={"csrf_token": token[1] if token else "", **fields})


def id_of(house: House, name: str) -> str:
    return next(one.id for one in house.services.officers.list() if one.name == name)


def test_an_officer_is_there_once_a_second_person_agreed(house: House, two: Two) -> None:
    assert two.add("Officer 12", known_as="李警官\n老李").status_code == 303
    assert "Officer 12" not in [one.name for one in house.services.officers.list()]
    (confirm,) = two.waiting()
    said = words_of(two.agrees.get("/requests").text)
    assert "Officer 12 · Duty officer" in said
    assert "李警官" in said
    assert two.asks.post(confirm).status_code == 403
    password = two.agree()
    assert sign_in(house, "Officer 12", password)[1].status_code == 303
    added = house.audit(f"officer:{id_of(house, 'Officer 12')}")
    assert [action for _, action in added][:3] == ["two_people_asked", "two_people_confirmed", "officer_added"]
    with house.database.read() as connection:
        assert connection.execute(select(officers.c.known_as).where(officers.c.name == "Officer 12")).scalar() == (
            "李警官\n老李"
        )
    # It is shown that once.
    assert password not in two.agrees.get("/requests").text


def test_a_password_that_was_handed_over_opens_nothing_but_the_way_to_ones_own(house: House, two: Two) -> None:
    two.add("Officer 12")
    password = two.agree()
    client, asked = sign_in(house, "Officer 12", password)
    assert asked.location == "/own-password?next=/"
    for path in ("/queue", "/account", "/officers"):
        assert client.get(path).location.startswith("/own-password")
    for path in ("/second-factor", "/second-factor/new"):
        assert client.get(path).status_code == 404
    planted = client.get_cookie("desk")
    for new, again, says in (
        ("short", "short", "at least 12"),
        (OWN, "something else", "not the same"),
        (password, password, "is the current password"),
        ("x" * 201, "x" * 201, "at most 200"),
    ):
        refused = send(client, "/own-password", new=new, again=again)
        assert refused.status_code == 422
        assert says in words_of(refused.text)
        assert f'value="{new}"' not in refused.text
    assert send(client, "/own-password", new=OWN, again=OWN).location == "/"
    assert client.get("/queue").status_code == 200
    # Whoever handed it over signs in no more, nor does whoever held the cookie of before.
    assert sign_in(house, "Officer 12", password)[1].status_code == 403
    assert planted is not None
    client.set_cookie("desk", planted.value)
    assert client.get("/queue").location.startswith("/sign-in")


def test_where_a_second_factor_is_required_it_comes_after_ones_own_password(
    house: House, door_keys: DoorKeys, compiled: BytecodeCache
) -> None:
    settings = replace(house.services.settings, second_factor=True)
    strict = House(replace(house.services, settings=settings), door_keys, compiled)
    two = Two(strict)
    two.add("Officer 12")
    client, _ = sign_in(strict, "Officer 12", two.agree())
    assert send(client, "/own-password", new=OWN, again=OWN).location.startswith("/second-factor/new")
    assert client.get("/queue").location.startswith("/second-factor/new")


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        pytest.param({"name": " "}, "at most 80 letters", id="no name"),
        pytest.param({"name": "Officer 1"}, "has this name already", id="a name that somebody has"),
        pytest.param({"role": "king"}, "Choose a role", id="no role"),
        pytest.param({"role": "unit_officer"}, "Choose the kind of unit", id="a unit officer of no unit"),
        pytest.param({"known_as": "李"}, "at least 2 letters", id="a name known as that is in every text"),
    ],
)
def test_who_cannot_be_added_is_told_why_and_nothing_typed_is_lost(
    house: House, two: Two, fields: dict[str, str], says: str
) -> None:
    house.services.officers.add(
        NewOfficer(name="Officer 1", role=Role.REVIEWER, unit="duty_desk", password="a long pass phrase"), "test"
    )
    refused = two.add(**{"name": "Officer 12", "role": "duty_officer", **fields})  # type: ignore[arg-type]
    assert refused.status_code == 422
    assert says in words_of(refused.text)
    assert f'value="{fields.get("name", "Officer 12")}"' in refused.text
    assert two.waiting() == []


def test_a_units_officer_sees_the_inbox_of_that_unit(house: House, two: Two) -> None:
    house.referred()
    assert two.add("Ruili 3", "unit_officer", kind="public_security", area="瑞丽市").status_code == 303
    client, _ = sign_in(house, "Ruili 3", two.agree())
    send(client, "/own-password", new=OWN, again=OWN)
    assert "To do <b>1</b>" in client.get("/inbox").text
    assert client.get("/queue").status_code == 404


def test_a_name_that_was_taken_meanwhile_is_not_given_twice(house: House, two: Two) -> None:
    two.add("Officer 12")
    two.add("Officer 12")
    first, second = two.waiting()
    assert two.agrees.post(first).status_code == 200
    assert two.agrees.post(second).status_code == 409
    assert [one.name for one in house.services.officers.list()].count("Officer 12") == 1


def test_another_role_begins_with_a_new_sign_in_once_two_agreed(house: House, two: Two) -> None:
    house.services.officers.add(
        NewOfficer(name="Officer 12", role=Role.DUTY_OFFICER, unit="duty_desk", password=OWN), "x"
    )
    client, _ = sign_in(house, "Officer 12", OWN)
    page = f"/officers/{id_of(house, 'Officer 12')}"
    same = two.asks.post(f"{page}/change_role", {"role": "duty_officer", "ground": "other_duties"})
    assert same.status_code == 422
    two.asks.post(f"{page}/change_role", {"role": "privacy_officer", "ground": "other_duties"})
    assert client.get("/queue").status_code == 200
    two.agree()
    assert client.get("/queue").location.startswith("/sign-in")
    done = [action for _, action in house.audit(page.removeprefix("/officers/"))]
    assert done == ["officer_added", "signed_in", "two_people_asked", "two_people_confirmed", "officer_changed"]
    client, _ = sign_in(house, "Officer 12", OWN)
    assert (client.get("/queue").status_code, client.get("/audit").status_code) == (404, 200)


def test_nobody_changes_themselves(house: House, two: Two) -> None:
    for asker in (two.asks, two.agrees):
        fields = {"role": "supervisor", "ground": "other_duties"}
        assert asker.post(f"/officers/{asker.id}/change_role", fields).status_code == 404
        assert asker.get(f"/officers/{asker.id}").status_code == 404
    # Asked for by another, they do not agree to it either.
    two.asks.post(f"/officers/{two.agrees.id}/change_role", {"role": "supervisor", "ground": "other_duties"})
    assert two.waiting() == []


def test_a_forgotten_password_is_replaced_by_one_that_serves_once(house: House, two: Two) -> None:
    house.services.officers.add(NewOfficer(name="Officer 12", role=Role.REVIEWER, unit="duty_desk", password=OWN), "x")
    client, _ = sign_in(house, "Officer 12", OWN)
    two.asks.post(f"/officers/{id_of(house, 'Officer 12')}/new_password", {"ground": "forgotten"})
    password = two.agree()
    assert client.get("/account").location.startswith("/sign-in")
    assert sign_in(house, "Officer 12", OWN)[1].status_code == 403
    assert sign_in(house, "Officer 12", password)[1].location.startswith("/own-password")


def test_an_officer_changes_their_own_password_and_is_signed_out_elsewhere(house: House) -> None:
    house.services.officers.add(NewOfficer(name="Officer 12", role=Role.REVIEWER, unit="duty_desk", password=OWN), "x")
    (here, _), (there, _) = sign_in(house, "Officer 12", OWN), sign_in(house, "Officer 12", OWN)
    new = "another long sentence"
    wrong = send(here, "/account/password", current="not the right one", new=new, again=new)
    assert (wrong.status_code, "is not right" in words_of(wrong.text)) == (422, True)
    assert send(here, "/account/password", current=OWN, new=OWN, again=OWN).status_code == 422
    assert sign_in(house, "Officer 12", OWN)[1].status_code == 303
    changed = send(here, "/account/password", current=OWN, new=new, again=new)
    assert "Your password is changed" in words_of(here.get(changed.location).text)
    assert there.get("/account").location.startswith("/sign-in")
    assert sign_in(house, "Officer 12", OWN)[1].status_code == 403
    assert sign_in(house, "Officer 12", new)[1].status_code == 303
    assert "password_changed" in [action for _, action in house.audit(id_of(house, "Officer 12"))]


def test_wrong_passwords_at_the_form_lock_as_at_signing_in(house: House) -> None:
    house.services.officers.add(NewOfficer(name="Officer 12", role=Role.REVIEWER, unit="duty_desk", password=OWN), "x")
    client, _ = sign_in(house, "Officer 12", OWN)
    for _ in range(5):
        send(client, "/account/password", current="a guess", new="x" * 12, again="x" * 12)
    refused = send(client, "/account/password", current=OWN, new="x" * 12, again="x" * 12)
    assert "too many tries" in words_of(refused.text)


@pytest.mark.parametrize(
    ("user_agent", "says"),
    [
        (WINDOWS, "Firefox on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/17.5 Safari/605.1", "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) CriOS/126.0 Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari/537 MicroMessenger/8.0", "WeChat on Android"),
        ("Mozilla/5.0 (Android 12; HarmonyOS) Chrome/114 HuaweiBrowser/15.0 Safari/537", "Huawei Browser on HarmonyOS"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Something/1.0", "Windows"),
        ("curl/8.5.0", "A device of an unknown kind"),
        ("", "A device of an unknown kind"),
    ],
)  # fmt: skip
def test_the_list_of_sessions_names_the_device_in_plain_words(house: House, user_agent: str, says: str) -> None:
    house.services.officers.add(NewOfficer(name="Officer 12", role=Role.REVIEWER, unit="duty_desk", password=OWN), "x")
    client, _ = sign_in(house, "Officer 12", OWN, **{"User-Agent": user_agent})
    assert f"{says} · this one" in words_of(client.get("/account").text)


def test_of_a_device_no_version_and_no_word_of_its_own_is_kept(house: House, two: Two) -> None:
    house.services.officers.add(NewOfficer(name="Officer 12", role=Role.REVIEWER, unit="duty_desk", password=OWN), "x")
    sign_in(house, "Officer 12", OWN, **{"User-Agent": WINDOWS})
    whose = id_of(house, "Officer 12")
    with house.database.read() as connection:
        kept = connection.execute(select(sessions.c.device).where(sessions.c.officer_id == whose)).scalar_one()
    assert kept == "firefox-windows"
    assert "Firefox on Windows" in words_of(two.asks.get(f"/officers/{whose}").text)


def test_every_kind_of_device_fits_into_its_column_and_is_named_in_both_languages() -> None:
    devices = Devices.load()
    assert max(map(len, devices.browsers)) + 1 + max(map(len, devices.systems)) <= sessions.c.device.type.length
    for kind in (*(f"{one}-" for one in devices.browsers), *(f"-{one}" for one in devices.systems)):
        assert any(devices.named(kind, "zh"))
        assert any(devices.named(kind, "en"))


def test_supervisors_and_administrators_alone_find_the_way_there(house: House, two: Two) -> None:
    for one in (two.asks, two.agrees):
        assert 'href="/officers/new"' in one.get("/officers").text
    stranger: Officer = house.duty()
    assert stranger.get("/officers/new").status_code == 404
