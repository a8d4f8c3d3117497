"""Prometheus and Alertmanager for the demo, where they are installed, on the files that we ship."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from sbc_exporter.cli.dashboards import shipped
from sbc_exporter.deadline import Deadline

# Time runs so many times as fast as in the files: a scrape every 3 s in place of 30, an alert after
# 12 s in place of two minutes. A scrape may still take as long as there is until the next one.
PACE = 10
SCRAPE_SECONDS = 30 // PACE
START_SECONDS = 20.0

_PROMETHEUS = ("prometheus",)
_ALERTMANAGER = ("prometheus-alertmanager", "alertmanager")
_DURATION = re.compile(r"\b(\d+)([smh])\b")
_LIMIT = re.compile(r"vector\((\d+)\)")
_TIMEOUT = re.compile(r"(?<=scrape_timeout: )\w+")
_UNITS = {"s": 1, "m": 60, "h": 3600}


class DoesNotStart(Exception):
    """A program is there, but does not come up; says what its log says last."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The two, by path."""

    prometheus: str
    alertmanager: str


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The two, running: the addresses of their pages."""

    prometheus: str
    alertmanager: str

    @property
    def alerts(self) -> str:
        """The page of Prometheus' alerts; Debian's package has the old pages only."""
        new = f"{self.prometheus}/alerts"
        return new if _answers(new) else f"{self.prometheus}/classic/alerts"


def find() -> Programs | None:
    """Where the programs stand on PATH; None where one is missing."""
    prometheus, alertmanager = (
        next(filter(None, map(shutil.which, names)), None) for names in (_PROMETHEUS, _ALERTMANAGER)
    )
    return Programs(prometheus, alertmanager) if prometheus and alertmanager else None


def write(folder: Path, exporter: str, alertmanager: str) -> None:
    """The shipped files, with these addresses (`host:port`), and with time running faster."""
    folder.mkdir()
    for name, text in shipped().items():
        made = text
        if name.endswith(".yml"):
            made = _LIMIT.sub(_sooner_limit, _DURATION.sub(_sooner, made))
            made = _TIMEOUT.sub(f"{SCRAPE_SECONDS}s", made)
            made = made.replace("localhost:10061", exporter).replace("localhost:9093", alertmanager)
        (folder / name).write_text(made, encoding="utf-8")


@contextmanager
def run(programs: Programs, folder: Path, exporter: str) -> Iterator[Monitoring]:
    """Run both while the block lasts, on the files written to `folder`; raises DoesNotStart."""
    prometheus, alertmanager = _free(9090), _free(9093)
    write(folder, exporter, alertmanager)
    with (
        _running(
            alertmanager,
            [
                programs.alertmanager,
                f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address={alertmanager}",
                # No peers: without this it listens on every address of the machine.
                "--cluster.listen-address=",
            ],
            folder / "alertmanager.log",
        ),
        _running(
            prometheus,
            [
                programs.prometheus,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address={prometheus}",
            ],
            folder / "prometheus.log",
        ),
    ):
        yield Monitoring(f"http://{prometheus}", f"http://{alertmanager}")


@contextmanager
def _running(address: str, command: Sequence[str], log: Path) -> Iterator[None]:
    with (
        log.open("w", encoding="utf-8") as output,
        subprocess.Popen(command, stdout=output, stderr=output) as process,  # noqa: S603 - from PATH
    ):
        try:
            if not _ready(f"http://{address}/-/ready", process):
                said = log.read_text(encoding="utf-8", errors="replace").splitlines()
                last = said[-1] if said else "it says nothing"
                raise DoesNotStart(f"{command[0]} does not start: {last}")
            yield
        finally:
            process.terminate()


def _ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until that page answers; false when the process ends before, or takes too long."""
    deadline, pause = Deadline.after(START_SECONDS), threading.Event()
    while process.poll() is None and deadline.remaining():
        if _answers(url):
            return True
        pause.wait(0.1)
    return False


def _answers(url: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(url, timeout=1).ok
        except requests.RequestException:
            return False


def _free(port: int) -> str:
    """The address of that port of loopback, or of another one when it is taken."""
    for candidate in (port, 0):
        try:
            with socket.create_server(("127.0.0.1", candidate)) as free:
                return f"127.0.0.1:{free.getsockname()[1]}"
        except OSError:
            continue
    raise DoesNotStart("no port of 127.0.0.1 is free")


def _sooner(match: re.Match[str]) -> str:
    seconds = int(match[1]) * _UNITS[match[2]] / PACE
    return f"{max(1, round(seconds))}s"


def _sooner_limit(match: re.Match[str]) -> str:
    return f"vector({int(match[1]) / PACE:g})"
