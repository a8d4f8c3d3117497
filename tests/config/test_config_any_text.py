from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbc_exporter.config import Config, load_file
from sbc_exporter.errors import ConfigError

KEYS = (
    *("auths", "modules", "targets", "fan_out", "default", "tls_config", "labels", "timeout"),
    *("name", "address", "username", "password", "password_env", "auth", "module", "target"),
    *("collectors", "api_version", "min_version", "server_name", "insecure_skip_verify"),
)
MARKS = (
    *("\n", "\n  ", "\n    ", "- ", ": ", ", ", "? ", "[", "]", "{", "}", "#x\n", " #", "---\n"),
    *("&x ", "*x", "!", "!!int ", "!!bool ", "!!set ", "<<: ", "|\n", ">-\n", "'", '"', "\\u12"),
    *("\t", "\r", "\x85", "1", "8s", "1.2", "true", "null", "~", "=", "2024-99-99", "asyncstatus"),
)
PIECES = st.lists(st.sampled_from(KEYS + MARKS), max_size=20).map("".join)
NAMES = st.one_of(st.sampled_from(KEYS), st.text(max_size=3))
VALUES = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
        st.sampled_from(["192.0.2.1", "8s", "v1.2", "TLS12", "asyncstatus", "default"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=5)),
    max_leaves=15,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=5)
FILES = st.fixed_dictionaries(
    {},
    optional={
        "auths": st.one_of(st.dictionaries(NAMES, st.one_of(ITEMS, VALUES), max_size=3), VALUES),
        "modules": st.one_of(st.dictionaries(NAMES, st.one_of(ITEMS, VALUES), max_size=3), VALUES),
        "targets": st.one_of(st.lists(st.one_of(ITEMS, VALUES), max_size=3), VALUES),
        "fan_out": VALUES,
    },
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any") / "sbc.yml"


def settles(path: Path, content: bytes) -> bool:
    """Whether a file gives a configuration, or problems that each fit on one line."""
    path.write_bytes(content)
    try:
        return isinstance(load_file(path, collectors=["asyncstatus"], environ={}), Config)
    except ConfigError as error:
        return bool(error.problems) and all(
            problem.where.startswith(str(path)) and problem.what.isprintable()
            for problem in error.problems
        )


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(path: Path, content: bytes) -> None:
    """Any bytes give a configuration, or problems that each fit on one line."""
    assert settles(path, content)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text(path: Path, text: str) -> None:
    """Any text gives a configuration, or problems that each fit on one line."""
    assert settles(path, text.encode())


@settings(deadline=None, max_examples=300)
@given(PIECES)
def test_any_yaml(path: Path, text: str) -> None:
    """Any heap of YAML's marks and our keys gives a configuration, or problems."""
    assert settles(path, text.encode())


@settings(deadline=None, max_examples=300)
@given(FILES)
def test_any_values(path: Path, data: dict[str, object]) -> None:
    """Our keys with any values below them give a configuration, or problems."""
    assert settles(path, json.dumps(data).encode())
