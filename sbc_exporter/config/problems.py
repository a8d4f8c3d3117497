"""From what pydantic finds, and what we find, to sentences for the operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sbc_exporter.config.advice import nearest, quote, suggest
from sbc_exporter.config.document import Document, Finding, Key, KeyPath, Unquoted
from sbc_exporter.config.schema import AuthShape, FileShape, Surroundings, shape_at
from sbc_exporter.errors import Problem

_NEEDED = {
    "auths": "give at least one account with its username and password",
    "targets": "list at least one SBC with its name and address",
    "username": "give the account's user name on the SBC",
    "name": "give the SBC a name, which becomes the label target",
    "address": "give the SBC's address, such as https://192.0.2.10",
}
_MUST_BE = {
    "bool_type": "must be true or false",
    "dict_type": 'must hold keys and values, as in "key: value"',
    "model_type": 'must hold keys and values, as in "key: value"',
    "list_type": 'must be a list; begin each item with "- "',
}
_NAME_OF_AUTH = 2


def check_shape(
    data: Mapping[str, object], around: Surroundings
) -> tuple[FileShape | None, list[Finding]]:
    """The file's content in its shape, or everything that does not fit."""
    try:
        return FileShape.model_validate(data, context=around), []
    except ValidationError as error:
        # Not raised on: pydantic's own error holds every value, also the passwords.
        errors = error.errors(include_url=False)
    meant = {_meant(error["loc"]) for error in errors if error["type"] == "extra_forbidden"}
    # A key that was only misspelt is not said to be missing as well.
    return None, [
        _finding(error)
        for error in errors
        if not (error["type"] == "missing" and error["loc"] in meant)
    ]


def in_order(document: Document, findings: Iterable[Finding]) -> list[Problem]:
    """Findings as problems, sorted by where they stand in the file."""
    placed = [(finding.place or document.place(finding.path), finding) for finding in findings]
    placed.sort(key=lambda pair: (pair[0].line, pair[0].column))
    return [
        Problem(f"{document.file}:{place.line}:{place.column}", _sentence(finding))
        for place, finding in placed
    ]


def _meant(path: KeyPath) -> KeyPath:
    near = nearest(str(path[-1]), shape_at(path[:-1]).model_fields)
    return path if near is None else (*path[:-1], near)


def _finding(error: ErrorDetails) -> Finding:
    # pydantic marks a fault of the key itself by a last step of its own.
    path: KeyPath = tuple(step for step in error["loc"] if step != "[key]")
    return Finding(path, _what(error, path))


def _what(error: ErrorDetails, path: KeyPath) -> str:
    key = str(path[-1]) if path else ""
    match error["type"], error["input"]:
        case "value_error", _:
            what = str(error["ctx"]["error"])
        case "extra_forbidden", _:
            what = f"unknown key; {suggest(key, shape_at(path[:-1]).model_fields)}"
        case "missing", _:
            what = f"is missing; {_NEEDED[key]}"
        case _, None:
            what = f"has no value; {_NEEDED.get(key, 'write one, or take the key out')}"
        case "too_short", _:
            what = f"is empty; {_NEEDED.get(key, 'name at least one, or take the key out')}"
        case "string_type", value:
            what = _not_text(value, path)
        case kind, _:
            what = _MUST_BE[kind]
    return what


def _not_text(value: object, path: KeyPath) -> str:
    if isinstance(value, dict | list):
        return "must be text"
    if _below_auth(path):
        return "must be text; write it in quotes"
    text = value.text if isinstance(value, Unquoted) else str(value).lower()
    return f"must be text; write it in quotes: {quote(text)}"


def _sentence(finding: Finding) -> str:
    path = finding.path
    # An unknown key below an auth may be a password that lost its colon.
    if _below_auth(path) and path[_NAME_OF_AUTH] not in AuthShape.model_fields:
        path = path[:_NAME_OF_AUTH]
    return f"{_dotted(path)}: {finding.what}" if path else finding.what


def _below_auth(path: KeyPath) -> bool:
    return path[:1] == ("auths",) and len(path) > _NAME_OF_AUTH


def _dotted(path: KeyPath) -> str:
    return "".join(_step(key) for key in path).removeprefix(".")


def _step(key: Key) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    plain = key.replace("-", "").replace("_", "").isalnum()
    return f".{key}" if plain else f"[{quote(key)}]"
