"""How a command or a forked process ends: with a status, and with one clear line where it was refused."""

from __future__ import annotations

from collections.abc import Callable

import click

from config.settings import SettingsError

REFUSED = 2
# The exit status for what mends itself, as sysexits.h has it; a refusal that a person must mend is REFUSED.
TRY_AGAIN = 75


def status_of(run: Callable[[], object]) -> int:
    """Runs it to its end. A refusal is one line on standard error, never a traceback."""
    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except SettingsError as fault:
        return _say(fault)
    except Exception as fault:
        # Refusals of the store and the rulebook are sentences for people; anything else is named by its class alone,
        # since its text could quote a report.
        module = type(fault).__module__
        if module in ("reports.errors", "routing.rulebook.errors"):
            return _say(fault)
        if module == "builtins" and isinstance(fault, ValueError | OSError):
            return _say(fault)
        return _say(f"Something went wrong here: {type(fault).__name__}. `hotline doctor` may say more.")
    return 0


def _say(sentence: object) -> int:
    click.echo(f"hotline: {sentence}", err=True)
    return REFUSED
