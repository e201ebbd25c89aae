"""A group of commands, each loaded only when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """Finds its commands in a table: name, then module, attribute and one line of help."""

    def __init__(self, *arguments: Any, table: Mapping[str, tuple[str, str, str]], **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._table = table

    def list_commands(self, context: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._table)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command, or None. Raises ClickException where a package it needs is not installed."""
        if name not in self._table:
            return None
        module, attribute, _ = self._table[name]
        try:
            command: click.Command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as fault:
            raise click.ClickException(
                f"{context.command_path} {name} needs {fault.name}, which is not installed here; "
                "pip install .[training] brings what training needs."
            ) from None
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The names with their lines of help, without loading any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry[2]) for name, entry in self._table.items()])
