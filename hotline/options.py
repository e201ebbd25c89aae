"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from config.settings import Settings


def settings_now() -> Settings:
    """This process's settings. Called once, at a command's beginning."""
    return Settings.read(os.environ)


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--config FOLDER: the rulebook's folder."""
    return click.option(
        "--config",
        "config",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        default=lambda: settings_now().config,
        help="The rulebook's folder. Default: HOTLINE_CONFIG, else the one that came with this version.",
    )(command)
