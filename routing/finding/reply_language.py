"""The language to answer a reporter in."""

from __future__ import annotations

from config.replies import LANGUAGES
from reports.values import Finding
from routing.finding.folding import is_traditional


def reply_language(finding: Finding, text: str) -> str:
    """One of the languages of replies.toml; '' where none is the reporter's: whoever gets a text that they cannot read
    may show it to somebody."""
    if finding.language == "zh":
        return "zh-Hant" if is_traditional(text) else "zh"
    return finding.language if finding.language in LANGUAGES else ""
