"""Fetching a file from a provider: only from the origins that are listed, within a size and a time, never from inside.

The address came with a message, so it is not trusted. The machine that was looked at is the one that is called; the
account's password goes to the provider's own origin and to nobody that it redirects to.
"""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

from routing.rulebook.addresses import literal, may_call
from workers.senders.deadline import ends_within

_CONNECT_SECONDS = 5.0
_READ_BYTES = 64 * 1024
_PORTS = {"https": 443, "http": 80}
# Of the refusals, these mean "not now" and the rest "never". A password that is wrong today is put right tomorrow.
_NOT_NOW = (401, 403, 404, 407, 408, 425, 429)
_REDIRECTS = (301, 302, 303, 307, 308)

Origin = tuple[str, str, int]


class FetchFailed(Exception):
    """A file could not be fetched. code says why; is_final, that trying again would not help."""

    def __init__(self, code: str, *, is_final: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_final = code, is_final


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A file as it came, and the type that the server gave it."""

    data: bytes = field(repr=False)
    claimed_type: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who fetches: a user and a password for one origin, such as "https://api.twilio.com"."""

    origin: str
    user: str
    password: str = field(repr=False)


class Fetcher:
    """Fetches files of one account, and deletes them at the provider once they are kept."""

    def __init__(
        self,
        account: Account,
        origins: Sequence[str],
        *,
        most_bytes: int,
        seconds: float,
        redirects: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """origins may be fetched from beside the account's own; seconds is for one file as a whole.

        An origin that is written with a machine's address may be on a private network: an operator chose it. What a
        name means must be on the public one.
        """
        self._account, self._own = account, _origin(urlsplit(account.origin))
        self._allowed = {self._own, *(_origin(urlsplit(one)) for one in origins)} - {None}
        self._most, self._seconds, self._redirects = most_bytes, seconds, redirects
        self._tls = tls or ssl.create_default_context()

    def fetch(self, url: str) -> Fetched:
        """The file. Raises FetchFailed for an address that is not allowed, a file too large, a server in trouble."""
        ends_at = time.monotonic() + self._seconds
        for _ in range(self._redirects + 1):
            with self._answer("GET", url, ends_at) as answer:
                if answer.status not in _REDIRECTS:
                    _check(answer.status)
                    kind = (answer.getheader("Content-Type") or "").partition(";")[0].strip()
                    return Fetched(data=self._body(answer, ends_at), claimed_type=kind)
                url = urljoin(url, answer.getheader("Location") or "")
        raise FetchFailed("too_many_redirects", is_final=True)

    def delete(self, url: str) -> None:
        """Deletes a file at its provider. One that is not there any more is deleted. Raises FetchFailed."""
        if _split(url) is None or _origin(urlsplit(url)) != self._own:
            raise FetchFailed("not_allowed", is_final=True)
        with self._answer("DELETE", url, time.monotonic() + self._seconds) as answer:
            if answer.status != 404:
                _check(answer.status)

    @contextmanager
    def _answer(self, method: str, url: str, ends_at: float) -> Iterator[http.client.HTTPResponse]:
        parts = _split(url)
        origin = _origin(parts) if parts else None
        if parts is None or origin is None or origin not in self._allowed:
            raise FetchFailed("not_allowed", is_final=True)
        try:
            line = _connect(origin)
        except OSError:
            raise FetchFailed("unreachable") from None
        with closing(line), ends_within(ends_at - time.monotonic(), lambda: line):
            try:
                secured = self._tls.wrap_socket(line, server_hostname=origin[1]) if origin[0] == "https" else line
            except ssl.SSLCertVerificationError:
                raise FetchFailed("bad_certificate") from None
            except (OSError, ValueError):
                raise FetchFailed("unreachable") from None
            with closing(secured), ends_within(ends_at - time.monotonic(), lambda: secured):
                try:
                    with closing(self._asked(secured, method, parts, is_own=origin == self._own)) as answer:
                        yield answer
                except (OSError, http.client.HTTPException, ValueError):
                    raise FetchFailed("no_answer") from None

    def _asked(self, line: socket.socket, method: str, parts: SplitResult, *, is_own: bool) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        connection.sock = line
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Host": parts.netloc, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "hotline"}
        if is_own:
            pair = f"{self._account.user}:{self._account.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        connection.request(method, target, headers=headers)
        return connection.getresponse()

    def _body(self, answer: http.client.HTTPResponse, ends_at: float) -> bytes:
        stated = answer.getheader("Content-Length") or "0"
        if not stated.isdigit() or int(stated) > self._most:
            raise FetchFailed("too_large", is_final=True)
        if answer.getheader("Content-Encoding", "identity") != "identity":
            raise FetchFailed("compressed", is_final=True)
        pieces, size = [], 0
        while piece := answer.read(_READ_BYTES):
            size += len(piece)
            if size > self._most:
                raise FetchFailed("too_large", is_final=True)
            if time.monotonic() > ends_at:
                raise FetchFailed("too_slow")
            pieces.append(piece)
        # A line that was cut ends a body early, and the library says so only to who reads it in one piece.
        if answer.length or time.monotonic() > ends_at:
            raise FetchFailed("cut_short")
        if not size:
            raise FetchFailed("empty", is_final=True)
        return b"".join(pieces)


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None where it could be read in two ways, or holds a name or a password."""
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > 2000:
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return None if "@" in parts.netloc or parts.fragment else parts


def _origin(parts: SplitResult) -> Origin | None:
    port = parts.port or _PORTS.get(parts.scheme)
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def _connect(origin: Origin) -> socket.socket:
    """A line to the machine of an origin. Raises FetchFailed where its name means a machine inside, else OSError."""
    _, host, port = origin
    found = dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    allowed = [one for one in found if literal(host) or ((written := literal(one)) and may_call(written, ""))]
    if not allowed:
        raise FetchFailed("private_address", is_final=True)
    return socket.create_connection((allowed[0], port), timeout=_CONNECT_SECONDS)


def _check(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in _NOT_NOW or status >= 500:
        raise FetchFailed("not_now")
    raise FetchFailed("refused", is_final=True)
