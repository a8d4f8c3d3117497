"""
The shape of the file, for pydantic.

Whatever one key can be judged by alone, or against its `Surroundings`, is judged here, so that a
single run finds all of it. What takes two keys is in `crosscheck.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator
from pydantic_core import PydanticKnownError

from sbc_exporter.config import values
from sbc_exporter.config.address import check_host, parse_address
from sbc_exporter.config.advice import quote, suggest
from sbc_exporter.config.document import KeyPath, Unquoted
from sbc_exporter.config.fields import Shape, one_of, text, text_in
from sbc_exporter.config.model import MAX_RESPONSE_SIZE, Address, ApiVersion, TlsVersion
from sbc_exporter.config.problems import Kind
from sbc_exporter.secret import Secret

_NAME_OF_AUTH = 2


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the values of one file are judged against. No `auths` means that none can be named."""

    folder: Path
    environ: Mapping[str, str]
    collectors: tuple[str, ...]
    auths: tuple[str, ...]
    modules: tuple[str, ...]


def _named(kind: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise ValueError(f"no {kind} is named {quote(name)}; {suggest(name, known)}")
    return name


def _auth(name: str, around: Surroundings) -> str:
    # Without any auth, that is the mistake to mend, not what each target says.
    return _named("auth", name, around.auths) if around.auths else name


@dataclass(frozen=True, slots=True)
class PasswordFile:
    """A file, and the password in it."""

    path: Path
    password: Secret


def _password_file(path: Path) -> PasswordFile:
    return PasswordFile(path, values.read_password(path))


def _each_once(names: list[str]) -> list[str]:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{quote(twice)} is listed more than once; keep one of them")
    return names


def _duration(value: object) -> float:
    if isinstance(value, Unquoted):
        value = value.text
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return values.parse_duration(value)


Name = Annotated[str, text(values.check_name)]
Collector = Annotated[
    str, text_in(Surroundings, lambda name, o: _named("collector", name, o.collectors))
]
File = Annotated[Path, text_in(Surroundings, lambda path, o: values.check_file(o.folder / path))]


class AuthShape(Shape):
    """One account. Which of the three passwords is given is judged in `crosscheck.py`."""

    username: Annotated[str, text(values.check_username)]
    password: Annotated[Secret | None, text(values.parse_password)] = None
    password_file: Annotated[
        PasswordFile | None, text_in(Surroundings, lambda path, o: _password_file(o.folder / path))
    ] = None
    password_env: Annotated[
        Secret | None, text_in(Surroundings, lambda name, o: values.password_from(name, o.environ))
    ] = None


class TlsShape(Shape):
    """The keys as Prometheus writes them."""

    ca_file: Annotated[
        Path | None, text_in(Surroundings, lambda path, o: values.check_ca_file(o.folder / path))
    ] = None
    cert_file: File | None = None
    key_file: File | None = None
    server_name: Annotated[str | None, text(check_host)] = None
    insecure_skip_verify: bool = False
    min_version: Annotated[TlsVersion, one_of("TLS10", "TLS11", "TLS12", "TLS13")] = "TLS12"


class ModuleShape(Shape):
    """An empty list of collectors stands for all that are known."""

    collectors: Annotated[list[Collector], AfterValidator(_each_once)] = Field(
        default_factory=list, min_length=1
    )
    api_version: Annotated[ApiVersion, one_of("v1.0", "v1.1", "v1.2", "auto")] = "v1.2"
    timeout: Annotated[float, PlainValidator(_duration)] = 8.0
    min_interval: Annotated[float, PlainValidator(_duration)] = 0.0
    max_response_size: Annotated[int, text(values.parse_size)] = MAX_RESPONSE_SIZE
    tls_config: TlsShape = TlsShape()


class TargetShape(Shape):
    """One SBC; without `auth`, the only one there is."""

    name: Name
    address: Annotated[Address, text(parse_address)]
    auth: Annotated[str | None, text_in(Surroundings, _auth)] = None
    module: Annotated[
        str, text_in(Surroundings, lambda name, o: _named("module", name, o.modules))
    ] = "default"
    labels: dict[Annotated[str, AfterValidator(values.check_label_name)], str] = Field(
        default_factory=dict
    )


class FileShape(Shape):
    """The whole file."""

    auths: Annotated[dict[Name, AuthShape], Field(min_length=1)]
    modules: dict[Name, ModuleShape] = Field(default_factory=dict)
    targets: Annotated[list[TargetShape], Field(min_length=1)]
    fan_out: bool = True


def _shape_at(path: KeyPath) -> type[Shape]:
    match path:
        case ("auths", _):
            return AuthShape
        case ("modules", _):
            return ModuleShape
        case ("modules", _, _):
            return TlsShape
        case ("targets", _):
            return TargetShape
    return FileShape


def _below_auth(path: KeyPath) -> bool:
    return path[:1] == ("auths",) and len(path) > _NAME_OF_AUTH


def _shown(path: KeyPath) -> KeyPath:
    # An unknown key below an auth may be a password that lost its colon.
    hidden = _below_auth(path) and path[_NAME_OF_AUTH] not in AuthShape.model_fields
    return path[:_NAME_OF_AUTH] if hidden else path


KIND = Kind(
    shape=FileShape,
    shape_at=_shape_at,
    needed={
        "auths": "give at least one account with its username and password",
        "targets": "list at least one SBC with its name and address",
        "username": "give the account's user name on the SBC",
        "name": "give the SBC a name, which becomes the label target",
        "address": "give the SBC's address, such as https://192.0.2.10",
    },
    is_secret=_below_auth,
    shown=_shown,
)
