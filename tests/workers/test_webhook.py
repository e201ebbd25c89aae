"""A unit's server: a signed event, to the directory's address alone, within bounds, a word for whatever goes wrong."""

from __future__ import annotations

import base64
import json
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reports.values import UnitKind
from routing.rulebook.addresses import webhook_problem
from routing.rulebook.units import Unit
from tests.workers.unit_server import UnitServer, unit_server
from workers.senders.packet import Packet
from workers.senders.sender import DeliveryFailed
from workers.senders.unit_keys import key_path, new_key
from workers.senders.webhook import WebhookSender

UNIT = Unit(id="civil_affairs-530921", kind=UnitKind.CIVIL_AFFAIRS, region="530921", zh="民政局", en="Civil Affairs",
            delivery=("webhook",), private_network="127.0.0.0/8")  # fmt: skip
PACKET = Packet(
    referral_id="0123456789abcdef" * 2, unit=UNIT.id, part="copy", fields={"text": "身份证被扣在砖厂"}, exercise=False
)
SOURCE = "https://hotline.example"
SECONDS = 1.5
MANUAL = Path(__file__).resolve().parents[2] / "docs/units.md"


@pytest.fixture
def server() -> Iterator[UnitServer]:
    with unit_server() as server:
        yield server


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A state folder with the unit's key."""
    new_key(tmp_path, UNIT.id, replace=False)
    return tmp_path


def send(state: Path, address: str, **changes: Any) -> str:
    return WebhookSender(state, SOURCE, seconds=SECONDS).send(PACKET, replace(UNIT, webhook=address, **changes))


def failure(state: Path, address: str, **changes: Any) -> tuple[str, bool]:
    with pytest.raises(DeliveryFailed) as refusal:
        send(state, address, **changes)
    assert refusal.value.__cause__ is None
    return refusal.value.code, refusal.value.is_final


def _from_the_manual() -> Callable[[dict[str, str], bytes, str], bool]:
    """The check that docs/units.md gives a unit, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    is_genuine: Callable[[dict[str, str], bytes, str], bool] = names["is_genuine"]
    return is_genuine


verified = _from_the_manual()


def secrets(state: Path) -> list[str]:
    return key_path(state, UNIT.id).read_text(encoding="ascii").split()


def test_a_packet_goes_out_as_an_event_with_the_packets_id(server: UnitServer, keys: Path) -> None:
    send(keys, server.address)
    (request,) = server.got
    assert request.path == "/packets?from=hotline"
    assert request.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"
    event = json.loads(request.body)
    assert {name: event[name] for name in ("specversion", "id", "source", "type", "datacontenttype")} == {
        "specversion": "1.0",
        "id": PACKET.referral_id,
        "source": SOURCE,
        "type": "hotline.packet",
        "datacontenttype": "application/json",
    }
    assert event["data"] == json.loads(PACKET.to_bytes())
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == PACKET.referral_id


def test_the_signature_verifies_with_a_few_lines_and_fails_for_anything_else(server: UnitServer, keys: Path) -> None:
    send(keys, server.address)
    (request,) = server.got
    (secret,) = secrets(keys)
    assert verified(request.headers, request.body, secret)
    assert not verified(request.headers, request.body + b" ", secret)
    assert not verified({**request.headers, "webhook-id": "0" * 32}, request.body, secret)
    assert not verified(request.headers, request.body, "whsec_" + base64.b64encode(b"x" * 32).decode())
    old = {**request.headers, "webhook-timestamp": str(int(time.time()) - 600)}
    assert not verified(old, request.body, secret)


def test_a_second_try_says_the_same_under_the_same_id(server: UnitServer, keys: Path) -> None:
    send(keys, server.address)
    send(keys, server.address)
    first, second = server.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


def test_while_a_key_is_changed_both_verify(server: UnitServer, keys: Path) -> None:
    new_key(keys, UNIT.id, replace=True)
    send(keys, server.address)
    new, old = secrets(keys)
    assert verified(server.got[0].headers, server.got[0].body, new)
    assert verified(server.got[0].headers, server.got[0].body, old)
    new_key(keys, UNIT.id, replace=True)
    assert secrets(keys)[1:] == [new]


def test_a_key_lies_where_only_its_owner_reads(keys: Path, server: UnitServer) -> None:
    path = key_path(keys, UNIT.id)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.chmod(0o640)
    assert failure(keys, server.address) == ("no_key", False)
    path.unlink()
    assert failure(keys, server.address) == ("no_key", False)
    assert server.got == []


@pytest.mark.parametrize("content", ["", "whsec_", "whsec_AAAA", "whsec_!!!!", "\n\n", "whsec_" + "A" * 3000])
def test_a_key_that_is_none_signs_nothing(content: str, keys: Path, server: UnitServer) -> None:
    key_path(keys, UNIT.id).write_text(content, encoding="ascii")
    assert failure(keys, server.address) == ("no_key", False)
    assert server.got == []


@pytest.mark.parametrize(
    ("answer", "receipt"),
    [
        (b'{"receipt": "R-17"}', "R-17"),
        (b'{"receipt": "R 17"}', ""),
        (b'{"receipt": 17}', ""),
        (b'{"receipt": "' + b"9" * 81 + b'"}', ""),
        (b"thank you", ""),
        (b"[" * 100_000, ""),
        (b"", ""),
    ],
)
def test_a_unit_may_answer_with_its_own_receipt(answer: bytes, receipt: str, server: UnitServer, keys: Path) -> None:
    server.answer = answer
    assert send(keys, server.address) == receipt


@pytest.mark.parametrize(
    ("status", "code", "is_final"),
    [
        (500, "server_error", False),
        (503, "server_error", False),
        (408, "too_busy", False),
        (429, "too_busy", False),
        (410, "gone", True),
        (400, "refused", True),
        (401, "refused", True),
        (404, "refused", True),
        (301, "redirected", True),
        (307, "redirected", True),
    ],
)
def test_each_refusal_has_its_word(status: int, code: str, is_final: bool, server: UnitServer, keys: Path) -> None:
    server.statuses = [status]
    assert failure(keys, server.address) == (code, is_final)


def test_a_redirect_is_not_followed(server: UnitServer, keys: Path) -> None:
    with unit_server() as elsewhere:
        server.statuses, server.headers = [307], {"Location": elsewhere.address}
        assert failure(keys, server.address) == ("redirected", True)
        assert elsewhere.got == []
    assert len(server.got) == 1


def test_an_endless_answer_is_not_read_to_its_end(server: UnitServer, keys: Path) -> None:
    written = []

    def pour(handler: Any) -> None:
        with suppress(OSError):
            handler.send_response(200)
            handler.end_headers()
            while len(written) < 5_000:
                handler.wfile.write(b"x" * 65_536)
                written.append(65_536)
        handler.close_connection = True

    server.before = pour
    started = time.monotonic()
    assert send(keys, server.address) == ""
    assert time.monotonic() - started < 20
    assert sum(written) < 64 * 1024 * 1024


def silent(handler: Any) -> None:
    time.sleep(4)


def a_letter_at_a_time(handler: Any) -> None:
    with suppress(OSError):
        for letter in b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10:
            handler.wfile.write(bytes([letter]))
            handler.wfile.flush()
            time.sleep(0.5)


def a_body_a_letter_at_a_time(handler: Any) -> None:
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        for _ in range(12):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.5)


@pytest.mark.parametrize("slowly", [silent, a_letter_at_a_time, a_body_a_letter_at_a_time])
def test_a_slow_server_holds_the_line_for_a_few_seconds_only(
    slowly: Callable[[Any], None], server: UnitServer, keys: Path
) -> None:
    server.before = slowly
    started = time.monotonic()
    # A status that came counts, however slowly the rest does.
    with suppress(DeliveryFailed):
        send(keys, server.address)
    assert time.monotonic() - started < 9


def test_a_server_that_says_nonsense_gave_no_answer(server: UnitServer, keys: Path) -> None:
    server.before = lambda handler: handler.wfile.write(b"\x00\x01 nonsense\r\n\r\n")
    assert failure(keys, server.address) == ("no_answer", False)


def test_nobody_there_is_unreachable(keys: Path) -> None:
    with unit_server() as gone:
        address = gone.address
    assert failure(keys, address) == ("unreachable", False)
    assert failure(keys, "https://no-such-host.invalid/") == ("unreachable", False)


@pytest.mark.parametrize(
    "address",
    ["", "http://desk.example.cn/", "ftp://127.0.0.1/", "https://user:secret@127.0.0.1/", "http://169.254.169.254/"],
)
def test_an_address_that_may_not_be_called_is_not_called(address: str, keys: Path) -> None:
    assert failure(keys, address) == ("no_address", True)


def test_a_private_network_is_called_only_where_the_directory_lists_it(server: UnitServer, keys: Path) -> None:
    assert failure(keys, server.address, private_network="") == ("no_address", True)
    assert failure(keys, server.address, private_network="10.0.0.0/8") == ("no_address", True)
    assert server.got == []


def test_a_name_that_means_a_private_machine_is_not_called(keys: Path) -> None:
    assert failure(keys, "https://localhost/", private_network="") == ("private_address", True)


@pytest.mark.parametrize(
    "address",
    [
        "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/", "https://100.64.0.1/", "https://0.0.0.0/",
        "https://[::1]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/", "https://224.0.0.1/",
        "https://169.254.169.254/latest/meta-data", "https://desk.example.cn:0/", "https://desk.example.cn:99999/",
        "https://desk.example.cn/#part", "https://desk.example.cn\\@10.0.0.1/", "https:///packets", "https://",
        "https://desk example.cn/", "https://d\u00e9sk.example.cn/", "https://desk.example.cn/\r\nX: y", "javascript:1",
        "https://[::1", "https://desk.example.cn/" + "a" * 400, "HTTP://desk.example.cn/", "//desk.example.cn/",
    ],
)  # fmt: skip
def test_the_directory_refuses_such_addresses(address: str) -> None:
    assert webhook_problem(address, "")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("https://desk.example.cn/packets", ""),
        ("https://desk.example.cn:8443/packets?unit=1", ""),
        ("https://8.8.8.8/", ""),
        ("https://10.20.30.40/", "10.20.30.0/24"),
        ("http://127.0.0.1:8080/", "127.0.0.0/8"),
        ("https://[fd00::1]/", "fd00::/16"),
    ],
)
def test_the_directory_takes_these(address: str, network: str) -> None:
    assert webhook_problem(address, network) is None


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody but itself vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def tls_server(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_an_encrypted_line_is_only_spoken_on_to_whom_the_certificate_names(certificate: Path, keys: Path) -> None:
    with unit_server(tls=tls_server(certificate)) as server:
        address = server.address.replace("http:", "https:")
        assert failure(keys, address) == ("bad_certificate", False)
        assert server.got == []
        trusted = ssl.create_default_context(cafile=str(certificate))
        server.answer = b'{"receipt": "R-1"}'
        sender = WebhookSender(keys, SOURCE, seconds=SECONDS, tls=trusted)
        assert sender.send(PACKET, replace(UNIT, webhook=address)) == "R-1"
        server.before = silent
        started = time.monotonic()
        with pytest.raises(DeliveryFailed, match="no_answer"):
            sender.send(PACKET, replace(UNIT, webhook=address))
        assert time.monotonic() - started < 9
