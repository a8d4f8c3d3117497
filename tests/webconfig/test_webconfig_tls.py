"""What clients see of TLS, and which of them get in."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import h2.connection
import h2.events
import pytest
import trustme

from tests.support import Clock
from tests.webconfig.clients import (
    PATIENCE,
    certificate_in,
    get,
    presenting,
    shown_certificate,
    trusting,
)
from tests.webconfig.conftest import FILES, Serve, issue

MUTUAL = FILES.replace(
    "}", ", client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}"
)
# A client of TLS 1.3 learns of its refusal when it reads: as an alert, or as a closed connection.
REFUSALS = (ssl.SSLError, ConnectionError)


def test_https(serve: Serve, authority: trustme.CA) -> None:
    """The pages come over TLS, with the certificate of the file."""
    assert get(serve(FILES), tls=trusting(authority))[0] == 200


def test_inline(serve: Serve, folder: Path, authority: trustme.CA) -> None:
    """Certificate and key may stand in the file itself."""
    lines = ["tls_server_config:"]
    for key, name in (("cert", "server.pem"), ("key", "server.key")):
        content = (folder / name).read_text().replace("\n", "\n    ")
        lines.append(f"  {key}: |\n    {content}")

    assert get(serve("\n".join(lines)), tls=trusting(authority))[0] == 200


def test_renewed_certificate(
    serve: Serve, folder: Path, clock: Clock, authority: trustme.CA
) -> None:
    """A new connection gets the new certificate, without a restart."""
    port = serve(FILES)
    tls = trusting(authority)
    before = certificate_in(folder / "server.pem")
    assert shown_certificate(port, tls) == before

    issue(authority, folder)
    clock.advance(1)

    after = certificate_in(folder / "server.pem")
    assert before != after
    assert shown_certificate(port, tls) == after


def test_half_renewed_certificate(
    serve: Serve,
    folder: Path,
    clock: Clock,
    authority: trustme.CA,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Between a new certificate and its key the old ones serve on, and that is logged once."""
    port = serve(FILES)
    tls = trusting(authority)
    before = certificate_in(folder / "server.pem")
    key = (folder / "server.key").read_bytes()
    issue(authority, folder)
    new_key = (folder / "server.key").read_bytes()
    (folder / "server.key").write_bytes(key)

    for _ in range(3):
        clock.advance(1)
        assert shown_certificate(port, tls) == before
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "web configuration not reloaded"
    ]

    (folder / "server.key").write_bytes(new_key)
    clock.advance(1)
    assert shown_certificate(port, tls) == certificate_in(folder / "server.pem")


def test_client_certificate(serve: Serve, authority: trustme.CA) -> None:
    """With mutual TLS only a client with a certificate of that authority gets in."""
    port = serve(MUTUAL)
    own = authority.issue_cert("client")
    foreign = trustme.CA().issue_cert("client")

    assert get(port, tls=presenting(trusting(authority), own))[0] == 200
    for context in (trusting(authority), presenting(trusting(authority), foreign)):
        with pytest.raises(REFUSALS):
            get(port, tls=context)


def test_client_certificate_if_given(serve: Serve, authority: trustme.CA) -> None:
    """A client may come without a certificate, but not with a bad one."""
    port = serve(MUTUAL.replace("RequireAndVerifyClientCert", "VerifyClientCertIfGiven"))
    foreign = trustme.CA().issue_cert("client")

    assert get(port, tls=trusting(authority))[0] == 200
    with pytest.raises(REFUSALS):
        get(port, tls=presenting(trusting(authority), foreign))


@pytest.mark.parametrize("name", ["prometheus.example.net", "192.0.2.1", "2001:db8::1", "a@b.net"])
def test_allowed_names(serve: Serve, authority: trustme.CA, name: str) -> None:
    """Of the certificates that verify, only those with a name of the list get in."""
    port = serve(MUTUAL.replace("}", f', client_allowed_sans: [other, "{name}"]}}'))

    named = authority.issue_cert("more.example.net", name)
    assert get(port, tls=presenting(trusting(authority), named))[0] == 200
    with pytest.raises(REFUSALS):
        get(port, tls=presenting(trusting(authority), authority.issue_cert("more.example.net")))


def test_minimum_version(serve: Serve, authority: trustme.CA) -> None:
    """A client that speaks only what is too old is refused."""
    old = trusting(authority, maximum_version=ssl.TLSVersion.TLSv1_2)

    assert get(serve(FILES), tls=old)[0] == 200
    with pytest.raises(REFUSALS):
        get(serve(FILES.replace("}", ", min_version: TLS13}")), tls=old)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_version(serve: Serve, authority: trustme.CA) -> None:
    """TLS 1.0 is spoken only where the file asks for it."""
    old = trusting(
        authority, minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1
    )
    old.set_ciphers("DEFAULT:@SECLEVEL=0")

    assert get(serve(FILES.replace("}", ", min_version: TLS10}")), tls=old)[0] == 200
    with pytest.raises(REFUSALS):
        get(serve(FILES), tls=old)


def test_maximum_version(serve: Serve, authority: trustme.CA) -> None:
    """The newest version can be turned off."""
    new = trusting(authority, minimum_version=ssl.TLSVersion.TLSv1_3)

    with pytest.raises(REFUSALS):
        get(serve(FILES.replace("}", ", max_version: TLS12}")), tls=new)


def handshake(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection(("localhost", port), timeout=PATIENCE)
    return context.wrap_socket(plain, server_hostname="localhost")


@pytest.mark.parametrize("server_decides", [True, False])
def test_cipher_suites(serve: Serve, authority: trustme.CA, *, server_decides: bool) -> None:
    """Of the suites in the file the server's favourite is taken, or else the client's."""
    ours, theirs = (
        f"TLS_ECDHE_ECDSA_WITH_AES_{size}" for size in ("128_GCM_SHA256", "256_CBC_SHA")
    )
    port = serve(
        FILES.replace(
            "}",
            f", cipher_suites: [{ours}, {theirs}], "
            f"prefer_server_cipher_suites: {str(server_decides).lower()}}}",
        )
    )
    client = trusting(authority, maximum_version=ssl.TLSVersion.TLSv1_2)
    client.set_ciphers("ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-AES128-GCM-SHA256")

    with handshake(port, client) as connection:
        chosen = connection.cipher()

    assert chosen is not None
    expected = "ECDHE-ECDSA-AES128-GCM-SHA256" if server_decides else "ECDHE-ECDSA-AES256-SHA"
    assert chosen[0] == expected


def test_curve(serve: Serve, authority: trustme.CA) -> None:
    """A client that does not know the one curve of the file is refused."""
    port = serve(FILES.replace("}", ", curve_preferences: [CurveP384]}"))
    other, same = trusting(authority), trusting(authority)
    other.set_ecdh_curve("prime256v1")
    same.set_ecdh_curve("secp384r1")

    assert get(port, tls=same)[0] == 200
    with pytest.raises(REFUSALS):
        get(port, tls=other)


def test_http2(serve: Serve, authority: trustme.CA) -> None:
    """A client that offers HTTP/2 gets its answer over it."""
    tls = trusting(authority)
    tls.set_alpn_protocols(["h2", "http/1.1"])
    client = h2.connection.H2Connection()
    events: list[h2.events.Event] = []
    with handshake(serve(FILES), tls) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        client.initiate_connection()
        headers = {":method": "GET", ":path": "/metrics", ":scheme": "https", ":authority": "a"}
        client.send_headers(1, list(headers.items()), end_stream=True)
        connection.sendall(client.data_to_send())
        while not any(isinstance(event, h2.events.StreamEnded) for event in events):
            events += client.receive_data(connection.recv(65536))
            connection.sendall(client.data_to_send())

    answers = [event for event in events if isinstance(event, h2.events.ResponseReceived)]
    assert [(answer.headers or [])[0] for answer in answers] == [(b":status", b"200")]


def test_no_http2(serve: Serve, authority: trustme.CA) -> None:
    """HTTP/2 can be turned off."""
    tls = trusting(authority)
    tls.set_alpn_protocols(["h2", "http/1.1"])

    with handshake(serve(FILES + "\nhttp_server_config: {http2: false}\n"), tls) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
