from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sbc_exporter.config import Address, Auth, Config, Module, Target, TlsConfig
from sbc_exporter.errors import ConfigError
from sbc_exporter.secret import Secret
from tests.config.certificates import write_ca

FULL = """\
auths:
  monitor:
    username: monitor
    password_file: secrets/sbc-password
modules:
  default:
    collectors: [asyncstatus]
    api_version: v1.1
    timeout: 1m30s
    min_interval: 30s
    max_response_size: 512KiB
    tls_config:
      ca_file: ca.pem
      cert_file: client.pem
      key_file: client.key
      server_name: sbc.example.net
      insecure_skip_verify: true
      min_version: TLS13
targets:
  - name: edge-ams-1
    address: https://192.0.2.10
    auth: monitor
    module: default
    labels: {site: ams, pair: edge-ams}
fan_out: false
"""
Load = Callable[[str], Config]


def test_full(load: Load, tmp_path: Path) -> None:
    """Every key of the file is found in the configuration, paths beside the file."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/sbc-password").write_text("s3cret\n")
    write_ca(tmp_path / "ca.pem")
    for name in ("client.pem", "client.key"):
        (tmp_path / name).touch()

    auth = Auth(
        name="monitor",
        username="monitor",
        password=Secret("s3cret"),
        password_file=tmp_path / "secrets/sbc-password",
    )
    module = Module(
        name="default",
        collectors=("asyncstatus",),
        api_version="v1.1",
        timeout=90.0,
        min_interval=30.0,
        max_response_size=512 * 1024,
        tls=TlsConfig(
            ca_file=tmp_path / "ca.pem",
            cert_file=tmp_path / "client.pem",
            key_file=tmp_path / "client.key",
            server_name="sbc.example.net",
            insecure_skip_verify=True,
            min_version="TLS13",
        ),
    )
    target = Target(
        name="edge-ams-1",
        address=Address(scheme="https", host="192.0.2.10", port=443),
        auth=auth,
        module=module,
        labels=(("pair", "edge-ams"), ("site", "ams")),
    )
    assert load(FULL) == Config(
        targets={"edge-ams-1": target}, modules={"default": module}, fan_out=False
    )


def test_defaults(load: Load, short: str) -> None:
    """Only accounts and targets have to be given; a module named default is always there."""
    config = load(short)
    module = Module(
        name="default", collectors=("asyncstatus", "alarms"), api_version="v1.2", timeout=8.0
    )
    assert config.modules == {"default": module}
    assert config.fan_out
    assert config.targets["edge"] == Target(
        name="edge",
        address=Address(scheme="https", host="sbc.example.net", port=443),
        auth=Auth(name="monitor", username="monitor", password=Secret("s3cret")),
        module=module,
    )


def test_order_of_the_file(load: Load, short: str) -> None:
    """Targets and modules keep the order of the file; the default module comes last if unnamed."""
    config = load(
        short.replace("edge,", "z,").replace("}]", "}, {name: a, address: 192.0.2.1}]")
        + "modules: {slow: {timeout: 1m}, fast: {timeout: 500ms}}\n"
    )
    assert list(config.targets) == ["z", "a"]
    assert list(config.modules) == ["slow", "fast", "default"]


def test_frozen(load: Load, short: str) -> None:
    """The mappings of a configuration cannot be written to."""
    config = load(short)
    with pytest.raises(TypeError):
        config.targets["other"] = config.targets["edge"]  # type: ignore[index]  # the point


def test_same_address(load: Load) -> None:
    """Two targets may share an address, to be asked with different accounts."""
    config = load(
        "auths: {a: {username: a, password: x}, b: {username: b, password: x}}\n"
        "targets:\n"
        "  - {name: one, address: 192.0.2.1, auth: a}\n"
        "  - {name: two, address: 192.0.2.1, auth: b}\n"
    )
    assert [target.auth.name for target in config.targets.values()] == ["a", "b"]


def test_anchors_and_merges(load: Load) -> None:
    """A merge fills in what the mapping does not say itself, and the first of several wins."""
    config = load(
        "auths: {monitor: {username: monitor, password: s3cret}}\n"
        "modules:\n"
        "  base: &base {timeout: 2s, api_version: v1.0}\n"
        "  other: &other {timeout: 3s, tls_config: {min_version: TLS13}}\n"
        "  both: {<<: [*base, *other], api_version: auto}\n"
        "  same: *base\n"
        "targets:\n"
        "  - &edge {name: one, address: 192.0.2.1, module: both, labels: &labels {site: ams}}\n"
        "  - {<<: *edge, name: two}\n"
        "  - {name: three, address: 192.0.2.3, labels: *labels}\n"
    )
    both = config.modules["both"]
    assert (both.timeout, both.api_version, both.tls.min_version) == (2.0, "auto", "TLS13")
    assert config.modules["same"].timeout == 2.0
    assert config.targets["two"].module is both
    assert {target.labels for target in config.targets.values()} == {(("site", "ams"),)}


def test_problem_in_a_merge(load: Load, tmp_path: Path) -> None:
    """A fault that was merged in is reported where it is written."""
    with pytest.raises(ConfigError) as caught:
        load(
            "auths: {monitor: {username: monitor, password: s3cret}}\n"
            "modules:\n"
            "  base: &base\n"
            "    timeout: 2\n"
            "  more: {<<: *base}\n"
            "targets: [{name: edge, address: 192.0.2.1}]\n"
        )
    where = f"{tmp_path}/sbc.yml:4:5"
    assert [(problem.where, problem.what) for problem in caught.value.problems] == [
        (where, "modules.base.timeout: needs a unit; write 2s"),
        (where, "modules.more.timeout: needs a unit; write 2s"),
    ]


def test_an_anchor_may_be_set_again(load: Load, short: str) -> None:
    """An alias stands for the nearest anchor of its name above."""
    config = load(short + "modules: {a: &m {timeout: 1s}, b: &m {timeout: 2s}, c: *m}\n")
    assert config.modules["c"].timeout == 2.0


def test_byte_order_mark(load: Load, short: str) -> None:
    """A byte order mark at the start of the file does not matter."""
    assert load(f"\ufeff{short}") == load(short)


def test_secrets_stay_hidden(load: Load, short: str) -> None:
    """A configuration shows no password, however it is printed."""
    config = load(short)
    assert config.targets["edge"].auth.password.reveal() == "s3cret"
    assert "s3cret" not in f"{config} {config!r} {config.targets['edge'].auth!s}"
