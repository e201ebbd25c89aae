"""A report that two units gave back: the lowest unit above both of them settles it."""

from __future__ import annotations

import pytest

from routing.rulebook.book import Rulebook
from routing.rulebook.disputes import settle, settled_by
from routing.rulebook.route import route
from tests.routing.rulebook.making import facts

NATION = "joint_conference_office-000000"
# Who gave it back, in order; who settles it.
TABLE = """
public_security-533102                                                            | -
public_security-533102 public_security-533102                                     | -
public_security-533102 public_security-533103                                     | public_security-533100
public_security-533102 public_security-530924                                     | public_security-530000
public_security-533102 public_security-533100                                     | public_security-530000
public_security-533102 public_security-410422                                     | joint_conference_office-000000
public_security-533102 public_security-530000                                     | joint_conference_office-000000
civil_affairs-533102 civil_affairs-533103                                         | civil_affairs-533100
public_security-533102 civil_affairs-533102                                       | joint_conference_office-530000
public_security-533102 civil_affairs-410422                                       | joint_conference_office-000000
public_security-533102 public_security-533103 public_security-533100              | public_security-530000
public_security-533102 public_security-410422 joint_conference_office-000000      | -
public_security-533102 public_security-999999                                     | -
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]


@pytest.mark.parametrize(("bounced", "settles"), ROWS, ids=[row[0] for row in ROWS])
def test_the_lowest_common_superior_settles_it(rulebook: Rulebook, bounced: str, settles: str) -> None:
    unit = settled_by(bounced.split(), "", rulebook)
    assert (unit.id if unit else "-") == settles


def test_a_superior_who_stands_accused_does_not_settle_it(rulebook: Rulebook) -> None:
    bounced = ["public_security-533102", "public_security-533103"]
    assert settled_by(bounced, "533100", rulebook) is None
    assert settled_by(bounced, "533122", rulebook) is not None


def test_the_decision_names_the_superior_and_says_why(rulebook: Rulebook) -> None:
    plain = facts("abduction", "urgent", "occurrence 533102")
    unit = rulebook.units.get("public_security-533100")
    assert unit is not None
    settled = settle(plain, route(plain, rulebook), unit, rulebook)
    assert (settled.lead_unit, settled.lead_region) == (unit.id, "533100")
    assert unit.zh in settled.why_zh
    assert unit.en in settled.why_en
    assert unit.id not in {copy.unit for copy in settled.copies}
