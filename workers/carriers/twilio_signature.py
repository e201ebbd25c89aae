"""Whether the carrier really sent this: Twilio's request signature, over bytes as they came.

The algorithm is the provider's (Twilio, "Validating requests are coming from Twilio"): HMAC-SHA1 with the account's
token over the address it called, followed by each parameter's name and value in the order of the names. The vendor's
library agrees in the tests; it is not used here because it raises on missing headers and on bytes that are not UTF-8,
and because the address must be the one the provider calls, not the one this server was reached at.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit, urlunsplit

from workers.carriers.urlencoded import Pairs

_DEFAULT_PORTS = {"https": 443, "http": 80}


class SignatureCheck:
    """Recognises requests signed with one account's token for one public address."""

    def __init__(self, auth_token: str, public_url: str) -> None:
        """public_url is the address the provider calls, without a path."""
        self._token = auth_token.encode()
        self._addresses = _spellings(public_url)

    def holds(self, target: str, parameters: Pairs, signature: str) -> bool:
        """Whether `signature` fits the raw path and query `target` and the form's parameters.

        Takes the same time for any.
        """
        given = signature.encode("utf-8", "replace")
        fits = False
        for body in _readings(parameters):
            for address in self._addresses:
                expected = base64.b64encode(
                    hmac.new(self._token, (address + target).encode("utf-8", "replace") + body, hashlib.sha1).digest()
                )
                fits |= hmac.compare_digest(expected, given)
        return fits


def _readings(parameters: Pairs) -> tuple[bytes, ...]:
    """What may have been signed: the bytes themselves and, where they are no UTF-8, the two usual ways to read them."""
    plain = b"".join(name + value for name, value in sorted(parameters))
    try:
        plain.decode("utf-8")
    except UnicodeDecodeError:
        replaced = sorted((_replaced(name), _replaced(value)) for name, value in parameters)
        quoted = sorted((_quoted(name), _quoted(value)) for name, value in parameters)
        return (plain, b"".join(n + v for n, v in replaced), b"".join(n + v for n, v in quoted))
    return (plain,)


def _replaced(raw: bytes) -> bytes:
    return raw.decode("utf-8", "replace").encode()


def _quoted(raw: bytes) -> bytes:
    text = raw.decode("utf-8", "surrogateescape")
    return "".join(f"%{ord(c) - 0xDC00:02X}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in text).encode()


def _spellings(public_url: str) -> tuple[str, ...]:
    # The provider signs the address with or without the scheme's own port, depending on how it was typed in.
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    port = _DEFAULT_PORTS[parts.scheme]
    spellings = [public_url]
    if parts.port in (None, port):
        spellings += [urlunsplit((parts.scheme, netloc, parts.path, "", "")) for netloc in (host, f"{host}:{port}")]
    return tuple(dict.fromkeys(spellings))
