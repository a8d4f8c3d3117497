"""Each fault, as a client sees it on the wire."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import ssl
import struct
import time
from collections.abc import Iterator

import pytest
import requests

from sbc_exporter.simulator import Device, faults
from sbc_exporter.simulator.certificates import Certificate, issue
from sbc_exporter.simulator.faults import Fault
from sbc_exporter.simulator.stream import Stream
from sbc_exporter.simulator.wire import serve
from tests.simulator.client import DEADLINE, Client, receive_tcp
from tests.support import eventually

REQUEST = b"GET /rest/v1.1/admin/asyncstatus HTTP/1.1\r\nHost: sbc\r\n\r\n"


@pytest.fixture
def wire(device: Device, trusting: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """A bare TLS connection; an unclean end of TLS is an error on it."""
    with (
        socket.create_connection((device.host, device.port), DEADLINE) as sock,
        trusting.wrap_socket(
            sock, server_hostname="localhost", suppress_ragged_eofs=False
        ) as secure,
    ):
        yield secure


def fail(device: Device, fault: Fault) -> None:
    device.faults["admin/asyncstatus"] = fault


def read_all(wire: ssl.SSLSocket) -> bytes:
    """Send a request and read to the end of the connection."""
    wire.sendall(REQUEST)
    return b"".join(iter(lambda: wire.recv(65536), b""))


def test_a_fault_applies_to_its_endpoint_until_removed(client: Client, device: Device) -> None:
    """Other endpoints answer as ever, and so does this one afterwards."""
    fail(device, faults.Status(503))
    token = client.login()
    assert client.status(token).status_code == 503
    assert client.ask("GET", "system/status", token).status_code == 200
    device.faults.clear()
    assert client.status(token).status_code == 200


def test_a_star_stands_for_every_endpoint(client: Client, device: Device) -> None:
    """A fault of its own goes before the star."""
    device.faults["*"] = faults.Status(500)
    fail(device, faults.Status(503))
    assert client.try_login().status_code == 500
    assert client.status("any").status_code == 503


def test_status_carries_the_error_envelope_or_its_own_body(client: Client, device: Device) -> None:
    """Without a body the reason stands in errorMessage; headers go along."""
    fail(device, faults.Status(503, headers=(("Retry-After", "7"),)))
    response = client.status("any")
    assert "<errorMessage>Service Unavailable</errorMessage>" in response.text
    assert response.headers["Retry-After"] == "7"
    fail(device, faults.Status(502, b"bad gateway"))
    assert client.status("any").content == b"bad gateway"


@pytest.mark.parametrize("code", [204, 304])
def test_a_status_without_a_body_leaves_the_connection_usable(
    client: Client, device: Device, code: int
) -> None:
    """A 204 and a 304 carry no envelope."""
    fail(device, faults.Status(code))
    assert client.status("any").content == b""
    assert client.status("any").status_code == code
    assert device.connections == 1


def test_an_interim_status_is_no_answer() -> None:
    """A fault that could not be sent is refused when it is made."""
    with pytest.raises(ValueError, match="100"):
        faults.Status(100)


def test_body_is_any_content(client: Client, device: Device) -> None:
    """The content arrives as given, with its type and headers."""
    packed = gzip.compress(b"<response/>")
    fail(device, faults.Body(packed, "text/plain", (("Content-Encoding", "gzip"),)))
    response = client.status("any")
    assert response.content == b"<response/>"
    assert response.headers["Content-Type"] == "text/plain"


def test_redirect_names_its_location(client: Client, device: Device) -> None:
    """The client is sent elsewhere with the code chosen."""
    fail(device, faults.Redirect("https://elsewhere.example.net/", 307))
    response = client.session.get(
        client.url("admin/asyncstatus"), allow_redirects=False, timeout=DEADLINE
    )
    assert response.status_code == 307
    assert response.headers["Location"] == "https://elsewhere.example.net/"


def test_refused_tokens_come_from_good_logins(client: Client, device: Device) -> None:
    """Even for every endpoint the login is good and only its token is refused."""
    device.faults["*"] = faults.Refuse401()
    assert client.status(client.login()).status_code == 401


def test_raw_bytes_are_all_that_comes(device: Device, wire: ssl.SSLSocket) -> None:
    """The bytes, then the end of the connection."""
    fail(device, faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"))
    assert read_all(wire) == b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"


def test_trickle_sends_byte_after_byte(device: Device, wire: ssl.SSLSocket) -> None:
    """The headers come at once and the body in single bytes, each in a TLS record of its own."""
    fail(device, faults.Trickle(0.0001))
    wire.sendall(REQUEST)
    head = wire.recv(65536)
    assert head.endswith(b"\r\n\r\n")
    assert [len(wire.recv(65536)) for _ in range(20)] == [1] * 20


def test_trickle_can_begin_with_the_headers(device: Device, wire: ssl.SSLSocket) -> None:
    """The very first byte comes alone."""
    fail(device, faults.Trickle(0.0001, headers_too=True))
    wire.sendall(REQUEST)
    assert [wire.recv(65536) for _ in range(4)] == [b"H", b"T", b"T", b"P"]


def test_trickle_takes_its_time(client: Client, device: Device) -> None:
    """The answer is the true one, and no byte comes before its time."""
    fail(device, faults.Trickle(0.0005))
    begun = time.monotonic()
    response = client.status("any")
    assert response.status_code == 401
    assert time.monotonic() - begun >= 0.0005 * len(response.content)


def test_endless_leaves_room_for_others(client: Client, device: Device) -> None:
    """The body outgrows any limit, and others are served meanwhile."""
    fail(device, faults.Endless(b"x" * 10_000))
    token = client.login()
    with client.session.get(
        client.url("admin/asyncstatus"), stream=True, timeout=DEADLINE
    ) as response:
        chunks = response.iter_content(10_000)
        assert sum(len(next(chunks)) for _ in range(200)) > 1_000_000
        assert client.ask("GET", "system/status", token).status_code == 200


@pytest.mark.parametrize("fault", [faults.Endless(b"x" * 10_000), faults.Hang()])
def test_what_has_no_end_ends_when_the_client_goes(device: Device, fault: Fault) -> None:
    """Nothing is left running for a client that has closed its connection."""
    device.faults["*"] = fault
    ours, theirs = socket.socketpair()

    async def come_and_go() -> None:
        stream = Stream(ours)
        with contextlib.closing(stream):
            serving = asyncio.create_task(serve(device, issue(device.host).context, stream))
            theirs.sendall(REQUEST)
            await asyncio.wait({serving}, timeout=0.05)
            assert device.asked
            assert not serving.done()
            theirs.close()
            await asyncio.wait_for(serving, DEADLINE)

    asyncio.run(come_and_go())


def test_an_endless_body_needs_something_to_repeat() -> None:
    """An empty chunk would end the body."""
    with pytest.raises(ValueError, match="empty"):
        faults.Endless(b"")


def test_hang_takes_the_request_and_says_nothing(device: Device, wire: ssl.SSLSocket) -> None:
    """The request is recorded, the connection stays open, nothing comes."""
    fail(device, faults.Hang())
    wire.sendall(REQUEST)
    eventually(lambda: device.asked == ["GET admin/asyncstatus"])
    wire.settimeout(0.1)
    with pytest.raises(TimeoutError):
        wire.recv(1)


def test_reset_is_a_reset(device: Device, wire: ssl.SSLSocket) -> None:
    """TCP says so to the client, in place of an answer."""
    wire.sendall(REQUEST)
    assert wire.recv(65536).startswith(b"HTTP/1.1 401 ")
    fail(device, faults.Reset())
    wire.sendall(REQUEST)
    with pytest.raises(ConnectionResetError):
        receive_tcp(wire)


def test_close_before_answer_is_a_clean_end(device: Device, wire: ssl.SSLSocket) -> None:
    """TLS and TCP end in good order, without a byte of an answer."""
    fail(device, faults.CloseBeforeAnswer())
    assert read_all(wire) == b""


def test_close_after_answer_breaks_a_promise(device: Device, wire: ssl.SSLSocket) -> None:
    """The answer announces nothing, and the connection ends behind it."""
    fail(device, faults.CloseAfterAnswer())
    answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"connection:" not in answer.lower()


def test_latency_delays_every_answer(client: Client, device: Device) -> None:
    """No answer comes before its time."""
    device.latency = 0.05
    begun = time.monotonic()
    client.login()
    assert time.monotonic() - begun >= 0.05


def test_a_handshake_can_hang(device: Device, trusting: ssl.SSLContext, client: Client) -> None:
    """The hello is never answered; a later connection is served as the device is then."""
    device.handshake = "hang"
    with (
        socket.create_connection((device.host, device.port), 0.1) as sock,
        pytest.raises(TimeoutError),
    ):
        trusting.wrap_socket(sock, server_hostname="localhost")
    device.handshake = "normal"
    assert client.status().status_code == 200


def test_a_handshake_can_be_reset(device: Device, trusting: ssl.SSLContext) -> None:
    """The hello is answered by a reset."""
    device.handshake = "reset"
    with (
        socket.create_connection((device.host, device.port), DEADLINE) as sock,
        pytest.raises(ConnectionResetError),
    ):
        trusting.wrap_socket(sock, server_hostname="localhost")


@pytest.mark.parametrize(
    ("certificate", "complaint"),
    [
        ("expired", "certificate has expired"),
        ("wrong_name", "IP address mismatch"),
        ("self_signed", "self.signed certificate"),
    ],
)
def test_a_certificate_can_be_bad(
    client: Client, device: Device, certificate: Certificate, complaint: str
) -> None:
    """A client that checks certificates refuses each, for its own reason."""
    device.certificate = certificate
    with pytest.raises(requests.exceptions.SSLError, match=complaint):
        client.try_login()


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "sbc.example.net"])
def test_the_good_certificate_has_three_names(
    device: Device, trusting: ssl.SSLContext, name: str
) -> None:
    """Any of them may be the server name that the client expects."""
    with (
        socket.create_connection((device.host, device.port), DEADLINE) as sock,
        trusting.wrap_socket(sock, server_hostname=name) as secure,
    ):
        assert secure.version() == "TLSv1.3"


def test_an_old_server_refuses_a_modern_client(device: Device, trusting: ssl.SSLContext) -> None:
    """The client is told so by a TLS alert."""
    device.max_tls = "TLS11"
    # Debian's Python would offer TLS 1.1, too.
    trusting.minimum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((device.host, device.port), DEADLINE) as sock,
        pytest.raises(ssl.SSLError, match=r"(?i)alert protocol version"),
    ):
        trusting.wrap_socket(sock, server_hostname="localhost")


def test_an_old_server_serves_an_old_client(device: Device, trusting: ssl.SSLContext) -> None:
    """TLS 1.1 is spoken with who allows it."""
    device.max_tls = "TLS11"
    trusting.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    trusting.set_ciphers("DEFAULT:@SECLEVEL=0")
    with (
        socket.create_connection((device.host, device.port), DEADLINE) as sock,
        trusting.wrap_socket(sock, server_hostname="localhost") as secure,
    ):
        assert secure.version() == "TLSv1.1"


def test_a_client_that_resets_does_no_harm(client: Client, device: Device) -> None:
    """Neither a reset in the handshake nor a half handshake stops the device."""
    for said in (b"", b"\x16", b"\x16\x03\x01\x00\x05hello", REQUEST):
        with socket.create_connection((device.host, device.port), DEADLINE) as sock:
            sock.sendall(said)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert client.status().status_code == 200
