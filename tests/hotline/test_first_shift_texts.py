"""The texts of a new officer's first shift: each is one that the machine leaves to a person, and by its nature."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

from config.settings import PACKAGED_CONFIG
from reports.states import ReportState
from reports.values import Channel, Facts, UnitKind
from routing.finding.reader import Reader
from routing.rulebook.load import load_rulebook
from routing.rulebook.route import route
from workers.triage import state_after


def test_every_text_waits_for_a_person_however_sure_the_machine_is() -> None:
    lessons = tomllib.loads((PACKAGED_CONFIG / "first_shift.toml").read_text(encoding="utf-8"))["lesson"]
    reader, rulebook = Reader.load(PACKAGED_CONFIG), load_rulebook(PACKAGED_CONFIG)
    now = datetime(2026, 1, 5, 10, tzinfo=UTC).isoformat()
    for number, lesson in enumerate(lessons, 1):
        finding = reader.read(lesson["text"])
        decision = route(Facts(labels=finding.labels, channel=Channel.WEB, received_at=now), rulebook)
        said = f"lesson {number} of first_shift.toml goes to {decision.lead_unit} by itself: choose another text"
        assert state_after(finding, decision) is ReportState.IN_TRIAGE, said
        # The rules keep it at the desk, whatever the confidence is: not the confidence alone.
        assert decision.lead_kind is UnitKind.DUTY_DESK, said
