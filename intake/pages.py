"""The public's pages, each in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template
from werkzeug.wrappers import Request

from config.public_page import PublicPage
from intake.wording import Words, language_of


class Pages:
    """Makes every page the public sees.

    A template finds `words`, the code of its `language`, all `languages`, and the `facts` of public_page.toml.
    """

    def __init__(self, words: Mapping[str, Words], facts: PublicPage) -> None:
        self._words, self._facts = words, facts
        self._languages = [(code, said["page"]["tag"], said["page"]["language_name"]) for code, said in words.items()]

    def page(self, asked: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page in the language of the request. Needs Flask's context."""
        language = language_of(asked)
        page = render_template(
            template,
            words=self._words[language],
            language=language,
            languages=self._languages,
            facts=self._facts,
            **values,
        )
        return make_response(page, status)

    def problem(self, asked: Request, status: int, kind: str = "problem") -> Response:
        """A page that says what went wrong and what to do. kind is the section of the words that says it."""
        return self.page(asked, "problem.html", status, kind=kind)
