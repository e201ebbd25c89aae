"""Figures leave as a file only where two people agreed, once, and hold no more than the pages show."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from reports.facts import Hop
from reports.officers import Role
from tests.console.house import RUILI, House, Officer, words_of
from tests.console.test_plan_figures import COUNTING, a_year, fill


def asked(house: House, officer: Officer, what: str = "csv") -> str:
    """Asks for a file of 2026 and returns the request's id."""
    form = {"what": what, "year": "2026", "reason": "plan_evaluation"}
    assert officer.post("/statistics/export", form).status_code == 303
    page = house.officer(Role.SUPERVISOR).get("/requests").text
    return re.findall(r"/requests/([0-9a-f]{32})/confirm", page)[-1]


def agreed(house: House, officer: Officer, what: str = "csv") -> str:
    """The same once a supervisor has agreed."""
    request_id = asked(house, officer, what)
    assert house.officer(Role.SUPERVISOR).post(f"/requests/{request_id}/confirm").status_code == 303
    return request_id


def table(answer_data: bytes) -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(io.StringIO(answer_data.decode("utf-8-sig"))))


def test_a_file_wants_a_second_person_and_is_taken_once(house: House) -> None:
    fill(house, a_year(900))
    officer = house.duty()
    request_id = asked(house, officer)
    assert officer.get(f"/statistics/export/{request_id}").status_code == 409
    assert officer.post(f"/requests/{request_id}/confirm").status_code == 403
    assert house.officer(Role.SUPERVISOR).post(f"/requests/{request_id}/confirm").status_code == 303
    assert house.duty().get(f"/statistics/export/{request_id}").status_code == 409
    taken = officer.get(f"/statistics/export/{request_id}")
    assert taken.status_code == 200
    assert taken.headers["Content-Disposition"] == 'attachment; filename="figures-csv-2026.csv"'
    assert officer.get(f"/statistics/export/{request_id}").status_code == 409
    assert (officer.id, "figures_exported") in house.audit(f"request:{request_id}")


@pytest.mark.parametrize("what", ["csv", "htcds", "ic_tip"])
def test_no_file_holds_a_number_below_the_smallest(house: House, what: str) -> None:
    fill(house, a_year(900))
    officer = house.duty()
    rows = table(officer.get(f"/statistics/export/{agreed(house, officer, what)}").data)
    assert rows
    assert any(row["half_accepted_within_minutes"] for row in rows)
    numbers = [row[one] for row in rows for one in ("received", "reported", "solved", "refused", "reopened")]
    assert "" in numbers
    for number in numbers:
        assert number == "" or int(number) == 0 or int(number) >= COUNTING.smallest


def test_a_file_says_what_the_page_says(house: House) -> None:
    fill(house, a_year(5000))
    officer = house.duty()
    rows = table(officer.get(f"/statistics/export/{agreed(house, officer)}").data)
    page = words_of(officer.get("/statistics").text)
    for row in rows:
        if row["breakdown"] == "matter" and row["received"]:
            assert f"{row['name']} {int(row['received']):,}" in page
    assert sum(1 for row in rows if row["breakdown"] == "line") % 3 == 0


def test_the_file_of_times_says_what_the_page_of_hops_and_units_says(house: House) -> None:
    fill(house, a_year(900))
    officer = house.duty()
    rows = table(officer.get(f"/statistics/export/{agreed(house, officer, 'times')}").data)
    page = words_of(officer.get("/statistics/units?hop=acceptance").text)
    (hop,) = [row for row in rows if row["breakdown"] == "hop" and row["code"] == "acceptance"]
    classes = [name.removeprefix("percent_") for name in hop if name.startswith("percent_")]
    shares = " ".join(f"{hop[f'percent_{one}']}%" for one in classes)
    assert re.search(rf"Unit accepts [^%]* {shares}", page)
    (unit,) = [row for row in rows if row["breakdown"] == "unit"]
    assert (unit["hop"], unit["code"]) == ("acceptance", RUILI)
    numbers = " ".join(f"{int(unit[one]):,}" for one in ["packets", *classes[:-1]])
    assert re.search(rf"{re.escape(unit['name'])} [^%]* {unit['percent_overdue']}% {numbers}", page)
    assert unit["half_within"] == hop["half_within"]
    assert sum(int(unit[one]) for one in classes[:-1]) == int(unit["packets"])


def test_the_file_of_times_leaves_out_what_the_page_leaves_out(house: House) -> None:
    fill(house, a_year(30))
    officer = house.duty()
    rows = table(officer.get(f"/statistics/export/{agreed(house, officer, 'times')}").data)
    too_few = [row for row in rows if row["breakdown"] == "hop" and row["code"] != "acceptance"]
    (unit,) = [row for row in rows if row["breakdown"] == "unit"]
    assert [row["code"] for row in too_few] == ["desk", "delivery", "first_action", "feedback"]
    assert {value for row in too_few for value in list(row.values())[6:]} == {""}
    # Of the classes of one unit all or none: some would tell of the rest.
    assert unit["packets"] == "30"
    assert {unit[name] for name in unit if "within_" in name and name != "half_within"} == {""}
    # Of all units together no number: what is left of the named would tell of a small one.
    assert {row["packets"] for row in rows if row["breakdown"] == "hop"} == {""}


def test_two_hops_of_a_unit_do_not_tell_how_many_lie_between_them(house: House) -> None:
    """Of 40 that it has the unit accepted 38: two wait."""
    took = [(Hop(RUILI, "delivery", 1, late=False), Hop(RUILI, "acceptance", 2, late=False))] * 38
    took += [(Hop(RUILI, "delivery", 1, late=False),)] * 2
    fill(house, [replace(one, hops=hops) for one, hops in zip(a_year(40), took, strict=True)])
    officer = house.duty()
    rows = table(officer.get(f"/statistics/export/{agreed(house, officer, 'times')}").data)
    packets = {row["hop"]: (row["packets"], row["within_15_minutes"]) for row in rows if row["breakdown"] == "unit"}
    assert packets == {"delivery": ("", ""), "acceptance": ("38", "0")}
    (delivery,) = [row for row in rows if row["breakdown"] == "unit" and row["hop"] == "delivery"]
    assert (delivery["half_within"], delivery["percent_within_15_minutes"]) == ("within_15_minutes", "100")
    page = words_of(officer.get("/statistics/units?hop=delivery").text)
    assert "Ruili City Public Security Bureau ≤ 15 min 0% – left out 0% 100% 0%" in page
    assert "40" not in page[page.index("The slowest units") : page.index("Only units")]
    assert " 38 " in words_of(officer.get("/statistics/units?hop=acceptance").text)


def test_rows_have_the_names_of_the_standards(house: House) -> None:
    fill(house, a_year(5000))
    officer = house.duty()
    htcds = table(officer.get(f"/statistics/export/{agreed(house, officer, 'htcds')}").data)
    named = {(row["field"], row["value"]) for row in htcds}
    assert {("prs_Gender", "Feminine"), ("vic_TypeOfExploitation", "ForcedLabour")} <= named
    ic_tip = table(officer.get(f"/statistics/export/{agreed(house, officer, 'ic_tip')}").data)
    assert {row["element"] for row in ic_tip} == {"event", "victim", "reporting_entity"}


def test_what_cannot_be_taken_cannot_be_asked_for(house: House) -> None:
    fill(house, a_year(900))
    officer = house.duty()
    for form in ({"what": "all", "year": "2026"}, {"what": "csv", "year": "1999"}, {"what": "csv", "year": "x"}):
        assert officer.post("/statistics/export", {"reason": "plan_evaluation", **form}).status_code == 404
    refused = officer.post("/statistics/export", {"what": "csv", "year": "2026", "reason": "curiosity"})
    assert refused.status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_to_ask_on_opens(house: House, language: str) -> None:
    officer = house.officer(Role.PRIVACY_OFFICER, language=language)
    assert officer.get("/statistics/export").status_code == 200
    fill(house, a_year(50))
    assert "<select" in officer.get("/statistics/export").text
