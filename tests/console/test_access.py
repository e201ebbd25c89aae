"""Who may see what: every route of the desk, for everybody who might ask."""

from __future__ import annotations

from dataclasses import replace

import pytest
from jinja2 import BytecodeCache
from sqlalchemy import update

from console.access import own_page
from reports.keys import DoorKeys
from reports.officers import NewOfficer, Role
from reports.tables import sessions
from tests.console.house import MANGSHI, RUILI, House, Officer, version_in, words_of

# What each route answers to: nobody, a duty officer, the unit's officer, another unit's officer, an administrator.
# Verbs are sent without the version they were seen at, so that whoever may use one is told the form was wrong (400).
MATRIX = {
    "GET /static/<path:filename>": (404, 404, 404, 404, 404),
    "GET /": (303, 303, 303, 303, 303),
    "GET /healthz": (200, 200, 200, 200, 200),
    "GET /metrics": (200, 200, 200, 200, 200),
    "GET /sign-in": (200, 303, 303, 303, 303),
    "POST /sign-in": (403, 403, 403, 403, 403),
    "POST /sign-out": (303, 303, 303, 303, 303),
    "POST /language": (403, 303, 303, 303, 303),
    "GET /queue": (302, 200, 404, 404, 404),
    "POST /queue/together": (403, 200, 404, 404, 404),
    "POST /queue/together/decide": (403, 400, 404, 404, 404),
    "GET /reports/<reference>": (302, 200, 404, 404, 404),
    "POST /reports/<reference>/contact": (403, 422, 404, 404, 404),
    "POST /reports/<reference>/open_report": (403, 422, 404, 404, 404),
    "POST /reports/<reference>/<verb>": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/made_to_do": (403, 200, 404, 404, 404),
    "POST /reports/<reference>/take_out": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/put_back": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/keep_back": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/release": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/files/<attachment>/copy": (403, 400, 404, 404, 404),
    "GET /reports/<reference>/files/<attachment>/original": (302, 400, 404, 404, 404),
    "POST /reports/<reference>/files/<attachment>/original": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/recordings/<recording>": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/recordings/<recording>/words": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/take": (403, 303, 404, 404, 404),
    "POST /reports/<reference>/let_go": (403, 303, 404, 404, 404),
    "GET /reports/<reference>/there": (302, 400, 404, 404, 404),
    "POST /reports/<reference>/ask_reporter": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/give_receipt": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/add_copy": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/answer_unit": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/transfer": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/recall": (403, 400, 404, 404, 404),
    "GET /reports/<reference>/beside": (302, 422, 404, 404, 404),
    "POST /reports/<reference>/merge": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/unmerge": (403, 400, 404, 404, 404),
    "GET /withheld": (302, 200, 404, 404, 404),
    "POST /reports/<reference>/never_text": (403, 303, 404, 404, 404),
    "POST /reports/<reference>/send_text": (403, 400, 404, 404, 404),
    "POST /reports/<reference>/text_again": (403, 422, 404, 404, 404),
    "GET /by-hand": (302, 200, 404, 404, 404),
    "GET /handover": (302, 200, 404, 404, 404),
    "GET /handover.csv": (302, 200, 404, 404, 404),
    "GET /roster": (302, 200, 404, 404, 404),
    "GET /first-shift": (302, 200, 404, 404, 404),
    "POST /first-shift/begin": (403, 400, 404, 404, 404),
    "POST /first-shift/end": (403, 303, 404, 404, 404),
    "POST /roster/add": (403, 404, 404, 404, 404),
    "POST /roster/<shift_id>/remove": (403, 404, 404, 404, 404),
    "GET /by-hand/<referral_id>": (302, 404, 404, 404, 404),
    "POST /by-hand/<referral_id>/read-out": (403, 400, 404, 404, 404),
    "GET /inbox": (302, 404, 200, 200, 404),
    "GET /inbox/<referral_id>": (302, 404, 200, 404, 404),
    "POST /inbox/<referral_id>/<verb>": (403, 404, 400, 404, 404),
    "POST /inbox/<referral_id>/files/<attachment>": (403, 404, 400, 404, 404),
    "GET /statistics": (302, 200, 404, 404, 200),
    "GET /statistics/export": (302, 200, 404, 404, 200),
    "GET /statistics/export/<request_id>": (302, 409, 404, 404, 409),
    "GET /statistics/lines": (302, 200, 404, 404, 200),
    "GET /statistics/machine": (302, 200, 404, 404, 200),
    "GET /statistics/now": (302, 200, 404, 404, 200),
    "GET /statistics/places": (302, 200, 404, 404, 200),
    "GET /statistics/units": (302, 200, 404, 404, 200),
    "GET /rules": (302, 200, 200, 200, 200),
    "GET /rules/lines": (302, 200, 200, 200, 200),
    "GET /rules/lines/<path:line>": (302, 200, 200, 200, 200),
    "GET /step-up": (302, 200, 200, 200, 200),
    "POST /step-up": (403, 403, 403, 403, 403),
    "GET /recusals": (302, 404, 404, 404, 404),
    "GET /reports/<reference>/recusal": (302, 200, 404, 404, 404),
    "POST /reports/<reference>/recusal/keep_away": (403, 422, 404, 404, 404),
    "POST /reports/<reference>/recusal/lift": (403, 404, 404, 404, 404),
    "GET /requests": (302, 200, 404, 404, 200),
    "POST /requests/<request_id>/confirm": (403, 409, 404, 404, 409),
    "POST /requests/<request_id>/refuse": (403, 409, 404, 404, 409),
    "POST /statistics/export": (403, 404, 404, 404, 404),
    "GET /audit": (302, 404, 404, 404, 404),
    "GET /browsing": (302, 404, 404, 404, 404),
    "POST /browsing/seen": (403, 404, 404, 404, 404),
    "GET /second-factor": (404, 200, 200, 200, 200),
    "POST /second-factor": (404, 403, 403, 403, 403),
    "POST /second-factor/passkey": (404, 403, 403, 403, 403),
    "GET /second-factor/new": (404, 200, 200, 200, 200),
    "POST /second-factor/new/code": (404, 422, 422, 422, 422),
    "POST /second-factor/new/passkey": (404, 422, 422, 422, 422),
    "GET /account": (302, 200, 200, 200, 200),
    "POST /account/end_session": (403, 303, 303, 303, 303),
    "POST /account/remove_factor": (403, 303, 303, 303, 303),
    "GET /own-password": (404, 404, 404, 404, 404),
    "POST /own-password": (404, 404, 404, 404, 404),
    "GET /account/password": (302, 200, 200, 200, 200),
    "POST /account/password": (403, 422, 422, 422, 422),
    "GET /officers": (302, 404, 404, 404, 200),
    "GET /officers/new": (302, 404, 404, 404, 200),
    "POST /officers/new": (403, 404, 404, 404, 422),
    "GET /officers/<officer_id>": (302, 404, 404, 404, 200),
    "POST /officers/<officer_id>/change_role": (403, 404, 404, 404, 422),
    "POST /officers/<officer_id>/new_password": (403, 404, 404, 404, 403),
    "POST /officers/<officer_id>/end_sessions": (403, 404, 404, 404, 303),
    "POST /officers/<officer_id>/disable": (403, 404, 404, 404, 303),
    "POST /officers/<officer_id>/recover": (403, 404, 404, 404, 403),
}
# A supervisor may do what a duty officer may, a reviewer that with the reports they see, a privacy officer what all
# may. Where it is otherwise: supervisor, reviewer, privacy officer.
OTHERWISE = {
    "GET /audit": (404, 404, 200),
    "GET /browsing": (200, 404, 200),
    "POST /browsing/seen": (400, 404, 400),
    "GET /officers": (200, 404, 404),
    "GET /officers/new": (200, 404, 404),
    "POST /officers/new": (422, 404, 404),
    "GET /officers/<officer_id>": (200, 404, 404),
    "POST /officers/<officer_id>/change_role": (422, 404, 404),
    "POST /officers/<officer_id>/new_password": (403, 404, 404),
    "POST /officers/<officer_id>/end_sessions": (303, 404, 404),
    "POST /officers/<officer_id>/recover": (403, 404, 404),
    "POST /roster/add": (422, 404, 404),
    "POST /roster/<shift_id>/remove": (303, 404, 404),
    "GET /statistics": (200, 404, 200),
    "GET /statistics/export": (200, 404, 200),
    "GET /statistics/export/<request_id>": (409, 404, 409),
    "GET /statistics/lines": (200, 404, 200),
    "GET /statistics/machine": (200, 404, 200),
    "GET /statistics/now": (200, 404, 200),
    "GET /statistics/places": (200, 404, 200),
    "GET /statistics/units": (200, 404, 200),
    # The duty officer is on it by now.
    "POST /reports/<reference>/take": (409, 409, 404),
    "GET /recusals": (404, 200, 404),
    "POST /reports/<reference>/recusal/lift": (404, 422, 404),
    "GET /requests": (200, 200, 200),
    "POST /requests/<request_id>/confirm": (409, 409, 409),
    "POST /requests/<request_id>/refuse": (409, 409, 409),
}


def test_every_route_answers_only_to_whom_it_should(house: House) -> None:
    kept = house.referred()
    # A recused case, so that a reviewer has something to do with it.
    house.kept_from(kept, house.duty())
    values = {
        "reference": kept.reference,
        "referral_id": house.packet(kept),
        "filename": "nothing.css",
        "line": "4.3.2-2",
        "request_id": "0" * 32,
        "shift_id": "0" * 32,
    }
    verbs = {"/reports/<reference>/<verb>": "confirm", "/inbox/<referral_id>/<verb>": "accept"}
    answers = {}
    for rule in house.app.url_map.iter_rules():
        # An officer signed out by the last request would be nobody at the next.
        askers = _everybody(house)
        values["officer_id"] = house.duty().id
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            path = rule.rule
            for name, value in {**values, "verb": verbs.get(rule.rule, "")}.items():
                path = path.replace(f"<path:{name}>", value).replace(f"<{name}>", value)
            asked = [asker.get(path) if method == "GET" else asker.post(path) for asker in askers]
            answers[f"{method} {rule.rule}"] = tuple(answer.status_code for answer in asked)
    assert answers == {route: (*expected, *_beside(route, expected)) for route, expected in MATRIX.items()}


def _beside(route: str, expected: tuple[int, ...]) -> tuple[int, ...]:
    """What a supervisor, a reviewer and a privacy officer get."""
    _, duty, *others = expected
    of_a_report = "/reports/<reference>" in route
    for_everybody = all(one == duty for one in others)
    usual = (duty, duty if of_a_report or for_everybody else 404, duty if for_everybody else 404)
    return OTHERWISE.get(route, usual)


def test_a_report_that_is_not_there_and_one_that_is_not_yours_look_the_same(house: House) -> None:
    kept = house.referred()
    stranger = house.unit(MANGSHI)
    there, not_there = stranger.get(f"/inbox/{house.packet(kept)}"), stranger.get(f"/inbox/{'0' * 32}")
    # The time of day stands above what the page says.
    said = [page.text.partition("<main")[2] for page in (there, not_there)]
    assert there.status_code == 404
    assert said[0] == said[1].replace("0" * 32, house.packet(kept)) != ""


@pytest.mark.parametrize("verb", ["accept", "done", "bounce"])
def test_no_verb_reaches_another_units_packet(house: House, verb: str) -> None:
    kept = house.referred()
    path = f"/inbox/{house.packet(kept)}"
    version = house.unit(RUILI).version(path)
    asked = house.unit(MANGSHI).post(f"{path}/{verb}", {"version": version, "reason": "x", "code": "not_our_area"})
    assert asked.status_code == 404
    assert {packet["state"] for packet in house.packets(kept)} == {"DELIVERED"}


def test_another_units_inbox_counts_nothing(house: House) -> None:
    house.referred()
    page = house.unit("public_security-110105").get("/inbox").text
    assert "To do <b>0</b>" in page
    assert "Over <b>0</b>" in page


def test_an_administrator_finds_no_content_on_any_page(house: House) -> None:
    kept = house.referred(name="王某")
    admin = _admin(house)
    for path in ("/", "/queue", "/inbox", "/statistics", "/rules", f"/reports/{kept.reference}"):
        page = admin.get(path, follow_redirects=True).text
        assert "砖厂" not in page
        assert kept.reference not in page.replace(f"/reports/{kept.reference}", "")


def test_no_change_is_taken_without_the_pages_own_token(house: House) -> None:
    kept = house.referred()
    paths = {
        "/sign-out", "/language", f"/reports/{kept.reference}/contact", f"/reports/{kept.reference}/close",
        f"/inbox/{house.packet(kept)}/accept",
    }  # fmt: skip
    for asker in (house.duty(), house.unit()):
        for path in paths:
            for token in ("", "d" * 43):
                asked = asker.client.post(path, data={"csrf_token": token, "version": "2", "reason": "写好的理由"})
                assert asked.status_code == 403
                assert "写好的理由" in asked.text
    assert house.row(kept)["state"] == "REFERRED"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_change_is_taken_from_another_site(house: House, headers: dict[str, str]) -> None:
    kept = house.triaged()
    asked = house.duty().post(f"/reports/{kept.reference}/contact", headers=headers)
    assert asked.status_code == 403
    signing_in = house.app.test_client().post("/sign-in?lang=en", data={"name": "a", "password": "b"}, headers=headers)
    assert signing_in.status_code == 403
    assert "out of date or came from elsewhere" in signing_in.text


def test_pages_may_run_no_script_and_lie_in_no_frame_or_cache(house: House) -> None:
    for path in ("/sign-in", "/queue", "/no-such-page", "/static/desk.css"):
        headers = house.duty().get(path, follow_redirects=True, buffered=True).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        # A browser that may send no referrer at all sends a form's origin as null.
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] in ("no-store", "no-cache")


def test_the_session_cookie_is_out_of_reach(house: House) -> None:
    signed_in = _sign_in(house, "a long pass phrase")
    cookie = signed_in.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_over_https_the_cookie_is_for_this_host_alone_and_never_in_the_clear(
    house: House, door_keys: DoorKeys, compiled: BytecodeCache
) -> None:
    settings = replace(house.services.settings, public_url="https://hotline.example")
    served = House(replace(house.services, settings=settings), door_keys, compiled)
    cookie = _sign_in(served, "a long pass phrase").headers["Set-Cookie"]
    assert cookie.startswith("__Host-desk=")
    for flag in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
        assert flag in cookie.split("; ")
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


def test_no_page_lies_in_a_cache_or_a_frame_whoever_opens_it(house: House) -> None:
    house.triaged()
    for officer in (house.nobody(), house.duty(), house.unit(), _admin(house)):
        for rule in house.app.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.arguments or rule.endpoint == "static":
                continue
            headers = officer.get(rule.rule).headers
            assert headers["Cache-Control"] == "no-store", rule.rule
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], rule.rule
            assert headers["X-Content-Type-Options"] == "nosniff", rule.rule


def test_after_five_wrong_passwords_the_right_one_waits_too_and_the_page_says_so(house: House) -> None:
    for _ in range(5):
        assert _sign_in(house, "wrong").status_code == 403
    refused = _sign_in(house, "a long pass phrase")
    assert refused.status_code == 403
    assert "too many tries" in refused.text
    assert 'value="Chen"' in refused.text


def test_after_thirty_idle_minutes_an_officer_signs_in_again_and_comes_back(house: House) -> None:
    kept = house.triaged()
    officer = house.duty()
    _age_sessions(house, minutes=31)
    sent_away = officer.get(f"/reports/{kept.reference}")
    assert sent_away.status_code == 302
    page = officer.get(sent_away.location).text
    assert "after thirty minutes" in page or "三十分钟" in page
    back = _sign_in(house, "a long pass phrase", next=f"/reports/{kept.reference}")
    assert back.location == f"/reports/{kept.reference}"


def test_twenty_nine_idle_minutes_are_fine(house: House) -> None:
    officer = house.duty()
    _age_sessions(house, minutes=29)
    assert officer.get("/queue").status_code == 200


def test_what_was_typed_survives_the_end_of_a_session(house: House) -> None:
    kept = house.triaged()
    officer = house.duty()
    version = officer.version(f"/reports/{kept.reference}")
    _age_sessions(house, minutes=31)
    asked = officer.post(f"/reports/{kept.reference}/close", {"version": version, "reason": "写了很久的理由"})
    assert asked.status_code == 403
    assert "写了很久的理由" in asked.text
    assert house.row(kept)["state"] == "IN_TRIAGE"


@pytest.mark.parametrize("stolen", [False, True])
def test_a_question_to_the_reporter_survives_the_end_of_a_session_and_a_page_that_is_too_old(
    house: House, stolen: bool
) -> None:
    kept, officer = house.triaged(), house.duty()
    form = {"version": officer.version(f"/reports/{kept.reference}"), "chance": "a" * 32, "words": "在几楼？<b>"}
    if stolen:
        form["csrf_token"] = "of another session"
    else:
        _age_sessions(house, minutes=31)
    asked = officer.post(f"/reports/{kept.reference}/ask_reporter", form)
    assert asked.status_code == 403
    assert "readonly>在几楼？&lt;b&gt;</textarea>" in asked.text


def test_no_password_and_no_code_comes_back_in_a_page_that_says_what_went_wrong(house: House) -> None:
    refused = house.duty().post("/step-up", {"csrf_token": "wrong", "password": "a long pass phrase", "code": "123456"})
    assert refused.status_code == 403
    assert "a long pass phrase" not in refused.text
    assert "123456" not in refused.text


def test_what_is_longer_than_the_desk_takes_is_said_to_be_so(house: House) -> None:
    kept = house.triaged()
    asked = house.duty().post(f"/reports/{kept.reference}/close", {"version": "2", "reason": "长" * 30_000})
    assert asked.status_code == 413
    assert "longer than the desk takes" in words_of(asked.text)
    assert asked.headers["Cache-Control"] == "no-store"


def test_nobody_is_sent_to_another_site_after_signing_in() -> None:
    assert own_page("/reports/ABCD-EFGHJK?x=1") == "/reports/ABCD-EFGHJK?x=1"
    for address in ("//elsewhere.example", "/\\elsewhere.example", "https://elsewhere.example", "queue", "", "/a\nb"):
        assert own_page(address) == "/"


def test_the_language_changes_on_the_page_one_is_on(house: House) -> None:
    kept = house.triaged()
    officer = house.duty(language="zh")
    page = officer.get(f"/reports/{kept.reference}?a=1")
    assert '<html lang="zh-Hans">' in page.text
    changed = officer.post("/language", {"back": f"/reports/{kept.reference}"})
    assert changed.location == f"/reports/{kept.reference}"
    assert "What was reported" in words_of(officer.get(changed.location).text)


def test_signing_out_ends_the_session_itself(house: House) -> None:
    officer = house.duty()
    officer.post("/sign-out")
    officer.client.set_cookie("desk", "x")
    assert officer.get("/queue").status_code == 302


def test_a_verb_nobody_knows_is_nothing(house: House) -> None:
    kept = house.triaged()
    assert house.duty().act(f"/reports/{kept.reference}", "erase").status_code == 404
    assert version_in(house.duty().get(f"/reports/{kept.reference}").text) == "2"


def _everybody(house: House) -> tuple[Officer, ...]:
    """Everybody who might ask, in the order of MATRIX."""
    return (
        house.nobody(),
        house.duty(),
        house.unit(RUILI),
        house.unit(MANGSHI),
        _admin(house),
        house.officer(Role.SUPERVISOR),
        house.officer(Role.REVIEWER),
        house.officer(Role.PRIVACY_OFFICER),
    )


def _admin(house: House) -> Officer:
    return house.officer(Role.ADMINISTRATOR)


def _sign_in(house: House, password: str, **fields: str):  # type: ignore[no-untyped-def]
    if not house.services.officers.list() or all(one.name != "Chen" for one in house.services.officers.list()):
        new = NewOfficer(name="Chen", role=Role.DUTY_OFFICER, unit="duty_desk", password="a long pass phrase")
        house.services.officers.add(new, actor="test")
    data = {"name": "Chen", "password": password, **fields}
    return house.app.test_client().post("/sign-in?lang=en", data=data)


def _age_sessions(house: House, minutes: int) -> None:
    with house.database.write() as connection:
        connection.execute(update(sessions).values(seen_at=sessions.c.seen_at - minutes * 60_000))
