"""The operator's commands, against a running system."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.journeys.conftest import Town


def test_simulated_reports_come_in_through_the_real_doors(town: Town, soon: Callable[..., Any]) -> None:
    before = len(town.reports())
    played = town.command("simulate", "--count", "12", "--rate", "50", "--seed", "4")
    assert played.returncode == 0, played.stderr
    assert "12 of 12 kept" in played.stdout
    soon(lambda: all(report["state"] != "RECEIVED" for report in town.reports()[before:]))
    assert len(town.reports()) == before + 12


def test_a_report_is_shown_without_content_unless_a_reason_is_given(town: Town) -> None:
    visitor = town.passer_by()
    visitor.post("/", token=visitor.get("/").token("token"), text="一句只有打开才能看到的话", contact="138****0000")
    reference = str(town.reports()[-1]["reference"])
    assert "一句只有打开才能看到的话" not in town.command("report", "show", reference, "--json").stdout
    refused = town.command("report", "show", reference, "--reveal")
    assert refused.returncode == 2
    assert "reason" in refused.stderr
    shown = town.command("report", "show", reference, "--json", "--reveal", "--reason", "核对")
    content = json.loads(shown.stdout)["content"]
    assert content[0]["text"] == "一句只有打开才能看到的话"
    assert content[0]["contact"] == "138****0000"
    history = json.loads(town.command("report", "show", reference, "--json").stdout)["history"]
    assert "revealed" in [line["what"] for line in history]


def test_an_unknown_reference_is_one_clear_line(town: Town) -> None:
    refused = town.command("report", "show", "0000-000000")
    assert refused.returncode == 2
    assert refused.stderr.startswith("hotline: There is no report with this reference")
    assert len(refused.stderr.splitlines()) == 1


def test_the_doctor_finds_nothing_wrong_with_a_running_system(town: Town) -> None:
    said = town.command("doctor")
    assert said.returncode == 0, said.stdout
    assert "WRONG" not in said.stdout


def test_the_audit_chain_of_a_running_system_stands(town: Town) -> None:
    said = town.command("audit", "verify")
    assert said.returncode == 0, said.stdout
    assert "no fault" in said.stdout
