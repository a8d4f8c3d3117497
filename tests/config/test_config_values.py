from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.config import Config, load_file, values
from sbc_exporter.errors import ConfigError
from sbc_exporter.exposition import FAMILIES
from tests.config.certificates import write_ca

Load = Callable[[str], Config]


@pytest.mark.parametrize(
    ("content", "password"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b"s3cret\n\n", "s3cret\n"),
        (b"s3cret\r", "s3cret\r"),
        (b" s3cret ", " s3cret "),
        ("pässword\n".encode(), "pässword"),
    ],
)
def test_password_file(
    load: Load, tmp_path: Path, content: bytes, password: str, short: str
) -> None:
    """A password file is taken as it is, but for one newline at its end."""
    (tmp_path / "password").write_bytes(content)
    auth = load(short.replace("password: s3cret", "password_file: password")).targets["edge"].auth
    assert auth.password.reveal() == password


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty; write the password into that file"),
        (b"\n", "is empty; write the password into that file"),
        (b"s3cret\xff", "is not UTF-8; save that file as UTF-8"),
    ],
)
def test_bad_password_file(
    load: Load, tmp_path: Path, content: bytes, what: str, short: str
) -> None:
    """A password file that holds no password is a problem of the key that names it."""
    (tmp_path / "password").write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(short.replace("password: s3cret", "password_file: password"))
    assert str(caught.value) == (
        f'{tmp_path}/sbc.yml:1:38: auths.monitor.password_file: "{tmp_path}/password" {what}'
    )


def test_absolute_paths_and_links(load: Load, tmp_path: Path, short: str) -> None:
    """An absolute path stays as it is, and a symbolic link is not replaced by what it means."""
    write_ca(tmp_path / "..2024")
    link = tmp_path / "ca.pem"
    link.symlink_to("..2024")
    config = load(f"{short}modules: {{default: {{tls_config: {{ca_file: {link}}}}}}}\n")
    assert config.modules["default"].tls.ca_file == link


def test_relative_configuration_path(tmp_path: Path, short: str) -> None:
    """Paths become absolute even if that of the configuration file is not."""
    write_ca(tmp_path / "ca.pem")
    path = tmp_path / "sbc.yml"
    path.write_text(f"{short}modules: {{default: {{tls_config: {{ca_file: ca.pem}}}}}}\n")
    relative = Path(os.path.relpath(path))
    config = load_file(relative, collectors=["asyncstatus"], environ={})
    ca_file = config.modules["default"].tls.ca_file
    assert ca_file is not None
    assert ca_file.is_absolute()
    assert ca_file.samefile(tmp_path / "ca.pem")


def test_password_from_the_environment(tmp_path: Path, short: str) -> None:
    """`password_env` names a variable of the environment that was handed in."""
    path = tmp_path / "sbc.yml"
    path.write_text(short.replace("password: s3cret", "password_env: SBC_PASSWORD"))
    config = load_file(path, collectors=["asyncstatus"], environ={"SBC_PASSWORD": "s3cret"})
    assert config.targets["edge"].auth.password.reveal() == "s3cret"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("192.0.2.1", "https://192.0.2.1:443"),
        ("192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("https://192.0.2.1", "https://192.0.2.1:443"),
        ("http://192.0.2.1", "http://192.0.2.1:80"),
        ("HTTP://192.0.2.1:8080", "http://192.0.2.1:8080"),
        ("[2001:db8::1]", "https://[2001:db8::1]:443"),
        ("http://[2001:db8::1]:8080", "http://[2001:db8::1]:8080"),
        ("sbc_1.example.net.", "https://sbc_1.example.net.:443"),
    ],
)
def test_address(load: Load, written: str, address: str, short: str) -> None:
    """An address is https on port 443 unless it says otherwise."""
    assert (
        str(load(short.replace("sbc.example.net", f'"{written}"')).targets["edge"].address)
        == address
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("500ms", 0.5), ("8s", 8.0), ("1m30s", 90.0), ("1h", 3600.0), ("60m", 3600.0)],
)
def test_timeout(load: Load, written: str, seconds: float, short: str) -> None:
    """A timeout is written as Prometheus writes durations."""
    config = load(f"{short}modules: {{default: {{timeout: {written}}}}}\n")
    assert config.modules["default"].timeout == seconds


def test_password_file_for_everybody_is_a_warning(
    tmp_path: Path, short: str, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that every user of the machine can read works, and is told about with its path."""
    file = tmp_path / "password"
    file.write_text("s3cret", encoding="utf-8")
    text = short.replace("password: s3cret", "password_file: password")
    file.chmod(0o600)
    load(text)
    assert caplog.messages == []

    file.chmod(0o644)
    load(text)

    assert caplog.messages == [f"every user of this machine can read {file}: chmod 600 it"]


@pytest.mark.parametrize("label", sorted({label for family in FAMILIES for label in family.labels}))
def test_labels_of_the_metrics_are_no_operator_s(label: str) -> None:
    """In the second scrape pattern Prometheus would rename the exporter's own."""
    with pytest.raises(ValueError, match="is reserved"):
        values.check_label_name(label)
