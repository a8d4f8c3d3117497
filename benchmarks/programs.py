"""The programs of a benchmark, each a process of its own: the fleet and the two exporters."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from benchmarks.fleet import HOST, TOKEN
from sbc_exporter.deadline import Deadline

BLACKBOX = "prometheus-blackbox-exporter"
UNPACKED = Path(__file__).parent.parent / ".cache" / "prometheus" / "usr" / "bin"
START_SECONDS = 30.0

_CONFIG = """\
auths:
  bench: {username: bench, password: bench}
modules:
  default:
    tls_config: {ca_file: ca.pem}
targets:
"""

# As much of what our exporter does as blackbox_exporter can.
_BLACKBOX_CONFIG = f"""\
modules:
  sbc:
    prober: http
    timeout: 8s
    http:
      preferred_ip_protocol: ip4
      headers: {{Accept: application/xml}}
      bearer_token: {TOKEN}
      tls_config: {{ca_file: CA_FILE}}
      fail_if_body_not_matches_regexp: ["<status>(inProgress|success)</status>"]
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The running SBCs; `ca.pem` stands in the folder."""

    folder: Path
    ports: Sequence[int]
    _commands: IO[str]
    _answers: IO[str]

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def say(self, *words: object) -> Any:
        """Send a command and return its answer: see fleet.command."""
        self._commands.write(json.dumps(words) + "\n")
        self._commands.flush()
        return json.loads(self._answers.readline())

    def asked(self) -> Sequence[int]:
        """How often each SBC was asked for its status until now."""
        counts: Sequence[int] = self.say("counts")[0]
        return counts

    def address(self, index: int) -> str:
        return f"https://{HOST}:{self.ports[index]}"


@dataclass(frozen=True, slots=True)
class Program:
    """A running exporter."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Seconds of CPU that the process has taken, in user and in system mode."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8")
        # The name, in parentheses, may hold anything; utime and stime are fields 14 and 15.
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def resident(self) -> float:
        """Resident memory in MB."""
        statm = Path(f"/proc/{self.pid}/statm").read_text(encoding="utf-8")
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def fleet(count: int, folder: Path) -> Iterator[Fleet]:
    """Run that many SBCs while the block lasts."""
    command = [sys.executable, "-m", "benchmarks.fleet", str(count), str(folder)]
    with subprocess.Popen(  # noqa: S603 - the command stands above
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        commands, answers = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
        try:
            yield Fleet(folder, json.loads(answers.readline()), commands, answers)
        finally:
            process.terminate()


@contextmanager
def exporter(sbcs: Fleet, indices: Sequence[int]) -> Iterator[Program]:
    """Run sbc_exporter, as users do, on these SBCs; `sbc-7` is the name of number 7."""
    path = sbcs.folder / "sbc-exporter.yml"
    targets = (f"  - {{name: sbc-{i}, address: '{sbcs.address(i)}'}}\n" for i in indices)
    path.write_text(_CONFIG + "".join(targets), encoding="utf-8")
    program = str(Path(sys.executable).with_name("sbc-exporter"))
    log = sbcs.folder / "sbc-exporter.log"
    with _listening([program, "serve", f"--config.file={path}"], log) as running:
        yield running


@contextmanager
def blackbox(sbcs: Fleet) -> Iterator[Program]:
    """Run blackbox_exporter with a module `sbc`; raises FileNotFoundError where there is none."""
    program = shutil.which(BLACKBOX, path=f"{os.environ['PATH']}{os.pathsep}{UNPACKED}")
    if program is None:
        raise FileNotFoundError(BLACKBOX)
    path = sbcs.folder / "blackbox.yml"
    path.write_text(_BLACKBOX_CONFIG.replace("CA_FILE", str(sbcs.ca_file)), encoding="utf-8")
    log = sbcs.folder / "blackbox.log"
    with _listening([program, f"--config.file={path}"], log) as running:
        yield running


@contextmanager
def _listening(command: Sequence[str], log: Path) -> Iterator[Program]:
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [*command, f"--web.listen-address={HOST}:{port}"]
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(command, stdout=file, stderr=file) as process,  # noqa: S603 - see above
    ):
        try:
            _wait_for(port, process, log)
            yield Program(port, process.pid)
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline, pause = Deadline.after(START_SECONDS), threading.Event()
    while process.poll() is None and deadline.remaining():
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            pause.wait(0.05)
        else:
            return
    raise RuntimeError(f"{process.args!r} does not listen: {log.read_text(encoding='utf-8')}")
