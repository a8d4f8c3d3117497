"""
XML from an SBC -> read-only nodes.

Hardened: no DTD (so no entities), a bounded number of elements and levels. Namespaces are
dropped from names, white space around text is dropped.
"""

from __future__ import annotations

import codecs
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from sbc_exporter.errors import BadAnswer

MAX_DEPTH = 64
MAX_ELEMENTS = 20_000

# Expat reads UTF-8, UTF-16 and every single-byte encoding that Python knows, but none of the
# multi-byte ones. A closed list, since some of Python's codecs take quadratic time.
_EAST_ASIAN = frozenset(
    {"big5", "big5hkscs", "cp932", "cp949", "cp950", "euc_jp", "euc_kr", "gb18030", "gb2312"}
    | {"gbk", "iso2022_jp", "iso2022_kr", "johab", "shift_jis"}
)
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


@dataclass(slots=True)
class Node:
    """
    One element. `path` is where it stands, for messages: `response/data/operationState`.

    A text of nothing but white space counts as no text.
    """

    name: str
    path: str
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def find(self, path: str) -> Node | None:
        """The first element at that path below this one, or None."""
        name, _, rest = path.partition("/")
        for child in self.children:
            if child.name == name:
                found = child.find(rest) if rest else child
                if found is not None:
                    return found
        return None

    def text_at(self, path: str) -> str | None:
        """The text of the first element at that path, or None where there is no such text."""
        found = self.find(path)
        return (found.text or None) if found is not None else None

    def require(self, path: str) -> str:
        """The text at that path; raises BadAnswer, naming the path, where there is none."""
        text = self.text_at(path)
        if text is None:
            raise BadAnswer(f"<{self.path}/{path}> is missing or empty")
        return text

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Node]]:
        """Every element below this one in document order, with its depth."""
        # Recursion is safe: the parser allows MAX_DEPTH levels.
        for child in self.children:
            yield depth, child
            yield from child.walk(depth + 1)


def parse(content: bytes) -> Node:
    """The root element; raises BadAnswer for whatever is not one well-formed document."""
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(_decoded(content))
        parser.close()
    except DefusedXmlException as error:
        raise BadAnswer("the XML holds a document type or an entity declaration") from error
    except (ParseError, LookupError, ValueError) as error:
        # The parser's frames keep the error that keeps them, and with it the whole scrape.
        traceback.clear_frames(error.__traceback__)
        raise BadAnswer(f"not well-formed XML: {error}") from error
    if builder.root is None:
        raise BadAnswer("the XML holds no element")
    return builder.root


def _decoded(content: bytes) -> bytes | str:
    declared = _DECLARED.match(content)
    if declared is None:
        return content
    name = codecs.lookup(declared[1].decode("ascii")).name
    return content.decode(name) if name in _EAST_ASIAN else content


class _Builder:
    """What the parser calls; refuses early what would grow."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[tuple[Node, list[str]]] = []
        self._count = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise BadAnswer(
                f"the XML has more than {MAX_DEPTH} levels or {MAX_ELEMENTS:,} elements"
            )
        name = tag.rpartition("}")[2]
        if self._open:
            parent = self._open[-1][0]
            node = Node(name, f"{parent.path}/{name}")
            parent.children.append(node)
        else:
            node = self.root = Node(name, name)
        self._open.append((node, []))

    def data(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, _tag: str) -> None:
        node, texts = self._open.pop()
        node.text = "".join(texts).strip()

    def close(self) -> None:
        """Nothing is left to do: the root has been kept since its start."""
