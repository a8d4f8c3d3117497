"""Requests that no honest client sends."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbc_exporter.simulator import Simulator, write_config
from tests.support import Exporter, exporting, from_file

PATIENCE = 20.0


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exporter]:
    """One for all examples; its one SBC is never reached, for no request names it."""
    path: Path = tmp_path_factory.mktemp("hostile") / "sbc-exporter.yml"
    with Simulator(1) as simulator:
        write_config(simulator, path)
        with exporting(from_file(path)) as running:
            yield running


def status(exporter: Exporter, request: bytes) -> int:
    """The status of the answer to these bytes, 0 where the connection ends without one."""
    where = urlsplit(exporter.url)
    with closing(socket.create_connection((where.hostname, where.port), PATIENCE)) as client:
        answer = b""
        try:
            client.sendall(request)
            client.shutdown(socket.SHUT_WR)
            while b"\r\n" not in answer and (part := client.recv(65_536)):
                answer += part
        except OSError:
            # Dropped before the whole request was sent, maybe after it was answered.
            pass
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50_000 + b"\r\n", id="50000 headers"
        ),
        pytest.param(
            b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", id="long request line"
        ),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n", id="long header"
        ),
    ],
)
def test_too_much_is_the_callers_fault(exporter: Exporter, request_: bytes) -> None:
    """It gets a 4xx, or its end where it sends on instead of reading that, and harms nobody."""
    assert status(exporter, request_) in {0, *range(400, 500)}
    assert exporter.get("/-/healthy").status_code == 200


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS to a plain port"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET /probe?target=%zz%f HTTP/1.1\r\nHost: a\r\n\r\n", id="percent codes"),
        pytest.param(b"GET /probe?target=%ff%00 HTTP/1.1\r\nHost: a\r\n\r\n", id="no UTF-8"),
        pytest.param(
            b"GET /probe?target=http://192.0.2.1 HTTP/1.1\r\nHost: a\r\n\r\n", id="another host"
        ),
        pytest.param(b"GET /" + b"../" * 50 + b"etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", id="path"),
    ],
)
def test_nonsense_is_the_callers_fault(exporter: Exporter, request_: bytes) -> None:
    """It gets a 4xx, and harms nobody."""
    assert status(exporter, request_) in range(400, 500)
    assert exporter.get("/-/healthy").status_code == 200


@settings(max_examples=200, deadline=None)
@given(
    path=st.sampled_from([b"/metrics", b"/probe", b"/sd", b"/", b"/-/ready"]),
    query=st.lists(
        st.sampled_from(
            b"target= module= collect[]= q= refresh= sbc-001 asyncstatus".split()
            + b"& = % %ff %00 %0a + ; 0 -1 99999".split()
        )
        | st.binary(max_size=9).map(lambda raw: bytes(byte for byte in raw if 0x20 < byte < 0x7F)),
        max_size=9,
    ).map(b"".join),
)
def test_no_query_is_ever_our_fault(exporter: Exporter, path: bytes, query: bytes) -> None:
    """Whatever the query says, the answer is a page or a 4xx."""
    code = status(exporter, b"GET " + path + b"?" + query + b" HTTP/1.1\r\nHost: a\r\n\r\n")

    assert code == 200 or 400 <= code < 500


def test_a_flood_of_probes_of_unknown_names_leaves_nothing(exporter: Exporter) -> None:
    """A name that a caller makes up becomes no key of anything that is kept."""
    for number in range(200):
        assert exporter.get(f"/probe?target=made-up-{number}").status_code == 404

    assert "made-up" not in exporter.page().text
    assert list(exporter.runtime.snapshot.sbcs) == ["sbc-001"]
