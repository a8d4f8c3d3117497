"""What many tests need: a clock that stands still, an exporter on a real socket, a page read."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text_format

from sbc_exporter import server
from sbc_exporter.collectors import NAMES
from sbc_exporter.config import load_file
from sbc_exporter.config.model import Config
from sbc_exporter.connections import WatchfulLoop
from sbc_exporter.deadline import Deadline
from sbc_exporter.own import OwnMetrics
from sbc_exporter.runtime import Runtime
from sbc_exporter.scrape import Instruments
from sbc_exporter.web.app import Limits, make_app

Labels = tuple[tuple[str, str], ...]


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Page:
    """An exposition that has been read, and found to hold no series twice and no empty HELP."""

    def __init__(self, text: str, *, is_openmetrics: bool = False) -> None:
        self.text = text
        self.series: dict[tuple[str, Labels], float] = {}
        families = set()
        for family in (openmetrics if is_openmetrics else text_format)(text):
            assert family.name not in families, f"{family.name} stands there twice"
            assert family.documentation, f"{family.name} has no HELP"
            families.add(family.name)
            for sample in family.samples:
                key = sample.name, tuple(sorted(sample.labels.items()))
                assert key not in self.series, f"{key} stands there twice"
                self.series[key] = sample.value

    def value(self, name: str, **labels: str) -> float | None:
        """The value of the series with exactly these labels."""
        return self.series.get((name, tuple(sorted(labels.items()))))

    def named(self, name: str) -> dict[Labels, float]:
        """All series of that name, by their labels."""
        return {labels: value for (other, labels), value in self.series.items() if other == name}


@dataclass(frozen=True)
class Exporter:
    """An exporter that serves on loopback."""

    url: str
    runtime: Runtime
    session: requests.Session

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> requests.Response:
        return self.session.get(f"{self.url}{path}", headers=headers, timeout=30)

    def post(self, path: str) -> requests.Response:
        return self.session.post(f"{self.url}{path}", timeout=30)

    def page(self, path: str = "/metrics", headers: Mapping[str, str] | None = None) -> Page:
        """An exposition, as text; the answer has to be a 200."""
        answer = self.get(path, headers)
        assert answer.status_code == requests.codes.ok, answer.text
        return Page(answer.text)


def from_file(path: Path, environ: Mapping[str, str] | None = None) -> Callable[[], Config]:
    """What reads that configuration, as `serve` does."""
    return lambda: load_file(path, collectors=NAMES, environ=environ or {})


@contextmanager
def exporting(
    load: Callable[[], Config],
    *,
    instruments: Instruments | None = None,
    limits: Limits | None = None,
) -> Iterator[Exporter]:
    """Serve that configuration on a free port of loopback while the block lasts."""
    own = OwnMetrics()
    runtime = Runtime(
        load, own, instruments or Instruments(on_request=own.requested, on_bug=own.bug)
    )
    listening = server.listen("127.0.0.1:0")
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    loop = WatchfulLoop()
    stopping = asyncio.Event()
    app = make_app(runtime, limits or Limits())
    thread = threading.Thread(
        target=loop.run_until_complete,
        args=[server.serve_until(app, [listening], stopping.wait)],
    )
    thread.start()
    try:
        with requests.Session() as session:
            session.trust_env = False
            yield Exporter(url, runtime, session)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()
        runtime.close()


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Ask again and again until it is so; for what another process decides in its own time."""
    deadline = Deadline.after(seconds)
    pause = threading.Event()
    while not condition():
        assert deadline.remaining() > 0, "it did not become so in time"
        pause.wait(0.1)
