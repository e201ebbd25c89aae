"""The command `hotline`: a table of its subcommands, each loaded only when it is asked for."""

from __future__ import annotations

import os
import sys

import click

from hotline.exit_status import status_of
from hotline.lazy_group import LazyGroup

# name: (module, attribute, one line of help). Loading only what is asked for keeps `hotline --help` fast.
_COMMANDS = {
    "up": ("hotline.up_command", "up", "Start everything on this machine."),
    "triage": (
        "hotline.triage_command",
        "triage",
        "Read texts as JSON lines and say what they are about and who answers.",
    ),
    "simulate": (
        "hotline.simulate_command",
        "simulate",
        "Send invented reports through the doors of a running system.",
    ),
    "report": ("hotline.report_command", "report", "List reports, show one, or export evidence."),
    "rules": ("hotline.rules_command", "rules", "Check the rulebook, or explain what it decides."),
    "model": ("hotline.model_command", "model", "Train the reader, measure it, or take along what officers corrected."),
    "officer": ("hotline.officer_command", "officer", "Add, list and disable officers."),
    "unit": ("hotline.unit_command", "unit", "Show a unit, or make the key it knows us by."),
    "partner": (
        "hotline.partner_command",
        "partner",
        "Add, list and revoke partners with a key, and check their receipts.",
    ),
    "poster": ("hotline.poster_command", "poster_command", "Make the sheet that hangs at a venue."),
    "erase": ("hotline.erase_command", "erase_command", "Erase what has been kept as long as it may be."),
    "keys": ("hotline.keys_command", "keys", "Change the key that reports are sealed to."),
    "audit": ("hotline.audit_command", "audit", "Verify the audit chain."),
    "doctor": ("hotline.doctor_command", "doctor", "Say what is wrong, and what to do."),
    "crew": ("hotline.process_commands", "crew", "Run workers and sweep from one process (for service managers)."),
    "worker": ("hotline.process_commands", "worker", "Run one worker process (for service managers)."),
    "sweep": ("hotline.process_commands", "sweep", "Run the sweep process (for service managers)."),
    "reconcile": (
        "hotline.reconcile_command",
        "reconcile",
        "Fetch texts that a carrier could not bring.",
    ),
    "migrate": ("hotline.process_commands", "migrate", "Bring the database to the newest shape."),
}


@click.group(cls=LazyGroup, table=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def _hotline() -> None:
    """Reports of human trafficking, from the public's doors to the responsible unit.

    Example: hotline up
    """


def main() -> None:
    """Runs the command. A refusal is one clear line on standard error and exit status 2, never a traceback."""
    # One thread for arithmetic in each process: there are as many workers as cores, and they are forked.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(status_of(_hotline))
