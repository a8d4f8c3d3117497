"""Alertmanager, and one who is told by it."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

from tests.support import eventually


@dataclass(frozen=True)
class Told:
    """One alert of one message that Alertmanager has sent."""

    receiver: str
    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]

    @property
    def subject(self) -> tuple[str, str, str]:
        """Which alert of which SBC, and whether it fires."""
        return self.labels["alertname"], self.labels.get("target", ""), self.status


@dataclass(frozen=True)
class Webhook:
    """A receiver on loopback; `told` grows as messages come."""

    url: str
    told: list[Told] = field(default_factory=list)

    def wait_for(self, alertname: str, target: str, status: str) -> Told:
        """The first such alert, once it has come."""
        wanted = alertname, target, status
        eventually(lambda: any(one.subject == wanted for one in self.told))
        return next(one for one in self.told if one.subject == wanted)


@contextmanager
def webhook() -> Iterator[Webhook]:
    """Take messages until the end of the block."""
    told: list[Told] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.extend(
                Told(message["receiver"], one["status"], one["labels"], one["annotations"])
                for one in message["alerts"]
            )
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """A test's output is no place for an access log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Webhook(f"http://127.0.0.1:{server.server_port}", told)
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Alertmanager:
    """A running one, which can be told and asked."""

    address: str

    def ready(self) -> bool:
        try:
            return requests.get(f"http://{self.address}/-/ready", timeout=5).ok
        except requests.ConnectionError:
            return False

    def tell(self, alerts: Sequence[Mapping[str, str]]) -> None:
        """Let alerts with these labels fire."""
        answer = requests.post(
            f"http://{self.address}/api/v2/alerts",
            json=[{"labels": dict(labels)} for labels in alerts],
            timeout=5,
        )
        answer.raise_for_status()

    def alerts(self) -> list[dict[str, Any]]:
        answer = requests.get(f"http://{self.address}/api/v2/alerts", timeout=5)
        answer.raise_for_status()
        alerts: list[dict[str, Any]] = answer.json()
        return alerts

    def muted(self) -> dict[tuple[str, str], set[str]]:
        """The muted alerts, by name and SBC: the names of those that mute them."""
        alerts = self.alerts()
        names = {one["fingerprint"]: one["labels"]["alertname"] for one in alerts}
        return {
            (one["labels"]["alertname"], one["labels"].get("target", "")): {
                names[fingerprint] for fingerprint in one["status"]["inhibitedBy"]
            }
            for one in alerts
            if one["status"]["state"] == "suppressed"
        }


def installed(binary: str) -> list[str]:
    """
    The command that runs Debian's Alertmanager, installed or only unpacked.

    It reads its templates below /usr/share and nowhere else. Where the package is only unpacked, it
    sees the package's own folder there; nothing of that is seen by others, or left behind.
    """
    templates = Path("prometheus") / "alertmanager"
    unpacked = Path(binary).parent.parent / "share"
    if Path("/usr/share", templates).is_dir() or not Path(unpacked, templates).is_dir():
        return [binary]
    mount = 'mount --rbind "$1" /usr/share && shift && exec "$@"'
    apart = ["unshare", "--map-root-user", "--mount"]
    return [*apart, "sh", "-c", mount, "sh", str(unpacked), binary]


@contextmanager
def alertmanager(binary: str, config: str, folder: Path) -> Iterator[Alertmanager]:
    """Run it on loopback until the end of the block."""
    (folder / "alertmanager.yml").write_text(config, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        *installed(binary),
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'alertmanager-data'}",
        f"--web.listen-address={address}",
        # No peers: without this it listens on every address of the machine.
        "--cluster.listen-address=",
    ]
    log = folder / "alertmanager.log"
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(command, stderr=output) as process,  # noqa: S603 - found by the fixture
    ):
        try:
            running = Alertmanager(address)
            eventually(lambda: running.ready() or process.poll() is not None)
            assert process.poll() is None, log.read_text(encoding="utf-8")
            yield running
        finally:
            process.terminate()
