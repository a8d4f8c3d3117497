from __future__ import annotations

from pathlib import Path

import pytest

from sbc_exporter.config import load_file
from sbc_exporter.errors import ConfigError, Problem


def only_problem(path: Path) -> Problem:
    with pytest.raises(ConfigError) as caught:
        load_file(path, collectors=["asyncstatus"], environ={})
    [problem] = caught.value.problems
    return problem


def test_missing_file(tmp_path: Path) -> None:
    """A file that does not exist is one problem, with its path and the system's reason."""
    path = tmp_path / "none.yml"
    assert only_problem(path) == Problem(
        str(path),
        "cannot be read: No such file or directory; check the path and its permissions",
    )


def test_directory(tmp_path: Path) -> None:
    """A directory is one problem, with its path and the system's reason."""
    assert only_problem(tmp_path) == Problem(
        str(tmp_path), "cannot be read: Is a directory; check the path and its permissions"
    )


def test_not_utf8(tmp_path: Path) -> None:
    """A byte that is not UTF-8 is found by line and column, counted in characters."""
    path = tmp_path / "latin1.yml"
    path.write_bytes("auths:\n  é: ".encode() + "é".encode("latin-1") + b"\n")
    assert only_problem(path) == Problem(
        f"{path}:2:6", "this byte is not UTF-8; save the file as UTF-8"
    )


def test_empty_file(tmp_path: Path) -> None:
    """A file without a single byte says what it must hold."""
    path = tmp_path / "empty.yml"
    path.touch()
    assert only_problem(path) == Problem(
        f"{path}:1:1", 'the file is empty; it must hold keys such as "auths:" and "targets:"'
    )
