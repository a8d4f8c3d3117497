"""The configuration from a YAML file, or every reason why not."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from sbc_exporter.config import values
from sbc_exporter.config.crosscheck import crosscheck, names_in
from sbc_exporter.config.document import read_document
from sbc_exporter.config.model import Auth, Config, Module, Target, TlsConfig
from sbc_exporter.config.problems import check_shape, in_order
from sbc_exporter.config.schema import (
    KIND,
    AuthShape,
    FileShape,
    ModuleShape,
    Surroundings,
    TargetShape,
)
from sbc_exporter.errors import ConfigError

log = logging.getLogger(__name__)

_DEFAULT = "default"
_NEEDS = 'keys such as "auths:" and "targets:"'


def load_file(path: Path, *, collectors: Sequence[str], environ: Mapping[str, str]) -> Config:
    """
    The file's content, checked as a whole.

    `collectors` are the names that a module may ask for; `environ` is where `password_env` looks.
    A ConfigError holds all problems, in the order of the file.
    """
    document = read_document(path, _NEEDS)
    around = Surroundings(
        # Symbolic links stay: secrets are often renewed by turning one to a new file.
        folder=path.absolute().parent,
        environ=environ,
        collectors=tuple(collectors),
        auths=names_in(document.data, "auths"),
        modules=tuple(dict.fromkeys([*names_in(document.data, "modules"), _DEFAULT])),
    )
    shape, misfits = check_shape(document.data, KIND, around)
    findings = [*document.findings, *misfits, *crosscheck(document)]
    if shape is None or findings:
        raise ConfigError(in_order(document, findings, KIND))
    return _config(shape, around.collectors)


def _config(shape: FileShape, collectors: tuple[str, ...]) -> Config:
    auths = {name: _auth(name, auth) for name, auth in shape.auths.items()}
    modules = {name: _module(name, module, collectors) for name, module in shape.modules.items()}
    modules.setdefault(_DEFAULT, Module(name=_DEFAULT, collectors=collectors))
    targets = {target.name: _target(target, auths, modules) for target in shape.targets}
    return Config(
        targets=MappingProxyType(targets),
        modules=MappingProxyType(modules),
        fan_out=shape.fan_out,
    )


def _auth(name: str, shape: AuthShape) -> Auth:
    if shape.password_file is not None:
        file = shape.password_file
        values.warn_of_readers(file.path)
        return Auth(
            name=name, username=shape.username, password=file.password, password_file=file.path
        )
    password = next(one for one in (shape.password, shape.password_env) if one is not None)
    return Auth(name=name, username=shape.username, password=password)


def _module(name: str, shape: ModuleShape, collectors: tuple[str, ...]) -> Module:
    return Module(
        name=name,
        collectors=tuple(shape.collectors) or collectors,
        api_version=shape.api_version,
        timeout=shape.timeout,
        min_interval=shape.min_interval,
        max_response_size=shape.max_response_size,
        tls=TlsConfig(
            ca_file=shape.tls_config.ca_file,
            cert_file=shape.tls_config.cert_file,
            key_file=shape.tls_config.key_file,
            server_name=shape.tls_config.server_name,
            insecure_skip_verify=shape.tls_config.insecure_skip_verify,
            min_version=shape.tls_config.min_version,
        ),
    )


def _target(shape: TargetShape, auths: Mapping[str, Auth], modules: Mapping[str, Module]) -> Target:
    if shape.address.scheme == "http":
        log.warning("%s: http carries the password in the clear; SBCs want https", shape.name)
    return Target(
        name=shape.name,
        address=shape.address,
        # Left out, there is only one.
        auth=auths[shape.auth] if shape.auth is not None else next(iter(auths.values())),
        module=modules[shape.module],
        labels=tuple(sorted(shape.labels.items())),
    )
