"""Somebody at a browser without scripts: keeps cookies, follows redirects, sends back what the page asked for."""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    address: str
    text: str

    @property
    def path(self) -> str:
        """Where it lies, without the host."""
        return urllib.parse.urlsplit(self.address).path

    @property
    def words(self) -> str:
        """What a person reads, without the marks around it."""
        return html.unescape(re.sub(r"<[^>]+>", "", self.text))

    def token(self, name: str = "csrf_token") -> str:
        """The hidden field of this name."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        assert found, f"the page has no {name}: {self.text[:500]}"
        return found[1]

    def links(self, beginning: str) -> list[str]:
        """The addresses of this beginning that the page leads to, each once."""
        return list(dict.fromkeys(re.findall(rf'href="({re.escape(beginning)}[^"#?]*)"', self.text)))


class Visitor:
    """A browser window on one app."""

    def __init__(self, port: int) -> None:
        self._root = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), urllib.request.ProxyHandler({})
        )

    def get(self, path: str) -> Page:
        """Opens a page; a report that no work calls for is opened for a reason, as its page asks."""
        page = self._ask(urllib.request.Request(self._root + path))
        if f'action="{path}/open_report"' not in page.text:
            return page
        return self.post(f"{path}/open_report", csrf_token=page.token(), why="quality", reason="复核")

    def post(self, path: str, **fields: str) -> Page:
        body = urllib.parse.urlencode(fields).encode()
        return self._ask(urllib.request.Request(self._root + path, body))

    def send(self, path: str, body: bytes, content_type: str) -> Page:
        """Posts a body of a kind of its own, such as a form with files."""
        return self._ask(urllib.request.Request(self._root + path, body, {"Content-Type": content_type}))

    def download(self, path: str, **fields: str) -> tuple[Mapping[str, str], bytes]:
        """The headers and bytes of what comes back for a form."""
        body = urllib.parse.urlencode(fields).encode()
        with self._opener.open(urllib.request.Request(self._root + path, body), timeout=20) as answer:
            return dict(answer.headers), answer.read()

    def sign_in(self, name: str, password: str) -> Page:
        page = self.post("/sign-in?lang=zh", name=name, password=password)
        assert page.status == 200, page.text
        return page

    def _ask(self, request: urllib.request.Request) -> Page:
        try:
            with self._opener.open(request, timeout=20) as answer:
                return Page(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as refused:
            with refused:
                return Page(refused.code, request.full_url, refused.read().decode())
