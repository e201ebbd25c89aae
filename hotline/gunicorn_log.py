"""What gunicorn logs, as JSON lines like everybody else's: its own sentences, without the callers it quotes in them.

By itself it writes the network address of whoever sent a malformed request with a piece of what they sent, and the
whole address asked for by a request that failed.
"""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from config.logs import JSONFormatter

# These speak of its own processes and sockets alone.
_WHOLE = ("Worker (pid:", "WORKER TIMEOUT", "Shutting down", "Connection in use", "Can't connect to")
# Of these only the beginning is its own.
_BEGINNINGS = ("Invalid request", "Error handling request", "Socket error", "Exception in worker process")
_ANYTHING_ELSE = "The web server met a fault."


class _WebServerFormatter(JSONFormatter):
    """Lets through what is known to quote nobody."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.getMessage()
        if not said.startswith(_WHOLE):
            said = next((beginning for beginning in _BEGINNINGS if said.startswith(beginning)), _ANYTHING_ELSE)
        record.msg, record.args = said, ()
        return super().format(record)


class GunicornLog(Logger):  # type: ignore[misc]
    """The class that gunicorn is told to log with."""

    def setup(self, cfg: Any) -> None:
        """Gunicorn's own handlers, with our lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(_WebServerFormatter())
