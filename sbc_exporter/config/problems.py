"""From what pydantic finds, and what we find, to sentences for the operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sbc_exporter.config.advice import nearest, quote, suggest
from sbc_exporter.config.document import Document, Finding, Key, KeyPath, Unquoted
from sbc_exporter.config.fields import Shape
from sbc_exporter.errors import Problem

S = TypeVar("S", bound=Shape)

_MUST_BE = {
    "bool_type": "must be true or false",
    "dict_type": 'must hold keys and values, as in "key: value"',
    "model_type": 'must hold keys and values, as in "key: value"',
    "list_type": 'must be a list; begin each item with "- "',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[S]):
    """
    What sets one kind of file apart from another.

    `shape_at` gives the shape of the mapping at a path, `needed` what to write where that key is
    missing, `shown` as much of a path as may be shown; the value of a path that `is_secret` never
    is.
    """

    shape: type[S]
    shape_at: Callable[[KeyPath], type[Shape]]
    needed: Mapping[str, str]
    is_secret: Callable[[KeyPath], bool]
    shown: Callable[[KeyPath], KeyPath]


def check_shape(
    data: Mapping[str, object], kind: Kind[S], around: object
) -> tuple[S | None, list[Finding]]:
    """The file's content in its shape, or everything that does not fit."""
    try:
        return kind.shape.model_validate(data, context=around), []
    except ValidationError as error:
        # Not raised on: pydantic's own error holds every value, also the passwords.
        errors = error.errors(include_url=False)
    meant = {_meant(error["loc"], kind) for error in errors if error["type"] == "extra_forbidden"}
    # A key that was only misspelt is not said to be missing as well.
    return None, [
        _finding(error, kind)
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
    ]


def in_order(document: Document, findings: Iterable[Finding], kind: Kind[S]) -> list[Problem]:
    """Findings as problems, sorted by where they stand in the file."""
    placed = [(finding.place or document.place(finding.path), finding) for finding in findings]
    placed.sort(key=lambda pair: (pair[0].line, pair[0].column))
    return [
        Problem(f"{document.file}:{place.line}:{place.column}", _sentence(finding, kind))
        for place, finding in placed
    ]


def _meant(path: KeyPath, kind: Kind[S]) -> KeyPath:
    near = nearest(str(path[-1]), kind.shape_at(path[:-1]).model_fields)
    return path if near is None else (*path[:-1], near)


def _finding(error: ErrorDetails, kind: Kind[S]) -> Finding:
    # pydantic marks a fault of the key itself by a last step of its own.
    path: KeyPath = tuple(step for step in error["loc"] if step != "[key]")
    return Finding(path, _what(error, path, kind))


def _what(error: ErrorDetails, path: KeyPath, kind: Kind[S]) -> str:
    key = str(path[-1]) if path else ""
    match error["type"], error["input"]:
        case "value_error", _:
            what = str(error["ctx"]["error"])
        case "extra_forbidden", _:
            what = f"unknown key; {suggest(key, kind.shape_at(path[:-1]).model_fields)}"
        case "missing", _:
            what = f"is missing; {kind.needed[key]}"
        case _, None:
            what = f"has no value; {kind.needed.get(key, 'write one, or take the key out')}"
        case "too_short", _:
            what = f"is empty; {kind.needed.get(key, 'name at least one, or take the key out')}"
        case "string_type", value:
            what = _not_text(value, secret=kind.is_secret(path))
        case fault, _:
            what = _MUST_BE[fault]
    return what


def _not_text(value: object, *, secret: bool) -> str:
    if isinstance(value, dict | list):
        return "must be text"
    if secret:
        return "must be text; write it in quotes"
    text = value.text if isinstance(value, Unquoted) else str(value).lower()
    return f"must be text; write it in quotes: {quote(text)}"


def _sentence(finding: Finding, kind: Kind[S]) -> str:
    path = kind.shown(finding.path)
    return f"{_dotted(path)}: {finding.what}" if path else finding.what


def _dotted(path: KeyPath) -> str:
    return "".join(_step(key) for key in path).removeprefix(".")


def _step(key: Key) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    plain = key.replace("-", "").replace("_", "").isalnum()
    return f".{key}" if plain else f"[{quote(key)}]"
