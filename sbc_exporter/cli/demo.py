"""`sbc-exporter demo`: simulated SBCs with operations under way, and the exporter on them."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import click
import requests

from sbc_exporter import server
from sbc_exporter.cli import monitoring, scenes
from sbc_exporter.cli.monitoring import SCRAPE_SECONDS
from sbc_exporter.cli.options import Refused
from sbc_exporter.cli.serve import make_runtime
from sbc_exporter.errors import ConfigError
from sbc_exporter.logs import set_up
from sbc_exporter.simulator import Simulator, write_config
from sbc_exporter.web.app import Limits, make_app

FIRST_SCENE_SECONDS = 10.0
# A failure lasts two scenes: long enough for its alert to fire, and to be seen.
SCENE_SECONDS = 20.0


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
            where = f"{host}:{listening.getsockname()[1]}"
            simulator = stack.enter_context(Simulator(scenes.CAST))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sbc-demo-")))
            write_config(simulator, folder / "sbc-exporter.yml")
            runtime = make_runtime(folder / "sbc-exporter.yml")
        except ConfigError as error:
            raise Refused(error) from error
        stack.callback(runtime.close)
        scenes.begin(simulator.devices)
        watched = _watch(stack, folder / "monitoring", where)
        _say(f"http://{where}", folder, watched)
        stack.enter_context(scenes.playing(simulator.devices, SCENE_SECONDS, FIRST_SCENE_SECONDS))
        server.run(make_app(runtime, Limits()), [listening], _end)


def _watch(stack: ExitStack, folder: Path, exporter: str) -> monitoring.Monitoring | None:
    """Prometheus and Alertmanager, or else something that scrapes in Prometheus' place."""
    programs = monitoring.find()
    if programs is None:
        monitoring.write(folder, exporter, "localhost:9093")
        scrape = _scrape(f"http://{exporter}/metrics")
        stack.enter_context(scenes.every(SCRAPE_SECONDS, scrape, 0.5))
        return None
    try:
        return stack.enter_context(monitoring.run(programs, folder, exporter))
    except monitoring.DoesNotStart as error:
        raise click.ClickException(str(error)) from error


def _end() -> None:
    """A closed terminal ends the demo as Ctrl-C does."""
    signal.raise_signal(signal.SIGTERM)


def _say(base: str, folder: Path, watched: monitoring.Monitoring | None) -> None:
    pages = [
        (f"{base}/", "the status page"),
        (f"{base}/targets/sbc-002", "one SBC, step by step, with a button that scrapes it"),
        (f"{base}/metrics", "all SBCs, fetched now"),
        (f"{base}/probe?target=sbc-002", "one SBC as metrics"),
        (f"{base}/sd", "for Prometheus' http_sd_configs"),
    ]
    if watched:
        pages += [
            (watched.alerts, "Prometheus: the alerts, pending and firing"),
            (f"{watched.alertmanager}/", "Alertmanager: what people would be told"),
        ]
    width = max(len(url) for url, _ in pages)
    story = (
        f"Something happens every {SCENE_SECONDS:.0f} s: an activate fails on sbc-002 and is put "
        f"right {2 * SCENE_SECONDS:.0f} s later, saves and backups run, sbc-005 comes and goes."
    )
    scraping = (
        f"Prometheus scrapes every {SCRAPE_SECONDS} s, and an alert comes {monitoring.PACE} times "
        "as soon as it does elsewhere."
        if watched
        else f"In place of Prometheus, the demo scrapes every {SCRAPE_SECONDS} s. Where "
        "prometheus and prometheus-alertmanager are installed, it starts them with our alerts."
    )
    amtool = (
        "Debian's Alertmanager has no pages; this tells the same: amtool alert "
        f"--alertmanager.url={watched.alertmanager}"
        if watched
        else ""
    )
    files = (
        f"Until it ends, the configuration is {folder / 'sbc-exporter.yml'}; rules and dashboards "
        f"are in {folder / 'monitoring'}. Grafana reads fleet.json, device.json and exporter.json "
        "on its page Dashboards, New, Import."
    )
    click.echo(
        f"\n  {scenes.CAST} simulated SBCs, one of them down at first, and the exporter. Open\n"
    )
    for url, what in pages:
        click.echo(f"    {url:{width}}  {what}")
    for words in filter(None, (story, scraping, amtool, files, "Ctrl-C ends it.")):
        click.echo(f"\n{click.wrap_text(words, 96, '  ', '  ')}")
    click.echo()


def _scrape(url: str) -> Callable[[], None]:
    def scrape() -> None:
        with requests.Session() as session, suppress(requests.RequestException):
            # At the start and at the end nobody listens, and a proxy has no part in it.
            session.trust_env = False
            session.get(url, timeout=2 * SCRAPE_SECONDS)

    return scrape
