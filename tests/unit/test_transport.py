"""The kept connection, and what goes over it."""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest

from sbc_exporter import __version__
from sbc_exporter.errors import BadAnswer, ConnectionLost, Unreachable
from sbc_exporter.simulator import Device, faults
from sbc_exporter.transport import Transport
from tests.unit.support import ENDPOINT, OK, PATIENCE, ask, head_of, plain, serving, visit


def test_connection_is_kept(device: Device, transport: Transport) -> None:
    """Many requests, one connection; also after an error that was answered whole."""
    for status in (401, 503, 401):
        device.faults[ENDPOINT] = faults.Status(status)
        assert ask(transport).status == status
    assert device.connections == 1


def connection_lost(device: Device, how: str) -> None:
    if how == "dropped":
        device.drop_idle()
    elif how == "broken":
        device.break_connections()
    elif how == "silent":
        device.lose_connections()
    else:
        device.stop()
        device.start()


@pytest.mark.parametrize("how", ["dropped", "broken", "silent", "restarted"])
def test_dead_kept_connection_costs_one_repeat(
    device: Device, transport: Transport, how: str
) -> None:
    """The request is sent on a fresh connection, and nobody hears of the dead one."""
    ask(transport)
    connection_lost(device, how)
    device.asked.clear()
    on = visit()

    assert ask(transport, on).status == 401

    assert device.asked == [f"GET {ENDPOINT}"]
    assert device.connections == 2
    assert [exchange.code for exchange in on.exchanges] == [None]


def test_kept_connection_that_dies_under_the_request_is_replaced() -> None:
    """A server that resets when the second request comes is asked again, once."""
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(head_of(connection))
        connection.sendall(OK)
        if len(heads) == 1:
            heads.append(head_of(connection))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(serve) as port:
        transport = plain(port)
        assert ask(transport).body == b"<a/>"
        assert ask(transport).body == b"<a/>"
        transport.close()
    assert len(heads) == 3
    assert heads[1] == heads[2]


def test_fresh_connection_that_dies_is_not_repeated(device: Device, transport: Transport) -> None:
    """The repeat is for connections that were idle, not for an SBC that always resets."""
    device.faults[ENDPOINT] = faults.Reset()
    with pytest.raises(ConnectionLost):
        ask(transport)
    assert device.asked == [f"GET {ENDPOINT}"]


def test_sbc_that_went_away_is_unreachable(device: Device, transport: Transport) -> None:
    """After the kept connection, the fresh one fails, and that is what is told."""
    ask(transport)
    device.stop()
    with pytest.raises(Unreachable):
        ask(transport)


def test_connection_closed_after_every_answer_works(device: Device, transport: Transport) -> None:
    """Each request then costs a connection, and no error."""
    device.faults[ENDPOINT] = faults.CloseAfterAnswer()
    assert [ask(transport).status for _ in range(3)] == [401] * 3
    assert device.asked == [f"GET {ENDPOINT}"] * 3
    assert device.connections == 3


def test_headers_are_the_promised_ones() -> None:
    """What is sent is known to the last byte, and there is no body."""
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(head_of(connection))
        connection.sendall(OK)

    with serving(serve) as port:
        ask(plain(port))
    [head] = heads
    request, *headers = head.decode().removesuffix("\r\n\r\n").split("\r\n")
    assert request == f"GET /rest/v1.2/{ENDPOINT} HTTP/1.1"
    assert sorted(headers) == [
        "Accept-Encoding: identity",
        "Accept: application/xml",
        "Authorization: Bearer made-up",
        f"Host: 127.0.0.1:{port}",
        f"User-Agent: sbc_exporter/{__version__}",
    ]


def test_cookies_are_not_kept() -> None:
    """A cookie that was set is not sent back, whatever it says."""
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        while head := head_of(connection):
            heads.append(head)
            cookies = b"\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d; Domain=127.0.0.1"
            connection.sendall(OK.replace(b" OK", b" OK" + cookies))

    with serving(serve) as port:
        transport = plain(port)
        ask(transport)
        ask(transport)
        transport.close()
    assert len(heads) == 2
    assert b"cookie" not in heads[1].lower()


def test_environment_does_not_matter(
    device: Device, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No proxy, no CA bundle and no .netrc is taken from it."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login evil password evil\n")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "no-such-file"))
    heads: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        heads.append(head_of(connection))
        connection.sendall(OK)

    assert ask(transport).status == 401
    assert device.asked == [f"GET {ENDPOINT}"]
    with serving(serve) as port:
        ask(plain(port))
    assert b"Authorization: Bearer made-up\r\n" in heads[0]


SURPLUS = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<b/>"
LAST_WORDS = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("said", [SURPLUS, LAST_WORDS], ids=["another answer", "last words"])
def test_what_nobody_asked_for_is_no_answer(said: bytes) -> None:
    """Whatever comes behind an answer ends the connection, and is never taken for the next one."""
    sent = Event()

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while head_of(connection):
            connection.sendall(OK)
            connection.sendall(said)
            sent.set()

    with serving(serve) as port, closing(plain(port)) as transport:
        for _ in range(3):
            sent.clear()
            answer = ask(transport)
            assert (answer.status, answer.body) == (200, b"<a/>")
            # On loopback it is there now, before the next request.
            assert sent.wait(PATIENCE)


def test_an_interim_answer_is_not_the_answer() -> None:
    """It is refused, and the answer behind it is not taken for that to the next request."""

    def serve(connection: socket.socket) -> None:
        heads.append(head_of(connection))
        early = b"HTTP/1.1 103 Early Hints\r\n\r\n" if len(heads) == 1 else b""
        connection.sendall(early + OK)
        head_of(connection)

    heads: list[bytes] = []
    with serving(serve) as port, closing(plain(port)) as transport:
        with pytest.raises(BadAnswer, match="103"):
            ask(transport)
        assert ask(transport).body == b"<a/>"
    assert len(heads) == 2
