"""Which carrier takes a text: the one whose numbers begin most like the one it goes to."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workers.carriers.carrier import CarrierRefused, Outgoing, Sent

# Whatever else a reporter wrote as a number goes into no carrier's header or form.
_NUMBER = re.compile(r"\+[0-9]{3,20}")


class Switchboard:
    """Several carriers as one. The one that refused is not passed over for another: a text goes one way or not."""

    def __init__(self, by_prefix: Mapping[str, Outgoing]) -> None:
        """by_prefix gives a carrier by the beginning of the numbers it serves, such as "+86"; "+" serves any."""
        self._by_prefix = dict(sorted(by_prefix.items(), key=lambda entry: len(entry[0]), reverse=True))

    def send(self, to: str, text: str) -> Sent:
        """Hands one text to the carrier of its number. Raises CarrierRefused, CarrierUnknown."""
        if not _NUMBER.fullmatch(to):
            raise CarrierRefused("no_number", is_final=True)
        for prefix, carrier in self._by_prefix.items():
            if to.startswith(prefix):
                return carrier.send(to, text)
        raise CarrierRefused("no_carrier", is_final=True)
