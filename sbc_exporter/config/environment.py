"""The configuration of a single SBC from the environment, for containers without a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from sbc_exporter.config import values
from sbc_exporter.config.address import parse_address
from sbc_exporter.config.model import Auth, Config, Module, Target, TlsConfig
from sbc_exporter.errors import ConfigError, Problem
from sbc_exporter.secret import Secret

T = TypeVar("T")

_TARGET = "SBC_EXPORTER_TARGET"
_USERNAME = "SBC_EXPORTER_USERNAME"
_LITERAL = "SBC_EXPORTER_PASSWORD"
_FROM_FILE = "SBC_EXPORTER_PASSWORD_FILE"
_CA_FILE = "SBC_EXPORTER_CA_FILE"
_INSECURE = "SBC_EXPORTER_INSECURE_SKIP_VERIFY"
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def load_environment(environ: Mapping[str, str], *, collectors: Sequence[str]) -> Config:
    """
    One SBC, described by SBC_EXPORTER_* variables; an empty variable counts as not set.

    A ConfigError holds all problems, each under the name of its variable.
    """
    given = {name: value for name, value in environ.items() if value}
    if _TARGET not in given:
        what = (
            f"is not set; give --config.file, or set {_TARGET}, {_USERNAME} and {_LITERAL} "
            f"(or {_FROM_FILE})"
        )
        raise ConfigError([Problem(_TARGET, what)])
    problems: list[Problem] = []

    def read(name: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(given[name]) if name in given else None
        except ValueError as error:
            problems.append(Problem(name, str(error)))
            return None

    address = read(_TARGET, parse_address)
    if _USERNAME not in given:
        problems.append(Problem(_USERNAME, "is not set; give the account's user name on the SBC"))
    username = read(_USERNAME, values.check_username)
    if _LITERAL in given and _FROM_FILE in given:
        problems.append(Problem(_LITERAL, f"is set, and so is {_FROM_FILE}; keep one of them"))
    if _LITERAL not in given and _FROM_FILE not in given:
        problems.append(Problem(_LITERAL, f"is not set; set it, or {_FROM_FILE}"))
    password = read(_LITERAL, Secret) or read(_FROM_FILE, _password_file)
    ca_file = read(_CA_FILE, _ca_file)
    insecure = read(_INSECURE, _bool)
    if problems or address is None or username is None or password is None:
        raise ConfigError(problems)
    module = Module(
        collectors=tuple(collectors),
        tls=TlsConfig(ca_file=ca_file, insecure_skip_verify=insecure or False),
    )
    password_file = Path(given[_FROM_FILE]).absolute() if _FROM_FILE in given else None
    if password_file is not None:
        values.warn_of_readers(password_file)
    name = given[_TARGET].rpartition("://")[2]
    auth = Auth(
        name="default",
        username=username,
        password=password,
        password_file=password_file,
    )
    target = Target(name=name, address=address, auth=auth, module=module)
    return Config(
        targets=MappingProxyType({target.name: target}),
        modules=MappingProxyType({module.name: module}),
    )


def _password_file(text: str) -> Secret:
    return values.read_password(Path(text).absolute())


def _ca_file(text: str) -> Path:
    return values.check_ca_file(Path(text).absolute())


def _bool(text: str) -> bool:
    if text.lower() not in _BOOLS:
        raise ValueError("must be true, false, 1 or 0")
    return _BOOLS[text.lower()]
