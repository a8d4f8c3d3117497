"""The order of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from sbc_exporter import collectors

PACKAGE = Path(__file__).parent.parent / "sbc_exporter"

# From the roof down; a room is a file or a folder. The only copy of the order: the map in
# README.md is made from it.
ROOMS = (
    "__main__",
    "cli",
    "server",
    "connections",
    "web",
    "webconfig",
    "runtime",
    "exposition",
    "own",
    "scraper",
    "scrape",
    "sbc",
    "line",
    "journal",
    "report",
    "meter",
    "collectors",
    "client",
    "transport",
    "translation",
    "login",
    "tls",
    "sockets",
    "visit",
    "deadline",
    "xmltree",
    "metrics",
    "config",
    "logs",
    "errors",
    "secret",
    "simulator",
    "__init__",
)
# Seen from all rooms: plain data of the configuration.
EVERYWHERE = "config.model"


def modules() -> Iterator[tuple[str, Path]]:
    """Every module's name below the package, and its file."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and parts[:-1] else parts)
        yield name, path


def imported(path: Path) -> Iterator[str]:
    """The names below the package that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            # `from sbc_exporter.web import parameters` names a module, too.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            package, _, below = name.partition(".")
            if package == "sbc_exporter":
                yield below


def room(name: str) -> str:
    """The room that a name below the package belongs to; `__version__` is the package's own."""
    first = name.partition(".")[0]
    return first if first in ROOMS else "__init__"


def test_every_file_has_its_room() -> None:
    """A new file or folder has to be put into the order, and an old one leaves it."""
    assert {name.partition(".")[0] for name, _ in modules()} == set(ROOMS)


def test_imports_only_go_down() -> None:
    """A room imports only from rooms below it."""
    wrong = [
        f"{name} imports {below}"
        for name, path in modules()
        for below in imported(path)
        if not below.startswith(EVERYWHERE)
        and room(below) != room(name)
        and ROOMS.index(room(below)) < ROOMS.index(room(name))
    ]

    assert wrong == []


def test_no_file_waits_for_another_of_its_room() -> None:
    """Within a folder, too, imports make no circle."""
    files = dict(modules())
    needs = {
        name: {
            below if below in files else below.rpartition(".")[0]
            for below in imported(path)
            if room(below) != "__init__"
        }
        for name, path in files.items()
    }
    done: set[str] = set()
    while ready := {name for name, others in needs.items() if others <= done} - done:
        done |= ready

    assert set(files) - done == set()


def test_simulator_shares_nothing_with_the_exporter() -> None:
    """The SBC that the exporter is tried on has no code in common with it."""
    foreign = [
        below
        for name, path in modules()
        if room(name) == "simulator"
        for below in imported(path)
        if room(below) != "simulator"
    ]

    assert foreign == []


def test_every_collector_is_listed() -> None:
    """A collector's file, its name and its place in the list are one."""
    files = {path.stem for path in (PACKAGE / "collectors").glob("*.py")} - {"__init__", "base"}

    assert files == set(collectors.NAMES)
    assert len(collectors.NAMES) == len(files)


def test_every_exception_is_caught_only_at_the_borders() -> None:
    """`except Exception` stands where a collector ends, and where the simulator does."""
    places = [
        name
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    ]

    assert places == ["scrape", "simulator.wire"]
