"""Places and units, as an officer writes them."""

from __future__ import annotations

import pytest

from console.area_search import AreaSearch
from console.display import Display, load_words
from console.entered import BadForm
from console.unit_choice import UnitChoice
from routing.finding.taxonomy import Taxonomy
from routing.rulebook.book import Rulebook


@pytest.fixture(scope="module")
def search(rulebook: Rulebook) -> AreaSearch:
    return AreaSearch(rulebook.areas)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("530921", "530921"),
        ("凤庆", "530921"),
        ("凤庆县", "530921"),
        ("云南凤庆", "530921"),
        ("云南省临沧市凤庆县", "530921"),
        (" 云南  临沧, 凤庆 ", "530921"),
        ("Fengqing", "530921"),
        ("Fengqing, Lincang", "530921"),
        ("lincang fengqing county", "530921"),
        ("北京朝阳", "110105"),
        ("朝阳区，长春", "220104"),
        ("内蒙古", "150000"),
        ("全国", "000000"),
        ("000000", "000000"),
        ("５３０９２１", "530921"),
    ],
)
def test_a_place_is_found_by_code_or_name(search: AreaSearch, typed: str, code: str) -> None:
    assert search.find(typed, "area") == code


def test_a_former_code_finds_what_took_its_place(search: AreaSearch, rulebook: Rulebook) -> None:
    former = next(
        area for area in rulebook.areas.former() if rulebook.areas.successor(area.code) not in ("", area.code)
    )
    assert search.find(former.code, "area") == rulebook.areas.successor(former.code)


@pytest.mark.parametrize(
    ("typed", "sentence", "found"),
    [
        ("朝阳区", "fault_area_several", "北京市朝阳区 110105；吉林省长春市朝阳区 220104"),
        ("夜郎国", "fault_area_unknown", ""),
        ("凤庆朝阳", "fault_area_unknown", ""),
        ("999999", "fault_area_code", ""),
        ("，", "fault_area_unknown", ""),
        ("县", "fault_area_unknown", ""),
    ],
)
def test_a_place_that_is_not_certain_is_asked_about(search: AreaSearch, typed: str, sentence: str, found: str) -> None:
    with pytest.raises(BadForm) as refused:
        search.find(typed, "area")
    (fault,) = refused.value.faults
    assert (fault.about, fault.sentence, fault.values.get("found_zh", "")) == ("area", sentence, found)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_place_is_found_again_as_it_is_shown(
    search: AreaSearch, rulebook: Rulebook, taxonomy: Taxonomy, language: str
) -> None:
    display = Display(language, load_words()[language], taxonomy, rulebook)
    for area in rulebook.areas.current():
        assert search.find(display.place(area.code), "area") == area.code


def test_a_unit_is_chosen_by_kind_and_place_or_by_its_id(search: AreaSearch, rulebook: Rulebook) -> None:
    units = UnitChoice(rulebook, search)
    assert units.choose("civil_affairs", "凤庆").id == "civil_affairs-530921"
    assert units.choose("", "civil_affairs-530921").id == "civil_affairs-530921"
    assert units.choose("public_security", "全国").region == "000000"
    assert "duty_desk" not in units.kinds
