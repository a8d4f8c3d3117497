"""What the shapes of all files are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationInfo
from pydantic_core import PydanticKnownError

from sbc_exporter.config.advice import quote, suggest
from sbc_exporter.config.document import Unquoted

T = TypeVar("T")
A = TypeVar("A")


class Shape(BaseModel):
    """No unknown keys, no conversions, no values in errors."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


def text(read: Callable[[str], T]) -> PlainValidator:
    """A value that is read from text; `read` raises ValueError with the message."""

    def validate(value: object) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return read(value)

    return PlainValidator(validate)


def text_in(around: type[A], read: Callable[[str, A], T]) -> PlainValidator:
    """As `text`, for what also depends on the context of the validation, an `around`."""

    def validate(value: object, info: ValidationInfo) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        if not isinstance(info.context, around):
            raise TypeError(f"the context of a validation must be its {around.__name__}")
        return read(value, info.context)

    return PlainValidator(validate)


def one_of(*words: str) -> BeforeValidator:
    """One of these words; quotes around a number do not matter."""

    def validate(value: object) -> object:
        word = value.text if isinstance(value, Unquoted) else value
        if not isinstance(word, str):
            raise PydanticKnownError("string_type")
        if f"v{word}" in words:
            raise ValueError(f'begins with "v"; write v{word}')
        if word not in words:
            raise ValueError(f"{quote(word)} is not known; {suggest(word, words)}")
        return word

    return BeforeValidator(validate)
