"""`sbc-exporter demo`: simulated SBCs with operations under way, and the exporter on them."""

from __future__ import annotations

import itertools
import math
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import click
import requests

from sbc_exporter import server
from sbc_exporter.cli.options import Refused
from sbc_exporter.cli.serve import make_runtime
from sbc_exporter.errors import ConfigError
from sbc_exporter.logs import set_up
from sbc_exporter.simulator import Device, Outcome, Simulator, write_config
from sbc_exporter.web.app import Limits, make_app

DEVICES = 6
SCRAPE_SECONDS = 5.0
SCENE_SECONDS = 20.0

_VERIFY_SUMMARY = (
    "<verifySummary><verify><object>local-policy</object><field>next-hop</field>"
    "<message>refers to a session-agent that does not exist</message></verify></verifySummary>"
)

Scene = Callable[[Sequence[Device]], None]


def _begin(devices: Sequence[Device]) -> None:
    """One SBC in each situation that the exporter tells apart; the last one was never asked."""
    devices[0].run("save", Outcome(seconds=0))
    devices[1].run("activate", Outcome(seconds=0))
    devices[2].run("verify", Outcome(seconds=0, additional_info=_VERIFY_SUMMARY))
    devices[3].run("backup", Outcome(seconds=math.inf))
    devices[4].stop()


def _fail(devices: Sequence[Device]) -> None:
    text = "Activate failed: realm core-ams refers to network-interface M00:0, which is missing"
    devices[1].run("activate", Outcome(status="fail", seconds=5, error_message=text))


def _put_right(devices: Sequence[Device]) -> None:
    devices[1].run("activate", Outcome(seconds=5))
    devices[4].start()


def _save(devices: Sequence[Device]) -> None:
    devices[0].run("save", Outcome(seconds=10))
    devices[3].run("backup", Outcome(seconds=10))


def _lose(devices: Sequence[Device]) -> None:
    devices[4].stop()


SCENES: tuple[Scene, ...] = (_fail, _save, _put_right, _lose)


@click.command()
@click.option(
    "--web.listen-address",
    "address",
    default="127.0.0.1:10061",
    show_default=True,
    metavar="ADDR",
    help="Where the exporter listens.",
)
def demo(address: str) -> None:
    """Run the exporter on simulated SBCs until Ctrl-C."""
    set_up("info", "logfmt")
    with ExitStack() as stack:
        try:
            listening = server.listen(address)
            host = address.rpartition(":")[0] or "localhost"
            base = f"http://{host}:{listening.getsockname()[1]}"
            simulator = stack.enter_context(Simulator(DEVICES))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sbc-demo-")))
            write_config(simulator, folder / "sbc-exporter.yml")
            runtime = make_runtime(folder / "sbc-exporter.yml")
        except ConfigError as error:
            raise Refused(error) from error
        stack.callback(runtime.close)
        _begin(simulator.devices)
        _say(base, folder)
        stack.enter_context(_every(SCENE_SECONDS, _play(simulator.devices), SCENE_SECONDS))
        stack.enter_context(_every(SCRAPE_SECONDS, _scrape(f"{base}/metrics"), 0.5))
        server.run(make_app(runtime, Limits()), [listening], _end)


def _end() -> None:
    """A closed terminal ends the demo as Ctrl-C does."""
    signal.raise_signal(signal.SIGTERM)


def _say(base: str, folder: Path) -> None:
    lines = (
        "",
        f"  {DEVICES} simulated SBCs, one of them down, and the exporter on them. Open",
        "",
        f"    {base}/                        the status page",
        f"    {base}/metrics                 all SBCs, fetched now",
        f"    {base}/probe?target=sbc-002    one SBC",
        f"    {base}/sd                      for Prometheus' http_sd_configs",
        "",
        f"  The configuration is {folder / 'sbc-exporter.yml'}.",
        f"  Something happens every {SCENE_SECONDS:.0f} s: an activate fails on sbc-002 and is put",
        "  right, saves and backups run, sbc-005 comes and goes. In place of Prometheus, the demo",
        f"  scrapes /metrics every {SCRAPE_SECONDS:.0f} s. Ctrl-C ends it.",
        "",
    )
    click.echo("\n".join(lines))


def _play(devices: Sequence[Device]) -> Callable[[], None]:
    scenes = itertools.cycle(SCENES)
    return lambda: next(scenes)(devices)


def _scrape(url: str) -> Callable[[], None]:
    def scrape() -> None:
        with requests.Session() as session, suppress(requests.RequestException):
            # At the start and at the end nobody listens, and a proxy has no part in it.
            session.trust_env = False
            session.get(url, timeout=2 * SCRAPE_SECONDS)

    return scrape


@contextmanager
def _every(seconds: float, act: Callable[[], None], first: float) -> Iterator[None]:
    """Act in a thread, after `first` seconds and then every so often, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        delay = first
        while not ended.wait(delay):
            act()
            delay = seconds

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
