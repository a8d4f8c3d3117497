"""
Reports and the exporter's own metrics -> the text that Prometheus reads.

The SBCs' families are written here: prometheus_client's encoders look at each character of each
name and each HELP for each page, which was most of what a page costs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.exposition import generate_latest as as_text
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.openmetrics.exposition import generate_latest as as_openmetrics
from prometheus_client.registry import Collector as Source

from sbc_exporter import meter, report
from sbc_exporter.collectors import ALL
from sbc_exporter.metrics import Family
from sbc_exporter.report import Report

Format = Literal["text", "openmetrics"]

# The order of the page and of the documentation.
FAMILIES: tuple[Family, ...] = (
    *report.FAMILIES,
    *(family for collector in ALL for family in collector.families),
    *meter.FAMILIES,
)

_ENCODERS: dict[Format, tuple[Callable[[Source], bytes], str]] = {
    "text": (as_text, CONTENT_TYPE_PLAIN_0_0_4),
    "openmetrics": (as_openmetrics, CONTENT_TYPE_LATEST),
}

# OpenMetrics names a family without the suffix that its samples have.
_SUFFIXES = {"counter": "_total", "info": "_info", "gauge": ""}


@dataclass(frozen=True, slots=True)
class Page:
    """A finished exposition."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Families:
    """What prometheus_client's encoders ask for; they use nothing else of a registry."""

    metrics: tuple[Metric, ...]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def render(reports: Iterable[Report], own: Iterable[Metric], format_: Format) -> Page:
    """One page: the SBCs' families, each once over all SBCs, then the exporter's own."""
    encode, content_type = _ENCODERS[format_]
    lines = _lines(reports)
    parts = [
        part
        for family in FAMILIES
        if family in lines
        for part in (_head(family, format_), *lines[family])
    ]
    # The library's part comes last: in OpenMetrics it ends the page.
    return Page("".join(parts).encode() + encode(_Families(tuple(own))), content_type)


def _lines(reports: Iterable[Report]) -> dict[Family, list[str]]:
    """The samples of each family, as lines."""
    lines: dict[Family, list[str]] = {}
    for one in reports:
        target = f'target="{_escaped(one.target)}"'
        for family, labels, value in one.samples:
            before, after = _around_target(labels)
            line = f"{family.name}{{{before}{target}{after}}} {value!r}\n"
            lines.setdefault(family, []).append(line)
    return lines


@lru_cache(maxsize=4096)
def _around_target(labels: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The other labels as text, those before the label `target` and those after it, in order."""
    pairs = sorted(f'{name}="{_escaped(text)}"' for name, text in labels)
    return (
        "".join(f"{pair}," for pair in pairs if pair < "target"),
        "".join(f",{pair}" for pair in pairs if pair > "target"),
    )


@lru_cache(maxsize=1024)
def _head(family: Family, format_: Format) -> str:
    """HELP and TYPE of a family."""
    if format_ == "text":
        kind = "gauge" if family.kind == "info" else family.kind
        return f"# HELP {family.name} {family.help}\n# TYPE {family.name} {kind}\n"
    name = family.name.removesuffix(_SUFFIXES[family.kind])
    return f"# HELP {name} {family.help}\n# TYPE {name} {family.kind}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
