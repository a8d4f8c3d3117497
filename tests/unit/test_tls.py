"""Settings -> contexts, and what they do in a handshake."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from sbc_exporter.config.model import TlsConfig, TlsVersion
from sbc_exporter.errors import ConfigError, TlsRefused
from sbc_exporter.simulator import Device
from sbc_exporter.simulator.certificates import Certificate
from sbc_exporter.sockets import dial
from sbc_exporter.tls import Contexts
from tests.unit.support import LOOPBACK, PATIENCE, address, context_for, serving, visit


def test_equal_settings_share_a_context(ca_file: Path) -> None:
    """Building one is dear, and most SBCs have the same settings."""
    contexts = Contexts([TlsConfig(ca_file=ca_file), TlsConfig(ca_file=ca_file)])
    first = contexts.get(TlsConfig(ca_file=ca_file))
    assert contexts.get(TlsConfig(ca_file=ca_file)) is first


def test_server_name_does_not_make_a_context_distinct(ca_file: Path) -> None:
    """It is an argument of the handshake."""
    settings = TlsConfig(ca_file=ca_file)
    named = [replace(settings, server_name=name) for name in ("a", "b", None)]
    contexts = Contexts(named)
    assert len({id(contexts.get(one)) for one in named}) == 1


def test_other_settings_make_another_context(ca_file: Path) -> None:
    """What is verified, and how, is part of the context."""
    settings = TlsConfig(ca_file=ca_file)
    others = (replace(settings, insecure_skip_verify=True), replace(settings, min_version="TLS13"))
    contexts = Contexts([settings, *others])
    made = {id(contexts.get(one)) for one in (settings, *others)}
    assert len(made) == 3


def test_context_is_taken_over_while_its_files_stay_the_same(ca_file: Path) -> None:
    """A reload keeps what it can, and takes a CA file that has changed."""
    settings = TlsConfig(ca_file=ca_file)
    first = Contexts([settings])

    same = Contexts([settings], first)
    ca_file.write_bytes(trustme.CA().cert_pem.bytes())
    renewed = Contexts([settings], same)

    assert same.get(settings) is first.get(settings)
    assert renewed.get(settings) is not first.get(settings)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("min_version", "version"),
    [
        ("TLS10", ssl.TLSVersion.TLSv1),
        ("TLS11", ssl.TLSVersion.TLSv1_1),
        ("TLS12", ssl.TLSVersion.TLSv1_2),
        ("TLS13", ssl.TLSVersion.TLSv1_3),
    ],
)
def test_min_version_is_the_contexts(min_version: TlsVersion, version: ssl.TLSVersion) -> None:
    """Each name of the configuration means that version of TLS."""
    assert context_for(TlsConfig(min_version=min_version)).minimum_version == version


def test_default_is_to_verify_with_tls_1_2() -> None:
    """Certificate and name are checked unless somebody says otherwise."""
    context = context_for(TlsConfig())
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_newer_minimum_than_the_sbc_is_refused(device: Device, ca_file: Path) -> None:
    """A minimum of TLS 1.3 is kept against an SBC that ends at 1.2."""
    device.max_tls = "TLS12"
    context = context_for(TlsConfig(ca_file=ca_file, min_version="TLS13"))
    with pytest.raises(TlsRefused, match="older than min_version"):
        dial(address(device.port), context, LOOPBACK, visit())


@pytest.mark.parametrize("certificate", ["expired", "wrong_name", "self_signed"])
def test_insecure_takes_any_certificate(device: Device, certificate: Certificate) -> None:
    """With insecure_skip_verify a handshake succeeds, whatever is shown."""
    device.certificate = certificate
    context = context_for(TlsConfig(insecure_skip_verify=True))
    dial(address(device.port), context, "any.example.net", visit()).close()


@pytest.mark.parametrize("key", ["ca_file", "cert_file"])
@pytest.mark.parametrize("content", [None, b"", b"no certificate\n", b"\xff\x00\x01"])
def test_file_that_makes_no_sense_is_named(
    tmp_path: Path, ca_file: Path, key: str, content: bytes | None
) -> None:
    """A file that is missing, empty or garbage ends as ConfigError with its path and key."""
    path = tmp_path / "some.pem"
    if content is not None:
        path.write_bytes(content)
    settings = TlsConfig(
        ca_file=path if key == "ca_file" else ca_file,
        cert_file=path if key == "cert_file" else None,
        key_file=path if key == "cert_file" else None,
    )
    with pytest.raises(ConfigError) as raised:
        context_for(settings)
    [problem] = raised.value.problems
    assert problem.where == str(path)
    assert f"cannot be used as {key}: " in problem.what


def test_key_that_belongs_to_another_certificate_is_refused(tmp_path: Path) -> None:
    """Certificate and key have to fit."""
    ca = trustme.CA()
    one, other = ca.issue_cert("a.example.net"), ca.issue_cert("b.example.net")
    one.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    other.private_key_pem.write_to_path(tmp_path / "key.pem")
    settings = TlsConfig(cert_file=tmp_path / "cert.pem", key_file=tmp_path / "key.pem")
    with pytest.raises(ConfigError, match=r"cert\.pem: cannot be used as cert_file"):
        context_for(settings)


def test_encrypted_key_is_refused(tmp_path: Path) -> None:
    """There is no setting for the password of a key."""
    leaf = trustme.CA().issue_cert("a.example.net")
    key = serialization.load_pem_private_key(leaf.private_key_pem.bytes(), None)
    path = tmp_path / "encrypted.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hunter2"),
        )
        + leaf.cert_chain_pems[0].bytes()
    )
    with pytest.raises(ConfigError, match=r"encrypted\.pem: cannot be used as cert_file"):
        context_for(TlsConfig(cert_file=path))


def test_client_certificate_is_shown(ca_file: Path, tmp_path: Path) -> None:
    """An SBC that demands a certificate gets the configured one."""
    ca = trustme.CA()
    leaf = ca.issue_cert("exporter.example.net")
    leaf.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    leaf.private_key_pem.write_to_path(tmp_path / "key.pem")
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.verify_mode = ssl.CERT_REQUIRED
    ca.configure_trust(server_side)
    ca.issue_cert(LOOPBACK).configure_cert(server_side)
    ca.cert_pem.write_to_path(ca_file)
    shown: SimpleQueue[object] = SimpleQueue()

    def serve(connection: socket.socket) -> None:
        with server_side.wrap_socket(connection, server_side=True) as secure:
            shown.put(secure.getpeercert())

    settings = TlsConfig(
        ca_file=ca_file, cert_file=tmp_path / "cert.pem", key_file=tmp_path / "key.pem"
    )
    with serving(serve) as port:
        dial(address(port), context_for(settings), LOOPBACK, visit()).close()
        certificate = shown.get(timeout=PATIENCE)

    assert isinstance(certificate, dict)
    assert certificate["subjectAltName"] == (("DNS", "exporter.example.net"),)
