"""What it depends on how sure the reader may be of who must answer and where."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reports.values import Place, PlaceRole, Urgency
from routing.finding.classify import ALONE, Read
from routing.finding.heads import Scores
from routing.finding.taxonomy import Taxonomy

# Leads that are mistaken more or less often than others.
_TOLD_BY = ("victim", "family", "witness")
_TELLING = ("cross_border", "missing_person", "abduction", "buying", "victim_relief")
_CLIP = 5.0
# A name this long is seldom mistaken for another; a text this long tells more than one thing.
_LONG_NAME, _LONG_TEXT = 4, 120
NAMES = (
    "clear_kind", "clear_crime", "clear_complicity", "clear_alone", "harmless", "noise", "relief", "complicity",
    "no_place", "one_occurrence", "several_occurrences", "several_places", "ambiguous", "county", "abroad", "dangerous",
    "clear_danger", "clear_first", "clear_something", "length", "long", "chinese", "english", "places", "origins",
    "likely_place", "next_place", "one_place", "one_place_in_chinese", "below_province", "long_name", "near_relief",
    "surely_dangerous", *(f"told_by_{code}" for code in _TOLD_BY), *_TELLING,
)  # fmt: skip


def circumstances(
    read: Read,
    scores: Scores,
    places: Sequence[Place],
    chances: Sequence[float],
    taxonomy: Taxonomy,
    language: str,
    length: int,
) -> npt.NDArray[np.float32]:
    """What sureness is judged by, in the order of NAMES.

    chances says of each place that is named how likely it is that it happens there; language is the one that the text
    is written in, length the number of its characters.
    """
    matters = scores["matters"]
    crime = max(matters[code] for code in matters if taxonomy.family(code) == "crime")
    relief = max(matters[code] for code in matters if taxonomy.family(code) == "relief")
    alone = max(matters[code] for code in ALONE)
    first, second, *_ = sorted(matters.values(), reverse=True)
    happened = [place for place in places if place.role is PlaceRole.OCCURRENCE]
    harmless = float(read.is_harmless)
    serious = 1 - harmless
    danger = min(abs(scores["urgency"][Urgency.IMMEDIATE.value]), _CLIP)
    is_dangerous = float(read.urgency is Urgency.IMMEDIATE)
    likely, likely_next, *_ = (*sorted(chances, reverse=True), 0.0, 0.0)
    no_crime = float(all(taxonomy.family(code) != "crime" for code in read.matters))
    values = (
        min(abs(max(crime, relief) - alone), _CLIP),
        min(abs(crime), _CLIP) * serious,
        min(abs(matters["official_complicity"]), _CLIP) * serious,
        min(abs(matters["spam"]), _CLIP) * harmless,
        harmless,
        float(read.matters[0] == "spam"),
        serious * no_crime,
        serious * float("official_complicity" in read.matters),
        serious * float(not places),
        serious * float(len(happened) == 1),
        serious * float(len(happened) > 1),
        serious * float(len(places) > 1),
        serious * float(any(place.candidates for place in places)),
        serious * float(any(place.code.isdigit() and not place.code.endswith("00") for place in happened)),
        serious * float(any(place.code.isalpha() for place in places)),
        is_dangerous,
        # Where no crime is told, it is the danger that decides between police and care.
        danger * no_crime,
        min(first - second, _CLIP),
        min(abs(max(crime, relief) - alone), _CLIP) * harmless,
        math.log(max(length, 1)) / 4,
        float(length > _LONG_TEXT),
        float(language == "zh"),
        float(language == "en"),
        serious * min(len(places), _CLIP) / 2,
        serious * float(any(place.role is PlaceRole.ORIGIN for place in places)),
        serious * likely,
        serious * likely_next,
        serious * float(len(places) == 1),
        serious * float(len(places) == 1 and language == "zh"),
        serious * float(any(place.code.isdigit() and not place.code.endswith("0000") for place in happened)),
        serious * float(any(place.end - place.start >= _LONG_NAME for place in happened)),
        serious * float(relief > -1 / 2),
        serious * is_dangerous * danger / 2,
        *(serious * float(read.reporter == code) for code in _TOLD_BY),
        *(float(code in read.matters) for code in _TELLING),
    )
    return np.array(values, np.float32)
