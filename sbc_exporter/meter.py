"""The exporter's count of what it asked of one SBC, over all its scrapes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator

from sbc_exporter.client import LOGIN
from sbc_exporter.metrics import Family, Sample
from sbc_exporter.visit import Exchange

REQUEST_DURATION = Family(
    "sbc_request_duration_seconds",
    "gauge",
    "Time that the latest answered request to the endpoint took, to its last byte.",
    ("endpoint",),
)
REQUESTS = Family(
    "sbc_requests_total",
    "counter",
    "Requests sent to the SBC, those for which there was no connection included.",
    ("endpoint",),
)
REQUEST_ERRORS = Family(
    "sbc_request_errors_total",
    "counter",
    "Requests without a usable answer, by HTTP status or by what went wrong.",
    ("endpoint", "code"),
)

FAMILIES = (REQUEST_DURATION, REQUESTS, REQUEST_ERRORS)


class Meter:
    """Counters of one SBC; safe to use from several threads."""

    def __init__(self, endpoints: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._durations: dict[str, float] = {}
        # At 0 from the start, so that rates see the first request.
        self._sent: dict[str, int] = dict.fromkeys((LOGIN, *endpoints), 0)
        self._failed: dict[tuple[str, str], int] = {}

    def add(self, exchanges: Iterable[Exchange]) -> None:
        with self._lock:
            for exchange in exchanges:
                endpoint = exchange.endpoint
                if exchange.sent:
                    self._sent[endpoint] = self._sent.get(endpoint, 0) + 1
                if exchange.seconds is not None:
                    self._durations[endpoint] = exchange.seconds
                if exchange.code is not None:
                    key = endpoint, exchange.code
                    self._failed[key] = self._failed.get(key, 0) + 1

    def samples(self) -> Iterator[Sample]:
        with self._lock:
            durations, sent = dict(self._durations), dict(self._sent)
            failed = dict(self._failed)
        for endpoint, seconds in durations.items():
            yield REQUEST_DURATION.sample(seconds, endpoint)
        for endpoint, count in sent.items():
            yield REQUESTS.sample(count, endpoint)
        for (endpoint, code), count in failed.items():
            yield REQUEST_ERRORS.sample(count, endpoint, code)
