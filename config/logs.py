"""Logs as JSON lines that hold ids, never content."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

# The only extra fields a log line may carry: ids, codes and counts. Anything else a caller passes is left out,
# so that a careless `extra` cannot put a reporter's words or number in a log file.
ALLOWED = ("report", "reference", "referral", "unit", "queue", "state", "code", "count", "attempt", "status", "door",
           "milliseconds", "child", "pid", "officer", "check", "rulebook", "exercise")  # fmt: skip

# What ends a line or moves the cursor or the direction for whoever reads the log; JSON itself escapes the first 32.
_ESCAPED = {
    code: f"\\u{code:04x}"
    for code in (*range(0x7F, 0xA0), 0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
}


class JSONFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, sentence, and the allowed ids."""

    def format(self, record: logging.LogRecord) -> str:
        """The line for one record. An exception is named by its class alone, since its text may quote a report."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "says": record.getMessage(),
        }
        line.update({name: getattr(record, name) for name in ALLOWED if hasattr(record, name)})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str).translate(_ESCAPED)


def start_logging(level: int = logging.INFO) -> None:
    """Sends this process's log lines to standard error. Called once, at an entry point."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # RQ prints a job's description and redis-py its retries: ours say the same with ids only.
    for name in ("rq", "rq.worker", "redis", "alembic", "werkzeug"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.showwarning = _log_warning


def _log_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """What a library warns of, named by its class and place alone, since its text may quote a report."""
    place = f"{Path(filename).name}:{lineno}"
    logging.getLogger("py.warnings").warning("A library warns: %s at %s.", category.__name__, place)
