"""What the sentence model said of reports while it had not learned from them (`scripts/tune_encoder.py ship`)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from hotline.labelled import LabelledReport
from routing.finding.model import Said, TextModel
from routing.finding.reader import Reading
from routing.finding.role_mix import ROLES

Floats = npt.NDArray[np.float32]
HELD_OUT = "held-out.npz"


class HeldOut:
    """The rows of `corpus/held-out.npz`; the model itself is asked about a report that is not in there."""

    def __init__(self, path: Path, model: TextModel) -> None:
        """Raises ValueError where the file was made for other labels or roles."""
        self._model = model
        with np.load(path, allow_pickle=False) as kept:
            wanted = [".".join(label) for label in model.heads.labels], list(ROLES)
            if ([str(label) for label in kept["labels"]], [str(role) for role in kept["roles"]]) != wanted:
                raise ValueError(f"{path} should have the taxonomy's labels and roles, but has others; make it again.")
            self._reports = dict(zip(map(str, kept["ids"]), kept["scores"].astype(np.float32), strict=True))
            self._places = dict(zip(map(str, kept["places"]), kept["place_scores"].astype(np.float32), strict=True))

    def said(self, report: LabelledReport, reading: Reading) -> Said | None:
        """What was said of a report and of the places that it names; None for a place that was not read then."""
        name = f"{report.file}:{report.id}"
        spans = [(one.start, one.end) for one in reading.named]
        if name not in self._reports:
            return self._model.said(reading.neutral.text, reading.written.text, spans)
        places = tuple(self._places.get(f"{name}:{start}:{end}") for start, end in spans)
        return Said(self._reports[name], places)


def rows(said: Sequence[Said | None], labels: int) -> Floats:
    """A row of scores for each report, NaN where nothing was said."""
    nothing = np.full(labels, np.nan, np.float32)
    return np.stack([nothing if one is None else one.labels for one in said])
