"""Reading JSON lines from standard input: a broken line is answered in its place and does not stop the others."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import click


def answer_lines(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Writes one JSON line for each line read, in order. Returns the exit status: 1 if any line was broken."""
    status = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if not line.strip():
            continue
        try:
            result = answer(read_line(line))
        except (ValueError, KeyError, TypeError) as fault:
            result, status = {"line": number, "error": sentence_of(fault)}, 1
        click.echo(json.dumps(result, ensure_ascii=False))
    return status


def read_line(line: bytes) -> dict[str, Any]:
    """The object of a line. Raises ValueError where it is none."""
    value = json.loads(line)
    if not isinstance(value, dict):
        raise ValueError("a line should be one JSON object")
    return value


def sentence_of(fault: Exception) -> str:
    """What is wrong with a line, for the person who wrote it."""
    if isinstance(fault, json.JSONDecodeError):
        return f"This line is not JSON (column {fault.colno}): {fault.msg}."
    if isinstance(fault, KeyError):
        return f"This line lacks {fault.args[0]!r}."
    return f"This line is not as wanted: {fault}."
