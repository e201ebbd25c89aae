"""Approved texts: in mainland China a carrier sends what it has looked at before, by its code, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from workers.carriers.carrier import CarrierRefused


class Templates:
    """The texts that one carrier approved."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        """codes gives the carrier's code of each text, by its words."""
        self._codes = {words.strip(): code for words, code in codes.items()}

    def code_of(self, text: str) -> str:
        """The code of exactly these words. Raises CarrierRefused: nothing like them is sent in their place."""
        code = self._codes.get(text.strip())
        if code is None:
            raise CarrierRefused("no_template", is_final=True)
        return code
