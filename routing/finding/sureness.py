"""What it depends on how sure the reader may be of who must answer and where."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reports.values import Labels, Place, PlaceRole, Urgency
from routing.finding.classify import Read
from routing.finding.heads import Scores
from routing.finding.taxonomy import Taxonomy

_ALONE = ("enquiry", "out_of_scope", "spam")
_CLIP = 5.0
NAMES = (
    "one", "clear_kind", "clear_crime", "clear_complicity", "clear_alone", "harmless", "noise", "relief", "complicity",
    "no_place", "one_occurrence", "several_occurrences", "several_places", "ambiguous", "county", "abroad", "dangerous",
    "clear_danger",
)  # fmt: skip


def circumstances(
    read: Read | Labels, scores: Scores, places: Sequence[Place], taxonomy: Taxonomy
) -> npt.NDArray[np.float32]:
    """What sureness is judged by, in the order of NAMES."""
    matters = scores["matters"]
    crime = max(matters[code] for code in matters if taxonomy.family(code) == "crime")
    relief = max(matters[code] for code in matters if taxonomy.family(code) == "relief")
    alone = max(matters[code] for code in _ALONE)
    happened = [place for place in places if place.role is PlaceRole.OCCURRENCE]
    harmless = float(read.matters[0] in _ALONE and read.urgency is not Urgency.IMMEDIATE)
    serious = 1 - harmless
    values = (
        1.0,
        min(abs(max(crime, relief) - alone), _CLIP),
        min(abs(crime), _CLIP) * serious,
        min(abs(matters["official_complicity"]), _CLIP) * serious,
        min(abs(matters["spam"]), _CLIP) * harmless,
        harmless,
        float(read.matters[0] == "spam"),
        serious * float(all(taxonomy.family(code) != "crime" for code in read.matters)),
        serious * float("official_complicity" in read.matters),
        serious * float(not places),
        serious * float(len(happened) == 1),
        serious * float(len(happened) > 1),
        serious * float(len(places) > 1),
        serious * float(any(place.candidates for place in places)),
        serious * float(any(place.code.isdigit() and not place.code.endswith("00") for place in happened)),
        serious * float(any(place.code.isalpha() for place in places)),
        float(read.urgency.rank == 0),
        # Where no crime is told, it is the danger that decides between police and care.
        min(abs(scores["urgency"][Urgency.IMMEDIATE.value]), _CLIP)
        * float(all(taxonomy.family(code) != "crime" for code in read.matters)),
    )
    return np.array(values, np.float32)
