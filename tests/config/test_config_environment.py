from __future__ import annotations

from pathlib import Path

import pytest

from sbc_exporter.config import Address, Auth, Config, Module, Target, TlsConfig, load_environment
from sbc_exporter.errors import ConfigError
from sbc_exporter.secret import Secret
from tests.config.certificates import write_ca

SHORT = {
    "SBC_EXPORTER_TARGET": "192.0.2.1",
    "SBC_EXPORTER_USERNAME": "monitor",
    "SBC_EXPORTER_PASSWORD": "s3cret",
}


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_environment(environ, collectors=["asyncstatus"])
    assert "s3cret" not in repr(caught.value)
    return str(caught.value).splitlines()


def test_one_sbc(tmp_path: Path) -> None:
    """The variables give one target, named by its address, and the default module."""
    ca_file = tmp_path / "ca.pem"
    write_ca(ca_file)
    environ = SHORT | {
        "SBC_EXPORTER_TARGET": "http://sbc.example.net:8080",
        "SBC_EXPORTER_CA_FILE": str(ca_file),
        "SBC_EXPORTER_INSECURE_SKIP_VERIFY": "true",
    }
    module = Module(
        name="default",
        collectors=("asyncstatus",),
        tls=TlsConfig(ca_file=ca_file, insecure_skip_verify=True),
    )
    target = Target(
        name="sbc.example.net:8080",
        address=Address(scheme="http", host="sbc.example.net", port=8080),
        auth=Auth(name="default", username="monitor", password=Secret("s3cret")),
        module=module,
    )
    assert load_environment(environ, collectors=["asyncstatus"]) == Config(
        targets={"sbc.example.net:8080": target}, modules={"default": module}
    )


def test_password_file(tmp_path: Path) -> None:
    """The password may stand in a file, whose last newline does not count."""
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    environ = SHORT | {"SBC_EXPORTER_PASSWORD": "", "SBC_EXPORTER_PASSWORD_FILE": str(file)}
    [target] = load_environment(environ, collectors=["asyncstatus"]).targets.values()
    assert target.auth.password.reveal() == "s3cret"


def test_password_file_for_everybody_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told about with its path, as one that a file names."""
    file = tmp_path / "password"
    file.write_text("s3cret\n")
    file.chmod(0o644)
    environ = SHORT | {"SBC_EXPORTER_PASSWORD": "", "SBC_EXPORTER_PASSWORD_FILE": str(file)}

    load_environment(environ, collectors=["asyncstatus"])

    assert caplog.messages == [f"every user of this machine can read {file}: chmod 600 it"]


@pytest.mark.parametrize(
    ("written", "insecure"),
    [("true", True), ("1", True), ("True", True), ("false", False), ("0", False), ("", False)],
)
def test_insecure(written: str, *, insecure: bool) -> None:
    """Verification is switched off only by true or 1."""
    environ = SHORT | {"SBC_EXPORTER_INSECURE_SKIP_VERIFY": written}
    config = load_environment(environ, collectors=["asyncstatus"])
    assert config.modules["default"].tls.insecure_skip_verify is insecure


@pytest.mark.parametrize("environ", [{}, {"SBC_EXPORTER_TARGET": ""}], ids=["unset", "empty"])
def test_no_target(environ: dict[str, str]) -> None:
    """Without a target there is one problem, which names both ways to configure."""
    assert problems(environ) == [
        (
            "SBC_EXPORTER_TARGET: is not set; give --config.file, or set SBC_EXPORTER_TARGET, "
            "SBC_EXPORTER_USERNAME and SBC_EXPORTER_PASSWORD (or SBC_EXPORTER_PASSWORD_FILE)"
        )
    ]


def test_target_alone() -> None:
    """Everything else that is needed is named at once."""
    assert problems({"SBC_EXPORTER_TARGET": "192.0.2.1"}) == [
        "SBC_EXPORTER_USERNAME: is not set; give the account's user name on the SBC",
        "SBC_EXPORTER_PASSWORD: is not set; set it, or SBC_EXPORTER_PASSWORD_FILE",
    ]


def test_all_wrong(tmp_path: Path) -> None:
    """Every variable that is wrong is reported under its own name."""
    none = tmp_path / "none"
    environ = {
        "SBC_EXPORTER_TARGET": "https://monitor:s3cret@192.0.2.1",
        "SBC_EXPORTER_USERNAME": "monitor:s3cret",
        "SBC_EXPORTER_PASSWORD": "s3cret",
        "SBC_EXPORTER_PASSWORD_FILE": str(none),
        "SBC_EXPORTER_CA_FILE": str(none),
        "SBC_EXPORTER_INSECURE_SKIP_VERIFY": "yes",
    }
    assert problems(environ) == [
        "SBC_EXPORTER_TARGET: must not hold a user name or password; give these on their own",
        (
            'SBC_EXPORTER_USERNAME: must not hold ":", which ends the user name in basic '
            "authentication"
        ),
        "SBC_EXPORTER_PASSWORD: is set, and so is SBC_EXPORTER_PASSWORD_FILE; keep one of them",
        f'SBC_EXPORTER_CA_FILE: "{none}" cannot be read: No such file or directory',
        "SBC_EXPORTER_INSECURE_SKIP_VERIFY: must be true, false, 1 or 0",
    ]


def test_unreadable_password_file(tmp_path: Path) -> None:
    """A password file that cannot be read is named, with the system's reason."""
    environ = SHORT | {"SBC_EXPORTER_PASSWORD": "", "SBC_EXPORTER_PASSWORD_FILE": str(tmp_path)}
    assert problems(environ) == [
        f'SBC_EXPORTER_PASSWORD_FILE: "{tmp_path}" cannot be read: Is a directory'
    ]
