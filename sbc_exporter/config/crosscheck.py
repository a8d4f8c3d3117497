"""
What takes two keys to judge.

It looks at the data as it was read, whose shape may be wrong in other places: no mistake hides
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sbc_exporter.config.advice import nearest, quote, suggest
from sbc_exporter.config.document import Document, Finding, KeyPath

_PASSWORDS = ("password", "password_file", "password_env")


def names_in(data: Mapping[str, object], section: str) -> tuple[str, ...]:
    """The names that a section gives, whatever stands behind them."""
    return tuple(_mapping(data.get(section)))


def crosscheck(document: Document) -> Iterator[Finding]:
    """Everything that does not go together."""
    for name, auth in _mapping(document.data.get("auths")).items():
        if isinstance(auth, dict):
            yield from _one_password(auth, ("auths", name))
    for name, module in _mapping(document.data.get("modules")).items():
        tls = _mapping(_mapping(module).get("tls_config"))
        yield from _both_halves(tls, ("modules", name, "tls_config"))
    targets = document.data.get("targets")
    if isinstance(targets, list):
        yield from _auth_if_several(targets, names_in(document.data, "auths"))
        yield from _own_names(targets, document)


def _one_password(auth: Mapping[str, object], path: KeyPath) -> Iterator[Finding]:
    given = [key for key in _PASSWORDS if key in auth]
    # A key that was only misspelt is reported as an unknown key.
    if not given and not any(nearest(key, _PASSWORDS) for key in auth):
        yield Finding(path, f"has no password; give one of {', '.join(_PASSWORDS)}")
    if len(given) > 1:
        yield Finding(path, f"has {' and '.join(given)}; keep one of them")


def _both_halves(tls: Mapping[str, object], path: KeyPath) -> Iterator[Finding]:
    for half, other in (("cert_file", "key_file"), ("key_file", "cert_file")):
        if half in tls and other not in tls:
            yield Finding((*path, half), f"is of no use alone; give {other} as well")


def _auth_if_several(targets: list[object], auths: tuple[str, ...]) -> Iterator[Finding]:
    for index, target in enumerate(targets):
        if len(auths) > 1 and isinstance(target, dict) and "auth" not in target:
            what = f"is missing, and there are several; {suggest('', auths)}"
            yield Finding(("targets", index, "auth"), what)


def _own_names(targets: list[object], document: Document) -> Iterator[Finding]:
    first: dict[str, KeyPath] = {}
    for index, target in enumerate(targets):
        name = _mapping(target).get("name")
        if not isinstance(name, str):
            continue
        path: KeyPath = ("targets", index, "name")
        if name in first:
            line = document.place(first[name]).line
            what = f"{quote(name)} is already the name of the target in line {line}; change one"
            yield Finding(path, what)
        else:
            first[name] = path


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
