"""Grafana's part: what it finds in a dashboard's JSON, and what it asks Prometheus."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent.parent / "dashboards"
NAMES = ("fleet.json", "device.json", "exporter.json")

Json = dict[str, Any]

# Ranges as short as the tests, which run for seconds.
_OWN = {"__rate_interval": "10s", "__interval": "5s", "__range": "60s"}
_VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Query:
    """One query of a panel, an annotation or a variable; `where` tells which."""

    where: str
    expr: str
    instant: bool = True
    interval: str | None = None


def load(name: str) -> Json:
    board: Json = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return board


def panels(board: Json) -> list[Json]:
    """Those that show something: all but the rows' headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def variables(board: Json) -> list[Json]:
    """Those that ask Prometheus, in the order in which Grafana does."""
    return [one for one in board["templating"]["list"] if one["type"] == "query"]


def queries(board: Json) -> Iterator[Query]:
    """What the panels ask."""
    for panel in panels(board):
        for target in panel["targets"]:
            where = f"{board['title']}: {panel['title']}: {target['refId']}"
            yield Query(where, target["expr"], target["instant"], target.get("interval"))


def others(board: Json) -> Iterator[Query]:
    """What the annotations and the variables ask; Grafana's own functions are taken off."""
    for mark in board["annotations"]["list"]:
        yield Query(f"{board['title']}: annotation {mark['name']}", mark["expr"])
    for variable in variables(board):
        _, selector, _ = parts(variable)
        yield Query(f"{board['title']}: variable {variable['name']}", selector)


def parts(variable: Json) -> tuple[str, str, str]:
    """A variable's function, its selector, and its label where it asks for values."""
    text = variable["query"]["query"]
    found = re.fullmatch(r"(label_names)\((\w+)()\)|(label_values)\((.+), ([$\w]+)\)", text)
    assert found, text
    function, selector, label = [group for group in found.groups() if group is not None]
    return function, selector, label


def substituted(text: str, values: Mapping[str, str]) -> str:
    """With the values of Grafana's variables in their places; all must have one."""
    known = {**_OWN, **values}
    return _VARIABLE.sub(lambda match: known[match[1]], text)


def at_once(query: Query, values: Mapping[str, str]) -> str:
    """What Prometheus is asked; the shortest interval of a query holds for its ranges, too."""
    interval = {"__interval": query.interval} if query.interval else {}
    return substituted(query.expr, {**values, **interval})
