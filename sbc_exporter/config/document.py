"""
From YAML nodes to plain data, and where each piece of it stands.

The data holds only dict, list, str, bool, None and `Unquoted`. It is not built by the library's
own constructor, because that one reports only the first repeated key (and shows its value),
turns an alias to itself into None, and answers `!!int x` with a bare ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sbc_exporter.config.syntax import compose
from sbc_exporter.errors import ConfigError, Problem

Key = str | int
KeyPath = tuple[Key, ...]

_TAG = "tag:yaml.org,2002:"
_NUMBERS = frozenset({f"{_TAG}int", f"{_TAG}float", f"{_TAG}timestamp"})
# "<<" and "=" are special as keys only; as values they are text.
_TEXTS = frozenset({f"{_TAG}str", f"{_TAG}merge", f"{_TAG}value"})
_KNOWN = _NUMBERS | _TEXTS | {f"{_TAG}{kind}" for kind in ("null", "bool", "map", "seq")}
_BOOLS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A number or a date, as it is written: `010` stays `010`."""

    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key or an item stands, counted from 1, and the same for all that is in it."""

    line: int
    column: int
    inside: Mapping[Key, Place] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with the key at `path`; `place` only if it is not that of the key."""

    path: KeyPath
    what: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its data, the places in it, and what was wrong with the YAML itself."""

    file: Path
    data: Mapping[str, object]
    top: Place
    findings: tuple[Finding, ...]

    def place(self, path: KeyPath) -> Place:
        """The place of a key, or of the nearest mapping around a key that is missing."""
        place = self.top
        for key in path:
            if key not in place.inside:
                break
            place = place.inside[key]
        return place


def read_document(file: Path, needs: str) -> Document:
    """
    Reads a file that must hold what `needs` says.

    Raises ConfigError where nothing more could be checked.
    """
    node = compose(file, needs)
    builder = _Builder(file)
    data, inside = builder.build(node, ())
    if not isinstance(data, dict):
        raise ConfigError([builder.problem(node, f"the file must hold {needs} at its top level")])
    top = _place(node, inside)
    return Document(file, data, top, tuple(builder.findings))


@dataclass(slots=True)
class _Builder:
    """Lives for one file: what an anchor stands for is built once, however often it is used."""

    file: Path
    findings: list[Finding] = field(default_factory=list)
    built: dict[int, tuple[object, dict[Key, Place]]] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)

    def build(self, node: Node, path: KeyPath) -> tuple[object, dict[Key, Place]]:
        """A node's data, and the places of what is in it."""
        if id(node) in self.open:
            what = "an alias in here stands for the very thing that it is in; write it out instead"
            raise ConfigError([self.problem(node, what)])
        if id(node) not in self.built:
            self.open.add(id(node))
            self.built[id(node)] = self._build(node, path)
            self.open.remove(id(node))
        return self.built[id(node)]

    def problem(self, node: Node, what: str) -> Problem:
        place = _place(node)
        return Problem(f"{self.file}:{place.line}:{place.column}", what)

    def _build(self, node: Node, path: KeyPath) -> tuple[object, dict[Key, Place]]:
        if node.tag not in _KNOWN:
            # The tag is not named: below an auth it is the beginning of a password.
            what = 'YAML tags are not used here; put text that begins with "!" in quotes'
            self.findings.append(Finding(path, what, _place(node)))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path)
        return self._scalar(node, path), {}

    def _mapping(
        self, node: MappingNode, path: KeyPath
    ) -> tuple[dict[str, object], dict[Key, Place]]:
        data: dict[str, object] = {}
        inside: dict[Key, Place] = {}
        merges: list[Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == f"{_TAG}merge":
                merges += _merged(value_node)
                continue
            key = self._key(key_node, path)
            if key is None:
                continue
            if key in data:
                what = f"is written twice, first in line {inside[key].line}; keep one of them"
                self.findings.append(Finding((*path, key), what, _place(key_node)))
                continue
            data[key], within = self.build(value_node, (*path, key))
            inside[key] = _place(key_node, within)
        for merge in merges:
            more, places = self.build(merge, path)
            if not isinstance(more, dict):
                what = '"<<" takes an alias of a mapping, or a list of such aliases'
                self.findings.append(Finding(path, what, _place(merge)))
                continue
            # What the mapping says itself, and what was merged before, has the last word.
            data = {**more, **data}
            inside = {**places, **inside}
        return data, inside

    def _sequence(self, node: SequenceNode, path: KeyPath) -> tuple[list[object], dict[Key, Place]]:
        data: list[object] = []
        inside: dict[Key, Place] = {}
        for index, item in enumerate(node.value):
            value, within = self.build(item, (*path, index))
            data.append(value)
            inside[index] = _place(item, within)
        return data, inside

    def _key(self, node: Node, path: KeyPath) -> str | None:
        key = self._scalar(node, path) if isinstance(node, ScalarNode) else None
        if isinstance(key, str):
            return key
        what = "this key is not text; put it in quotes"
        self.findings.append(Finding(path, what, _place(node)))
        return None

    def _scalar(self, node: Node, path: KeyPath) -> object:
        text: str = node.value
        if node.tag == f"{_TAG}null":
            return None
        if node.tag == f"{_TAG}bool" and text.lower() in _BOOLS:
            return _BOOLS[text.lower()]
        if node.tag in _NUMBERS:
            return Unquoted(text)
        if any("\ud800" <= character <= "\udfff" for character in text):
            what = r"holds half a character; write \U and eight digits instead of two \u"
            self.findings.append(Finding(path, what, _place(node)))
            return text.encode(errors="replace").decode()
        return text


def _merged(node: Node) -> list[Node]:
    return node.value if isinstance(node, SequenceNode) else [node]


def _place(node: Node, inside: Mapping[Key, Place] | None = None) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1, inside or {})
