"""Where a reporter's number was issued: seen by the officer beside the contact details, and by nobody else."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import PACKAGED_CONFIG
from console.issued import IssuedNumbers
from reports.tables import decisions, findings
from reports.values import Place, PlaceRole
from tests.console.house import LABELS, House, a_finding, words_of

ROOT = Path(__file__).resolve().parents[2]
KUNMING, NOT_WHERE_THEY_ARE = "+8613888800000", "(where the number was issued, not where they are)"
NOWHERE = a_finding(replace(LABELS, places=()), evidence=())
NO_PLACE = "The report names no place in the mainland that is known."


def test_the_officer_sees_the_city_of_the_number_and_none_of_its_digits(house: House) -> None:
    kept = house.triaged(sender=KUNMING)
    page = house.duty().get(f"/reports/{kept.reference}").text
    assert f"Number issued in Yunnan, Kunming City {NOT_WHERE_THEY_ARE}" in words_of(page)
    assert "888" not in words_of(page)
    assert "号码归属地： 云南省昆明市 （这是号码办理的地方，不是人所在的地方）" in words_of(
        house.duty(language="zh").get(f"/reports/{kept.reference}").text
    )


def test_a_number_left_on_a_form_and_the_one_that_a_later_text_came_from_are_told_each_once(house: House) -> None:
    kept = house.triaged(sender="", contact="打 138 8880 0000 或 0692-5551234，wechat abc13800000000")
    assert "Number issued in Yunnan, Kunming City; Yunnan, Dehong" in _said(house, kept.reference)
    both = house.triaged(sender=KUNMING, contact=KUNMING)
    assert _said(house, both.reference).count("Kunming") == 1


def test_where_no_place_in_the_mainland_is_known_the_hint_says_so_and_stands_out(house: House) -> None:
    abroad = a_finding(replace(LABELS, places=(Place(code="MM", role=PlaceRole.OCCURRENCE),)), evidence=())
    unclear = Place(code="", role=PlaceRole.OCCURRENCE, candidates=("110105", "220104"))
    for finding in (NOWHERE, abroad, a_finding(replace(LABELS, places=(unclear,)), evidence=())):
        kept = house.triaged(finding=finding, sender=KUNMING)
        page = house.duty().get(f"/reports/{kept.reference}").text
        assert f'<p class="notice calm">{NO_PLACE} Number issued in <b>Yunnan, Kunming City</b>' in page
    known = house.triaged(sender=KUNMING)
    assert NO_PLACE not in _said(house, known.reference)


@pytest.mark.parametrize("wishes", [("anonymous",), ("text_only", "anonymous")])
def test_of_whoever_asks_to_stay_anonymous_nothing_is_told(house: House, wishes: tuple[str, ...]) -> None:
    asked = house.triaged(finding=NOWHERE, sender=KUNMING, wishes=wishes)
    read = house.triaged(finding=a_finding(replace(LABELS, contact=wishes)), sender=KUNMING)
    for kept in (asked, read):
        assert "Contact details" in _said(house, kept.reference)
        assert "Number issued" not in _said(house, kept.reference)


def test_nobody_but_the_officer_at_the_report_is_told(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kept, other = house.referred(sender=KUNMING), house.referred(sender="+8613800000000")
    before = _written(house)
    chen, liu = house.duty(), house.unit()
    assert "Kunming" in _said(house, kept.reference)
    assert _written(house) == before
    beside = chen.get(f"/reports/{other.reference}/beside?with={kept.reference}")
    pages = [beside, chen.get("/queue"), chen.get("/statistics"), liu.get("/inbox")]
    pages.append(liu.get(f"/inbox/{house.packet(kept)}"))
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert not [page for page in pages if "Kunming" in page.text or "530100" in page.text]
    assert "Kunming" not in caplog.text
    assert "530100" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "", "10086", "12345", "110", "HOTLINE", "anonymous", "138****0000", "+1500555xxxx", "+15005550006",
        "sip:+8613888800000@example.org", "sip:anna@example.org", "anna13888800000@example.org",
        "wechat abc13888800000", "qq 123456789", "4008001234", "+86", "1" * 5000, "+" * 5000, "\x00\ud800", "http://example.org/13888800000",
    ],
)  # fmt: skip
def test_of_what_is_no_subscribers_number_nothing_is_told(numbers: IssuedNumbers, text: str) -> None:
    assert numbers.where(text) == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("+8613800000000", "110000"),
        ("１３８００００００００", "110000"),
        ("0086 138 8880 0000", "530100"),
        ("010-55512345", "110000"),
        ("0877 5551234", "530400"),
        # A county's area code and that of a city in no prefecture are told no nearer than the prefecture or province.
        ("0692 5551234", "533100"),
        ("0728 5551234", "420000"),
        # Of younger mobile numbers the library knows no city, or one that cannot be.
        ("+8619900000000", "CN"),
        ("17300000000", "CN"),
        ("+85291234567", "810000"),
        ("+886912345678", "710000"),
        ("+84912345678", "VN"),
        ("+12125550100", "US"),
        ("+77012345678", "KZ"),
    ],
)
def test_a_mainland_number_is_told_to_the_city_and_any_other_to_the_country(
    numbers: IssuedNumbers, text: str, code: str
) -> None:
    assert numbers.where(text) == (code,)


def test_the_table_says_what_the_library_says_and_the_desk_loads_none_of_its_data() -> None:
    script = str(ROOT / "scripts" / "build_number_places.py")
    checked = subprocess.run([sys.executable, script, "--check"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    loaded = "import sys, console.app; sys.exit('phonenumbers.geodata' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, timeout=120).returncode == 0


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text + "1400000,530100\n",
        lambda text: text + "2000000,999999\n",
        lambda text: text + "2000000,昆明\n",
    ],
)
def test_a_table_that_is_not_as_wanted_is_refused_by_name(tmp_path: Path, spoil: Callable[[str], str]) -> None:
    for name in ("areas.csv", "mobile_prefixes.csv", "calling_regions.csv", "place_area_codes.csv"):
        shutil.copy(PACKAGED_CONFIG / name, tmp_path)
    table = tmp_path / "mobile_prefixes.csv"
    table.write_text(spoil(table.read_text("utf-8")), "utf-8")
    with pytest.raises(ValueError, match="mobile_prefixes.csv"):
        IssuedNumbers.load(tmp_path)


def _said(house: House, reference: str) -> str:
    return words_of(house.duty().get(f"/reports/{reference}").text)


def _written(house: House) -> list[str]:
    """What was read and decided, byte for byte."""
    with house.database.read() as connection:
        return [
            str(body) for table in (findings, decisions) for body in connection.execute(select(table.c.body)).scalars()
        ]
