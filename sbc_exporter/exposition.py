"""Reports and the exporter's own metrics -> the text that Prometheus reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    return Page(encode(_Families((*merged(reports), *own))), content_type)


def merged(reports: Iterable[Report]) -> list[Metric]:
    """The families that have samples, in the order of FAMILIES."""
    metrics: dict[Family, Metric] = {}
    for one in reports:
        for family, labels, value in one.samples:
            metric = metrics.get(family)
            if metric is None:
                name = family.name.removesuffix(_SUFFIXES[family.kind])
                metric = metrics[family] = Metric(name, family.help, family.kind)
            metric.add_sample(family.name, {"target": one.target, **dict(labels)}, value)
    return [metrics[family] for family in FAMILIES if family in metrics]
