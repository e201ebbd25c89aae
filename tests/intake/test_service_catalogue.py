"""The services that city platforms may file under: every code in them is one that the hotline knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import PACKAGED_CONFIG, SettingsError
from intake.schemas import CONTACT_WISHES
from intake.service_catalogue import ServiceCatalogue
from routing.finding.taxonomy import Taxonomy

CATALOGUE = ServiceCatalogue.load(PACKAGED_CONFIG)


def test_every_matter_and_wish_is_one_of_the_taxonomy() -> None:
    taxonomy = Taxonomy.load(PACKAGED_CONFIG)
    assert {matter for one in CATALOGUE.services.values() for matter in one.matters} <= set(taxonomy.codes("matters"))
    wishes = next(one for one in CATALOGUE.attributes if one.code == "wishes")
    assert set(wishes.values) <= set(CONTACT_WISHES)


def test_whoever_cannot_tell_files_under_other_and_hints_at_nothing() -> None:
    assert CATALOGUE.services["other"].matters == ()


def test_a_code_fits_the_store() -> None:
    assert all(len(code) <= 40 for code in CATALOGUE.services)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('jurisdiction = "hotline"\n', ""),
        ('en = "Missing person"\n', ""),
        ("[[attributes]]", "[attributes]"),
        ("[services.help]", "[services.help"),
    ],
)
def test_a_wrong_table_is_told_in_a_sentence(tmp_path: Path, was: str, becomes: str) -> None:
    text = (PACKAGED_CONFIG / "open311.toml").read_text(encoding="utf-8")
    assert was in text
    (tmp_path / "open311.toml").write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match="should give jurisdiction"):
        ServiceCatalogue.load(tmp_path)
