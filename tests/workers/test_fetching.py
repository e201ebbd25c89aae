"""Fetching from a provider: only from the origins that are listed, within bounds, and never from inside."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.workers.unit_server import UnitServer, unit_server
from workers.fetching import Account, Fetcher, FetchFailed

MOST = 200_000
SECONDS = 1.0


@pytest.fixture
def provider() -> Iterator[UnitServer]:
    with unit_server(answer=b"\xff\xd8photo", headers={"Content-Type": "image/jpeg; q=1"}) as server:
        yield server


@pytest.fixture
def store() -> Iterator[UnitServer]:
    """Where the provider keeps its files: another origin."""
    with unit_server(answer=b"stored") as server:
        yield server


def origin(server: UnitServer) -> str:
    return f"http://127.0.0.1:{server.port}"


def fetcher(provider: UnitServer, *origins: str, **changes: Any) -> Fetcher:
    account = Account(origin=origin(provider), user="AC1", password="secret")
    return Fetcher(account, origins, **{"most_bytes": MOST, "seconds": SECONDS, "redirects": 2, **changes})


def failure(one: Fetcher, url: str) -> tuple[str, bool]:
    with pytest.raises(FetchFailed) as refusal:
        one.fetch(url)
    assert refusal.value.__cause__ is None
    return refusal.value.code, refusal.value.is_final


def test_a_file_comes_whole_with_the_type_its_server_gave_it(provider: UnitServer) -> None:
    fetched = fetcher(provider).fetch(f"{origin(provider)}/Media/ME1")
    assert (fetched.data, fetched.claimed_type) == (b"\xff\xd8photo", "image/jpeg")
    (request,) = provider.got
    assert (request.method, request.path) == ("GET", "/Media/ME1")
    assert request.headers["authorization"] == "Basic QUMxOnNlY3JldA=="


def test_a_redirect_to_a_listed_origin_is_followed_without_the_password(
    provider: UnitServer, store: UnitServer
) -> None:
    provider.statuses, provider.headers = [307], {"Location": f"{origin(store)}/a?signed=1"}
    assert fetcher(provider, origin(store)).fetch(f"{origin(provider)}/Media/ME1").data == b"stored"
    assert "authorization" not in store.got[0].headers


def test_a_redirect_elsewhere_is_not_followed(provider: UnitServer, store: UnitServer) -> None:
    provider.statuses, provider.headers = [302], {"Location": f"{origin(store)}/latest/meta-data"}
    assert failure(fetcher(provider), f"{origin(provider)}/Media/ME1") == ("not_allowed", True)
    assert store.got == []


def test_redirects_end(provider: UnitServer) -> None:
    provider.statuses, provider.headers = [302], {"Location": "/again"}
    assert failure(fetcher(provider), f"{origin(provider)}/Media/ME1") == ("too_many_redirects", True)
    assert len(provider.got) == 3


ELSEWHERE = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://metadata.google.internal/",
    "http://127.0.0.1/",
    "http://127.0.0.1:1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://[::1]/",
    "http://[::]/",
    "http://0.0.0.0/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://10.0.0.1/",
    "http://192.168.1.1/",
    "https://elsewhere.example/a.jpg",
    "ftp://127.0.0.1/a",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "data:image/png;base64,AAAA",
    "//127.0.0.1/a",
    "",
    "not an address",
    "http://{own}@elsewhere.example/",
    "http://user:word@{own}/a",
    "http://{own}\\@elsewhere.example/",
    "http://{own}.elsewhere.example/",
    "https://{own}/a",
    "http://{own}/a#b",
    "http://{own}/a\r\nX-Injected: 1",
    "http://{own}:80/a",
    "http://１２７.0.0.1/",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_row_a7_no_other_address_is_called_however_it_is_written(provider: UnitServer, url: str) -> None:
    written = url.replace("{own}", f"127.0.0.1:{provider.port}")
    assert failure(fetcher(provider), written) == ("not_allowed", True)
    assert provider.got == []


def test_row_a7_a_listed_name_that_means_a_machine_inside_is_not_called(
    provider: UnitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    one = fetcher(provider, "https://media.example")
    assert failure(one, "https://media.example/a") == ("private_address", True)


def test_row_a7_a_file_that_says_it_is_too_large_is_not_read(provider: UnitServer) -> None:
    provider.headers = {"Content-Length": str(10 * 1024**3)}
    assert failure(fetcher(provider), f"{origin(provider)}/a") == ("too_large", True)


def test_row_a7_a_stream_without_an_end_is_cut_at_the_bound(provider: UnitServer) -> None:
    def pour(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x" * 65536)

    provider.before = pour
    assert failure(fetcher(provider), f"{origin(provider)}/a") == ("too_large", True)


def test_a_server_that_sends_a_byte_at_a_time_is_left_when_the_time_is_up(provider: UnitServer) -> None:
    def trickle(handler: Any) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"x")
            time.sleep(0.1)

    provider.before = trickle
    started = time.monotonic()
    code, is_final = failure(fetcher(provider), f"{origin(provider)}/a")
    assert code in ("cut_short", "too_slow")
    assert not is_final
    assert time.monotonic() - started < SECONDS + 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"answer": b""}, ("empty", True)),
        ({"statuses": [401]}, ("not_now", False)),
        ({"statuses": [410]}, ("refused", True)),
        ({"statuses": [404]}, ("not_now", False)),
        ({"statuses": [503]}, ("not_now", False)),
        ({"headers": {"Content-Encoding": "gzip"}}, ("compressed", True)),
        ({"headers": {"Content-Length": "-5"}}, ("too_large", True)),
    ],
)
def test_whatever_is_wrong_has_a_word(provider: UnitServer, change: dict[str, Any], code: tuple[str, bool]) -> None:
    for name, value in change.items():
        setattr(provider, name, value)
    assert failure(fetcher(provider), f"{origin(provider)}/a") == code


def test_a_file_that_was_cut_short_is_not_taken_for_whole(provider: UnitServer) -> None:
    provider.headers = {"Content-Length": "100", "Connection": "close"}
    provider.before = lambda handler: setattr(handler, "close_connection", True)
    assert failure(fetcher(provider), f"{origin(provider)}/a") == ("cut_short", False)


def test_a_file_is_deleted_at_its_own_provider_only(provider: UnitServer, store: UnitServer) -> None:
    one = fetcher(provider, origin(store))
    provider.statuses = [204, 404]
    one.delete(f"{origin(provider)}/Media/ME1")
    one.delete(f"{origin(provider)}/Media/ME1")
    assert [request.method for request in provider.got] == ["DELETE", "DELETE"]
    with pytest.raises(FetchFailed, match="not_allowed"):
        one.delete(f"{origin(store)}/a")
    assert store.got == []
