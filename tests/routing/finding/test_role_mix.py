"""Which role a named place has, where words and sentence model are weighed together."""

from __future__ import annotations

import numpy as np
import pytest

from reports.values import PlaceRole
from routing.finding.role_mix import EVIDENCE, ROLES, RoleMix, as_words, evidence

SURE_OF_HOME = np.array([0.0, 0.0, 9.0, 0.0, 0.0])


def trusting_the_model() -> RoleMix:
    weights = np.zeros((len(ROLES), EVIDENCE + 1), np.float32)
    weights[:, : len(ROLES)] = np.eye(len(ROLES))
    return RoleMix(weights)


def test_words_alone_decide_where_nothing_else_was_learned() -> None:
    mix = RoleMix(as_words())
    for words in (None, *PlaceRole):
        assert mix.role(evidence(SURE_OF_HOME, words, is_abroad=False, alleged=2.0)) is words


def test_a_model_that_is_trusted_can_tell_a_home_where_words_see_the_scene() -> None:
    found = evidence(SURE_OF_HOME, PlaceRole.OCCURRENCE, is_abroad=False, alleged=2.0)
    assert trusting_the_model().role(found) is PlaceRole.ORIGIN
    assert trusting_the_model().occurrence(found) < 0.01


def test_the_chances_of_all_roles_are_one_together() -> None:
    found = evidence(np.array([3.0, -800.0, 2.0, 0.0, 700.0]), None, is_abroad=True, alleged=-90.0)
    assert np.isfinite(found).all()
    assert trusting_the_model().chances(found).sum() == pytest.approx(1.0)


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="weights of roles should be 5 rows of 24"):
        RoleMix(np.zeros((5, 3)))
