"""
From a path to a tree of YAML nodes.

What the parser says about a fault is never passed on: it quotes the text around it, and that
may be a password. Its wording only picks one of our own sentences.
"""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError

from sbc_exporter.errors import ConfigError, Problem

_DEEPEST = 32

# The first fragment found in the parser's own wording decides.
_ADVICE = (
    ("character '\\t'", "a tab stands here; indent with spaces"),
    (
        "cannot start any token",
        "text cannot begin with this character; put the whole text in quotes",
    ),
    (
        "undefined alias",
        'no anchor of this name stands above; put text that begins with "*" in quotes',
    ),
    (
        "expected alphabetic or numeric",
        'an anchor or alias needs a name; put text that begins with "&", "*" or "%" in quotes',
    ),
    ("end of stream", "a quote is opened here and never closed"),
    ("escape", "a backslash in double quotes begins an escape; write two, or use single quotes"),
    (
        "mapping values",
        'a ":" does not fit here; check the indentation, and put text that holds ": " in quotes',
    ),
    ("expected ':'", 'this line is no "key: value"; check for a missing ":" or quote'),
    ("another document", 'a second document begins here; remove the "---"'),
    ("<block end>", "this does not line up with the lines above; check indentation and quotes"),
    ("incompatible YAML", "this version of YAML cannot be read; remove the %YAML line"),
    ("sequence entries", 'a "-" does not fit here; check the indentation'),
    ("or ']'", 'a "," or the closing "]" is missing before this'),
    ("or '}'", 'a "," or the closing "}" is missing before this'),
)
_NOT_YAML = "this is not valid YAML; check quotes, brackets and indentation here and above"


def compose(path: Path, needs: str) -> Node:
    """
    The file's top node; one problem if the file cannot be read, or is not YAML.

    `needs` is what to write into a file that is empty.
    """
    text = _read(path)
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = _DEEPEST
    # An anchor may be set again, as YAML allows; the warning would quote the file.
    yaml.composer.warn_double_anchors = False
    try:
        node: Node | None = yaml.compose(text)
    except YAMLError as error:
        # Not chained: the parser's error quotes the file.
        raise ConfigError([_fault(path, text, error)]) from None
    if node is None:
        what = f"the file is empty; it must hold {needs}"
        raise ConfigError([Problem(f"{path}:1:1", what)])
    return node


def _read(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}; check the path and its permissions"
        raise ConfigError([Problem(str(path), what)]) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not chained: the error holds the whole file.
        before = error.object[: error.start].decode()
        what = "this byte is not UTF-8; save the file as UTF-8"
        raise ConfigError([Problem(_where(path, before), what)]) from None


def _fault(path: Path, text: str, error: YAMLError) -> Problem:
    if isinstance(error, ReaderError):
        what = "this character is not allowed in YAML; remove it, or escape it in double quotes"
        return Problem(_where(path, text[: error.position]), what)
    if not isinstance(error, MarkedYAMLError):
        return Problem(str(path), _NOT_YAML)
    said = f"{error.context} {error.problem}"
    if isinstance(error, MaxDepthExceededError):
        what = f"this is nested more than {_DEEPEST} levels deep; the configuration never is"
    else:
        what = next((advice for words, advice in _ADVICE if words in said), _NOT_YAML)
    # What never ends is noticed far below; its beginning is the place to look at.
    endless = "end of stream" in said or "expected ':'" in said
    mark = error.context_mark if endless else error.problem_mark
    return Problem(f"{path}:{mark.line + 1}:{mark.column + 1}", what)


def _where(path: Path, before: str) -> str:
    return f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
