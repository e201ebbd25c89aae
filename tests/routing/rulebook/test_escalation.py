"""The steps when a clock has run out: which, when, and whom they tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.values import UnitKind, Urgency
from routing.areas import AreaTree
from routing.rulebook.book import Rulebook
from routing.rulebook.errors import RulebookError
from routing.rulebook.escalation import STEPS, Silence, superiors
from routing.rulebook.jurisdiction import may_be_told
from routing.rulebook.load import load_rulebook
from routing.rulebook.passing_over import fields_above
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts

NATION = "joint_conference_office-000000"
# Noon of a working day.
NOON = 1_790_740_800_000


def silence(unit: str, part: str = "lead", urgency: Urgency = Urgency.IMMEDIATE, recused: str = "") -> Silence:
    return Silence(hop="acceptance", urgency=urgency, ran_out_at=NOON, unit=unit, part=part, recused=recused)


def told(rulebook: Rulebook, about: Silence) -> list[str]:
    return [step.told for step in rulebook.escalation.steps(about, rulebook.units, rulebook.areas)]


# A unit, and who hears of its silence above it, in order.
SUPERIORS = """
public_security-533102          public_security-533100 public_security-530000 joint_conference_office-000000
public_security-533100          public_security-530000 joint_conference_office-000000
public_security-530000          joint_conference_office-000000
joint_conference_office-000000
civil_affairs-533102            civil_affairs-533100 civil_affairs-530000 joint_conference_office-000000
civil_affairs-530000            civil_affairs-000000 joint_conference_office-000000
public_security-110105          public_security-110000 joint_conference_office-000000
border_defence-533100           border_defence-530000 joint_conference_office-000000
joint_conference_office-530000  joint_conference_office-000000
"""
LINES = [line.split() for line in SUPERIORS.strip().splitlines()]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[0])
def test_silence_climbs_by_kind_to_the_province_and_to_the_national_desk(rulebook: Rulebook, line: list[str]) -> None:
    unit = rulebook.units.get(line[0])
    assert unit is not None
    assert [above for _, above in superiors(unit, rulebook.units, rulebook.areas)] == line[1:]


def test_every_step_is_taken_at_its_minute_in_its_order(rulebook: Rulebook) -> None:
    steps = rulebook.escalation.steps(silence("public_security-533102"), rulebook.units, rulebook.areas)
    assert [(step.name, (step.at - NOON) // 60_000) for step in steps] == [
        ("reminder", 0), ("deputy", 5), ("superior_unit", 15), ("province", 25), ("national_desk", 40)
    ]  # fmt: skip
    assert steps[0].told == steps[1].told == "public_security-533102"


def test_a_copy_and_a_link_climb_no_further_than_their_ladder(rulebook: Rulebook) -> None:
    assert told(rulebook, silence("civil_affairs-533102", "copy"))[-1] == "civil_affairs-533100"
    assert told(rulebook, silence("civil_affairs-533102", "link")) == ["civil_affairs-533102"]


def test_the_desks_own_silence_is_told_at_the_desk_and_to_the_nation(rulebook: Rulebook) -> None:
    about = Silence(hop="desk", urgency=Urgency.URGENT, ran_out_at=NOON)
    assert told(rulebook, about) == ["duty_desk", "duty_desk", NATION]


def test_a_packet_that_does_not_arrive_is_told_at_the_desk(rulebook: Rulebook) -> None:
    about = Silence(hop="delivery", urgency=Urgency.URGENT, ran_out_at=NOON, unit="public_security-533102", part="lead")
    assert told(rulebook, about) == ["duty_desk", "duty_desk"]


def test_a_unit_that_is_gone_leaves_nobody_to_remind(rulebook: Rulebook) -> None:
    assert told(rulebook, silence("public_security-999999")) == [NATION]


def test_a_late_step_leaves_the_next_its_whole_time(rulebook: Rulebook) -> None:
    about, escalation = silence("public_security-533102"), rulebook.escalation
    hours_later = NOON + 10 * 3_600_000
    assert escalation.not_before(about, "reminder", "deputy", NOON) == NOON + 5 * 60_000
    assert escalation.not_before(about, "reminder", "deputy", hours_later) == hours_later + 5 * 60_000
    assert escalation.not_before(about, "deputy", "superior_unit", hours_later) == hours_later + 10 * 60_000


def _units(areas: AreaTree, kinds: list[UnitKind]) -> st.SearchStrategy[str]:
    codes = sorted(area.code for area in areas.current())
    return st.builds(lambda kind, code: f"{kind.value}-{code}", st.sampled_from(kinds), st.sampled_from(codes))


@given(st.data(), st.sampled_from(list(Urgency)[1:]), st.integers(NOON, NOON + 30 * 86_400_000))
def test_no_step_comes_later_for_a_more_urgent_report(
    rulebook: Rulebook, data: st.DataObject, calmer: Urgency, ran_out_at: int
) -> None:
    unit = data.draw(_units(rulebook.areas, sorted(rulebook.units.kinds())))
    at = {}
    for urgency in (calmer, Urgency.from_rank(calmer.rank - 1)):
        about = Silence(hop="acceptance", urgency=urgency, ran_out_at=ran_out_at, unit=unit, part="lead")
        steps = rulebook.escalation.steps(about, rulebook.units, rulebook.areas)
        assert [step.at for step in steps] == sorted(step.at for step in steps)
        assert [step.name for step in steps] == sorted({step.name for step in steps}, key=STEPS.index)
        at[urgency] = {step.name: step.at for step in steps}
    calm, fast = at.values()
    assert calm.keys() == fast.keys()
    assert all(fast[name] <= calm[name] for name in fast)


@given(st.data())
def test_nobody_hears_of_a_report_in_which_they_are_accused(rulebook: Rulebook, data: st.DataObject) -> None:
    unit = data.draw(_units(rulebook.areas, sorted(rulebook.units.kinds())))
    region = unit.partition("-")[2]
    recused = data.draw(st.sampled_from(["", region, *rulebook.areas.ancestors(region)]))
    above = [one for one in told(rulebook, silence(unit, recused=recused)) if one not in (unit, "duty_desk")]
    for one in above:
        found = rulebook.units.get(one)
        assert found is not None
        assert may_be_told(found.region, recused, rulebook.areas)


def test_what_the_rules_keep_from_the_police_stays_kept_when_civil_affairs_is_silent(rulebook: Rulebook) -> None:
    own = facts("domestic_violence", "urgent", "occurrence 410422", reporter="victim", contact="not_police")
    decision = route(own, rulebook)
    fields = ("reference", "text", "places")
    for unit_id, kept in (("civil_affairs-410000", True), (NATION, False), ("public_security-410000", False)):
        unit = rulebook.units.get(unit_id)
        assert unit is not None
        assert ("text" in fields_above(fields, unit, own, decision, rulebook)) == kept, unit_id


def test_a_unit_above_never_gets_more_than_the_silent_one_had(rulebook: Rulebook) -> None:
    plain = facts("forced_labour", "urgent", "occurrence 410422")
    decision, unit = route(plain, rulebook), rulebook.units.get(NATION)
    assert unit is not None
    assert fields_above(("reference", "places"), unit, plain, decision, rulebook) == ("reference", "places")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('immediate = "round_the_clock"', 'immediate = "duty_hours"', "never closed"),
        ('urgent = "duty_hours"', 'urgent = "night_hours"', "a calendar of holidays.toml"),
        ('standard = "office_hours"', 'standard = "round_the_clock"', "closed whenever that of urgent is"),
        ("acceptance = 60\n", "acceptance = 481\n", "at most the 480 minutes of standard"),
        ("[after.immediate]\ndeputy = 5", "[after.immediate]\ndeputy = 31", "at most the 30 minutes of urgent"),
        ("superior_unit = 60\n", "superior_unit = 30\n", "more minutes than for deputy"),
        ('link = ["reminder"]', 'link = ["deputy"]', "from the first on"),
        ('link = ["reminder"]', 'link = ["reminder", "minister"]', "a step: reminder"),
        ('copy = ["reminder", "deputy", ', 'copy = ["reminder", "superior_unit", "deputy", ', "in this order"),
        ("province = 25\n", "", "province"),
        ('link = ["reminder"]\n', "", "link"),
    ],
)  # fmt: skip
def test_wrong_clocks_are_named_with_file_and_line(folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "clocks.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as refusal:
        load_rulebook(folder)
    assert says in str(refusal.value)
    assert str(refusal.value).startswith("clocks.toml, line ")
