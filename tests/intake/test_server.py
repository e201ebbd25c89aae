"""What only a real server shows: lengths that lie, requests inside requests, addresses byte for byte."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from sqlalchemy import func, select

from reports.database import Database
from reports.tables import reports
from tests.intake.doors import API_KEY, FORM_TYPE, SMS_URL, a_text, signature_of
from tests.intake.server import PublicServer, request_of

BEARER = f"Authorization: Bearer {API_KEY}"


@pytest.fixture(scope="module")
def shared_server(
    tmp_path_factory: pytest.TempPathFactory, key_folder: Path, sqlite_file: Path
) -> Iterator[PublicServer]:
    """One public app for the tests that keep nothing or do not mind what others keep."""
    server = PublicServer(tmp_path_factory.mktemp("server"), key_folder, sqlite_file)
    server.wait_until_ready()
    yield server
    server.stop()


@pytest.fixture
def server(shared_server: PublicServer) -> PublicServer:
    """The public app; what was kept before this test does not count."""
    database = Database(shared_server.database_url, pool_size=1)
    with database.write() as connection:
        for table in reversed(reports.metadata.sorted_tables):
            if table.name in ("reports", "messages", "conversations"):
                connection.execute(table.delete())
    database.dispose()
    return shared_server


def kept(server: PublicServer) -> int:
    database = Database(server.database_url, pool_size=1)
    with database.read() as connection:
        number = int(connection.execute(select(func.count()).select_from(reports)).scalar_one())
    database.dispose()
    return number


def signed_text(path: str = "/twilio/sms", *headers: str, **changes: str) -> bytes:
    parameters = a_text(**changes)
    signature = signature_of(parameters, SMS_URL.replace("/twilio/sms", path))
    return request_of(path, urlencode(parameters).encode(), f"X-Twilio-Signature: {signature}", *headers)


def form_token(server: PublicServer) -> str:
    page = server.send(request_of("/", b"", method="GET")).decode()
    return page.split('name="token" value="')[1].split('"')[0]


def partner_report(body: bytes, key: str = "1") -> bytes:
    return request_of("/api/v1/reports", body, BEARER, f"Idempotency-Key: {key}", content_type="application/json")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("?" + quote("来源") + "=" + quote("云南"), id="percent-encoded Chinese"),
        pytest.param("?a=%e4%ba%91&b=1+2&b=%20", id="small letters, plus and space"),
        pytest.param("?b=2&a=1&&", id="out of order"),
        pytest.param("?", id="a question mark alone"),
        pytest.param("", id="no query"),
    ],
)
def test_a_signature_holds_over_the_address_byte_for_byte(server: PublicServer, query: str) -> None:
    assert server.statuses(signed_text(f"/twilio/sms{query}")) == [200]
    assert kept(server) == 1


def test_another_spelling_of_the_same_query_does_not_pass(server: PublicServer) -> None:
    signed = signed_text("/twilio/sms?a=%E4%BA%91")
    assert server.statuses(signed.replace(b"%E4%BA%91", b"%e4%ba%91")) == [403]


def test_row_3_chinese_bytes_as_signature_are_403(server: PublicServer) -> None:
    body = urlencode(a_text()).encode()
    assert server.statuses(request_of("/twilio/sms", body, "X-Twilio-Signature: " + "签" * 28)) == [403]


def test_headers_of_a_proxy_do_not_change_what_must_be_signed(server: PublicServer) -> None:
    forwarded = ("X-Forwarded-Host: elsewhere.example", "X-Forwarded-Proto: http", "X-Forwarded-Prefix: /x")
    assert server.statuses(signed_text("/twilio/sms", *forwarded)) == [200]
    parameters = a_text()
    signature = signature_of(parameters, "http://elsewhere.example/twilio/sms")
    body = urlencode(parameters).encode()
    raw = request_of("/twilio/sms", body, f"X-Twilio-Signature: {signature}", *forwarded)
    assert server.statuses(raw) == [403]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/", FORM_TYPE), ("/twilio/sms", FORM_TYPE), ("/api/v1/reports", "application/json")],
)
def test_row_44_a_chunked_body_is_411_at_every_door(server: PublicServer, path: str, content_type: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {content_type}\r\n{BEARER}\r\nIdempotency-Key: 1\r\n"
    chunks = b"10000\r\n" + b"x" * 0x10000 + b"\r\n2\r\nyy\r\n0\r\n\r\n"
    raw = head.encode() + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
    assert server.statuses(raw) == [411]
    assert kept(server) == 0


@pytest.mark.parametrize("path", ["/", "/twilio/sms", "/api/v1/reports"])
def test_a_body_without_a_length_is_411(server: PublicServer, path: str) -> None:
    raw = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    assert server.statuses(raw) == [411]


SMUGGLED = signed_text()


@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        pytest.param("Content-Length: 6\r\nTransfer-Encoding: chunked", {400}, id="a length and chunks"),
        pytest.param("Transfer-Encoding: chunked\r\nContent-Length: 6", {400}, id="chunks and a length"),
        pytest.param("Content-Length: 6\r\nContent-Length: 5", {400}, id="two lengths"),
        pytest.param("Content-Length: 6, 5", {400}, id="two lengths in one"),
        pytest.param("Content-Length: +6", {400}, id="a length with a sign"),
        pytest.param("Content-Length: -1", {400}, id="a negative length"),
        pytest.param("Content-Length: 0x6", {400}, id="a hexadecimal length"),
        pytest.param("Transfer-Encoding: xchunked", {400, 501}, id="chunks by another name"),
        pytest.param("Transfer-Encoding : chunked\r\nContent-Length: 6", {400}, id="a space before the colon"),
        pytest.param("Host: elsewhere.example\r\nContent-Length: 6", {400}, id="two Host headers"),
        pytest.param("X-Bad: a\x00b\r\nContent-Length: 6", {400}, id="NUL in a header"),
    ],
)
def test_a_request_with_two_readings_is_refused_and_what_it_carries_is_not_heard(
    server: PublicServer, headers: str, statuses: set[int]
) -> None:
    raw = f"POST / HTTP/1.1\r\nHost: hotline.example\r\nContent-Type: {FORM_TYPE}\r\n{headers}\r\n\r\n0\r\n\r\n\r\n"
    answers = server.statuses(raw.encode() + SMUGGLED)
    assert len(answers) == 1
    assert answers[0] in statuses
    assert kept(server) == 0


@pytest.mark.parametrize("length", [64 * 1024 + 1, 200_000])
def test_a_request_inside_a_body_that_is_too_large_is_not_heard(server: PublicServer, length: int) -> None:
    body = b"text=" + b"x" * (length - len(SMUGGLED) - 5) + SMUGGLED
    raw = request_of("/", body).replace(b"Connection: close\r\n", b"")
    answers = server.statuses(raw, then_end=True)
    assert answers in ([413], [])
    assert kept(server) == 0


def test_row_75_a_length_that_is_too_short_is_400(server: PublicServer) -> None:
    raw = partner_report(b'{"text":"x"}').replace(b"Content-Length: 12", b"Content-Length: 11")
    assert server.statuses(raw) == [400]
    assert kept(server) == 0


@pytest.mark.parametrize("door", ["form", "text message", "partner"])
def test_row_75_a_length_that_is_too_long_is_400_and_half_a_report_is_never_kept(
    server: PublicServer, door: str
) -> None:
    raw = {
        "form": request_of("/", f"token={form_token(server)}&text=hello".encode()),
        "text message": signed_text(),
        "partner": partner_report(b'{"text":"x"}'),
    }[door]
    length = raw.split(b"Content-Length: ")[1].split(b"\r\n")[0]
    longer = raw.replace(b"Content-Length: " + length, b"Content-Length: %d" % (int(length) + 5))
    assert server.statuses(longer, then_end=True) == [400]
    assert kept(server) == 0


def test_an_empty_body_is_told_as_what_it_is(server: PublicServer) -> None:
    assert server.statuses(partner_report(b"")) == [400]
    assert server.statuses(request_of("/", b"")) == [400]
    assert server.statuses(request_of("/twilio/sms", b"")) == [403]
    assert kept(server) == 0


@pytest.mark.parametrize(
    ("raw", "statuses"),
    [
        pytest.param(request_of("/?" + "x" * 9000, b"", method="GET"), {400, 414}, id="a long address"),
        pytest.param(
            request_of("/", b"", *(f"X-{n}: 1" for n in range(60)), method="GET"), {400, 431}, id="sixty headers"
        ),
        pytest.param(
            request_of("/", b"", "SCRIPT_NAME: /x", method="GET"), {200, 400, 500}, id="a header that is ours"
        ),
        pytest.param(request_of("//[", b"", method="GET"), {404}, id="an address with a bracket"),
        pytest.param(request_of("//elsewhere.example/%2e%2e", b"", method="GET"), {404}, id="an address with a host"),
        pytest.param(request_of("/%00%ff", b"", method="GET"), {404}, id="bytes that are no text"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00", {400}, id="TLS where there is none"),
    ],
)
def test_a_request_that_nobody_sends_in_good_faith_gets_one_short_answer(
    server: PublicServer, raw: bytes, statuses: set[int]
) -> None:
    answers = server.statuses(raw, then_end=True)
    assert len(answers) <= 1
    assert set(answers) <= statuses
    assert server.statuses(request_of("/healthz", b"", method="GET")) == [200]


def test_those_who_send_slowly_do_not_keep_others_waiting(server: PublicServer) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(6)]
    for connection in slow:
        connection.sendall(request_of("/", b"x" * 1000)[:-999])
    started = time.monotonic()
    assert server.statuses(request_of("/", b"", method="GET")) == [200]
    assert time.monotonic() - started < 10
    for connection in slow:
        connection.close()


def test_a_server_killed_right_after_its_answer_has_lost_nothing(
    tmp_path: Path, key_folder: Path, sqlite_file: Path
) -> None:
    server = PublicServer(tmp_path, key_folder, sqlite_file)
    server.wait_until_ready()
    answers = [server.statuses(signed_text(MessageSid=f"SM{n:032x}")) for n in range(5)]
    server.kill()
    assert answers == [[200]] * 5
    assert kept(server) == 5


def test_the_servers_log_holds_nothing_that_anybody_sent(server: PublicServer) -> None:
    token = "canary7f3a9c"
    headers = (f"User-Agent: {token}", f"Referer: https://x.example/?{token}", f"Cookie: s={token}", f"X-{token}: 1")
    path = f"/?phone={token}"
    server.send(request_of(path, f"text={token}&name={token}".encode(), *headers))
    server.send(request_of(f"/{token}", b"", *headers, method="GET"))
    server.send(request_of("/twilio/sms", urlencode(a_text(Body=token, From=token)).encode(), *headers))
    server.send(signed_text(f"/twilio/sms?{token}", *headers, Body=token, From=token))
    server.send(partner_report(f'{{"text":"{token}","{token}":1}}'.encode()))
    server.send(request_of(path, b"x", f"Host: {token}", f"Content-Length: {token}"))
    server.send(b"GET /" + token.encode() + b" HTTP/9.9\r\n\r\n")
    assert kept(server) == 1
    log = server.log_file.read_text()
    assert "A text message was refused" in log
    assert token not in log
