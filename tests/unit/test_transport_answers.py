"""Every kind of answer, and every kind of no answer, to one request."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.config.model import MAX_RESPONSE_SIZE
from sbc_exporter.errors import AnswerTooLarge, BadAnswer, ConnectionLost, DeviceError, Redirected
from sbc_exporter.simulator import Device, Simulator, faults
from sbc_exporter.simulator.faults import Fault
from sbc_exporter.transport import Transport
from tests.unit.support import ENDPOINT, ask, head_of, plain, serving, transport_to, visit


def gzipped(megabytes: int) -> bytes:
    """That many megabytes of spaces, made without holding them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    space = b" " * 1024 * 1024
    return b"".join([*(packer.compress(space) for _ in range(megabytes)), packer.flush()])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (faults.Reset(), ConnectionLost),
        (faults.CloseBeforeAnswer(), ConnectionLost),
        (faults.Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<a/>"), ConnectionLost),
        (
            faults.Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n"),
            ConnectionLost,
        ),
        (faults.Raw(b"SSH-2.0-OpenSSH_9.6\r\n"), BadAnswer),
        (faults.Raw(b"\x00\xff\x16\x03\x01" * 20), BadAnswer),
        (faults.Raw(b"HTTP/1.1 two hundred\r\n\r\n"), BadAnswer),
        (faults.Raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), BadAnswer),
        (faults.Raw(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"), BadAnswer),
        (
            faults.Raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n<a/>"),
            DeviceError,
        ),
        (faults.Body(b"no gzip at all", headers=(("Content-Encoding", "gzip"),)), BadAnswer),
        (faults.Endless(b" " * 4096), AnswerTooLarge),
        (faults.Body(b" " * (MAX_RESPONSE_SIZE + 1)), AnswerTooLarge),
        (faults.Redirect("https://127.0.0.1:9/"), Redirected),
        (faults.Redirect("https://127.0.0.1:9/", 301), Redirected),
        (faults.Redirect("https://127.0.0.1:9/", 303), Redirected),
        (faults.Redirect("https://127.0.0.1:9/", 307), Redirected),
        (faults.Redirect("https://127.0.0.1:9/", 308), Redirected),
        (faults.Status(304), Redirected),
    ],
    ids=lambda value: "" if isinstance(value, type) else str(value)[:60],
)
def test_fault_has_its_error(
    device: Device, transport: Transport, fault: Fault, kind: type[DeviceError]
) -> None:
    """Each way to fail becomes the DeviceError that says it, and its code is in the visit."""
    device.faults[ENDPOINT] = fault
    on = visit()
    with pytest.raises(kind) as raised:
        ask(transport, on)
    assert [exchange.code for exchange in on.exchanges] == [raised.value.code]
    assert on.exchanges[0].seconds is None


@pytest.mark.parametrize("code", [200, 400, 401, 403, 404, 423, 426, 500, 503])
def test_status_is_left_to_the_caller(device: Device, transport: Transport, code: int) -> None:
    """Any final status but a redirect is an answer, with its whole body."""
    device.faults[ENDPOINT] = faults.Status(code, b"<a/>")
    answer = ask(transport)
    assert (answer.status, answer.body) == (code, b"<a/>")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_packed_answer_is_unpacked(device: Device, transport: Transport, coding: str) -> None:
    """It was not asked for, but a server may do it."""
    packed = gzip.compress(b"<a/>") if coding == "gzip" else zlib.compress(b"<a/>")
    device.faults[ENDPOINT] = faults.Body(packed, headers=(("Content-Encoding", coding),))
    assert ask(transport).body == b"<a/>"


def test_answer_of_the_largest_size_is_read(device: Device, transport: Transport) -> None:
    """The bound itself is allowed."""
    device.faults[ENDPOINT] = faults.Body(b" " * MAX_RESPONSE_SIZE)
    assert len(ask(transport).body) == MAX_RESPONSE_SIZE


def test_bomb_is_refused_in_little_memory(device: Device, transport: Transport) -> None:
    """300 MB in 300 kB of gzip end as AnswerTooLarge, and are never unpacked as a whole."""
    body = gzipped(300)
    assert len(body) < MAX_RESPONSE_SIZE
    device.faults[ENDPOINT] = faults.Body(body, headers=(("Content-Encoding", "gzip"),))
    tracemalloc.start()
    try:
        with pytest.raises(AnswerTooLarge):
            ask(transport)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_redirect_is_not_followed(fleet: Callable[..., Simulator], tmp_path: Path) -> None:
    """The other host never hears of the credentials, nor of anything."""
    simulator = fleet(2)
    (tmp_path / "ca.pem").write_bytes(simulator.ca_pem)
    asked, other = simulator.devices
    asked.faults[ENDPOINT] = faults.Redirect(f"{other.url}/rest/v1.2/{ENDPOINT}")
    transport = transport_to(asked, tmp_path / "ca.pem")
    with pytest.raises(Redirected, match="HTTP status 302"):
        ask(transport)
    transport.close()
    assert other.connections == 0


def test_http_1_0_answer_without_a_length_works() -> None:
    """The end of the connection is the end of the body."""

    def serve(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n<a/>")

    with serving(serve) as port:
        assert ask(plain(port)).body == b"<a/>"


def test_secrets_are_in_no_error(device: Device, transport: Transport) -> None:
    """The token that was sent is in none of the words about a failure, down to its causes."""
    for fault in (faults.Reset(), faults.Raw(b"garbage\r\n"), faults.Redirect("https://x/")):
        device.faults[ENDPOINT] = fault
        with pytest.raises(DeviceError) as raised:
            ask(transport)
        error: BaseException | None = raised.value
        while error is not None:
            assert "made-up" not in f"{error!r} {error}"
            error = error.__cause__ or error.__context__
