"""A real Prometheus on loopback, and the example configuration for it."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.support import Exporter, eventually

EXAMPLE = Path(__file__).parent.parent / "dashboards" / "prometheus.yml"


@dataclass(frozen=True)
class Prometheus:
    """A running one, which can be asked."""

    url: str

    def ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).ok
        except requests.ConnectionError:
            return False

    def get(self, path: str, **params: str | float) -> Any:
        """The data that an endpoint of its API answers with."""
        answer = requests.get(f"{self.url}/api/v1/{path}", params=params, timeout=10)
        assert answer.ok, f"{params}: {answer.text}"
        return answer.json()["data"]

    def query(self, promql: str, *labels: str) -> dict[tuple[str, ...], float]:
        """The values of an instant query, by the values of these labels."""
        return {
            tuple(one["metric"].get(label, "") for label in labels): float(one["value"][1])
            for one in self.get("query", query=promql)["result"]
        }


@contextmanager
def prometheus(binary: str, config: str, folder: Path) -> Iterator[Prometheus]:
    (folder / "prometheus.yml").write_text(config, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        binary,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (
        (folder / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(command, stderr=log) as process,  # noqa: S603 - found by the fixture
    ):
        try:
            running = Prometheus(f"http://127.0.0.1:{port}")
            eventually(running.ready)
            yield running
        finally:
            process.terminate()


def both_patterns(config: str) -> str:
    """The example with the comment signs before the second pattern's job taken away."""
    return re.sub(r"^  # ", "  ", config, flags=re.MULTILINE)


def example_for(exporter: Exporter) -> str:
    """The example that we ship, both patterns, with the exporter's address and a faster pace."""
    text = both_patterns(EXAMPLE.read_text(encoding="utf-8"))
    text = text.replace("localhost:10061", exporter.url.removeprefix("http://"))
    return text.replace("scrape_interval: 30s", "scrape_interval: 1s").replace(
        "scrape_timeout: 10s", "scrape_timeout: 1s"
    )
