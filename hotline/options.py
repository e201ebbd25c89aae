"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import click

from config.settings import Settings
from reports.database import Database
from routing.rulebook.shelf import Shelf

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def settings_now() -> Settings:
    """This process's settings. Called once, at a command's beginning."""
    return Settings.read(os.environ)


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The store, with one connection, for as long as a command needs it."""
    database = Database(settings.database_url, pool_size=1)
    try:
        yield database
    finally:
        database.dispose()


def config_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--config FOLDER: the rulebook's folder."""
    return click.option(
        "--config",
        "config",
        type=_FOLDER,
        default=lambda: settings_now().config,
        help="The rulebook's folder. Default: HOTLINE_CONFIG, else the one that came with this version.",
    )(command)


@dataclass(frozen=True)
class Folders:
    """Where a command takes its tables from: those of the rulebook, and those that reports are read by."""

    rulebook: Path
    reading: Path


def folders_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--config FOLDER for a folder with all tables, --rulebook FINGERPRINT for a version that was in use once.

    The command gets them as `folders`; without either, the rulebook that is in use.
    """

    @click.option("--config", type=_FOLDER, help="A folder with all tables. Default: the rulebook in use.")
    @click.option("--rulebook", "beginning", help="A rulebook that was kept, by how its fingerprint begins.")
    @wraps(command)
    def chosen(config: Path | None, beginning: str | None, **others: Any) -> Any:
        if config is not None and beginning is not None:
            raise click.UsageError("Say --config or --rulebook, not both.")
        return command(folders=_folders(settings_now(), config, beginning), **others)

    return chosen


def _folders(settings: Settings, config: Path | None, beginning: str | None) -> Folders:
    if config is not None:
        return Folders(rulebook=config, reading=config)
    shelf = Shelf(settings.state)
    if beginning is not None:
        return Folders(rulebook=shelf.folder_of(shelf.find(beginning)), reading=settings.config)
    return Folders(rulebook=shelf.serving(settings.config), reading=settings.config)
