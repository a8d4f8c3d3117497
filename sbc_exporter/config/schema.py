"""
The shape of the file, for pydantic.

Whatever one key can be judged by alone, or against its `Surroundings`, is judged here, so that a
single run finds all of it. What takes two keys is in `crosscheck.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    ValidationInfo,
)
from pydantic_core import PydanticKnownError

from sbc_exporter.config import values
from sbc_exporter.config.address import check_host, parse_address
from sbc_exporter.config.advice import quote, suggest
from sbc_exporter.config.document import Key, Unquoted
from sbc_exporter.config.model import Address, ApiVersion, TlsVersion
from sbc_exporter.secret import Secret

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the values of one file are judged against. No `auths` means that none can be named."""

    folder: Path
    environ: Mapping[str, str]
    collectors: tuple[str, ...]
    auths: tuple[str, ...]
    modules: tuple[str, ...]


def _text(read: Callable[[str], T]) -> PlainValidator:
    """A value that is read from text; `read` raises ValueError with the message."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return read(value)

    return PlainValidator(validate)


def _text_in(read: Callable[[str, Surroundings], T]) -> PlainValidator:
    """As `_text`, for what also depends on the surroundings."""

    def validate(value: object, info: ValidationInfo) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        if not isinstance(info.context, Surroundings):
            raise TypeError("the context of a validation must be its Surroundings")
        return read(value, info.context)

    return PlainValidator(validate)


def _one_of(*words: str) -> BeforeValidator:
    def validate(value: object) -> object:
        text = value.text if isinstance(value, Unquoted) else value
        if not isinstance(text, str):
            raise PydanticKnownError("string_type")
        if f"v{text}" in words:
            raise ValueError(f'begins with "v"; write v{text}')
        if text not in words:
            raise ValueError(f"{quote(text)} is not known; {suggest(text, words)}")
        return text

    return BeforeValidator(validate)


def _named(kind: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise ValueError(f"no {kind} is named {quote(name)}; {suggest(name, known)}")
    return name


def _auth(name: str, around: Surroundings) -> str:
    # Without any auth, that is the mistake to mend, not what each target says.
    return _named("auth", name, around.auths) if around.auths else name


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


Name = Annotated[str, _text(values.check_name)]
Collector = Annotated[str, _text_in(lambda name, o: _named("collector", name, o.collectors))]
File = Annotated[Path, _text_in(lambda path, o: values.check_file(o.folder / path))]


class Shape(BaseModel):
    """No unknown keys, no conversions, no values in errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class AuthShape(Shape):
    """One account. Which of the three passwords is given is judged in `crosscheck.py`."""

    username: Annotated[str, _text(values.check_username)]
    password: Annotated[Secret | None, _text(values.parse_password)] = None
    password_file: Annotated[
        Secret | None, _text_in(lambda path, o: values.read_password(o.folder / path))
    ] = None
    password_env: Annotated[
        Secret | None, _text_in(lambda name, o: values.password_from(name, o.environ))
    ] = None


class TlsShape(Shape):
    """The keys as Prometheus writes them."""

    ca_file: File | None = None
    cert_file: File | None = None
    key_file: File | None = None
    server_name: Annotated[str | None, _text(check_host)] = None
    insecure_skip_verify: bool = False
    min_version: Annotated[TlsVersion, _one_of("TLS10", "TLS11", "TLS12", "TLS13")] = "TLS12"


class ModuleShape(Shape):
    """An empty list of collectors stands for all that are known."""

    collectors: Annotated[list[Collector], Field(min_length=1), AfterValidator(_each_once)] = []
    api_version: Annotated[ApiVersion, _one_of("v1.0", "v1.1", "v1.2", "auto")] = "v1.2"
    timeout: Annotated[float, PlainValidator(_duration)] = 8.0
    tls_config: TlsShape = TlsShape()


class TargetShape(Shape):
    """One SBC; without `auth`, the only one there is."""

    name: Name
    address: Annotated[Address, _text(parse_address)]
    auth: Annotated[str | None, _text_in(_auth)] = None
    module: Annotated[str, _text_in(lambda name, o: _named("module", name, o.modules))] = "default"
    labels: dict[Annotated[str, AfterValidator(values.check_label_name)], str] = {}


class FileShape(Shape):
    """The whole file."""

    auths: Annotated[dict[Name, AuthShape], Field(min_length=1)]
    modules: dict[Name, ModuleShape] = {}
    targets: Annotated[list[TargetShape], Field(min_length=1)]
    fan_out: bool = True


def shape_at(path: tuple[Key, ...]) -> type[Shape]:
    """The shape of the mapping that stands at a path of the file."""
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
