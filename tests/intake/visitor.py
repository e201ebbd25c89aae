"""Somebody at the public's pages who presses the buttons they see, without a script and without a cookie."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from tests.intake.doors import FORM_TYPE, Doors

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
NUMBER = re.compile(r'<p class="number">([0-9 ]+)</p>')


class Visitor:
    """A browser that remembers the page it is on, and the network it comes from."""

    def __init__(self, doors: Doors, language: str = "zh", address: str = "") -> None:
        self._doors, self._language = doors, language
        self._environment = {"REMOTE_ADDR": address} if address else {}
        self.page: TestResponse = doors.client.get(f"/?lang={language}")

    @property
    def text(self) -> str:
        """The page they see, with its characters as they are shown."""
        return html.unescape(self.page.text)

    @property
    def number(self) -> str:
        """The number that the page shows them."""
        match = NUMBER.search(self.page.text)
        assert match is not None, self.page.text
        return match[1]

    def report(self, text: str) -> None:
        """Sends the form."""
        self._post("/", {**dict(HIDDEN.findall(self.page.text)), "text": text})

    def take_a_number(self) -> str:
        """Presses the button that offers one."""
        self.press("new")
        return self.number

    def come_back(self, number: str) -> None:
        """Opens the page for those who come back, types a number and presses the button."""
        self.page = self._doors.client.get(f"/receipt?lang={self._language}")
        self._post("/receipt", {"number": number, "do": "look"})

    def press(self, button: str, **typed: str) -> None:
        """Sends the form that a button belongs to, with what is typed into it."""
        forms = [dict(HIDDEN.findall(one)) for one in re.findall(r"<form.*?</form>", self.page.text, re.DOTALL)]
        answer = typed.get("helped")
        (form,) = [one for one in forms if one.get("do") == button and one.get("helped") == answer]
        self._post("/receipt", {**form, **typed})

    def again(self) -> None:
        """Presses the same button once more, as a double click or the reload button does."""
        self._post(*self._last)

    def _post(self, path: str, fields: dict[str, str]) -> None:
        self._last = (path, fields)
        self.page = self._doors.client.post(
            f"{path}?lang={self._language}",
            data=urlencode(fields),
            content_type=FORM_TYPE,
            environ_overrides=self._environment,
        )
