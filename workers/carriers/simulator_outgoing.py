"""A carrier that sends nothing: what it would have sent stands in a file, so that one can try things out and look."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from config.carriers import Simulator
from reports.identity import new_id
from workers.carriers.carrier import CarrierUnknown, Sent


class SimulatorOutgoing:
    """Writes one line of JSON for each text: id, to, text."""

    def __init__(self, simulator: Simulator, state: Path, make_id: Callable[[], str] = new_id) -> None:
        self._source, self._make_id = f"carrier:{simulator.name}", make_id
        self._path = state / "carriers" / simulator.name / "sent.jsonl"

    def send(self, to: str, text: str) -> Sent:
        """Adds a line. Raises CarrierUnknown where the file cannot be written."""
        message_id = self._make_id()
        line = json.dumps({"id": message_id, "to": to, "text": text}, ensure_ascii=False) + "\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # One write of a line at the end of a file is not mixed with another process's.
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab", buffering=0) as file:
                file.write(line.encode())
        except OSError:
            raise CarrierUnknown("sms_unreachable", source=self._source, message_id=message_id) from None
        return Sent(source=self._source, message_id=message_id)
