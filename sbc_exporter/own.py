"""The exporter's metrics about itself; they stand on /metrics only, never in an SBC's answer."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.metrics_core import Metric

from sbc_exporter import __version__
from sbc_exporter.visit import Exchange


class OwnMetrics:
    """One for the life of the process; safe to use from several threads."""

    def __init__(self) -> None:
        registry = CollectorRegistry(auto_describe=False)
        Info("sbc_exporter_build", "The exporter's version.", registry=registry).info(
            {"version": __version__, "python_version": platform.python_version()}
        )
        self.targets = Gauge(
            "sbc_exporter_targets", "SBCs in the configuration.", registry=registry
        )
        self._reload_successful = Gauge(
            "sbc_exporter_config_last_reload_successful",
            "1 when the configuration was read without an error the last time, else 0.",
            registry=registry,
        )
        self._reload_time = Gauge(
            "sbc_exporter_config_last_reload_success_timestamp_seconds",
            "When the configuration was last read without an error, as Unix time.",
            registry=registry,
        )
        self.in_flight = Gauge(
            "sbc_exporter_scrapes_in_flight",
            "Requests for metrics that are being answered.",
            registry=registry,
        )
        self._durations = Histogram(
            "sbc_exporter_request_duration_seconds",
            "Time that answered requests to SBCs took, to their last byte, over all SBCs.",
            ("endpoint",),
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )
        self._bugs = Counter(
            "sbc_exporter_internal_errors_total",
            "Errors of the exporter itself; each has a traceback in its log.",
            registry=registry,
        )
        PlatformCollector(registry)
        ProcessCollector(registry=registry)
        GCCollector(registry)
        self._registry = registry

    def loaded(self, targets: int, when: float) -> None:
        self.targets.set(targets)
        self._reload_successful.set(1)
        self._reload_time.set(when)

    def load_failed(self) -> None:
        self._reload_successful.set(0)

    def requested(self, exchange: Exchange) -> None:
        if exchange.seconds is not None:
            self._durations.labels(exchange.endpoint).observe(exchange.seconds)

    def bug(self) -> None:
        self._bugs.inc()

    def collect(self) -> Iterator[Metric]:
        """The families, without the `_created` samples that the library adds."""
        for metric in self._registry.collect():
            metric.samples = [s for s in metric.samples if not s.name.endswith("_created")]
            yield metric
