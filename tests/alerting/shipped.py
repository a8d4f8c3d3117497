"""The files about alerts that we ship, as data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DASHBOARDS = Path(__file__).parent.parent.parent / "dashboards"
ALERTS = DASHBOARDS / "alerts.yml"
RULES = DASHBOARDS / "rules.yml"
PROMETHEUS = DASHBOARDS / "prometheus.yml"
ALERTMANAGER = DASHBOARDS / "alertmanager.yml"
RUNBOOK = DASHBOARDS / "runbook.md"
CASES = sorted((DASHBOARDS / "tests").glob("*.yml"))

# Half a minute becomes a second.
PACE = 30


@dataclass(frozen=True)
class Alert:
    """One alert of alerts.yml."""

    name: str
    rule: dict[str, Any]

    @property
    def annotations(self) -> dict[str, str]:
        annotations: dict[str, str] = self.rule["annotations"]
        return annotations

    @cached_property
    def queries(self) -> list[str]:
        """What the description asks Prometheus, with some value for each label."""
        found = re.findall(r"`([^`]+)`", self.annotations["description"])
        return [query.replace("%q", '"some"') for query in found]


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def rules() -> list[dict[str, Any]]:
    return [rule for group in read(ALERTS)["groups"] for rule in group["rules"]]


def records() -> dict[str, list[str]]:
    """The expressions of the recording rules in alerts.yml, by name."""
    found: dict[str, list[str]] = {}
    for rule in rules():
        if "record" in rule:
            found.setdefault(rule["record"], []).append(rule["expr"])
    return found


def alerts() -> list[Alert]:
    return [Alert(rule["alert"], rule) for rule in rules() if "alert" in rule]


def cases() -> Iterator[dict[str, Any]]:
    """The groups of all files for `promtool test rules`."""
    for path in CASES:
        yield from read(path)["tests"]


def sooner(text: str) -> str:
    """A rule file or a configuration in which every time has become shorter by PACE."""

    def shorter(match: re.Match[str]) -> str:
        seconds = int(match[1]) * {"s": 1, "m": 60}[match[2]]
        # Prometheus scrapes no more often than this exporter answers: within a second.
        return f"{max(1, seconds // PACE)}s"

    return re.sub(r"\b(\d+)([sm])\b", shorter, text)
