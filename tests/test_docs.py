"""The parts of README.md that are made from the code."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from sbc_exporter.cli import main
from sbc_exporter.exposition import FAMILIES
from sbc_exporter.own import OwnMetrics
from tests.alerting import shipped
from tests.test_architecture import PACKAGE, ROOMS

ROOT = PACKAGE.parent
README = ROOT / "README.md"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), ["---"] * len(list(head)), *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def metrics() -> str:
    return table(
        ("name", "type", "labels", "meaning"),
        (
            (
                f"`{family.name}`",
                "gauge" if family.kind == "info" else family.kind,
                "those of the configuration"
                if family.kind == "info"
                else ", ".join(f"`{label}`" for label in family.labels),
                family.help,
            )
            for family in FAMILIES
        ),
    )


def own() -> str:
    suffix = {"counter": "_total", "info": "_info"}
    return table(
        ("name", "type", "meaning"),
        (
            (f"`{metric.name}{suffix.get(metric.type, '')}`", metric.type, metric.documentation)
            for metric in OwnMetrics().collect()
            if metric.name.startswith("sbc_")
        ),
    )


def prometheus() -> str:
    lines = (ROOT / "dashboards" / "prometheus.yml").read_text(encoding="utf-8").strip()
    return f"```yaml\n{lines}\n```"


def alerts() -> str:
    return table(
        ("alert", "severity", "says"),
        (
            (
                f"[`{alert.name}`](dashboards/{alert.annotations['runbook_url']})",
                alert.rule["labels"]["severity"],
                alert.annotations["summary"],
            )
            for alert in shipped.alerts()
        ),
    )


def help_() -> str:
    shown = CliRunner().invoke(
        main, ["serve", "--help"], prog_name="sbc-exporter", terminal_width=96
    )
    return f"```console\n$ sbc-exporter serve --help\n{shown.output.strip()}\n```"


def the_map() -> str:
    def subject(room: str) -> tuple[str, str]:
        folder = PACKAGE / room / "__init__.py"
        path = folder if folder.is_file() else PACKAGE / f"{room}.py"
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        name = f"{room}/" if path == folder else f"{room}.py"
        return f"`{name}`", doc.split("\n\n")[0].replace("\n", " ")

    return table(("where", "what"), (subject(room) for room in ROOMS))


BLOCKS = {
    "prometheus": prometheus,
    "metrics": metrics,
    "own": own,
    "alerts": alerts,
    "help": help_,
    "map": the_map,
}


def test_readme_says_what_the_code_does(request: pytest.FixtureRequest) -> None:
    """Each block between <!-- name --> and <!-- end --> is what the code gives now."""
    now = README.read_text(encoding="utf-8")
    made = now
    for name, make in BLOCKS.items():
        head, mark, rest = made.partition(f"<!-- {name} -->\n")
        assert mark, f"README.md has no block {name}"
        made = f"{head}{mark}{make()}\n<!-- end -->{rest.partition('<!-- end -->')[2]}"
    if request.config.getoption("--update-golden"):
        assert os.environ.get("CI") != "true", "golden files are not written in CI"
        README.write_text(made, encoding="utf-8")
    else:
        assert now == made, "pytest -n0 --update-golden tests/test_docs.py writes it anew"


def test_every_dependency_has_its_reason() -> None:
    """CONTRIBUTING.md says why each package is there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = {re.split(r"[>=\[]", one)[0] for one in wanted} - {"sbc-exporter"}
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert {name for name in names if f"`{name}`" not in contributing} == set()


def test_every_link_within_the_repository_leads_somewhere() -> None:
    """Markdown files name only files that are there."""
    dead = [
        f"{path.name}: {link}"
        for path in ROOT.glob("*.md")
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
        if not link.startswith("http") and not Path(path.parent / link).exists()
    ]

    assert dead == []
