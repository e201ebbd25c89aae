"""An officer who is kept from a report meets it nowhere, and no number has a gap; two reviewers can change that."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import update

from reports.officers import Role
from reports.tables import officers
from reports.values import Urgency
from tests.console.house import LABELS, RUILI, House, Kept, Officer, a_finding, words_of

VIEWS = ("state=IN_TRIAGE", "state=REFERRED", "state=RECEIVED", "view=unassigned", "exercise=1")
# Reading these leaves a line that they show, counts for machines alone, or shows a secret that is new each time.
CHANGING = {"/audit", "/metrics", "/second-factor/new", "/second-factor", "/account", "/officers"}
INBOX = ("/inbox", "/inbox?ended=1", "/inbox?exercise=1")
_MOVES = re.compile(r"\d\d\d\d-\d\d-\d\d[T ][\d:+]*|\b\d\d:\d\d\b|\d+ (milliseconds|seconds|minutes) ago|just now")


def _seen(officer: Officer, pages: tuple[str, ...]) -> list[str]:
    """What pages say, but for times."""
    return [_MOVES.sub("", words_of(officer.get(page).text)) for page in pages]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.UNIT_OFFICER])
@pytest.mark.parametrize("make", ["waiting", "triaged", "referred"])
def test_no_page_and_no_number_changes_for_an_officer_who_is_kept_away(house: House, make: str, role: Role) -> None:
    named, other, whole = house.officer(role), house.duty(), house.duty()
    pages = (*_own_pages(house, named), *(f"/queue?{view}" for view in VIEWS))
    before = _seen(named, pages)
    kept: Kept = getattr(house, make)()
    house.kept_from(kept, other)
    assert _seen(house.kept_from(kept, named), pages) == before
    # With what is there, a page of somebody who may see it is another.
    assert "/queue" not in pages or _seen(whole, ("/queue",)) != _seen(other, ("/queue",))


def _own_pages(house: House, officer: Officer) -> tuple[str, ...]:
    """Every page that an officer may open and that is not about one thing."""
    rules = [rule for rule in house.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return tuple(rule.rule for rule in rules if rule.rule not in CHANGING and officer.get(rule.rule).status_code == 200)


def test_no_list_and_no_number_of_an_inbox_changes_for_an_officer_who_is_named(house: House) -> None:
    named = house.unit(RUILI)
    before = _seen(named, INBOX)
    kept = house.referred()
    assert house.kept_from(kept, named).get(f"/inbox/{house.packet(kept)}").status_code == 404
    assert _seen(named, INBOX) == before
    # A colleague in the same unit has it.
    assert "To do <b>1</b>" in house.unit(RUILI).get("/inbox").text


def test_what_an_officer_is_kept_from_answers_at_every_route_as_if_it_were_not_there(house: House) -> None:
    kept, named, stranger = house.referred(), house.duty(), house.unit(RUILI)
    house.kept_from(kept, named)
    house.kept_from(kept, stranger)
    there = {"reference": kept.reference, "referral_id": house.packet(kept)}
    nothing = {"reference": "0000-000000", "referral_id": "0" * 32}
    routes = [rule for rule in house.app.url_map.iter_rules() if set(rule.arguments) & set(there)]
    assert len(routes) > 20
    for rule in routes:
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            for officer in (named, stranger):
                answers = [_ask(officer, method, rule.rule, values) for values in (there, nothing)]
                assert answers[0] == answers[1], f"{method} {rule.rule}"


def _ask(officer: Officer, method: str, path: str, values: dict[str, str]) -> tuple[int, str]:
    filled = path
    for name, value in {**values, "verb": "close"}.items():
        filled = filled.replace(f"<{name}>", value)
    filled = re.sub("<[^>]+>", "0" * 32, filled)
    form = {"version": "2", "reason": "x", "whom": officer.id}
    answer = officer.get(filled) if method == "GET" else officer.post(filled, form)
    shown = answer.text
    for value in values.values():
        shown = shown.replace(value, "")
    return answer.status_code, words_of(shown)


def test_anybody_at_the_desk_can_keep_somebody_away_with_a_reason(house: House) -> None:
    kept, named, officer = house.triaged(), house.duty("Zhou"), house.duty("Lin")
    page = f"/reports/{kept.reference}/recusal"
    assert officer.post(f"{page}/keep_away", {"whom": named.id, "reason": " "}).status_code == 422
    assert named.get(f"/reports/{kept.reference}").status_code == 200
    assert officer.post(f"{page}/keep_away", {"whom": named.id, "reason": "举报里有他的名字"}).status_code == 303
    assert named.get(f"/reports/{kept.reference}").status_code == 404
    shown = words_of(officer.get(page).text)
    assert "Zhou · Kept away since" in shown
    history = words_of(officer.get(f"/reports/{kept.reference}").text)
    assert "kept an officer away" in history
    assert "举报里有他的名字" in history


def test_whoever_keeps_themselves_away_is_led_to_their_own_first_page(house: House) -> None:
    kept, officer = house.triaged(), house.duty()
    house.duty()
    asked = officer.post(f"/reports/{kept.reference}/recusal/keep_away", {"whom": officer.id, "reason": "我的亲戚"})
    assert (asked.status_code, asked.location) == (303, "/")
    assert officer.get("/", follow_redirects=True).status_code == 200


def test_whoever_is_kept_away_is_on_the_report_no_longer_and_nobody_is_sent_to_speak_with_them(house: House) -> None:
    kept, named, officer = house.triaged(), house.duty("Zhou"), house.duty("Lin")
    page = f"/reports/{kept.reference}"
    named.get(page)
    assert named.post(f"{page}/take").status_code == 303
    assert "Zhou" in words_of(officer.get(page).text)
    assert officer.post(f"{page}/recusal/keep_away", {"whom": named.id, "reason": "写的就是他"}).status_code == 303
    there = words_of(officer.get(f"{page}/there?version={officer.version(page)}").text)
    assert "Zhou" not in there
    assert officer.act(page, "confirm").status_code == 303


def test_nobody_can_hide_a_report_from_everybody(house: House) -> None:
    kept, alone = house.triaged(), house.duty()
    house.unit(RUILI)
    asked = alone.post(f"/reports/{kept.reference}/recusal/keep_away", {"whom": alone.id, "reason": "x"})
    assert asked.status_code == 422
    assert "Then nobody could see this report" in words_of(asked.text)
    assert alone.get(f"/reports/{kept.reference}").status_code == 200
    # A reviewer is somebody.
    house.officer(Role.REVIEWER)
    assert (
        alone.post(f"/reports/{kept.reference}/recusal/keep_away", {"whom": alone.id, "reason": "x"}).status_code == 303
    )


def test_a_reviewer_sees_recused_cases_and_no_others(house: House) -> None:
    open_case, recused = house.triaged(), house.triaged()
    house.kept_from(recused, house.duty())
    reviewer = house.officer(Role.REVIEWER)
    listed = reviewer.get("/recusals").text
    assert recused.reference in listed
    assert open_case.reference not in listed
    assert reviewer.get(f"/reports/{recused.reference}").status_code == 200
    assert reviewer.get(f"/reports/{open_case.reference}").status_code == 404


def test_a_reviewer_comes_to_every_recused_case_page_by_page_whatever_is_told_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.recusal_page._PER_PAGE", 2)
    duty, reviewer = house.duty(), house.officer(Role.REVIEWER)
    cases = [house.triaged() for _ in range(5)]
    hidden = house.triaged()
    for kept in (*cases, hidden):
        house.kept_from(kept, duty)
    house.kept_from(hidden, reviewer)
    address, seen = "/recusals", list[str]()
    while address:
        page = reviewer.get(address).text
        seen += re.findall(r'href="/reports/([0-9A-Z-]+)"', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1] if following else ""
        house.kept_from(house.triaged(), duty)
    assert sorted(seen) == sorted(kept.reference for kept in cases)
    assert reviewer.get("/recusals?before=x").status_code == 400


def test_a_recusal_is_lifted_by_two_reviewers_and_by_nobody_else(house: House) -> None:
    kept, named = house.triaged(), house.duty("Zhou")
    house.kept_from(kept, named)
    first, second = house.officer(Role.REVIEWER, name="First"), house.officer(Role.REVIEWER, name="Second")
    page = f"/reports/{kept.reference}/recusal"
    form = {"whom": named.id, "ground": "not_the_person", "reason": "同名不同人"}
    for other in (house.duty(), house.officer(Role.SUPERVISOR), house.officer(Role.ADMINISTRATOR)):
        assert other.post(f"{page}/lift", form).status_code == 404
    assert first.post(f"{page}/lift", {**form, "ground": "because"}).status_code == 422
    assert first.post(f"{page}/lift", form).status_code == 303
    assert named.get(f"/reports/{kept.reference}").status_code == 404
    confirm = _confirm_address(second)
    assert first.post(confirm).status_code == 403
    assert house.officer(Role.SUPERVISOR).post(confirm).status_code == 403
    assert named.get(f"/reports/{kept.reference}").status_code == 404
    assert second.post(confirm).status_code == 303
    assert named.get(f"/reports/{kept.reference}").status_code == 200
    assert second.post(confirm).status_code == 409


def test_what_was_lifted_meanwhile_is_not_lifted_again_and_nobody_asks_for_it(house: House) -> None:
    kept, named = house.triaged(), house.duty("Zhou")
    house.kept_from(kept, named)
    first, second = house.officer(Role.REVIEWER), house.officer(Role.REVIEWER)
    page = f"/reports/{kept.reference}/recusal"
    form = {"whom": named.id, "ground": "not_the_person", "reason": "同名不同人"}
    for whom in (house.duty().id, "0" * 32, ""):
        refused = first.post(f"{page}/lift", {**form, "whom": whom})
        assert refused.status_code == 422
        assert "Choose somebody from the list." in words_of(refused.text)
    assert [first.post(f"{page}/lift", form).status_code for _ in range(2)] == [303, 303]
    earlier = _confirm_address(second)
    assert second.post(earlier).status_code == 303
    later = _confirm_address(second)
    assert later != earlier
    answer = second.post(later)
    assert answer.status_code == 409
    assert "it was done already" in words_of(answer.text)


def test_a_reviewer_who_is_named_agrees_to_nothing_about_themselves(house: House) -> None:
    kept, named = house.triaged(), house.officer(Role.REVIEWER)
    house.kept_from(kept, named)
    first = house.officer(Role.REVIEWER)
    form = {"whom": named.id, "ground": "unfounded", "reason": "x"}
    assert first.post(f"/reports/{kept.reference}/recusal/lift", form).status_code == 303
    assert "Nothing waits for your word" in named.get("/requests").text
    confirm = _confirm_address(house.officer(Role.REVIEWER))
    assert named.post(confirm).status_code == 403


def test_a_unit_that_was_cleared_by_two_reviewers_can_be_sent_the_report(house: House) -> None:
    labels = LABELS.__class__(
        matters=("official_complicity", "forced_labour"), urgency=Urgency.URGENT, persons=("man",), reporter="victim",
        places=LABELS.places, cues=("complained_unit_county",),
    )  # fmt: skip
    kept = house.referred(finding=a_finding(labels))
    first, second, duty = house.officer(Role.REVIEWER), house.officer(Role.REVIEWER), house.duty()
    report = f"/reports/{kept.reference}"
    assert kept.reference in first.get("/recusals").text
    assert duty.act(report, "reroute", kind="public_security", area="瑞丽市").status_code == 422
    form = {"whom": "area", "ground": "unfounded", "reason": "查无此事"}
    assert first.post(f"{report}/recusal/lift", form).status_code == 303
    assert second.post(_confirm_address(second)).status_code == 303
    assert duty.act(report, "reroute", kind="public_security", area="瑞丽市").status_code == 303
    house.deliver()
    assert house.unit(RUILI).get(f"/inbox/{house.packet(kept)}").status_code == 200


def test_what_was_written_is_still_there_where_a_fresh_proof_is_wanted(
    house: House, age: Callable[[int], None]
) -> None:
    kept, named = house.triaged(), house.duty()
    house.kept_from(kept, named)
    first = house.officer(Role.REVIEWER)
    page = f"/reports/{kept.reference}/recusal"
    form = {"whom": named.id, "ground": "unfounded", "reason": "写了很久的理由"}
    age(6)
    asked = first.post(f"{page}/lift", form)
    assert asked.status_code == 403
    assert "fresh proof of who you are" in words_of(asked.text)
    assert "写了很久的理由" in asked.text
    assert f'href="/step-up?next={page}" target="_blank"' in asked.text
    # Nothing is asked of the second reviewer yet.
    assert "Nothing waits for your word" in house.officer(Role.REVIEWER).get("/requests").text
    age(-6)
    assert first.post(f"{page}/lift", form).status_code == 303


def test_agreeing_wants_a_fresh_proof_of_who_agrees(house: House, age: Callable[[int], None]) -> None:
    kept, named = house.triaged(), house.duty()
    house.kept_from(kept, named)
    first, second = house.officer(Role.REVIEWER), house.officer(Role.REVIEWER)
    form = {"whom": named.id, "ground": "unfounded", "reason": "x"}
    first.post(f"/reports/{kept.reference}/recusal/lift", form)
    confirm = _confirm_address(second)
    age(6)
    asked = second.post(confirm)
    assert (asked.status_code, asked.location.split("?")[0]) == (303, "/step-up")
    assert named.get(f"/reports/{kept.reference}").status_code == 404


def _confirm_address(officer: Officer) -> str:
    found = re.search(r'action="(/requests/[0-9a-f]{32}/confirm)"', officer.get("/requests").text)
    assert found is not None
    return found[1]


def test_who_is_named_does_not_open_it_before_the_machine_has_looked_for_names(house: House) -> None:
    house.duty()
    officer = house.duty("Zhou")
    with house.database.write() as connection:
        connection.execute(update(officers).where(officers.c.id == officer.id).values(known_as="陈大明\n陈所长"))
    about, other = house.waiting("派出所的陈 大 明收了老板的钱"), house.waiting("被关在砖厂")
    assert officer.get(f"/reports/{other.reference}").status_code == 200
    beside = officer.get(f"/reports/{other.reference}/beside", query_string={"with": about.reference})
    assert "老板的钱" not in beside.text
    assert beside.status_code == 422
    answer = officer.get(f"/reports/{about.reference}")
    assert answer.status_code == 404
    assert "老板的钱" not in answer.text
    assert about.reference not in officer.get("/queue?state=RECEIVED").text
    assert ("machine", "kept_away") in house.audit(about.report_id)


@pytest.mark.parametrize("verb", ["confirm", "quarantine"])
def test_who_is_named_is_kept_away_where_an_officer_decides_before_the_machine_has_looked(
    house: House, verb: str
) -> None:
    named, officer = house.duty("Zhou"), house.duty("Lin")
    with house.database.write() as connection:
        connection.execute(update(officers).where(officers.c.id == named.id).values(known_as="陈大明"))
    kept = house.triaged()
    house.added(house.waiting("派出所的陈 大 明收了老板的钱"), kept.report_id)
    assert officer.act(f"/reports/{kept.reference}", verb).status_code == 303
    assert kept.reference not in named.get(f"/queue?state={house.row(kept)['state']}").text
    assert named.client.get(f"/reports/{kept.reference}").status_code == 404
    assert ("machine", "kept_away") in house.audit(kept.report_id)


def test_a_reviewer_who_is_kept_from_a_report_has_no_word_in_lifting_anything_of_it(house: House) -> None:
    kept, named, second = house.triaged(), house.duty("Zhou"), house.officer(Role.REVIEWER)
    house.kept_from(kept, named)
    house.kept_from(kept, second)
    first = house.officer(Role.REVIEWER)
    form = {"whom": named.id, "ground": "unfounded", "reason": "x"}
    assert first.post(f"/reports/{kept.reference}/recusal/lift", form).status_code == 303
    assert "Nothing waits for your word" in second.get("/requests").text
    confirm = _confirm_address(house.officer(Role.REVIEWER))
    for verb in ("confirm", "refuse"):
        assert second.post(confirm.replace("confirm", verb)).status_code == 409
    assert named.get(f"/reports/{kept.reference}").status_code == 404
